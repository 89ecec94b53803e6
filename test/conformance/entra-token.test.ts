import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { PROVISIONING_SERVICE } from '../../lib/oauth/entra.ts'
import { issueCredential, revokeCredential } from '../../lib/tenants/credentials.ts'
import { ENTRA_AUDIENCE } from '../../lib/tenants/new-credential.ts'
import { setTenantStatus } from '../../lib/tenants/tenants.ts'
import { forgedJwt, signJwt, testKey } from '../support/jwt.ts'
import { startIssuer, type LocalIssuer } from '../support/local-issuer.ts'
import { oauthApp, TENANT_URL, type OAuthApp } from '../support/oauth-app.ts'

/** Entra ID with its Secret Token field left empty, against an issuer that has its metadata and keys. */

const SECOND = 1000
const DIRECTORY = 'ce5f061f-abe6-4e40-9615-301f87bcb7f0'
const OTHER = '11111111-2222-3333-4444-555555555555'
const V1 = (directory: string): string => `https://sts.windows.net/${directory}/`
const V2 = (directory: string): string => `https://login.microsoftonline.com/${directory}/v2.0`

const key = await testKey('one')
let issuer: LocalIssuer
let oauth: OAuthApp
let credentialId: string

beforeAll(async () => {
  issuer = await startIssuer(key)
})
afterAll(async () => issuer.stop())

beforeEach(async () => {
  issuer.keys = [key]
  issuer.answer = undefined
  issuer.asked.length = 0
  oauth = await oauthApp({ fetchText: issuer.fetchText })
  await oauth.app.tenant('acme')
  await oauth.app.tenant('demo')
  const issued = await oauth.issue('acme', { kind: 'entra', entraTenantId: DIRECTORY })
  credentialId = issued.credential.id
})

async function entraToken(claims: object = {}, header = {}, by = key): Promise<string> {
  const now = Math.floor(oauth.at / 1000)
  return signJwt(
    by,
    {
      aud: ENTRA_AUDIENCE,
      iss: V1(DIRECTORY),
      iat: now,
      nbf: now,
      exp: now + 3900,
      appid: PROVISIONING_SERVICE,
      appidacr: '2',
      tid: DIRECTORY,
      ver: '1.0',
      ...claims,
    },
    header,
  )
}

/** The names of the schemes that discovery shows to whoever has the token. */
async function names(token: string): Promise<readonly unknown[]> {
  const answer: unknown = await (await get(token, '/ServiceProviderConfig')).json()
  const { authenticationSchemes } = z
    .object({ authenticationSchemes: z.array(z.object({ name: z.string() })) })
    .parse(answer)
  return authenticationSchemes.map(({ name }) => name)
}

async function get(token: string, path = '/Users'): Promise<Response> {
  return oauth.fetch(`${TENANT_URL}${path}`, { headers: { authorization: `Bearer ${token}` } })
}

function lastLine(): unknown {
  return JSON.parse(oauth.logged.at(-1) ?? '')
}

const NOT_VALID =
  'The token of Entra ID is not accepted; its directory must be registered, and Entra ID itself must have sent it.'

test('the issuer serves what Entra ID does', async () => {
  const metadata: unknown = JSON.parse(
    await issuer.fetchText(`${V2(DIRECTORY)}/.well-known/openid-configuration`),
  )
  expect(metadata).toMatchObject({
    issuer: V2(DIRECTORY),
    jwks_uri: `https://login.microsoftonline.com/${DIRECTORY}/discovery/v2.0/keys`,
  })
})

