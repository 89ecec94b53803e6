import { beforeEach, describe, expect, test } from 'vitest'
import { memoryTenantStore } from '../../../lib/storage/memory/tenants.ts'
import type { PartitionStore, TenantStore } from '../../../lib/storage/tenant-port.ts'
import { findOrphans, type FoundOrphan, removeOrphan } from '../../../lib/tenants/orphans.ts'
import { createTenant } from '../../../lib/tenants/tenants.ts'
import { partitionsIn } from './partitions.ts'

const FIRST = new Date('2026-11-22T08:00:00.000Z')
const ALMOST = new Date('2026-11-23T07:59:59.999Z')
const NEXT_DAY = new Date('2026-11-23T08:00:00.000Z')

const GONE = 'gone_0123456789abcdef'

let rows: Map<string, number>
let store: TenantStore
let partitions: PartitionStore
let erased: string[]

beforeEach(() => {
  rows = new Map([[GONE, 7]])
  store = memoryTenantStore()
  partitions = partitionsIn(rows)
  erased = []
})

async function erase(partitionKey: string): Promise<number> {
  erased.push(partitionKey)
  const removed = rows.get(partitionKey) ?? 0
  rows.delete(partitionKey)
  return removed
}

async function orphansAt(now: Date): Promise<readonly FoundOrphan[]> {
  return (await findOrphans({ store, partitions }, now)).orphans
}

/** Removes the first orphan that is found. */
async function removeAt(now: Date): Promise<number> {
  const [orphan] = await orphansAt(now)
  if (orphan === undefined) throw new Error('there is no orphan')
  return removeOrphan({ store, partitions, erase }, orphan, now)
}

/** Creates a tenant whose partition has rows. */
async function tenantWithRows(id: string): Promise<string> {
  const { partitionKey } = await createTenant(store, { id, now: FIRST })
  rows.set(partitionKey, 3)
  return partitionKey
}

describe('found are', () => {
  test('partitions without a tenant, with their rows, and not those that have one', async () => {
    await tenantWithRows('acme')
    expect(await orphansAt(FIRST)).toEqual([
      {
        partitionKey: GONE,
        found: FIRST.toISOString(),
        rows: 7,
        removableFrom: NEXT_DAY.toISOString(),
        removable: false,
      },
    ])
  })

  test('the partition of an earlier tenant of the same id', async () => {
    const before = await tenantWithRows('acme')
    await store.delete(
      (await store.get('acme')) ?? (await createTenant(store, { id: 'no', now: FIRST })),
    )
    const later = await tenantWithRows('acme')
    const found = (await orphansAt(FIRST)).map(({ partitionKey }) => partitionKey)
    expect(found).toContain(before)
    expect(found).not.toContain(later)
  })

  test('not the partition of a tenant from before there were random parts', async () => {
    const tenant = await createTenant(memoryTenantStore(), { id: 'old', now: FIRST })
    await store.create({ ...tenant, partitionKey: 'old' })
    rows.set('old', 1)
    rows.set('older', 1)
    const found = (await orphansAt(FIRST)).map(({ partitionKey }) => partitionKey)
    expect(found).toEqual([GONE, 'older'])
  })

  test('not the partition of a tenant that is created between the two reads', async () => {
    rows.clear()
    const keys = await partitions.list()
    const late = await tenantWithRows('late')
    for (const list of [async () => keys, async () => [late]]) {
      const found = await findOrphans({ store, partitions: { ...partitions, list } }, FIRST)
      expect(found.orphans).toEqual([])
    }
  })

  test('not the partition of a tenant that is being deleted', async () => {
    await tenantWithRows('acme')
    await store.update('acme', () => ({ status: 'deleting' }))
    expect((await orphansAt(FIRST)).map(({ partitionKey }) => partitionKey)).toEqual([GONE])
  })

  test.each(['Acme', 'acme_x', 'acme_0123456789abcdef0', '_orphans', 'a b', '$logs'])(
    'not %s, which this app does not make: it is foreign',
    async (key) => {
      rows.set(key, 1)
      const { orphans, foreign } = await findOrphans({ store, partitions }, FIRST)
      expect(orphans.map(({ partitionKey }) => partitionKey)).toEqual([GONE])
      expect(foreign).toEqual([key])
    },
  )
})

describe('removed is', () => {
  test('nothing that was found once', async () => {
    expect(await removeAt(FIRST)).toBe(0)
    expect(erased).toEqual([])
  })

  test('nothing that was found twice within a day', async () => {
    await orphansAt(FIRST)
    expect(await removeAt(ALMOST)).toBe(0)
    expect(erased).toEqual([])
  })

  test('what was found twice, a day apart, and then its note', async () => {
    await orphansAt(FIRST)
    await orphansAt(ALMOST)
    expect(await removeAt(NEXT_DAY)).toBe(7)
    expect(erased).toEqual([GONE])
    expect(await partitions.notes()).toEqual([])
  })

  test('nothing that had a tenant in between: the time begins anew', async () => {
    await orphansAt(FIRST)
    const tenant = await createTenant(store, { id: 'gone', now: FIRST })
    await store.delete(tenant)
    await store.create({ ...tenant, partitionKey: GONE })
    expect(await orphansAt(ALMOST)).toEqual([])
    await store.delete(tenant)
    expect(await removeAt(NEXT_DAY)).toBe(0)
    expect(erased).toEqual([])
  })

  test('nothing that has got a tenant since it was found', async () => {
    await orphansAt(FIRST)
    const [orphan] = await orphansAt(NEXT_DAY)
    const tenant = await createTenant(memoryTenantStore(), { id: 'gone', now: FIRST })
    await store.create({ ...tenant, partitionKey: GONE })
    if (orphan === undefined) throw new Error('there is no orphan')
    expect(await removeOrphan({ store, partitions, erase }, orphan, NEXT_DAY)).toBe(0)
    expect(erased).toEqual([])
  })
})
