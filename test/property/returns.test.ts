import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { USER } from '../../lib/scim/default-resource-types.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import type { Change, ResourceStore, Scope } from '../../lib/storage/port.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { newResource } from '../contract/resource-store.ts'
import { aChange, creation, replacement, scopeOf } from '../support/changes.ts'
import { refusalOf } from '../support/refusal.ts'
import { tableService } from '../support/table-service/service.ts'

/** What is done to both stores; a place is that of a user among those who are there, or who are kept. */
interface Step {
  readonly kind: 'come' | 'create' | 'go' | 'rename' | 'forget' | 'back' | 'join'
  readonly name: number
  readonly externalId: number | undefined
  readonly place: number
}

const STEP: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    'come',
    'come',
    'come',
    'create',
    'go',
    'go',
    'rename',
    'forget',
    'back',
    'join',
  ),
  name: fc.nat(2),
  externalId: fc.option(fc.nat(2), { nil: undefined }),
  place: fc.nat(5),
})

let inTables: ResourceStore

beforeAll(async () => {
  const { connectionString, sendRequest } = tableService()
  const connection = { kind: 'connectionString', connectionString } as const
  const tables = await openTables(connection, { httpClient: { sendRequest } })
  await createTables(tables)
  inTables = tableStores(tables).resources
})

let tenants = 0

/** What each store notes for itself does not count. */
function comparable(stored: StoredResource): unknown {
  const { revision: _, characters: __, indexed: ___, ...rest } = stored
  return rest
}

/** Who is there, and who is kept. */
async function peopleIn(
  store: ResourceStore,
  scope: Scope,
): Promise<{ readonly live: readonly StoredResource[]; readonly kept: readonly StoredResource[] }> {
  const [{ resources: live }, { resources: kept }] = await Promise.all([
    store.listFrom(scope, USER, { count: 100 }),
    store.listHidden(scope, USER, { count: 100 }),
  ])
  return { live, kept }
}

interface Hidden {
  readonly account: StoredResource
  readonly someone: StoredResource | undefined
  readonly attributes: StoredResource['attributes']
  readonly change: Change
}

/** One step, and what it came to: an id, a kind of error, or whether anything was done. */
async function taken(
  store: ResourceStore,
  scope: Scope,
  { kind, place }: Step,
  { resource, change }: { readonly resource: StoredResource; readonly change: Change },
): Promise<unknown> {
  const { live, kept } = await peopleIn(store, scope)
  const someone = live[place % Math.max(live.length, 1)]
  const account = kept[place % Math.max(kept.length, 1)]
  const { attributes } = resource
  if (kind === 'come') {
    return comparable(await store.createOrRestore(scope, USER, resource, change))
  }
  if (kind === 'create') return store.create(scope, USER, resource, change)
  if (kind === 'go') return someone && store.hide(scope, USER, someone, change)
  if (kind === 'rename') {
    return someone && store.replace(scope, USER, someone, attributes, change)
  }
  if (account === undefined) return undefined
  return takenOfHidden(store, scope, kind, { account, someone, attributes, change })
}

async function takenOfHidden(
  store: ResourceStore,
  scope: Scope,
  kind: Step['kind'],
  { account, someone, attributes, change }: Hidden,
): Promise<unknown> {
  if (kind === 'forget') return store.deleteHidden(scope, USER, account, change)
  const returner = kind === 'join' ? someone : undefined
  const own = returner?.attributes ?? attributes
  const back = await store.restore(scope, USER, account, own, change, returner)
  return back && comparable(back)
}

async function outcomeOf(work: () => Promise<unknown>): Promise<unknown> {
  let outcome: unknown
  try {
    outcome = await work()
  } catch (error) {
    outcome = (await refusalOf(() => Promise.reject(error))).kind
  }
  return outcome
}

test('people go and return in tables as they do in memory', async () => {
  const law = fc.asyncProperty(fc.array(STEP, { maxLength: 25 }), async (steps) => {
    tenants += 1
    const scope = scopeOf(`returns-${tenants}`)
    const stores = [memoryStores().resources, inTables]
    for (const step of steps) {
      const { name, externalId } = step
      const resource = newResource({
        userName: `n${name}`,
        ...(externalId === undefined ? {} : { externalId: `e${externalId}` }),
      })
      const change = step.kind === 'rename' ? replacement(resource)[1] : creation(resource)[1]
      const made = { resource, change: { ...change, operation: aChange('patch').operation } }
      const [expected, outcome] = await Promise.all(
        stores.map((store) => outcomeOf(() => taken(store, scope, step, made))),
      )
      expect(outcome).toEqual(expected)
      const [model, people] = await Promise.all(stores.map((store) => peopleIn(store, scope)))
      expect(people?.live.map(comparable)).toEqual(model?.live.map(comparable))
      expect(people?.kept.map(comparable)).toEqual(model?.kept.map(comparable))
    }
    const query = { startIndex: 1, count: 0 }
    const totals = await Promise.all(stores.map((store) => store.list(scope, USER, query)))
    expect(totals[1]).toEqual(totals[0])
  })
  expect(await fc.check(law, { numRuns: 100 })).toMatchObject({
    failed: false,
    counterexample: null,
  })
})
