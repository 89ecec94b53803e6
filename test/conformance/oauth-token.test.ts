import { decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ScimError } from '../../lib/scim/errors.ts'
import { changeTenant, setTenantStatus } from '../../lib/tenants/tenants.ts'
import { revokeCredential } from '../../lib/tenants/credentials.ts'
import { forgedJwt, signJwt, testKey } from '../support/jwt.ts'
import { startIssuer, type LocalIssuer } from '../support/local-issuer.ts'
import { textOf } from '../support/memory-app.ts'
import { oauthApp, requestToken, TENANT_URL, type OAuthApp } from '../support/oauth-app.ts'

/** The token endpoint, and what becomes of its tokens. */

const SECOND = 1000
const HOUR = 3600 * SECOND
const DIRECTORY = 'ce5f061f-abe6-4e40-9615-301f87bcb7f0'
const ORIGIN = `https://login.microsoftonline.com/${DIRECTORY}`
const APPLICATION = 'b5ba7a93-4452-4522-aeb4-a2b5da870c16'
const SUBJECT = 'd2f8ee76-c549-45b8-a143-f5b640669704'
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const FEDERATED = {
  kind: 'federated',
  issuer: `${ORIGIN}/v2.0`,
  subject: SUBJECT,
  audience: `api://${APPLICATION}/.default`,
  jwksUri: `${ORIGIN}/discovery/v2.0/keys`,
} as const

const key = await testKey('one')
let issuer: LocalIssuer
let oauth: OAuthApp
let reads: string[]

beforeAll(async () => {
  issuer = await startIssuer(key)
})
afterAll(async () => issuer.stop())

beforeEach(async () => {
  issuer.keys = [key]
  issuer.answer = undefined
  issuer.asked.length = 0
  reads = []
  oauth = await oauthApp({ fetchText: issuer.fetchText })
  await oauth.app.tenant('acme')
  await oauth.app.tenant('demo')
})

async function clientSecret(tenantId = 'acme'): Promise<{ secret: string; id: string }> {
  const { secret = '', credential } = await oauth.issue(tenantId, { kind: 'clientSecret' })
  return { secret, id: credential.id }
}

async function bySecret(secret: string, clientId = 'scim_acme'): ReturnType<typeof requestToken> {
  return requestToken(oauth, { client_id: clientId, client_secret: secret })
}

async function byAssertion(text: string, clientId = 'scim_acme'): ReturnType<typeof requestToken> {
  return requestToken(oauth, {
    client_id: clientId,
    client_assertion_type: JWT_BEARER,
    client_assertion: text,
    scope: 'scim',
  })
}

/** Entra ID's, with other claims where they are given. */
async function assertion(claims: object = {}, header = {}, by = key): Promise<string> {
  const now = Math.floor(oauth.at / 1000)
  return signJwt(
    by,
    {
      aud: `api://${APPLICATION}`,
      iss: FEDERATED.issuer,
      iat: now,
      nbf: now,
      exp: now + 3900,
      sub: SUBJECT,
      ...claims,
    },
    header,
  )
}

async function get(token: string, path = '/Users'): Promise<Response> {
  return oauth.fetch(`${TENANT_URL}${path}`, { headers: { authorization: `Bearer ${token}` } })
}

function told({ status, json }: Awaited<ReturnType<typeof requestToken>>): string {
  return `${status} ${textOf({ json }, 'error')}: ${textOf({ json }, 'error_description')}`
}

async function tokenOf(answer: ReturnType<typeof requestToken>): Promise<string> {
  const { json } = await answer
  return textOf({ json }, 'access_token')
}

/** What is logged of the last request. */
function lastLine(): unknown {
  return JSON.parse(oauth.logged.at(-1) ?? '')
}

const JWT: unknown = expect.stringMatching(/^eyJ/)

test('a token is told as RFC 6749 §5.1 has it, and kept by nobody', async () => {
  const { secret, id } = await clientSecret()
  const { status, headers, json } = await bySecret(secret)
  expect(status).toBe(200)
  expect(json).toEqual({
    access_token: JWT,
    token_type: 'Bearer',
    expires_in: 3600,
    scope: 'scim',
  })
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('pragma')).toBe('no-cache')
  expect(headers.get('content-type')).toMatch(/^application\/json/)
  expect(lastLine()).toMatchObject({
    event: 'oauth',
    route: '/api/oauth/token',
    status: 200,
    tenant: 'acme',
    credential: id,
    credentialKind: 'clientSecret',
    client: 'other',
  })
})

