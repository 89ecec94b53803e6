import { RestError, type TransactionAction } from '@azure/data-tables'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables, type Tables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { insertFacts, tableJournal } from '../support/journal.ts'
import { tableService } from '../support/table-service/service.ts'
import { activityStoreContract, aClock } from './activity-store.ts'
import { hiddenAccountsContract } from './hidden-accounts.ts'
import { journalContract } from './journal-store.ts'
import { membershipStoreContract } from './membership-store.ts'
import { resourceStoreContract } from './resource-store.ts'
import { teamStoreContract } from './team-store.ts'
import { tenantStoreContract } from './tenant-store.ts'

let pages = 0

/** Pages of all sizes, an empty one among them, as the service may answer. */
function unevenly(): number {
  pages += 1
  return [0, 1, 7, 100, 1000][pages % 5] ?? 0
}

let azurite: Awaited<ReturnType<typeof startAzurite>>
let inAzurite: Tables
let inProcess: Tables
let stores: TableStores

beforeAll(async () => {
  const { connectionString, sendRequest } = tableService({ pageSize: unevenly })
  inProcess = await openTables(
    { kind: 'connectionString', connectionString },
    { httpClient: { sendRequest } },
  )
  stores = tableStores(inProcess, { now: aClock() })
  azurite = await startAzurite()
  inAzurite = await openTables({
    kind: 'connectionString',
    connectionString: azurite.connectionString,
  })
  await Promise.all([createTables(inProcess), createTables(inAzurite)])
})

afterAll(() => azurite.stop())

describe('the table service in this process keeps', () => {
  describe('resources', () => {
    resourceStoreContract(() => ({ store: stores.resources, memberships: stores.memberships }))
    hiddenAccountsContract(() => ({ store: stores.resources, memberships: stores.memberships }))
  })

  describe('memberships', () => {
    membershipStoreContract(() => stores)
  })

  describe('teams', () => {
    teamStoreContract(() => stores)
  })

  describe('tenants', () => {
    tenantStoreContract(() => stores.tenants)
  })

  describe('what happened', () => {
    activityStoreContract(() => ({
      stores,
      pagesUnevenly: true,
      insert: async (tenant, facts) => insertFacts(inProcess, tenant, facts),
      // It answers with pages without rows, which takes more calls than usual.
      count: async (work) => ({ result: await work(), calls: 3, roundTrips: 1 }),
    }))
  })

  describe('the journal', () => {
    journalContract(() => ({ ...stores, journal: tableJournal(inProcess) }))
  })
})

/** What became of a request, as far as the app looks at it. */
type Told = string

async function told(work: () => Promise<unknown>): Promise<Told> {
  try {
    await work()
    return 'done'
  } catch (error) {
    if (!(error instanceof RestError)) throw error
    const row = /^(\d{1,3}):/.exec(error.message)?.[1]
    return `${String(error.statusCode)} ${row ?? ''}`
  }
}

const ROW_KEYS = ['a', "b'c", 'd=20', 'e:f'] as const

/** An ETag that no row has any more. */
const OLD = 'W/"datetime\'2020\'"'

/** Each row once, as the service has it. */
const STEPS = fc.uniqueArray(
  fc.record({
    action: fc.constantFrom('create', 'delete', 'update', 'upsert' as const),
    rowKey: fc.constantFrom(...ROW_KEYS),
    mode: fc.constantFrom('Merge', 'Replace' as const),
    etag: fc.constantFrom('*', 'of an old row', 'of the row' as const),
    columns: fc.record({ text: fc.string(), active: fc.boolean() }, { requiredKeys: [] }),
  }),
  { minLength: 1, maxLength: 4, selector: ({ rowKey }) => rowKey },
)

type Step = typeof STEPS extends fc.Arbitrary<(infer Each)[]> ? Each : never

