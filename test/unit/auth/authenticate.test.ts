import { inspect } from 'node:util'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { createAuthenticator } from '../../../lib/auth/authenticate.ts'
import type { CredentialKind } from '../../../lib/auth/credential-kind.ts'
import { RefusedCredential } from '../../../lib/auth/refused-credential.ts'
import type { TenantContext } from '../../../lib/auth/tenant-context.ts'
import { DEFAULT_RESOURCE_TYPES, USER } from '../../../lib/scim/default-resource-types.ts'
import { ScimError, toErrorBody } from '../../../lib/scim/errors.ts'
import { NO_DEADLINE } from '../../../lib/storage/deadline.ts'
import { memoryTenantStore } from '../../../lib/storage/memory/tenants.ts'
import type { Tenant, TenantStore } from '../../../lib/storage/tenant-port.ts'
import {
  formatSecretToken,
  newSecret,
  parseSecretToken,
} from '../../../lib/tenants/secret-token.ts'
import { createTenant, setTenantStatus } from '../../../lib/tenants/tenants.ts'
import { issueToken, revokeToken } from '../../../lib/tenants/tokens.ts'
import { countedBy } from '../../support/counted.ts'
import { codePoint } from '../../support/code-point.ts'
import { refusalOf } from '../../support/refusal.ts'
import { aDefinition } from '../../support/definitions.ts'

const START = Date.parse('2026-11-22T08:00:00.000Z')
const SECOND = 1000
const HOUR = 3600 * SECOND

/** A store that counts what the authenticator does with it, and can be out of order. */
let store: TenantStore
let reads: number
let touches: string[]
let outage: ScimError | undefined
/** The clock. */
let at: number
let tenant: Tenant
let tokenId: string
let secretToken: string
let authenticate: (authorization: string | undefined) => Promise<TenantContext>

beforeEach(async () => {
  const memory = memoryTenantStore()
  reads = 0
  touches = []
  outage = undefined
  at = START
  store = {
    ...memory,
    async findCredential(...ids) {
      reads += 1
      await Promise.resolve()
      if (outage !== undefined) throw outage
      return memory.findCredential(...ids)
    },
    async touchCredential(...use) {
      touches.push(use[2])
      if (outage !== undefined) throw outage
      await memory.touchCredential(...use)
    },
  }
  tenant = await createTenant(store, { id: 'acme', now: new Date(at) })
  await createTenant(store, { id: 'demo', now: new Date(at) })
  const issued = await issueToken(store, 'acme', { now: new Date(at) })
  secretToken = issued.secretToken
  tokenId = issued.token.id
  authenticate = anInstance()
})

/** One more instance of the app, with a cache of its own. */
function anInstance(): typeof authenticate {
  return createAuthenticator({
    store,
    now: () => new Date(at),
    newDeadline: () => NO_DEADLINE,
    resourceTypesOf: () => DEFAULT_RESOURCE_TYPES,
  })
}

async function refusal(authorization: string | undefined): Promise<ScimError> {
  return refusalOf(() => authenticate(authorization))
}

