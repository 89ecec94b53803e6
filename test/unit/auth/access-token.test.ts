import { expect, test } from 'vitest'
import { accessTokenKind } from '../../../lib/auth/access-token.ts'
import { createAuthenticator } from '../../../lib/auth/authenticate.ts'
import { RefusedCredential } from '../../../lib/auth/refused-credential.ts'
import { makeAccessToken } from '../../../lib/oauth/access-token.ts'
import { createAccessKeys } from '../../../lib/oauth/access-keys.ts'
import { memoryTenantStore } from '../../../lib/storage/memory/tenants.ts'
import { issueCredential, revokeCredential } from '../../../lib/tenants/credentials.ts'
import { createTenant } from '../../../lib/tenants/tenants.ts'
import { memoryKeySource } from '../../support/jwt.ts'
import { refusalOf } from '../../support/refusal.ts'

const NOW = new Date('2026-11-22T08:00:00.000Z')
const PARTIES = { issuer: 'https://scim.example/api/oauth', audience: 'https://scim.example' }

const store = memoryTenantStore()
const key = await memoryKeySource().add()
const { kid, publicJwk } = key
await store.addAccessKey({ kid, jwk: publicJwk, use: 'access', created: NOW.toISOString() })
const { partitionKey } = await createTenant(store, { id: 'acme', now: NOW })

async function tokenFor(tenantId: string, credentialId: string): Promise<string> {
  const grant = { tenantId, credentialId }
  return makeAccessToken(key, PARTIES, grant, { now: NOW, seconds: 3600 })
}

/** Why a token is refused, and whose vendor is told of it. */
async function refused(token: string): Promise<{ facts: unknown; told: readonly string[] }> {
  const keys = createAccessKeys({ read: () => store.accessKeys(), now: () => NOW })
  const authenticate = createAuthenticator({
    store,
    now: () => NOW,
    kinds: [accessTokenKind({ keys, parties: PARTIES })],
  })
  const error = await refusalOf(() => authenticate(`Bearer ${token}`))
  const tenant = error instanceof RefusedCredential ? error.tenant : undefined
  const told = tenant === undefined ? [] : [tenant.partitionKey]
  return { facts: 'facts' in error ? error.facts : undefined, told }
}

test('a token of a credential that is gone tells its tenant’s vendor', async () => {
  const { credential } = await issueCredential(store, 'acme', { kind: 'clientSecret' }, NOW)
  await revokeCredential(store, 'acme', credential.id, NOW)
  expect(await refused(await tokenFor('acme', credential.id))).toEqual({
    facts: {
      reason: 'revoked',
      tenant: 'acme',
      credential: credential.id,
      credentialKind: 'clientSecret',
    },
    told: [partitionKey],
  })
})

test('a token for a Secret Token is none: it earns no access tokens', async () => {
  const { credential } = await issueCredential(store, 'acme', { kind: 'token' }, NOW)
  expect(await refused(await tokenFor('acme', credential.id))).toMatchObject({
    facts: { reason: 'unknown token', credential: credential.id },
  })
})

test('a token of a tenant that is gone tells nobody', async () => {
  expect(await refused(await tokenFor('nobody', 'abcdefghij01'))).toEqual({
    facts: { reason: 'unknown tenant', tenant: 'nobody', credential: 'abcdefghij01' },
    told: [],
  })
})
