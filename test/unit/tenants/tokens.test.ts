import { describe, expect, test } from 'vitest'
import { memoryTenantStore } from '../../../lib/storage/memory/tenants.ts'
import type { TenantStore } from '../../../lib/storage/tenant-port.ts'
import { parseSecretToken, secretMatches } from '../../../lib/tenants/secret-token.ts'
import { createTenant } from '../../../lib/tenants/tenants.ts'
import { issueToken, listTokens, revokeToken } from '../../../lib/tenants/tokens.ts'

const NOW = new Date('2026-11-22T08:00:00.000Z')
const LATER = new Date('2026-11-22T09:00:00.000Z')

async function storeWithAcme(): Promise<TenantStore> {
  const store = memoryTenantStore()
  await createTenant(store, { id: 'acme', now: NOW })
  return store
}

describe('issueToken', () => {
  test('gives the Secret Token once and keeps only the hash of its secret', async () => {
    const store = await storeWithAcme()
    const { token, secretToken } = await issueToken(store, 'acme', { label: ' Entra ', now: NOW })
    const parts = parseSecretToken(secretToken)
    if (typeof parts === 'string') throw new TypeError(parts)
    expect(parts).toMatchObject({ tenantId: 'acme', tokenId: token.id })
    expect(secretMatches(parts.secret, token.secretHash)).toBe(true)
    expect(await store.credentials('acme')).toEqual([token])
    expect(token).toMatchObject({ label: 'Entra', created: NOW.toISOString() })
    expect(JSON.stringify(await store.credentials('acme'))).not.toContain(parts.secret)
  })

  test('gives several tokens, all different, in the order of their issue', async () => {
    const store = await storeWithAcme()
    const issued: string[] = []
    for (const now of [NOW, LATER]) {
      issued.push((await issueToken(store, 'acme', { now })).token.id)
    }
    expect((await listTokens(store, 'acme')).map((token) => token.id)).toEqual(issued)
    expect(new Set(issued).size).toBe(2)
    for (const id of issued) expect(id).toMatch(/^[a-z0-9]{12}$/)
  })

  test('keeps the expiry', async () => {
    const store = await storeWithAcme()
    const { token } = await issueToken(store, 'acme', { expires: LATER, now: NOW })
    expect(token.expires).toBe('2026-11-22T09:00:00.000Z')
  })

  test.each([
    ['passed', NOW],
    ['no date', new Date('soon')],
  ])('refuses an expiry that is %s', async (_, expires) => {
    const store = await storeWithAcme()
    const issued = issueToken(store, 'acme', { expires, now: NOW })
    await expect(issued).rejects.toThrow(/^invalidValue: .*future/)
    expect(await store.credentials('acme')).toEqual([])
  })

  test('refuses a label that a terminal would not show as it is', async () => {
    const issued = issueToken(await storeWithAcme(), 'acme', { label: 'a\u0007', now: NOW })
    await expect(issued).rejects.toThrow(/^invalidValue: .*label/)
  })

  test('needs the tenant', async () => {
    const issued = issueToken(await storeWithAcme(), 'amce', { now: NOW })
    await expect(issued).rejects.toMatchObject({
      kind: 'notFound',
      detail: 'no tenant amce; there are: acme',
    })
  })

  test('is refused while the tenant is being deleted', async () => {
    const store = await storeWithAcme()
    await store.update('acme', () => ({ status: 'deleting' }))
    await expect(issueToken(store, 'acme', { now: NOW })).rejects.toMatchObject({
      kind: 'mutability',
      detail: 'tenant acme is being deleted, which cannot be undone; delete acme finishes it',
    })
    expect(await store.credentials('acme')).toEqual([])
  })

  test('does not answer with a token that was not kept, when the tenant goes meanwhile', async () => {
    const store = await storeWithAcme()
    const issued = issueToken({ ...store, addCredential: async () => false }, 'acme', { now: NOW })
    await expect(issued).rejects.toMatchObject({ kind: 'notFound' })
  })
})

describe('revokeToken', () => {
  test('revokes one token and no other; the second time changes nothing', async () => {
    const store = await storeWithAcme()
    const { token } = await issueToken(store, 'acme', { now: NOW })
    const { token: other } = await issueToken(store, 'acme', { now: LATER })
    const revoked = await revokeToken(store, 'acme', token.id, NOW)
    const { version } = revoked
    expect(version).not.toBe(token.version)
    expect(revoked).toEqual({ ...token, revoked: NOW.toISOString(), version })
    expect(await revokeToken(store, 'acme', token.id, LATER)).toEqual(revoked)
    expect(await store.credentials('acme')).toEqual([revoked, other])
  })

  test('says which tokens there are', async () => {
    const store = await storeWithAcme()
    const { token } = await issueToken(store, 'acme', { label: 'Okta', now: NOW })
    await expect(revokeToken(store, 'acme', 'missing00000', NOW)).rejects.toMatchObject({
      kind: 'notFound',
      detail: `tenant acme has no token missing00000; there are: ${token.id} (Okta)`,
    })
  })

  test('needs the tenant', async () => {
    const revoked = revokeToken(await storeWithAcme(), 'amce', 'missing00000', NOW)
    await expect(revoked).rejects.toThrow(/^notFound: no tenant amce/)
  })
})