test('a tenant’s tokens live for as long as it has chosen', async () => {
  await changeTenant(oauth.app.stores.tenants, 'acme', { settings: { accessTokenHours: 6 } })
  const { secret } = await clientSecret()
  const answer = await bySecret(secret)
  expect(answer.json['expires_in']).toBe(6 * 3600)
  const token = textOf(answer, 'access_token')
  oauth.at += 6 * HOUR - SECOND
  expect((await get(token)).status).toBe(200)
  oauth.at += 62 * SECOND
  const late = await get(token)
  expect(late.status).toBe(401)
  expect(await late.json()).toMatchObject({
    detail: 'The access token has expired; ask for a new one.',
  })
})

describe('a client secret', () => {
  test('of several each is good', async () => {
    for (const { secret } of [await clientSecret(), await clientSecret()]) {
      expect((await bySecret(secret)).status).toBe(200)
    }
  })

  test.each<[string, () => Promise<string>, string, string]>([
    [
      'is mistyped',
      async () => (await clientSecret()).secret.replace(/.$/, '!'),
      '401 invalid_client: The client_secret is not one of this service: it begins with scims_.',
      'malformed',
    ],
    [
      'has other check digits',
      async () => {
        const { secret } = await clientSecret()
        return secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0')
      },
      '401 invalid_client: The client_secret is mistyped or cut off.',
      'mistyped',
    ],
    [
      'is a Secret Token',
      async () => (await oauth.app.tenant('third')).secretToken,
      '401 invalid_client: This is a Secret Token; a client_secret begins with scims_.',
      'malformed',
    ],
    [
      'is another tenant’s',
      async () => (await clientSecret('demo')).secret,
      '401 invalid_client: The client_secret is not one of this client_id.',
      'other client',
    ],
    [
      'was revoked',
      async () => {
        const { secret, id } = await clientSecret()
        await revokeCredential(oauth.app.stores.tenants, 'acme', id, new Date(oauth.at))
        return secret
      },
      '401 invalid_client: The client_secret is not valid; it may have been revoked.',
      'revoked',
    ],
    [
      'expired',
      async () => {
        const expires = new Date(oauth.at + SECOND)
        const { secret = '' } = await oauth.issue('acme', { kind: 'clientSecret', expires })
        oauth.at += 2 * SECOND
        return secret
      },
      '401 invalid_client: The credential expired at 2026-11-22T08:00:01.000Z; ask for a new one.',
      'expired',
    ],
  ])('that %s is refused', async (_case, make, expected, reason) => {
    const secret = await make()
    const answer = await bySecret(secret)
    expect(told(answer)).toBe(expected)
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="oauth", charset="UTF-8"')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(lastLine()).toMatchObject({ oauthError: 'invalid_client', reason })
    expect(oauth.logged.join('\n')).not.toContain(secret.slice(-49))
  })

  test('of a disabled tenant is told so', async () => {
    const { secret } = await clientSecret()
    await setTenantStatus(oauth.app.stores.tenants, 'acme', 'disabled')
    expect(told(await bySecret(secret))).toBe('400 unauthorized_client: The tenant is disabled.')
  })
})

describe('failed tries', () => {
  test('are limited for each client, and lock no right one out', async () => {
    const { secret } = await clientSecret()
    const wrong = `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`
    for (let n = 0; n < 10; n += 1) expect((await bySecret(wrong)).status).toBe(401)
    const limited = await bySecret(wrong)
    expect(told(limited)).toBe('429 invalid_client: Too many failed tries of this client_id.')
    expect(limited.headers.get('retry-after')).toBe('60')
    expect((await bySecret(secret)).status).toBe(200)
    expect((await bySecret(wrong, 'scim_demo')).status).toBe(401)
    oauth.at += 60 * SECOND
    expect((await bySecret(wrong)).status).toBe(401)
  })

  test('cost no read each when there are too many', async () => {
    const { tenants } = oauth.app.stores
    const before = { ...tenants }
    const { secret, id } = await clientSecret()
    await revokeCredential(tenants, 'acme', id, new Date(oauth.at))
    tenants.findCredential = async (...ids) => {
      reads.push(ids[1])
      return before.findCredential(...ids)
    }
    for (let n = 0; n < 50; n += 1) await bySecret(secret)
    expect(reads).toHaveLength(11)
  })
})