describe('an authentic token', () => {
  test('gives all that a request needs of its tenant', async () => {
    const { signingKey, partitionKey, settings } = tenant
    expect(await authenticate(`Bearer ${secretToken}`)).toEqual({
      tenantId: 'acme',
      credentialId: tokenId,
      credentialKind: 'token',
      partitionKey,
      signingKey,
      settings,
      resourceTypes: DEFAULT_RESOURCE_TYPES,
    })
  })

  test('is one of several of the tenant, each of which is accepted', async () => {
    const { secretToken: second, token } = await issueToken(store, 'acme', { now: new Date(at) })
    expect(await authenticate(`Bearer ${second}`)).toMatchObject({ credentialId: token.id })
    expect(await authenticate(`Bearer ${secretToken}`)).toMatchObject({ credentialId: tokenId })
  })

  test('is read once in 30 s', async () => {
    await authenticate(`Bearer ${secretToken}`)
    at += 29 * SECOND
    await authenticate(`bearer  ${secretToken}`)
    expect(reads).toBe(1)
    at += SECOND
    await authenticate(`Bearer ${secretToken}`)
    expect(reads).toBe(2)
  })

  test('is read once for 50 requests at the same time', async () => {
    const requests = Array.from({ length: 50 }, () => authenticate(`Bearer ${secretToken}`))
    const contexts = await Promise.all(requests)
    expect(reads).toBe(1)
    expect(new Set(contexts.map((context) => context.tenantId))).toEqual(new Set(['acme']))
  })

  test('keeps its place in the cache through a flood of wrong ones', async () => {
    await authenticate(`Bearer ${secretToken}`)
    for (let n = 0; n < 1500; n += 1) await refusal(`Bearer ${wrongSecret()}`)
    reads = 0
    await authenticate(`Bearer ${secretToken}`)
    expect(reads).toBe(0)
  })
})

/** The right tenant and token, another secret, right check digits. */
function wrongSecret(): string {
  return formatSecretToken({ tenantId: 'acme', tokenId, secret: newSecret() })
}

/** The secret of the token, presented for another tenant or under another token id. */
function moved(to: { tenantId?: string; tokenId?: string }): string {
  const parts = parseSecretToken(secretToken)
  if (typeof parts === 'string') throw new TypeError(parts)
  return formatSecretToken({ ...parts, ...to })
}

const NOT_ACCEPTED: readonly (readonly [string, () => string])[] = [
  ['an unknown tenant', () => moved({ tenantId: 'nobody' })],
  ['another tenant', () => moved({ tenantId: 'demo' })],
  ['an unknown token', () => moved({ tokenId: 'missing00000' })],
  ['a wrong secret', wrongSecret],
  ['a tenant named like a property of all objects', () => moved({ tenantId: 'constructor' })],
]

describe('a token that is not accepted', () => {
  test.each(NOT_ACCEPTED)(
    'for %s is answered like a revoked one, after as many reads',
    async (_, make) => {
      const wrong = await refusal(`Bearer ${make()}`)
      expect(reads).toBe(1)
      await revokeToken(store, 'acme', tokenId, new Date(at))
      const revoked = await refusal(`Bearer ${secretToken}`)
      expect(reads).toBe(2)
      expect(toErrorBody(wrong)).toEqual(toErrorBody(revoked))
      expect(wrong.headers).toEqual(revoked.headers)
      expect(wrong.headers['WWW-Authenticate']).toMatch(
        /^Bearer realm="scim", error="invalid_token"/,
      )
      expect(wrong.status).toBe(401)
    },
  )

  test.each(NOT_ACCEPTED)('for %s is read once in 30 s', async (_, make) => {
    const header = `Bearer ${make()}`
    for (let n = 0; n < 5; n += 1) await refusal(header)
    expect(reads).toBe(1)
    at += 30 * SECOND
    await refusal(header)
    expect(reads).toBe(2)
  })

  test('has its reason beside it, for the log, without the secret', async () => {
    const wrong = wrongSecret()
    const error = await refusal(`Bearer ${wrong}`)
    const facts = { reason: 'wrong secret', tenant: 'acme', credential: tokenId }
    expect(error).toMatchObject({ facts })
    expect(inspect(error, { depth: 5 })).not.toContain(wrong.slice(-49, -6))
  })

  test('because it was mistyped is found without a read', async () => {
    const characters = fc.constantFrom('0', 'a', 'Z', '_', '-', '.', 'é', '\u0000')
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: secretToken.length - 1 }), characters, async (at_, other) => {
        fc.pre(secretToken[at_] !== other)
        const typed = secretToken.slice(0, at_) + other + secretToken.slice(at_ + 1)
        const error = await refusal(`Bearer ${typed}`)
        expect(error.status).toBe(401)
      }),
    )
    expect(reads).toBe(0)
  })

  test('is what any text is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: codePoint, maxLength: 200 }), async (text) => {
        expect((await refusal(text)).kind).toBe('unauthorized')
        expect((await refusal(`Bearer ${text}`)).kind).toBe('unauthorized')
        expect((await refusal(`Bearer scim_acme_${tokenId}_${text}`)).kind).toBe('unauthorized')
      }),
    )
    expect(reads).toBe(0)
  })

  test('because there is none has a challenge without an error code, and no read', async () => {
    const error = await refusal(undefined)
    expect(error.headers).toEqual({ 'WWW-Authenticate': 'Bearer realm="scim"' })
    expect(reads).toBe(0)
  })
})

