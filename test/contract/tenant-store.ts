import { describe, expect, test } from 'vitest'
import {
  FIRST_VERSION,
  type Credential,
  type NewCredential,
  type SecretCredential,
  type Tenant,
  type TenantStore,
} from '../../lib/storage/tenant-port.ts'

let numbered = 0

/** A tenant nobody else has, so that tests can share a store. */
export function aTenant(change: Partial<Tenant> = {}): Tenant {
  numbered += 1
  const { id = `tenant-${String(process.pid)}-${String(numbered)}` } = change
  return {
    id,
    name: "O'Neill & Söhne",
    status: 'enabled',
    created: '2026-11-22T08:00:00.000Z',
    signingKey: Buffer.alloc(32, numbered).toString('base64url'),
    partitionKey: `${id}_0123456789abcdef`,
    settings: {},
    version: `v${String(numbered)}`,
    ...change,
  }
}

type NewToken = Omit<SecretCredential, 'version' | 'lastUsed' | 'revoked' | 'warned'>

export function aToken(change: Partial<NewToken> = {}): NewToken {
  return {
    kind: 'token',
    id: 'abcdefghij01',
    secretHash: 'a'.repeat(64),
    label: 'Entra ID',
    created: '2026-11-22T08:00:00.000Z',
    ...change,
  }
}

/** A credential as the store has it. */
export function kept(credential: NewCredential, change: Partial<Credential> = {}): Credential {
  return Object.assign({ ...credential, version: FIRST_VERSION }, change)
}

/** Something without its version, which every change makes anew. */
function unversioned<Value extends { readonly version: string }>(
  value: Value | undefined,
): Omit<Value, 'version'> | undefined {
  if (value === undefined) return undefined
  const { version: _, ...rest } = value
  return rest
}

function revoke(store: TenantStore, tenantId: string): Promise<Credential | undefined> {
  return store.updateCredential(tenantId, aToken().id, () => ({ revoked: aToken().created }))
}

/** Texts that are no ids, among them those that would break out of a storage key or a query. */
const NO_IDS = ['', 'A', "a' or 'a' eq 'a", 'a/b', 'a_b', 'tenant:x', '__proto__', 'a'.repeat(33)]