function later(seconds: number): number {
  return Math.floor(oauth.at / 1000) + seconds
}

describe('an assertion', () => {
  beforeEach(async () => {
    await oauth.issue('acme', FEDERATED)
  })

  test('of Entra ID earns a token, again and again while it lives', async () => {
    const text = await assertion()
    for (let n = 0; n < 3; n += 1) {
      const token = await tokenOf(byAssertion(text))
      expect((await get(token)).status).toBe(200)
    }
    expect(issuer.asked).toEqual([`/${DIRECTORY}/discovery/v2.0/keys`])
  })

  test.each([`api://${APPLICATION}`, `api://${APPLICATION}/.default`, APPLICATION])(
    'has the audience %s, which means the registered one',
    async (aud) => {
      expect((await byAssertion(await assertion({ aud }))).status).toBe(200)
      expect((await byAssertion(await assertion({ aud: ['x', aud] }))).status).toBe(200)
    },
  )

  test.each(['PS256', 'ES256'])('may be signed with %s', async (alg) => {
    const other = await testKey('other', alg)
    issuer.keys = [other]
    expect((await byAssertion(await assertion({}, {}, other))).status).toBe(200)
  })

  const NOT_AUTHENTIC =
    '401 invalid_client: The client_assertion is not valid: its iss must be an issuer that is registered for this client_id, and its signature by a key of that issuer.'
  test.each<[string, () => Promise<string> | string, string, string]>([
    [
      'no JWT',
      () => 'eyJ',
      '401 invalid_client: The client_assertion must be a signed JWT.',
      'malformed',
    ],
    [
      'alg none',
      () => forgedJwt({ alg: 'none', kid: 'one' }, { iss: FEDERATED.issuer, sub: SUBJECT }),
      '401 invalid_client: The alg of the client_assertion must be one of RS256, PS256, ES256.',
      'alg',
    ],
    [
      'an HMAC',
      () => forgedJwt({ alg: 'HS256', kid: 'one' }, { iss: FEDERATED.issuer }, 'AAAA'),
      '401 invalid_client: The alg of the client_assertion must be one of RS256, PS256, ES256.',
      'alg',
    ],
    ['another issuer', () => assertion({ iss: 'https://idp.example' }), NOT_AUTHENTIC, 'iss'],
    ['no issuer', () => assertion({ iss: undefined }), NOT_AUTHENTIC, 'iss'],
    [
      'a signature by another key of the same id',
      async () => assertion({}, {}, await testKey('one')),
      NOT_AUTHENTIC,
      'signature',
    ],
    ['an unknown kid', () => assertion({}, { kid: 'two' }), NOT_AUTHENTIC, 'unknown key'],
    [
      'another subject',
      () => assertion({ sub: 'somebody' }),
      '401 invalid_client: The sub of the client_assertion is not the registered subject.',
      'sub',
    ],
    [
      'another audience',
      () => assertion({ aud: 'api://other' }),
      '401 invalid_client: The aud of the client_assertion is not the registered audience.',
      'aud',
    ],
    [
      'no audience',
      () => assertion({ aud: undefined }),
      '401 invalid_client: The client_assertion has no right aud.',
      'aud',
    ],
    [
      'no expiry',
      () => assertion({ exp: undefined }),
      '401 invalid_client: The client_assertion has no right exp.',
      'exp',
    ],
    [
      'an expiry more than 24 hours ahead',
      () => assertion({ exp: later(24 * 3600 + 61) }),
      '401 invalid_client: The exp of the client_assertion is more than 24 hours ahead.',
      'exp',
    ],
    [
      'an expiry more than a minute ago',
      () => assertion({ exp: later(-61) }),
      '401 invalid_client: The client_assertion has expired; send a new one.',
      'exp',
    ],
    [
      'a beginning more than a minute ahead',
      () => assertion({ nbf: later(61) }),
      '401 invalid_client: The client_assertion is not valid yet: its nbf is in the future.',
      'nbf',
    ],
  ])('with %s is refused', async (_case, make, expected, reason) => {
    const text = await make()
    expect(told(await byAssertion(text))).toBe(expected)
    expect(lastLine()).toMatchObject({ event: 'oauth', reason })
    expect(oauth.logged.join('\n')).not.toContain(text)
  })

  test('a minute off is good', async () => {
    const text = await assertion({ exp: later(-59), nbf: later(59) })
    expect((await byAssertion(text)).status).toBe(200)
  })

  test('is no good for another tenant, whatever it trusts', async () => {
    expect(told(await byAssertion(await assertion(), 'scim_demo'))).toBe(NOT_AUTHENTIC)
    expect(told(await byAssertion(await assertion(), 'scim_nobody'))).toBe(NOT_AUTHENTIC)
    expect(told(await byAssertion(await assertion(), 'no client'))).toBe(NOT_AUTHENTIC)
    await oauth.issue('demo', { ...FEDERATED, subject: 'another' })
    expect(told(await byAssertion(await assertion(), 'scim_demo'))).toContain('The sub of')
  })

  test('by a new key is good at once when the keys were read a minute ago', async () => {
    await byAssertion(await assertion())
    const other = await testKey('two')
    issuer.keys = [key, other]
    oauth.at += 60 * SECOND
    expect((await byAssertion(await assertion({}, {}, other))).status).toBe(200)
    expect(issuer.asked).toHaveLength(2)
  })

  test('of which one of two trusts has expired is good by the other', async () => {
    const [first] = await oauth.app.stores.tenants.credentials('acme')
    const ends = new Date(oauth.at + SECOND).toISOString()
    const all = await oauth.app.stores.tenants.credentials('acme')
    const federated = all.find(({ kind }) => kind === 'federated')
    await oauth.app.stores.tenants.updateCredential('acme', federated?.id ?? '', () => ({
      expires: ends,
    }))
    oauth.at += 2 * SECOND
    expect(first).toBeDefined()
    expect(told(await byAssertion(await assertion()))).toContain('The credential expired at')
    await oauth.issue('acme', FEDERATED)
    expect((await byAssertion(await assertion())).status).toBe(200)
  })
})