async function whenDisabled(): Promise<string> {
  await setTenantStatus(store, 'acme', 'disabled')
  return secretToken
}
async function whenRevoked(): Promise<string> {
  await revokeToken(store, 'acme', tokenId, new Date(at))
  return secretToken
}
async function whenExpired(): Promise<string> {
  const expires = new Date(at + SECOND)
  const issued = await issueToken(store, 'acme', { expires, now: new Date(at) })
  at += 2 * SECOND
  tokenId = issued.token.id
  return issued.secretToken
}

describe('the log is told why', () => {
  test.each<[string, string, () => string | Promise<string>]>([
    ['unknown tenant', 'nobody', () => moved({ tenantId: 'nobody' })],
    ['wrong secret', 'acme', wrongSecret],
    ['revoked', 'acme', whenRevoked],
    ['expired', 'acme', whenExpired],
    ['tenant disabled', 'acme', whenDisabled],
  ])('%s', async (reason, tenantId, make) => {
    const error = await refusal(`Bearer ${await make()}`)
    expect(error).toMatchObject({ facts: { reason, tenant: tenantId, credential: tokenId } })
  })

  test('unknown token, with the id that was sent', async () => {
    const error = await refusal(`Bearer ${moved({ tokenId: 'missing00000' })}`)
    const facts = { reason: 'unknown token', tenant: 'acme', credential: 'missing00000' }
    expect(error).toMatchObject({ facts })
  })

  test.each([
    ['no credential', undefined],
    ['not Bearer', 'Basic YTpi'],
    ['malformed', 'Bearer sk-1234'],
  ])('%s, without ids that nothing vouches for', async (reason, header) => {
    expect(await refusal(header)).toMatchObject({ facts: { reason } })
  })

  test('mistyped, without ids', async () => {
    const typed = secretToken.slice(0, -1) + (secretToken.endsWith('0') ? '1' : '0')
    const error = await refusal(`Bearer ${typed}`)
    expect('facts' in error ? error.facts : undefined).toEqual({ reason: 'mistyped' })
  })
})

test('what a tenant has is made once for as long as its credential is remembered', async () => {
  let made = 0
  const instance = createAuthenticator({
    store,
    now: () => new Date(at),
    newDeadline: () => NO_DEADLINE,
    resourceTypesOf: ({ id }) => {
      made += 1
      return [{ ...USER, description: id }]
    },
  })
  const first = await instance(`Bearer ${secretToken}`)
  at += 29 * SECOND
  expect((await instance(`Bearer ${secretToken}`)).resourceTypes).toBe(first.resourceTypes)
  at += SECOND
  await instance(`Bearer ${secretToken}`)
  expect(made).toBe(2)
})

test('an attribute that a tenant declares, and its removal, are live on every instance within 30 s', async () => {
  const one = { ...aDefinition('one'), created: new Date(at).toISOString() }
  const seen = (): Promise<readonly (readonly string[])[]> =>
    Promise.all(
      instances.map(async (instance) => {
        const { resourceTypes } = await instance(`Bearer ${secretToken}`)
        return resourceTypes.map(({ name }) => name)
      }),
    )
  const instances = Array.from({ length: 2 }, () =>
    createAuthenticator({
      store,
      now: () => new Date(at),
      newDeadline: () => NO_DEADLINE,
      resourceTypesOf: (_tenant, definitions) =>
        definitions.map(({ id }) => ({ ...USER, name: id })),
    }),
  )
  expect(await seen()).toEqual([[], []])
  await store.addDefinition('acme', () => one)
  expect(await seen()).toEqual([[], []])
  at += 30 * SECOND
  expect(await seen()).toEqual([['one'], ['one']])
  await store.removeDefinition('acme', 'one', { at: one.created, purge: false })
  at += 30 * SECOND
  expect(await seen()).toEqual([[], []])
})

