import { beforeEach, expect, test } from 'vitest'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import type {
  MaintenanceStore,
  TenantStore,
  TenantSummary,
} from '../../../lib/storage/tenant-port.ts'
import { purgeAttributes, type PurgeStep } from '../../../lib/tenants/attribute-purge.ts'
import type { MaintenanceEvent } from '../../../lib/tenants/maintenance-events.ts'
import { beginDeletion, createTenant } from '../../../lib/tenants/tenants.ts'
import { aDefinition } from '../../support/definitions.ts'

const START = Date.parse('2026-11-27T14:00:00.000Z')
const SECOND = 1000

type Task = Parameters<PurgeStep['takeOut']>[0]

let store: TenantStore
let runs: MaintenanceStore
let at: number
let told: MaintenanceEvent[]
let tasks: Task[]
/** What each walk through the users comes to, in turn; then all is done. */
let outcomes: Awaited<ReturnType<PurgeStep['takeOut']>>[]

beforeEach(() => {
  ;({ tenants: store, maintenance: runs } = memoryStores())
  at = START
  told = []
  tasks = []
  outcomes = []
})

async function tenantWith(id: string, ...attributes: readonly string[]): Promise<void> {
  const now = new Date(at)
  await createTenant(store, { id, now })
  const created = now.toISOString()
  for (const each of attributes) {
    await store.addDefinition(id, () => ({ ...aDefinition(each), created }))
  }
}

async function remove(id: string, attribute: string, purge = true): Promise<void> {
  await store.removeDefinition(id, attribute, { at: new Date(at).toISOString(), purge })
}

async function run(change: Partial<PurgeStep> = {}): Promise<void> {
  const summaries: readonly TenantSummary[] = (await store.summaries({ count: 99 })).items
  await purgeAttributes(
    {
      store,
      runs,
      takeOut: async (task) => {
        tasks.push(task)
        return outcomes.shift() ?? { changed: 0, complete: true }
      },
      now: () => new Date(at),
      tell: (event) => told.push(event),
      isOver: () => false,
      each: async (_summary, work) => {
        await work()
        return true
      },
      ...change,
    },
    summaries,
  )
}

async function left(id: string): Promise<readonly string[]> {
  return ((await store.definitions(id))?.definitions ?? []).map((each) => each.id)
}

test('nothing is taken out while a request may still write it, or when it was only removed', async () => {
  await tenantWith('acme', 'one', 'two', 'three')
  await remove('acme', 'one')
  await remove('acme', 'two', false)
  at += 179 * SECOND
  await run()
  expect(tasks).toEqual([])
  at += SECOND
  outcomes = [{ changed: 3, complete: true }]
  await run()
  expect(tasks).toMatchObject([
    { definitions: [{ id: 'three' }], purging: [{ id: 'one' }], withNames: true },
  ])
  expect(await left('acme')).toEqual(['three', 'two'])
  expect(told).toEqual([
    { event: 'attributes purged', tenant: 'acme', attributes: ['one'], users: 3 },
  ])
  await run()
  expect(tasks).toHaveLength(1)
})

test('what there is no time for is done by the next run, which goes on where it was', async () => {
  await tenantWith('acme', 'one')
  await tenantWith('contoso', 'one')
  await remove('acme', 'one')
  await remove('contoso', 'one')
  at += 180 * SECOND
  outcomes = [
    { changed: 0, complete: true },
    { changed: 5, complete: false, next: 'p1' },
    { changed: 0, complete: false },
    { changed: 2, complete: true },
  ]
  await run()
  expect(await left('contoso')).toEqual(['one'])
  await run()
  expect(await left('contoso')).toEqual(['one'])
  await run()
  expect(await left('contoso')).toEqual([])
  expect(tasks.map(({ after }) => after)).toEqual([undefined, undefined, 'p1', 'p1'])
  expect(told).toContainEqual(expect.objectContaining({ tenant: 'contoso', users: 7 }))
  await tenantWith('later', 'one')
  await remove('later', 'one')
  at += 180 * SECOND
  await run()
  expect(tasks.at(-1)?.after).toBeUndefined()
})

test('a walk begins anew when more is to be taken out', async () => {
  await tenantWith('acme', 'one', 'two')
  await remove('acme', 'one')
  at += 180 * SECOND
  outcomes = [{ changed: 5, complete: false, next: 'p1' }]
  await run()
  await remove('acme', 'two')
  at += 180 * SECOND
  await run()
  expect(tasks.map(({ after }) => after)).toEqual([undefined, undefined])
  expect(await left('acme')).toEqual([])
})

test('tenants that have removed nothing are not read', async () => {
  await tenantWith('acme', 'one')
  await run({
    store: {
      ...store,
      definitions: () => Promise.reject(new Error('it was read')),
    },
  })
  await remove('acme', 'one')
  await beginDeletion(store, 'acme', new Date(at))
  at += 180 * SECOND
  await run()
  expect(tasks).toEqual([])
})

test('a mark that is wrong is taken away', async () => {
  await tenantWith('acme', 'one')
  const acme = await store.get('acme')
  if (acme === undefined) throw new Error('it is gone')
  await store.repairSummary(acme, { removedAttributes: true })
  await run()
  expect((await store.summary(acme))?.removedAttributes).toBeUndefined()
})