describe('an address of keys', () => {
  beforeEach(async () => {
    await oauth.issue('acme', FEDERATED)
  })

  test.each([
    ['hangs', () => 'hang'],
    ['lies', () => '<html>keys</html>'],
    ['has no document', () => undefined],
    ['is too long', () => 'x'.repeat(70_000)],
  ])('that %s ends in a 401', async (_case, answer) => {
    issuer.answer = answer
    issuer.keys = []
    const started = performance.now()
    expect(told(await byAssertion(await assertion()))).toMatch(/^401 invalid_client: /)
    expect(performance.now() - started).toBeLessThan(5000)
  })

  test('that hangs delays no other tenant', async () => {
    issuer.answer = (path) => (path.startsWith(`/${DIRECTORY}`) ? 'hang' : undefined)
    await oauth.issue('demo', {
      kind: 'federated',
      issuer: 'https://idp.example',
      subject: 'x',
      audience: 'y',
      jwksUri: 'https://idp.example/jwks',
    })
    const waiting = byAssertion(await assertion())
    const claims = { iss: 'https://idp.example', sub: 'x', aud: 'y' }
    const other = byAssertion(await assertion(claims), 'scim_demo')
    expect((await Promise.race([waiting, other])).status).toBe(200)
    expect((await other).status).toBe(200)
    expect((await waiting).status).toBe(401)
  })
})

