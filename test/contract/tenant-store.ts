import { describe, expect, test } from 'vitest'
import type { AttributeDefinition } from '../../lib/scim/attribute-definition.ts'
import {
  FIRST_VERSION,
  type AccessKey,
  type Credential,
  type DeclaredAttribute,
  type NewCredential,
  type SecretCredential,
  type SummaryQuery,
  type Tenant,
  type TenantStore,
} from '../../lib/storage/tenant-port.ts'
import { aDefinition, SURVEY } from '../support/definitions.ts'

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

const EARLY = '2026-11-22T08:00:00.000Z'
const LATER = '2026-11-23T08:00:00.000Z'

const ONE = { ...aDefinition('one'), created: EARLY }

/** Declares an attribute, whatever others there are. */
export async function declare(
  store: TenantStore,
  tenantId: string,
  definition: AttributeDefinition,
  created = EARLY,
): Promise<DeclaredAttribute> {
  const declared = await store.addDefinition(tenantId, () => ({ ...definition, created }))
  if (declared === undefined) throw new Error('the attribute was not declared')
  return declared
}

/** Texts that are no ids, among them those that would break out of a storage key or a query. */
const NO_IDS = ['', 'A', "a' or 'a' eq 'a", 'a/b', 'a_b', 'tenant:x', '__proto__', 'a'.repeat(33)]

/** A beginning that only this test's tenants have. */
function beginning(): string {
  return `${aTenant().id}-s`
}

async function allIds(
  store: TenantStore,
  query: Omit<SummaryQuery, 'count' | 'after'>,
  count = 2,
): Promise<readonly string[]> {
  const ids: string[] = []
  let behind: { readonly after?: string } = {}
  for (;;) {
    const { items, next } = await store.summaries({ ...query, ...behind, count })
    expect(items.length).toBeLessThanOrEqual(count)
    ids.push(...items.map(({ id }) => id))
    if (next === undefined) return ids
    expect(items).toHaveLength(count)
    behind = { after: next }
  }
}

function entraTenant(): string {
  numbered += 1
  return `9188040d-6c67-4c5b-b112-${String(numbered).padStart(12, '0')}`
}