test('another kind of credential is recognised by its form', async () => {
  const kind: CredentialKind = {
    recognises: (token) => token.startsWith('key-'),
    read: (token) => ({
      tenantId: 'acme',
      credentialId: token,
      lookUp: async () => ({ authentic: true, tenant, expires: undefined }),
    }),
  }
  const instance = createAuthenticator({ store, now: () => new Date(at), kinds: [kind] })
  expect(await instance('Bearer key-1')).toMatchObject({ tenantId: 'acme', credentialId: 'key-1' })
  await expect(instance(`Bearer ${secretToken}`)).rejects.toThrow(/^unauthorized/)
})

test('how it was found out is counted: by a read, by that of another request, or by neither', async () => {
  const counted = await countedBy(async () => {
    await Promise.all([
      authenticate(`Bearer ${secretToken}`),
      authenticate(`Bearer ${secretToken}`),
    ])
    await authenticate(`Bearer ${secretToken}`)
  })
  expect(counted).toEqual([
    'credentials.lookUps: read',
    'credentials.lookUps: shared',
    'credentials.lookUps: cached',
  ])
})

describe('revocation', () => {
  test('works on every instance within 30 s, also on one that never stops asking', async () => {
    const instances = [authenticate, anInstance()]
    for (const instance of instances) await instance(`Bearer ${secretToken}`)
    at += SECOND
    await revokeToken(store, 'acme', tokenId, new Date(at))
    const revokedAt = at
    for (; at < revokedAt + 30 * SECOND; at += SECOND) {
      await Promise.allSettled(instances.map((instance) => instance(`Bearer ${secretToken}`)))
    }
    for (const instance of instances) {
      await expect(instance(`Bearer ${secretToken}`)).rejects.toThrow(/^unauthorized/)
    }
  })
})

describe('expiry', () => {
  test('is told to who has the secret, with its time, and is exact to the cache', async () => {
    const expires = new Date(START + 10 * SECOND)
    const issued = await issueToken(store, 'acme', { expires, now: new Date(at) })
    await authenticate(`Bearer ${issued.secretToken}`)
    at += 9_999
    await authenticate(`Bearer ${issued.secretToken}`)
    at += 1
    const error = await refusal(`Bearer ${issued.secretToken}`)
    expect(reads).toBe(1)
    expect(error.status).toBe(401)
    expect(error.detail).toContain('expired at 2026-11-22T08:00:10.000Z')
    expect(error.headers['WWW-Authenticate']).toContain('error="invalid_token"')
  })

  test('is not told to who has not', async () => {
    const expires = new Date(START + SECOND)
    const { token } = await issueToken(store, 'acme', { expires, now: new Date(at) })
    at += 2 * SECOND
    const error = await refusal(`Bearer ${moved({ tokenId: token.id })}`)
    expect(error.detail).not.toContain('expired')
  })
})

describe('a disabled tenant', () => {
  test('is told to who has the secret, as 403', async () => {
    await setTenantStatus(store, 'acme', 'disabled')
    const error = await refusal(`Bearer ${secretToken}`)
    expect(error).toMatchObject({ kind: 'forbidden', status: 403 })
    expect(error.detail).toContain('disabled')
  })

  test('is not told to who has not', async () => {
    await setTenantStatus(store, 'acme', 'disabled')
    expect(await refusal(`Bearer ${wrongSecret()}`)).toMatchObject({ kind: 'unauthorized' })
  })

  test('is open again within 30 s of its being enabled', async () => {
    await setTenantStatus(store, 'acme', 'disabled')
    await refusal(`Bearer ${secretToken}`)
    await setTenantStatus(store, 'acme', 'enabled')
    at += 30 * SECOND
    expect(await authenticate(`Bearer ${secretToken}`)).toMatchObject({ tenantId: 'acme' })
  })
})