async function actionOf(
  { users }: Tables,
  partitionKey: string,
  { action, rowKey, mode, etag, columns }: Step,
): Promise<TransactionAction> {
  const entity = { ...columns, partitionKey, rowKey }
  if (action === 'create' || action === 'delete') return [action, entity]
  if (action === 'upsert') return [action, entity, mode]
  const row = await users.getEntity(partitionKey, rowKey).catch(() => undefined)
  const current = etag === 'of the row' ? row?.etag : OLD
  return [action, entity, mode, { etag: etag === '*' ? '*' : (current ?? '*') }]
}

/** The conditions that the app has for queries, of a partition without a quote in its key. */
const CONDITIONS = [
  '',
  " and RowKey lt 'e'",
  ' and active eq true',
  " and text ge '0' and text le 'a'",
]

async function rowsIn({ users }: Tables, partitionKey: string): Promise<readonly unknown[]> {
  const rows: unknown[] = []
  for (const condition of CONDITIONS) {
    const filter = `PartitionKey eq '${partitionKey}' and RowKey ge 'a'${condition}`
    for await (const row of users.listEntities({ queryOptions: { filter } })) {
      const { etag: _, timestamp: __, ...columns } = row
      rows.push(columns)
    }
  }
  return rows
}

let partitions = 0

/** Sends the same transactions to a service, and tells what came of each. */
async function run(
  tables: Tables,
  partitionKey: string,
  transactions: readonly (readonly Step[])[],
): Promise<readonly unknown[]> {
  const outcomes: unknown[] = []
  for (const steps of transactions) {
    const actions = await Promise.all(steps.map((step) => actionOf(tables, partitionKey, step)))
    outcomes.push(await told(() => tables.users.submitTransaction(actions)))
    const [[, entity] = ['', { partitionKey, rowKey: 'a' }]] = actions
    outcomes.push(await told(() => tables.users.getEntity(partitionKey, entity.rowKey)))
  }
  return [...outcomes, ...(await rowsIn(tables, partitionKey))]
}

async function single({ users }: Tables): Promise<readonly Told[]> {
  const row = { partitionKey: 'single', rowKey: "o'clock" }
  const steps = [
    () => users.getEntity(row.partitionKey, row.rowKey),
    () => users.updateEntity(row, 'Merge', { etag: '*' }),
    () => users.deleteEntity(row.partitionKey, row.rowKey),
    () => users.createEntity(row),
    () => users.createEntity(row),
    () => users.updateEntity(row, 'Replace', { etag: OLD }),
    () => users.deleteEntity(row.partitionKey, row.rowKey),
  ]
  const outcomes: Told[] = []
  for (const step of steps) outcomes.push(await told(step))
  return outcomes
}

async function tooMuch({ users }: Tables): Promise<readonly Told[]> {
  const actions = Array.from({ length: 101 }, (_, key): TransactionAction => {
    return ['create', { partitionKey: 'refused', rowKey: String(key) }]
  })
  const twice = actions.slice(0, 1)
  const outcomes = [actions, [...twice, ...twice]].map((each) =>
    told(() => users.submitTransaction(each)),
  )
  return (await Promise.all(outcomes)).map((outcome) => outcome.slice(0, 3))
}

describe('the table service in this process answers as Azurite does', () => {
  test('to transactions and to queries', async () => {
    const law = await fc.check(
      fc.asyncProperty(fc.array(STEPS, { maxLength: 6 }), async (transactions) => {
        partitions += 1
        const partitionKey = `twin-${String(partitions)}`
        const expected = await run(inAzurite, partitionKey, transactions)
        expect(await run(inProcess, partitionKey, transactions)).toEqual(expected)
      }),
      { numRuns: 60, seed: 9 },
    )
    expect(law).toMatchObject({ failed: false, counterexample: null })
  })

  test('to single requests', async () => {
    expect(await single(inProcess)).toEqual(await single(inAzurite))
  })

  test('to transactions that it does not take', async () => {
    expect(await tooMuch(inProcess)).toEqual(await tooMuch(inAzurite))
  })
})