describe('a token of the registered directory', () => {
  test.each<[string, object]>([
    ['version 1', {}],
    ['version 2', { iss: V2(DIRECTORY), ver: '2.0', appid: undefined, azp: PROVISIONING_SERVICE }],
  ])('of %s provisions', async (_version, claims) => {
    const token = await entraToken(claims)
    const created = await oauth.fetch(`${TENANT_URL}/Users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({ userName: 'ada' }),
    })
    expect(created.status).toBe(201)
    expect(lastLine()).toMatchObject({
      tenant: 'acme',
      credential: credentialId,
      credentialKind: 'entra',
    })
    expect(await (await get(token)).json()).toMatchObject({ totalResults: 1 })
    expect(issuer.asked).toEqual([`/${DIRECTORY}/discovery/v2.0/keys`])
    const all = await oauth.app.stores.tenants.credentials('acme')
    const found = all.find(({ kind }) => kind === 'entra')
    expect(found?.lastUsed).toBe('2026-11-22T08:00:00.000Z')
  })

  test('is named in discovery to all of the tenant, and to nobody of another', async () => {
    const { secret: own = '' } = await oauth.issue('acme', { kind: 'token' })
    const { secret: other = '' } = await oauth.issue('demo', { kind: 'token' })
    expect(await names(own)).toContain('Microsoft Entra ID token')
    expect(await names(other)).not.toContain('Microsoft Entra ID token')
    const { tenants } = oauth.app.stores
    await revokeCredential(tenants, 'acme', credentialId, new Date(oauth.at))
    oauth.at += 31 * SECOND
    expect(await names(own)).not.toContain('Microsoft Entra ID token')
  })

  test('one that replaces another counts when that has expired', async () => {
    const soon = new Date(oauth.at + 60 * SECOND)
    await oauth.issue('demo', { kind: 'entra', entraTenantId: OTHER, expires: soon })
    await oauth.issue('demo', { kind: 'entra', entraTenantId: OTHER, audience: 'api://my-app' })
    oauth.at += 120 * SECOND
    const claims = { tid: OTHER, iss: V1(OTHER), aud: 'my-app' }
    expect((await get(await entraToken(claims))).status).toBe(200)
  })

  test('shows in discovery that such tokens are on', async () => {
    const config: unknown = await (await get(await entraToken(), '/ServiceProviderConfig')).json()
    expect(config).toMatchObject({
      authenticationSchemes: [
        { name: 'Microsoft Entra ID token', primary: true },
        { name: 'Secret Token' },
        { name: 'OAuth 2.0 client credentials' },
      ],
    })
  })
})

const later = (seconds: number): number => Math.floor(oauth.at / 1000) + seconds

describe('refused', () => {
  test.each<[string, () => Promise<string>, string]>([
    ['another directory', () => entraToken({ iss: V1(OTHER), tid: OTHER }), 'unknown issuer'],
    ['the tid of another directory', () => entraToken({ tid: OTHER }), 'wrong claim'],
    ['another application', () => entraToken({ appid: OTHER }), 'wrong claim'],
    ['no application', () => entraToken({ appid: undefined }), 'wrong claim'],
    ['two applications', () => entraToken({ azp: OTHER }), 'wrong claim'],
    ['a person behind it', () => entraToken({ scp: 'user_impersonation' }), 'wrong claim'],
    ['another audience', () => entraToken({ aud: OTHER }), 'wrong claim'],
    ['no audience', () => entraToken({ aud: undefined }), 'wrong claim'],
    ['a later beginning', () => entraToken({ nbf: later(61) }), 'wrong claim'],
    ['no expiry', () => entraToken({ exp: undefined }), 'wrong claim'],
    ['another key', async () => entraToken({}, {}, await testKey('one')), 'wrong signature'],
    ['an unknown kid', () => entraToken({}, { kid: 'two' }), 'unknown key'],
    ['no kid', () => entraToken({}, { kid: undefined }), 'malformed'],
    [
      'alg none',
      async () => forgedJwt({ alg: 'none', kid: 'one' }, { iss: V1(DIRECTORY), tid: DIRECTORY }),
      'malformed',
    ],
    [
      'an HMAC',
      async () => forgedJwt({ alg: 'HS256', kid: 'one' }, { iss: V1(DIRECTORY) }, 'AAAA'),
      'malformed',
    ],
    [
      'an elliptic curve',
      async () => entraToken({}, {}, await testKey('one', 'ES256')),
      'malformed',
    ],
  ])('with %s', async (_case, make, reason) => {
    const token = await make()
    const refused = await get(token)
    expect(refused.status).toBe(401)
    expect(await refused.json()).toMatchObject({ detail: NOT_VALID })
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"')
    expect(lastLine()).toMatchObject({ reason })
    expect(oauth.logged.join('\n')).not.toContain(token.split('.')[1])
  })

  test('of a directory that nobody has registered, without asking for keys', async () => {
    await get(await entraToken({ iss: V1(OTHER), tid: OTHER }))
    expect(issuer.asked).toEqual([])
  })

  test('when it has expired, which is told', async () => {
    const token = await entraToken({ exp: later(-61) })
    expect(await (await get(token)).json()).toMatchObject({
      detail: 'The token of Entra ID has expired.',
    })
    expect((await get(await entraToken({ exp: later(-59) }))).status).toBe(200)
  })

  test.each([
    ['a JWT of nobody', { iss: 'https://idp.example' }],
    ['a look-alike issuer', { iss: `https://sts.windows.net.evil.example/${DIRECTORY}/` }],
    ['an issuer with more behind it', { iss: `${V1(DIRECTORY)}x` }],
  ])('%s', async (_case, claims) => {
    expect((await get(await entraToken(claims))).status).toBe(401)
    expect(issuer.asked).toEqual([])
  })
})

describe('whose it is', () => {
  test('is for one tenant alone, and the refusal names none', async () => {
    const { tenants } = oauth.app.stores
    const spec = { kind: 'entra', entraTenantId: DIRECTORY } as const
    const second = issueCredential(tenants, 'demo', spec, new Date(oauth.at))
    await expect(second).rejects.toMatchObject({ kind: 'uniqueness' })
    await expect(second).rejects.toThrow(/^(?!.*acme)/)
  })

  test('may change: the credential is read with the tenant', async () => {
    const { tenants } = oauth.app.stores
    const token = await entraToken()
    expect((await get(token)).status).toBe(200)
    await revokeCredential(tenants, 'acme', credentialId, new Date(oauth.at))
    await oauth.issue('demo', { kind: 'entra', entraTenantId: DIRECTORY })
    oauth.at += 30 * SECOND
    expect((await get(token)).status).toBe(401)
    oauth.at += 30 * SECOND
    expect((await get(token)).status).toBe(200)
    expect(lastLine()).toMatchObject({ tenant: 'demo' })
  })

  test('ends with its tenant', async () => {
    const token = await entraToken()
    await setTenantStatus(oauth.app.stores.tenants, 'acme', 'disabled')
    expect((await get(token)).status).toBe(403)
  })

  test('may have an audience that the vendor has set', async () => {
    const { tenants } = oauth.app.stores
    await revokeCredential(tenants, 'acme', credentialId, new Date(oauth.at))
    const audience = 'api://scim.example'
    await oauth.issue('acme', { kind: 'entra', entraTenantId: DIRECTORY, audience })
    expect((await get(await entraToken())).status).toBe(401)
    expect((await get(await entraToken({ aud: audience }))).status).toBe(200)
  })
})

describe('what it costs', () => {
  test('is one read in 30 s, when it is known whose the directory is', async () => {
    const reads: string[] = []
    const { tenants } = oauth.app.stores
    const before = { ...tenants }
    tenants.issuerOf = async (...id) => {
      reads.push('issuer')
      return before.issuerOf(...id)
    }
    tenants.findCredentials = async (...id) => {
      reads.push('credentials')
      return before.findCredentials(...id)
    }
    const token = await entraToken()
    await get(token)
    await get(token)
    expect(reads).toEqual(['issuer', 'credentials'])
    oauth.at += 30 * SECOND
    await get(token)
    expect(reads).toEqual(['issuer', 'credentials', 'credentials'])
    // One that another key has signed costs none.
    await get(await entraToken({}, {}, await testKey('one')))
    expect(reads).toHaveLength(3)
  })

  test('keys of Entra ID that cannot be had are no fault of the token', async () => {
    issuer.answer = () => 'hang'
    const answer = await get(await entraToken())
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('60')
  })
})