describe('an outage of the storage', () => {
  test('is unavailable and never a 401, and is over with the outage', async () => {
    outage = new ScimError('unavailable', 'the storage is not available; try again')
    expect(await refusal(`Bearer ${secretToken}`)).toBe(outage)
    outage = undefined
    expect(await authenticate(`Bearer ${secretToken}`)).toMatchObject({ tenantId: 'acme' })
  })

  test('is not noticed by a credential that was read within the last 30 s', async () => {
    await authenticate(`Bearer ${secretToken}`)
    outage = new ScimError('unavailable', 'the storage is not available; try again')
    at += 29 * SECOND
    expect(await authenticate(`Bearer ${secretToken}`)).toMatchObject({ tenantId: 'acme' })
  })
})

describe('lastUsed', () => {
  test('is written at the first use and then once an hour', async () => {
    for (; at <= START + 2 * HOUR; at += 20 * SECOND) await authenticate(`Bearer ${secretToken}`)
    expect(touches.map((time) => Date.parse(time) - START)).toEqual([0, HOUR, 2 * HOUR])
    expect(await store.credentials('acme')).toMatchObject([{ lastUsed: touches.at(-1) }])
  })

  test('is written once for all instances together', async () => {
    await authenticate(`Bearer ${secretToken}`)
    await anInstance()(`Bearer ${secretToken}`)
    expect(touches).toHaveLength(1)
  })

  test('is not waited for, nor is its failure noticed', async () => {
    store.touchCredential = () => new Promise(() => undefined)
    expect(await anInstance()(`Bearer ${secretToken}`)).toMatchObject({ tenantId: 'acme' })
    store.touchCredential = () => Promise.reject(new Error('down'))
    expect(await anInstance()(`Bearer ${secretToken}`)).toMatchObject({ tenantId: 'acme' })
  })

  test('is not written for a token that opens nothing', async () => {
    await refusal(`Bearer ${wrongSecret()}`)
    const expires = new Date(START + SECOND)
    const issued = await issueToken(store, 'acme', { expires, now: new Date(at) })
    at += 2 * SECOND
    await refusal(`Bearer ${issued.secretToken}`)
    await setTenantStatus(store, 'acme', 'disabled')
    await refusal(`Bearer ${secretToken}`)
    expect(touches).toEqual([])
  })
})

describe('who is refused', () => {
  test('is told with the tenant that the credential names, as far as there is one', async () => {
    const refused: string[] = []
    const letIn = createAuthenticator({ store, now: () => new Date(at) })
    const check = async (authorization: string): Promise<unknown> => {
      try {
        return await letIn(authorization)
      } catch (error) {
        const told = error instanceof RefusedCredential ? error.tenant : undefined
        if (told !== undefined) refused.push(`${told.id} ${told.partitionKey}`)
        throw error
      }
    }
    const acme = `acme ${tenant.partitionKey}`
    await check(`Bearer ${secretToken}`)
    expect(refused).toEqual([])
    await refusalOf(() => check(`Bearer ${wrongSecret()}`))
    await refusalOf(() => check('Bearer nonsense'))
    expect(refused).toEqual([acme])
    await setTenantStatus(store, 'acme', 'disabled')
    at += 30 * SECOND
    await refusalOf(() => check(`Bearer ${secretToken}`))
    await revokeToken(store, 'acme', tokenId, new Date(at))
    at += 30 * SECOND
    await refusalOf(() => check(`Bearer ${secretToken}`))
    expect(refused).toEqual([acme, acme, acme])
  })
})