describe('an access token', () => {
  test('is good no longer than the credential that earned it', async () => {
    const { secret, id } = await clientSecret()
    const token = await tokenOf(bySecret(secret))
    expect((await get(token)).status).toBe(200)
    await revokeCredential(oauth.app.stores.tenants, 'acme', id, new Date(oauth.at))
    oauth.at += 30 * SECOND
    const refused = await get(token)
    expect(refused.status).toBe(401)
    expect(await refused.json()).toMatchObject({
      detail: 'The access token is not valid; it may have been revoked.',
    })
    expect(lastLine()).toMatchObject({
      reason: 'revoked',
      tenant: 'acme',
      credential: id,
      credentialKind: 'clientSecret',
    })
  })

  test('ends with its credential, to the second', async () => {
    const expires = new Date(oauth.at + 100 * SECOND)
    const { secret = '' } = await oauth.issue('acme', { kind: 'clientSecret', expires })
    const token = await tokenOf(bySecret(secret))
    oauth.at += 99 * SECOND
    expect((await get(token)).status).toBe(200)
    oauth.at += SECOND
    const refused = await get(token)
    expect(refused.status).toBe(401)
    expect(await refused.json()).toMatchObject({
      detail: 'The access token expired at 2026-11-22T08:01:40.000Z; ask for a new one.',
    })
  })

  test('ends with its tenant', async () => {
    const { secret } = await clientSecret()
    const token = await tokenOf(bySecret(secret))
    expect((await get(token)).status).toBe(200)
    await setTenantStatus(oauth.app.stores.tenants, 'acme', 'disabled')
    oauth.at += 30 * SECOND
    expect((await get(token)).status).toBe(403)
  })

  test('opens its own tenant and no other', async () => {
    const { send } = await oauth.app.tenant('third')
    const created = await send('POST', '/Users', { body: { userName: 'ada' } })
    const { secret } = await clientSecret()
    const token = await tokenOf(bySecret(secret))
    const id = textOf(created, 'id')
    expect((await get(token, `/Users/${id}`)).status).toBe(404)
    expect(await (await get(token)).json()).toMatchObject({ totalResults: 0 })
  })

  test('that another key has signed costs no read', async () => {
    const { tenants } = oauth.app.stores
    const { secret } = await clientSecret()
    const token = await tokenOf(bySecret(secret))
    await get(token)
    const before = { ...tenants }
    tenants.findCredential = async (...ids) => {
      reads.push('credential')
      return before.findCredential(...ids)
    }
    tenants.accessKeys = async () => {
      reads.push('keys')
      return before.accessKeys()
    }
    const [head = '', claims = ''] = token.split('.')
    for (let n = 0; n < 5; n += 1) {
      const signature = Buffer.alloc(64, n).toString('base64url')
      expect((await get(`${head}.${claims}.${signature}`)).status).toBe(401)
      expect(lastLine()).toMatchObject({ reason: 'wrong signature' })
      expect(lastLine()).not.toHaveProperty('tenant')
    }
    expect(reads).toEqual([])
    for (let n = 0; n < 5; n += 1) {
      const header = { alg: 'ES256', typ: 'at+jwt', kid: `forged${n}` }
      const other = { tenant: 'acme', credential: 'abcdefghij01' }
      expect((await get(forgedJwt(header, other, 'AAAA'))).status).toBe(401)
    }
    expect(reads).toEqual([])
  })

  test('is read in one round trip, its key beside the credential', async () => {
    const { secret } = await clientSecret()
    const token = await tokenOf(bySecret(secret))
    // Another instance, which knows nothing yet.
    const { stores } = oauth.app
    const pending: string[] = []
    let mostAtOnce = 0
    const before = { ...stores.tenants }
    const noted = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
      pending.push(name)
      mostAtOnce = Math.max(mostAtOnce, pending.length)
      await new Promise((resolve) => setTimeout(resolve, 5))
      pending.splice(pending.indexOf(name), 1)
      reads.push(name)
      return work()
    }
    stores.tenants.findCredential = (...ids) =>
      noted('credential', () => before.findCredential(...ids))
    stores.tenants.accessKeys = () => noted('keys', () => before.accessKeys())
    expect((await get(token)).status).toBe(200)
    expect(reads.toSorted()).toEqual(['credential', 'keys'])
    expect(mostAtOnce).toBe(2)
    await get(token)
    expect(reads).toHaveLength(2)
  })

  test('goes on through a rotation of the keys', async () => {
    const { secret } = await clientSecret()
    const before = await tokenOf(bySecret(secret))
    await oauth.keySource.add()
    oauth.at += 300 * SECOND
    await bySecret(secret)
    oauth.at += 900 * SECOND
    const after = await tokenOf(bySecret(secret))
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid)
    expect((await get(before)).status).toBe(200)
    expect((await get(after)).status).toBe(200)
  })

  test('notes the use of the credential that earned it, once an hour', async () => {
    const { secret, id } = await clientSecret()
    await bySecret(secret)
    const { credential: used } = await oauth.app.stores.tenants.findCredential('acme', id)
    expect(used?.lastUsed).toBe('2026-11-22T08:00:00.000Z')
  })
})