/** What every TenantStore does. `makeStore` may give the same store each time. */
export function tenantStoreContract(makeStore: () => TenantStore | Promise<TenantStore>): void {
  describe('tenants', () => {
    test('a tenant comes back as it was created', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      expect(await store.create(tenant)).toBe(true)
      expect(await store.get(tenant.id)).toEqual(tenant)
    })

    test('an id can be taken once, also by many at the same time', async () => {
      const store = await makeStore()
      const { id } = aTenant()
      const tries = Array.from({ length: 8 }, () => store.create(aTenant({ id })))
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
      expect(await store.create(aTenant({ id }))).toBe(false)
    })

    test('update overwrites name and status, and nothing else', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      await store.create(tenant)
      const changed = {
        ...tenant,
        name: 'New',
        status: 'disabled',
      } as const
      const more = { ...changed, signingKey: 'x', created: 'y', partitionKey: 'z', version: 'w' }
      const updated = await store.update(tenant.id, () => more)
      expect(unversioned(updated)).toEqual(unversioned(changed))
      expect(await store.get(tenant.id)).toEqual(updated)
    })

    test('update does not create', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      expect(await store.update(tenant.id, () => tenant)).toBeUndefined()
      expect(await store.get(tenant.id)).toBeUndefined()
    })

    test('update keeps what it is not told of, and every key of the settings', async () => {
      const store = await makeStore()
      const settings = { userDeletion: 'soft', from: { a: [1, null, { later: true }] } }
      const tenant = aTenant({ settings })
      await store.create(tenant)
      await store.update(tenant.id, () => ({ status: 'disabled' }))
      const disabled = unversioned({ ...tenant, status: 'disabled' } as const)
      expect(unversioned(await store.get(tenant.id))).toEqual(disabled)
      await store.update(tenant.id, (now) => ({ settings: { ...now.settings, more: 1 } }))
      const more = {
        ...tenant,
        status: 'disabled',
        settings: { ...settings, more: 1 },
      }
      expect(unversioned(await store.get(tenant.id))).toEqual(unversioned(more))
    })

    test('update loses nothing of what others change at the same time', async () => {
      const store = await makeStore()
      const tenant = aTenant({ name: '' })
      await store.create(tenant)
      await Promise.all(
        Array.from('abcdef', (letter) =>
          store.update(tenant.id, ({ name }) => ({ name: name + letter })),
        ),
      )
      const { name } = (await store.get(tenant.id)) ?? tenant
      expect(Array.from(name).toSorted().join('')).toBe('abcdef')
    })

    test('update writes nothing when the change is refused', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      await store.create(tenant)
      const refused = store.update(tenant.id, () => {
        throw new Error('refused')
      })
      await expect(refused).rejects.toThrow('refused')
      expect(await store.get(tenant.id)).toEqual(tenant)
    })

    test('delete leaves a later tenant of the same id alone', async () => {
      const store = await makeStore()
      const before = aTenant()
      await store.create(before)
      await store.delete(before)
      const later = aTenant({ id: before.id, partitionKey: `${before.id}_later0later0late` })
      await store.create(later)
      await store.addCredential(later.id, aToken())
      await store.delete(before)
      expect(await store.findCredential(later.id, aToken().id)).toEqual({
        tenant: later,
        credential: kept(aToken()),
      })
    })

    test('list has all tenants in the order of their ids, and no tokens', async () => {
      const store = await makeStore()
      const before = (await store.list()).map((tenant) => tenant.id)
      const [one, two] = [aTenant({ id: `z${aTenant().id}` }), aTenant({ id: `a${aTenant().id}` })]
      await store.create(one)
      await store.create(two)
      await store.addCredential(one.id, aToken())
      const ids = (await store.list()).map((tenant) => tenant.id)
      expect(ids).toEqual([...before, one.id, two.id].toSorted())
    })

    test('delete removes the tenant and its tokens, no others, and can be repeated', async () => {
      const store = await makeStore()
      const [gone, stays] = [aTenant(), aTenant()]
      for (const tenant of [gone, stays]) {
        await store.create(tenant)
        await store.addCredential(tenant.id, aToken())
      }
      await store.delete(gone)
      await store.delete(gone)
      expect(await store.findCredential(gone.id, aToken().id)).toEqual({})
      expect(await store.credentials(gone.id)).toEqual([])
      expect(await store.findCredential(stays.id, aToken().id)).toEqual({
        tenant: stays,
        credential: kept(aToken()),
      })
      expect(await store.create(aTenant({ id: gone.id }))).toBe(true)
      expect(await store.credentials(gone.id)).toEqual([])
    })
  })

  describe('tokens', () => {
    test('findCredential has both parts, or the one there is', async () => {
      const store = await makeStore()
      const [tenant, other] = [aTenant(), aTenant()]
      await store.create(tenant)
      await store.create(other)
      const token = aToken({ expires: '2027-06-30T23:59:59.000Z' })
      expect(await store.addCredential(tenant.id, token)).toBe(true)
      await store.addCredential(tenant.id, aToken({ id: 'other0000000', label: '' }))
      expect(await store.findCredential(tenant.id, token.id)).toEqual({
        tenant,
        credential: kept(token),
      })
      expect(await store.findCredential(tenant.id, 'missing00000')).toEqual({ tenant })
      expect(await store.findCredential(other.id, token.id)).toEqual({ tenant: other })
      expect(await store.findCredential(aTenant().id, token.id)).toEqual({})
    })

    test('tokens come oldest first, those of this tenant only', async () => {
      const store = await makeStore()
      const [tenant, other] = [aTenant(), aTenant()]
      await store.create(tenant)
      await store.create(other)
      const young = aToken({ id: 'a00000000000', created: '2026-11-23T00:00:00.000Z' })
      const old = aToken({ id: 'z00000000000', created: '2026-11-21T00:00:00.000Z' })
      for (const token of [young, old]) await store.addCredential(tenant.id, token)
      await store.addCredential(other.id, aToken())
      expect(await store.credentials(tenant.id)).toEqual([kept(old), kept(young)])
    })

    test('a token needs its tenant', async () => {
      const store = await makeStore()
      const { id } = aTenant()
      expect(await store.addCredential(id, aToken())).toBe(false)
      await store.create(aTenant({ id }))
      expect(await store.credentials(id)).toEqual([])
    })

    test('a tenant that is being deleted gets none', async () => {
      const store = await makeStore()
      const { id } = aTenant()
      await store.create(aTenant({ id }))
      await store.update(id, () => ({ status: 'deleting' }))
      expect(await store.addCredential(id, aToken())).toBe(false)
      expect(await store.credentials(id)).toEqual([])
    })

    test('several are added at the same time', async () => {
      const store = await makeStore()
      const { id } = aTenant()
      await store.create(aTenant({ id }))
      const ids = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(12))
      const added = await Promise.all(
        ids.map((each) => store.addCredential(id, aToken({ id: each }))),
      )
      expect(added).toEqual([true, true, true, true])
      expect((await store.credentials(id)).map((token) => token.id)).toEqual(ids)
    })

    test('updateCredential and touchCredential change their own property only', async () => {
      const store = await makeStore()
      const { id } = aTenant()
      await store.create(aTenant({ id }))
      await store.addCredential(id, aToken())
      const [lastUsed, revoked] = ['2026-11-22T09:00:00.000Z', '2026-11-22T10:00:00.000Z']
      await store.touchCredential(id, aToken().id, lastUsed)
      expect(await store.credentials(id)).toEqual([kept(aToken(), { lastUsed })])
      expect(await store.updateCredential(id, aToken().id, () => ({ revoked }))).toMatchObject({
        revoked,
      })
      expect((await store.credentials(id)).map(unversioned)).toEqual([
        unversioned(kept(aToken(), { lastUsed, revoked })),
      ])
    })

    test('a token that is not there is neither revoked nor made by touching it', async () => {
      const store = await makeStore()
      const { id } = aTenant()
      await store.create(aTenant({ id }))
      expect(await revoke(store, id)).toBeUndefined()
      await store.touchCredential(id, aToken().id, '2026-11-22T10:00:00.000Z')
      expect(await store.credentials(id)).toEqual([])
    })
  })

  describe('a text that is no id names nothing', () => {
    test.each(NO_IDS)('%j', async (id) => {
      const store = await makeStore()
      const tenant = aTenant()
      await store.create(tenant)
      await store.addCredential(tenant.id, aToken())
      expect(await store.get(id)).toBeUndefined()
      expect(await store.findCredential(id, aToken().id)).toEqual({})
      expect((await store.findCredential(tenant.id, `${id}!`)).credential).toBeUndefined()
      expect(await store.credentials(id)).toEqual([])
      expect(await store.update(id, () => ({ name: 'x' }))).toBeUndefined()
      expect(await revoke(store, id)).toBeUndefined()
      expect(await store.addCredential(id, aToken())).toBe(false)
      await store.delete({ ...tenant, id })
      expect(await store.get(tenant.id)).toEqual(tenant)
      await expect(store.create({ ...tenant, id })).rejects.toThrow('not a tenant id')
    })
  })
}