function aKey(kid: string): AccessKey {
  const jwk = { kty: 'EC', crv: 'P-256', x: 'x', y: kid }
  return { kid, jwk, use: 'access', created: '2026-11-22T08:00:00.000Z' }
}

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

  describe('versions', () => {
    test('of a tenant: If-Match refuses another one, and a change makes another one', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      await store.create(tenant)
      const first = await store.update(tenant.id, () => ({ name: 'A' }), {
        ifMatch: tenant.version,
      })
      expect(first?.version).not.toBe(tenant.version)
      const late = store.update(tenant.id, () => ({ name: 'B' }), { ifMatch: tenant.version })
      await expect(late).rejects.toMatchObject({ kind: 'preconditionFailed', status: 412 })
      expect(await store.get(tenant.id)).toEqual(first)
    })

    test('of a tenant: what changes nothing keeps it', async () => {
      const store = await makeStore()
      const tenant = aTenant({ reference: 'crm-1', settings: { a: { b: 1 } } })
      await store.create(tenant)
      const { name, reference = '', settings, status } = tenant
      const same = await store.update(tenant.id, () => ({ name, reference, settings, status }))
      expect(same).toEqual(tenant)
      await store.addCredential(tenant.id, aToken())
      expect((await store.get(tenant.id))?.version).toBe(tenant.version)
    })

    test('of a credential: If-Match as for a tenant; uses and warnings are no change', async () => {
      const store = await makeStore()
      const { id } = aTenant()
      await store.create(aTenant({ id }))
      await store.addCredential(id, aToken())
      await store.touchCredential(id, aToken().id, '2026-11-22T09:00:00.000Z')
      const warned = {
        days: 7,
        expires: '2026-11-29T00:00:00.000Z',
        at: '2026-11-22T09:00:00.000Z',
      }
      await store.noteWarning(id, aToken().id, warned)
      const options = { ifMatch: FIRST_VERSION }
      const changed = await store.updateCredential(id, aToken().id, () => ({ label: 'x' }), options)
      expect(changed).toMatchObject({ label: 'x', warned, lastUsed: '2026-11-22T09:00:00.000Z' })
      const late = store.updateCredential(id, aToken().id, () => ({ label: 'y' }), options)
      await expect(late).rejects.toMatchObject({ kind: 'preconditionFailed' })
      expect(await store.credentials(id)).toEqual([changed])
    })

    test('one of several changes at the same time fits, with If-Match', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      await store.create(tenant)
      const changes = ['a', 'b', 'c', 'd'].map((name) =>
        store.update(tenant.id, () => ({ name }), { ifMatch: tenant.version }),
      )
      const outcomes = await Promise.allSettled(changes)
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })
  })

  describe('a reference', () => {
    test('is kept, changed, and taken away', async () => {
      const store = await makeStore()
      const tenant = aTenant({ reference: 'crm-1' })
      await store.create(tenant)
      expect(await store.get(tenant.id)).toEqual(tenant)
      await store.update(tenant.id, () => ({ reference: 'crm-2' }))
      expect(await store.summary(tenant)).toMatchObject({ reference: 'crm-2' })
      await store.update(tenant.id, () => ({ name: 'New' }))
      expect(await store.get(tenant.id)).toMatchObject({ reference: 'crm-2' })
      await store.update(tenant.id, () => ({ reference: null }))
      expect(await store.get(tenant.id)).not.toHaveProperty('reference')
      expect(await store.summary(tenant)).not.toHaveProperty('reference')
    })
  })

  describe('credentials of other kinds', () => {
    const OTHERS: readonly NewCredential[] = [
      {
        kind: 'clientSecret',
        id: 'secret000000',
        label: '',
        created: '2026-11-22T08:00:01.000Z',
        expires: '2027-11-22T08:00:01.000Z',
        secretHash: 'b'.repeat(64),
      },
      {
        kind: 'federated',
        id: 'federated000',
        label: "O'Neill",
        created: '2026-11-22T08:00:02.000Z',
        issuer: 'https://login.example/x/v2.0',
        audience: 'api://app',
        subject: 'sub',
        jwksUri: 'https://login.example/keys',
      },
      {
        kind: 'entra',
        id: 'entra0000000',
        label: '',
        created: '2026-11-22T08:00:03.000Z',
        entraTenantId: '9188040d-6c67-4c5b-b112-36a304b66dad',
        audience: '8adf8e6e-67b2-4cf2-a259-e3dc5476c621',
      },
    ]

    test.each(OTHERS)('$kind comes back as it was added', async (credential) => {
      const store = await makeStore()
      const tenant = aTenant()
      await store.create(tenant)
      expect(await store.addCredential(tenant.id, credential)).toBe(true)
      const found = { tenant, credential: kept(credential) }
      expect(await store.findCredential(tenant.id, credential.id)).toEqual(found)
    })

    test('stand in one list with the tokens, oldest first, and are changed alike', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      await store.create(tenant)
      for (const each of [...OTHERS].toReversed()) await store.addCredential(tenant.id, each)
      await store.addCredential(tenant.id, aToken())
      const all = [aToken(), ...OTHERS].map((each) => kept(each))
      expect(await store.credentials(tenant.id)).toEqual(all)
      expect(await store.findCredentials(tenant.id)).toEqual({ tenant, credentials: all })
      for (const { id } of OTHERS) {
        const expires = '2026-12-01T00:00:00.000Z'
        await store.touchCredential(tenant.id, id, '2026-11-22T09:00:00.000Z')
        expect(await store.updateCredential(tenant.id, id, () => ({ expires }))).toMatchObject({
          expires,
          lastUsed: '2026-11-22T09:00:00.000Z',
        })
        const without = await store.updateCredential(tenant.id, id, () => ({ expires: null }))
        expect(without).not.toHaveProperty('expires')
        expect((await store.findCredential(tenant.id, id)).credential).toEqual(without)
      }
    })
  })

  describe('summaries', () => {
    test('follow their tenants', async () => {
      const store = await makeStore()
      const tenant = aTenant({ reference: 'crm-7' })
      const { id, name, status, created, partitionKey, reference } = tenant
      await store.create(tenant)
      const summary = { id, name, status, created, partitionKey, reference }
      expect(await store.summary(tenant)).toEqual(summary)
      await store.update(id, () => ({ name: 'New', status: 'disabled' }))
      const changed = { ...summary, name: 'New', status: 'disabled' }
      expect(await store.summary(tenant)).toEqual(changed)
      await store.delete(tenant)
      expect(await store.summary(tenant)).toBeUndefined()
    })

    test('come in pages, in the order of the ids, each once', async () => {
      const store = await makeStore()
      const start = beginning()
      const ids = Array.from({ length: 7 }, (_, n) => `${start}${String(n)}`)
      for (const id of ids.toReversed()) await store.create(aTenant({ id }))
      for (const count of [1, 2, 6, 7, 8, 1000]) {
        expect(await allIds(store, { q: start }, count)).toEqual(ids)
      }
    })

    test('are found by a text in id, name or reference, whatever its case, and by status', async () => {
      const store = await makeStore()
      const start = beginning()
      await store.create(
        aTenant({ id: `${start}a`, name: `X ${start.toUpperCase()}Q`, reference: 'r' }),
      )
      await store.create(aTenant({ id: `${start}b`, name: 'Ödön', reference: `${start}q` }))
      await store.create(aTenant({ id: `${start}c`, status: 'disabled' }))
      expect(await allIds(store, { q: `${start}Q` })).toEqual([`${start}a`, `${start}b`])
      expect(await allIds(store, { q: `${start}C` })).toEqual([`${start}c`])
      expect(await allIds(store, { q: start, status: 'disabled' })).toEqual([`${start}c`])
      expect(await allIds(store, { q: start, status: 'enabled' })).toEqual([
        `${start}a`,
        `${start}b`,
      ])
      expect(await allIds(store, { q: `${start}'%_*` })).toEqual([])
    })

    test('note uses, each as it was told last, and show none of another tenant of the same id', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      await store.create(tenant)
      const [early, late] = ['2026-11-22T09:00:00.000Z', '2026-11-22T10:00:00.000Z']
      await store.noteActivity(tenant, { lastRequest: early, lastSuccess: early })
      await store.noteActivity(tenant, {
        lastRequest: late,
        lastRefusal: late,
        lastClient: 'entra',
      })
      await store.noteActivity(tenant, {})
      const noted = {
        lastRequest: late,
        lastSuccess: early,
        lastRefusal: late,
        lastClient: 'entra',
      }
      expect(await store.summary(tenant)).toMatchObject(noted)
      const other = { ...tenant, partitionKey: `${tenant.id}_another0another0` }
      const foreign = '2026-11-22T11:00:00.000Z'
      await store.noteActivity(other, { lastRequest: foreign, lastRefusal: foreign })
      await store.noteActivity(aTenant(), { lastRequest: foreign })
      expect(JSON.stringify(await store.summary(tenant))).not.toContain(foreign)
      expect(await store.summary(other)).toBeUndefined()
      await store.noteActivity(tenant, { lastRequest: late })
      await store.update(tenant.id, () => ({ name: 'New' }))
      const summary = await store.summary(tenant)
      expect(summary).toMatchObject({ name: 'New', lastRequest: late, lastSuccess: early })
      expect(JSON.stringify(summary)).not.toContain(foreign)
    })

    test('keep what was noted when the tenant changes, and get what is counted', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      await store.create(tenant)
      const lastRequest = '2026-11-22T09:00:00.000Z'
      const nextExpiry = '2026-12-22T09:00:00.000Z'
      await store.noteActivity(tenant, { lastRequest })
      await store.repairSummary(tenant, { users: 3, groups: 0, nextExpiry, repaired: lastRequest })
      await store.update(tenant.id, () => ({ name: 'New' }))
      const facts = { name: 'New', lastRequest, users: 3, groups: 0, repaired: lastRequest }
      expect(await store.summary(tenant)).toMatchObject({ ...facts, nextExpiry })
      await store.repairSummary(tenant, { nextExpiry: null })
      expect(await store.summary(tenant)).toMatchObject(facts)
      expect(await store.summary(tenant)).not.toHaveProperty('nextExpiry')
    })

    test('of a later tenant of the same id tell nothing of the former one', async () => {
      const store = await makeStore()
      const before = aTenant()
      await store.create(before)
      await store.noteActivity(before, { lastRequest: '2026-11-22T09:00:00.000Z' })
      await store.repairSummary(before, { users: 9, groups: 9 })
      await store.delete(before)
      const later = aTenant({ id: before.id, partitionKey: `${before.id}_later0later0late` })
      await store.create(later)
      await store.noteActivity(before, { lastRequest: '2026-11-22T10:00:00.000Z' })
      await store.repairSummary(before, { users: 9 })
      await store.dropSummary(before)
      await store.delete(before)
      const { id, name, status, created, partitionKey } = later
      expect(await store.summary(later)).toEqual({ id, name, status, created, partitionKey })
    })

    test('are dropped when there is no such tenant only', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      await store.create(tenant)
      expect(await store.dropSummary(tenant)).toBe(false)
      expect(await store.summary(tenant)).toBeDefined()
      expect(await store.dropSummary(aTenant())).toBe(true)
    })

    test('do not come of a repair of a tenant that is not there', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      await store.repairSummary(tenant, { users: 1 })
      expect(await store.summary(tenant)).toBeUndefined()
      expect(await store.ids()).not.toContain(tenant.id)
    })

    test('a tenant may be called tenant', async () => {
      const store = await makeStore()
      const tenant = aTenant({ id: 'tenant' })
      await store.create(tenant)
      expect((await store.ids()).filter((id) => id === 'tenant')).toEqual(['tenant'])
      await store.delete(tenant)
      expect(await store.ids()).not.toContain('tenant')
    })
  })

  describe('the tokens of an Entra tenant', () => {
    test('are one tenant’s, which can claim them again', async () => {
      const store = await makeStore()
      const [one, other] = [aTenant(), aTenant()]
      for (const each of [one, other]) await store.create(each)
      const tid = entraTenant()
      expect(await store.issuerOf(tid)).toBeUndefined()
      expect(await store.claimIssuer(tid, one.partitionKey)).toBe(true)
      expect(await store.claimIssuer(tid, one.partitionKey)).toBe(true)
      expect(await store.claimIssuer(tid, other.partitionKey)).toBe(false)
      const { id: tenantId, partitionKey } = one
      expect(await store.issuerOf(tid)).toEqual({ tenantId, partitionKey })
      await store.releaseIssuer(tid, other.partitionKey)
      expect(await store.issuerOf(tid)).toEqual({ tenantId, partitionKey })
      await store.releaseIssuer(tid, one.partitionKey)
      await store.releaseIssuer(tid, one.partitionKey)
      expect(await store.claimIssuer(tid, other.partitionKey)).toBe(true)
    })

    test('are one’s when many claim them at the same time', async () => {
      const store = await makeStore()
      const tenants = Array.from({ length: 6 }, () => aTenant())
      for (const each of tenants) await store.create(each)
      const tid = entraTenant()
      const claims = await Promise.all(
        tenants.map(({ partitionKey }) => store.claimIssuer(tid, partitionKey)),
      )
      const winner = tenants.find((_, at) => claims[at] === true)
      expect(claims.filter(Boolean)).toHaveLength(1)
      expect(await store.issuerOf(tid)).toMatchObject({ tenantId: winner?.id })
    })

    test('are free when their tenant is deleted, also for a later one of the same id', async () => {
      const store = await makeStore()
      const [before, other] = [aTenant(), aTenant()]
      await store.create(before)
      await store.create(other)
      const tids = [entraTenant(), entraTenant()]
      for (const tid of tids) await store.claimIssuer(tid, before.partitionKey)
      await store.delete(before)
      for (const tid of tids) expect(await store.issuerOf(tid)).toBeUndefined()
      const later = aTenant({ id: before.id, partitionKey: `${before.id}_later0later0late` })
      await store.create(later)
      // What an issue that came late has left.
      await store.claimIssuer(tids[0] ?? '', before.partitionKey)
      expect(await store.claimIssuer(tids[0] ?? '', other.partitionKey)).toBe(true)
      expect(await store.claimIssuer(tids[1] ?? '', later.partitionKey)).toBe(true)
    })
  })

  describe('access keys', () => {
    test('come oldest first, and can be retired once', async () => {
      const store = await makeStore()
      numbered += 1
      const [old, young] = ['old', 'young/2'].map((name) => aKey(`${name}-${String(numbered)}`))
      if (old === undefined || young === undefined) throw new Error('two keys')
      const later = { ...young, created: '2026-11-23T08:00:00.000Z' }
      const ours = async (): Promise<readonly AccessKey[]> =>
        (await store.accessKeys()).filter(({ kid }) => [old.kid, young.kid].includes(kid))
      expect(await store.addAccessKey(later)).toBe(true)
      expect(await store.addAccessKey(old)).toBe(true)
      expect(await store.addAccessKey(old)).toBe(true)
      expect(await store.addAccessKey({ ...old, jwk: { kty: 'EC' } })).toBe(false)
      expect(await ours()).toEqual([old, later])
      const retired = '2026-11-24T08:00:00.000Z'
      expect(await store.retireAccessKey(old.kid, retired)).toBe(true)
      expect(await store.retireAccessKey(old.kid, '2026-11-25T08:00:00.000Z')).toBe(true)
      expect(await ours()).toEqual([{ ...old, retired }, later])
      expect(await store.retireAccessKey(`none-${String(numbered)}`, retired)).toBe(false)
    })
  })

  describe('attributes that a tenant declares', () => {
    test('note how far their index is, as long as nobody has changed it', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      await store.create(tenant)
      const later = { complete: ['level'], since: EARLY }
      await store.noteIndexes(tenant, later)
      await store.noteIndexes({ ...tenant, partitionKey: 'another' }, { complete: [] })
      expect(await store.get(tenant.id)).toMatchObject({ indexes: later, version: tenant.version })
      await declare(store, tenant.id, aDefinition('badge', { unique: true }), EARLY)
      const readBadge = async (): Promise<DeclaredAttribute | undefined> =>
        (await store.definitions(tenant.id))?.definitions.find(({ id }) => id === 'badge')
      const badge = await readBadge()
      if (badge?.index === undefined) throw new Error('there is no index')
      const index = { ...badge.index, complete: false, clashes: [['1', '2']] }
      expect(await store.noteIndex(tenant.id, badge, index)).toBe(true)
      expect(await readBadge()).toEqual({ ...badge, index })
      expect(await store.noteIndex(tenant.id, badge, badge.index)).toBe(false)
      expect((await store.summary(tenant))?.indexed).toBeUndefined()
      await store.repairSummary(tenant, { indexed: 'all' })
      expect((await store.summary(tenant))?.indexed).toBe('all')
    })

    test('come back as they were declared, oldest first, those of this tenant only', async () => {
      const store = await makeStore()
      const [tenant, other] = [aTenant(), aTenant()]
      await store.create(tenant)
      await store.create(other)
      const long = Array.from({ length: 200 }, (_, at) => `"${String(at).padEnd(199, 'é')}`)
      const wanted = aDefinition('Cost-Centre_1', {
        label: 'Cost centre',
        description: "Whose money it's",
        allowedValues: long,
        schema: SURVEY,
      })
      await declare(store, tenant.id, aDefinition('later', { unique: true }), LATER)
      await declare(store, tenant.id, wanted)
      await declare(store, other.id, aDefinition('elsewhere', { type: 'integer' }))
      const { definitions = [] } = (await store.definitions(tenant.id)) ?? {}
      expect(definitions.map(unversioned)).toEqual([
        { ...wanted, created: EARLY },
        {
          ...aDefinition('later', { unique: true }),
          index: {
            written: ['unique'],
            complete: true,
            since: LATER,
            leftovers: false,
            clashes: [],
          },
          created: LATER,
        },
      ])
      expect(await store.definitions(tenant.id)).toEqual({ tenant, definitions })
      expect(await store.definitions(aTenant().id)).toBeUndefined()
    })

    test('come with the credential and the tenant, unless they were removed', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      await store.create(tenant)
      await store.addCredential(tenant.id, aToken())
      const one = await declare(store, tenant.id, aDefinition('one'))
      await declare(store, tenant.id, aDefinition('two'), LATER)
      const two = await store.removeDefinition(tenant.id, 'TWO', { at: LATER, purge: false })
      expect(two).toMatchObject({ id: 'two', removed: LATER })
      const credential = kept(aToken())
      const found = await store.findCredential(tenant.id, aToken().id)
      expect(found).toEqual({ tenant, credential, definitions: [one] })
      const all = await store.findCredentials(tenant.id)
      expect(all).toEqual({ tenant, credentials: [credential], definitions: [one], removed: [two] })
      const { definitions = [] } = (await store.definitions(tenant.id)) ?? {}
      expect(definitions).toEqual([one, two])
    })

    test('are told of all others that there are, when many are declared at the same time', async () => {
      const store = await makeStore()
      const { id } = aTenant()
      await store.create(aTenant({ id }))
      const tries = Array.from({ length: 6 }, (_, at) =>
        store.addDefinition(id, ({ definitions }) => {
          if (definitions.length >= 3) throw new Error('three are enough')
          return { ...aDefinition(`a${String(at)}`), created: EARLY }
        }),
      )
      const outcomes = await Promise.allSettled(tries)
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
      expect((await store.definitions(id))?.definitions).toHaveLength(3)
    })

    test('change in a new version, which If-Match is about; what changes nothing keeps it', async () => {
      const store = await makeStore()
      const { id } = aTenant()
      await store.create(aTenant({ id }))
      const before = await declare(store, id, aDefinition('one'))
      const same = await store.changeDefinition(id, 'ONE', (one) => one)
      expect(same).toEqual(before)
      const ifMatch = before.version
      const rename = (label: string): Promise<DeclaredAttribute | undefined> =>
        store.changeDefinition(id, 'one', (one) => ({ ...one, label }), { ifMatch })
      const after = await rename('New')
      expect(unversioned(after)).toEqual(unversioned({ ...before, label: 'New' }))
      expect(after?.version).not.toBe(before.version)
      await expect(rename('Newer')).rejects.toMatchObject({ kind: 'preconditionFailed' })
      const removing = store.removeDefinition(id, 'one', { at: LATER, purge: false }, { ifMatch })
      await expect(removing).rejects.toMatchObject({ kind: 'preconditionFailed' })
      expect((await store.definitions(id))?.definitions).toEqual([after])
      expect(await store.changeDefinition(id, 'two', (one) => one)).toBeUndefined()
    })

    test('stay when they are removed, until they are purged, and can be declared again', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      const { id } = tenant
      await store.create(tenant)
      const one = await declare(store, id, aDefinition('one'))
      const isNoted = async (): Promise<unknown> =>
        (await store.summary(tenant))?.removedAttributes ?? false
      expect(await isNoted()).toBe(false)
      const first = await store.removeDefinition(id, 'one', { at: LATER, purge: false })
      expect(await store.removeDefinition(id, 'one', { at: 'never', purge: false })).toEqual(first)
      expect(await isNoted()).toBe(true)
      expect(await store.purgeDefinition(id, first ?? one)).toBe(false)
      const again = await declare(store, id, aDefinition('ONE'), LATER)
      expect((await store.definitions(id))?.definitions).toEqual([again])
      expect(await isNoted()).toBe(false)
      await store.removeDefinition(id, 'one', { at: LATER, purge: false })
      const last = await store.removeDefinition(id, 'one', { at: 'never', purge: true })
      expect(last).toMatchObject({ id: 'ONE', removed: LATER, purging: true })
      expect(await store.purgeDefinition(id, { id: 'one', version: 'another' })).toBe(false)
      expect(await store.purgeDefinition(id, last ?? one)).toBe(true)
      expect(await store.definitions(id)).toEqual({ tenant, definitions: [] })
      expect(await isNoted()).toBe(false)
    })

    test('write nothing when they are refused, or the tenant is not there, or goes', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      await store.create(tenant)
      const refused = store.addDefinition(tenant.id, () => {
        throw new Error('refused')
      })
      await expect(refused).rejects.toThrow('refused')
      expect(await store.addDefinition(aTenant().id, () => ONE)).toBeUndefined()
      await store.update(tenant.id, () => ({ status: 'deleting' }))
      expect(await store.addDefinition(tenant.id, () => ONE)).toBeUndefined()
      expect((await store.definitions(tenant.id))?.definitions).toEqual([])
    })

    test('go with their tenant: a later one of the same id has none', async () => {
      const store = await makeStore()
      const tenant = aTenant()
      await store.create(tenant)
      await declare(store, tenant.id, aDefinition('one'))
      await store.removeDefinition(tenant.id, 'one', { at: LATER, purge: false })
      await declare(store, tenant.id, aDefinition('two'))
      await store.delete(tenant)
      const later = aTenant({ id: tenant.id, partitionKey: `${tenant.id}_later0later0late` })
      await store.create(later)
      expect(await store.definitions(tenant.id)).toEqual({ tenant: later, definitions: [] })
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
      expect(await store.findCredentials(id)).toEqual({ credentials: [] })
      expect(await store.definitions(id)).toBeUndefined()
      expect(await store.summary({ ...tenant, id })).toBeUndefined()
      await store.delete({ ...tenant, id })
      expect(await store.get(tenant.id)).toEqual(tenant)
      await expect(store.create({ ...tenant, id })).rejects.toThrow('not a tenant id')
    })
  })
}