describe('a request that is none', () => {
  test.each<
    [string, { body?: string | Uint8Array<ArrayBuffer>; headers?: Record<string, string> }, string]
  >([
    [
      'JSON',
      { body: '{}', headers: { 'content-type': 'application/json' } },
      '400 invalid_request',
    ],
    ['too large', { body: `x=${'y'.repeat(33_000)}` }, '413 invalid_request'],
    ['no UTF-8', { body: Uint8Array.of(0xff) }, '400 invalid_request'],
    ['chunked', { headers: { 'transfer-encoding': 'chunked' } }, '411 invalid_request'],
  ])('%s', async (_case, init, expected) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await oauth.fetch('https://scim.example/api/oauth/token', {
      method: 'POST',
      ...init,
      headers: { ...type, ...init.headers },
    })
    const [status, error] = expected.split(' ')
    expect(answer.status).toBe(Number(status))
    expect(await answer.json()).toMatchObject({ error })
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })
})

test('a failure of ours is no fault of the client', async () => {
  const { secret } = await clientSecret()
  oauth.app.stores.tenants.findCredential = async () => {
    throw new ScimError('unavailable', 'down')
  }
  const answer = await bySecret(secret)
  expect(answer.status).toBe(503)
  expect(answer.json['error']).toBe('temporarily_unavailable')
  expect(answer.headers.get('retry-after')).toBe('5')
  oauth.app.stores.tenants.findCredential = async () => {
    throw new Error('secret detail')
  }
  const broken = await bySecret(secret)
  expect(broken.status).toBe(500)
  expect(JSON.stringify(broken.json)).not.toContain('secret detail')
})

describe('what no route takes', () => {
  test.each([
    ['GET', '/token', 'POST'],
    ['PATCH', '/TOKEN/', 'POST'],
    ['OPTIONS', '/token', 'POST'],
    ['POST', '/jwks', 'GET, HEAD'],
    ['DELETE', '/.well-known/oauth-authorization-server', 'GET, HEAD'],
    ['PUT', '/.well-known/oauth-protected-resource', 'GET, HEAD'],
  ])('%s %s is told what may be sent there', async (method, path, allowed) => {
    const answer = await oauth.fetch(`https://scim.example/api/oauth${path}`, { method })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allowed])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.json()).toEqual({
      error: 'invalid_request',
      error_description: `This path takes ${allowed}, and no other method.`,
    })
    expect(lastLine()).toMatchObject({ event: 'oauth', method, status: 405, storageCalls: 0 })
  })

  test.each(['', '/', '/tokens', '/token/x', '//token', '/.well-known/openid-configuration'])(
    'nothing is at /api/oauth%s',
    async (path) => {
      for (const method of ['GET', 'POST']) {
        const answer = await oauth.fetch(`https://scim.example/api/oauth${path}`, { method })
        expect([answer.status, await answer.text()]).toEqual([404, ''])
      }
    },
  )
})

test('where OAuth is off its routes are not there, and its tokens are none', async () => {
  const { secret } = await clientSecret()
  const token = await tokenOf(bySecret(secret))
  oauth = await oauthApp({ off: true })
  for (const [method, path] of [
    ['POST', '/token'],
    ['GET', '/token'],
    ['GET', '/jwks'],
    ['GET', '/.well-known/oauth-authorization-server'],
    ['GET', '/.well-known/oauth-protected-resource'],
  ]) {
    const init = method === undefined ? {} : { method }
    const answer = await oauth.fetch(`https://scim.example/api/oauth${path ?? ''}`, init)
    expect(answer.status).toBe(404)
    expect(await answer.text()).toBe('')
  }
  expect((await get(token)).status).toBe(401)
})
