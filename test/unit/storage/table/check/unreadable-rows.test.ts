import { beforeAll, beforeEach, expect, test } from 'vitest'
import { tenantTypes } from '../../../../../lib/people/tenant-types.ts'
import { GROUP, USER } from '../../../../../lib/scim/default-resource-types.ts'
import { NO_DEADLINE } from '../../../../../lib/storage/deadline.ts'
import {
  checkTenant,
  type CheckReport,
} from '../../../../../lib/storage/table/check/check-tenant.ts'
import { tableStores, type TableStores } from '../../../../../lib/storage/table/stores.ts'
import type { Tables } from '../../../../../lib/storage/table/tables.ts'
import { openScene } from '../../../../support/activity-scene.ts'
import { familyOf, ROW_FAMILIES, useEverything } from '../../../../support/row-families.ts'
import { madeTables } from '../../../../support/table-service/tables.ts'

type TableName = 'users' | 'groups'
type Value = string | number | boolean | bigint
type Columns = Readonly<Record<string, Value>>

interface KeptRow {
  readonly table: TableName
  readonly partitionKey: string
  readonly rowKey: string
  readonly columns: Columns
}

let tables: Tables
let stores: TableStores
let partitionKey: string
let whole: readonly KeptRow[]

async function rows(): Promise<readonly KeptRow[]> {
  const found: KeptRow[] = []
  for (const table of ['users', 'groups'] as const) {
    for await (const row of tables[table].listEntities()) {
      const { partitionKey: partition = '', rowKey = '', etag: _, timestamp: __, ...others } = row
      if (partition !== partitionKey) continue
      const columns = Object.fromEntries(
        Object.entries(others).flatMap(([name, value]) => (isValue(value) ? [[name, value]] : [])),
      )
      found.push({ table, partitionKey, rowKey, columns })
    }
  }
  return found
}

function isValue(value: unknown): value is Value {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof value)
}

async function put({ table, rowKey }: KeptRow, columns: Columns): Promise<void> {
  await tables[table].upsertEntity({ partitionKey, rowKey, ...columns }, 'Replace')
}

/** Has the tenant's rows as they were. */
async function restore(): Promise<void> {
  const wanted = new Set(whole.map(({ table, rowKey }) => `${table} ${rowKey}`))
  for (const { table, rowKey } of await rows()) {
    if (!wanted.has(`${table} ${rowKey}`)) await tables[table].deleteEntity(partitionKey, rowKey)
  }
  for (const row of whole) await put(row, row.columns)
}

beforeAll(async () => {
  tables = await madeTables()
  stores = tableStores(tables)
  const scene = await openScene(stores, '2026-11-27T14:00:00.000Z')
  const scim = await scene.client('acme', 'Entra')
  const settle = async (): Promise<void> => {
    scene.at = new Date(scene.at.getTime() + 60_000)
  }
  const ways = {
    scim: async (...request: Parameters<typeof scim>) => (await scim(...request)).json,
    manage: async (method: string, path: string, body?: Parameters<typeof scene.manage>[2]) =>
      (await scene.manage(method, `tenants/acme${path}`, body)).json,
    settle,
  }
  await useEverything(ways, 'a password')
  for (let run = 0; run < 3; run += 1) {
    await settle()
    await scene.manage('POST', 'maintenance')
  }
  partitionKey = (await stores.tenants.get('acme'))?.partitionKey ?? ''
  whole = await rows()
})

beforeEach(restore)

async function check(repair = false): Promise<CheckReport> {
  const declared = await stores.tenants.definitions('acme')
  const types = tenantTypes([USER, GROUP])(declared?.definitions ?? [], [])
  const scope = { partitionKey, deadline: NO_DEADLINE }
  return checkTenant(tables, stores.memberships, scope, {
    typesOf: async () => types,
    pause: async () => {},
    repair,
  })
}

/** What can be done to a column. */
const DAMAGES: Readonly<Record<string, (value: Value) => Value | undefined>> = {
  'is missing': () => undefined,
  'is of another type': (value) => (typeof value === 'string' ? 7 : 'another'),
  'is a number too large': () => 9_007_199_254_740_993n,
  'is broken': (value) => (typeof value === 'string' ? '{broken' : -1),
}

/** Families of which nobody can tell what a row was. */
const BY_HAND: ReadonlySet<string> = new Set(['user', 'group', 'hidden', 'team'])

/** What a check does not read, and what else it finds nothing about: other readers have no more than a default for it. */
const QUIET: Readonly<Record<string, readonly string[]>> = {
  user: ['version is broken', 'invitation is missing'],
  group: ['version is broken'],
  // No filter asks the column of an account out of sight.
  hidden: ['active', 'version is broken', 'invitation is missing'],
  team: ['adopted'],
  teamname: ['adopted'],
  unique: ['value is missing', 'value is broken'],
  // Nobody is counted at levels then, which the maintenance makes good.
  count: ['json0 is missing'],
  // It keeps apart those who arrive and leave at the same moment, and says nothing of anybody.
  gate: [''],
  journal: [''],
  stats: [''],
  day: [''],
  people: [''],
}

function isQuiet(family: string, damage: string): boolean {
  return QUIET[family]?.some((beginning) => damage.startsWith(beginning)) ?? false
}

const FAMILIES = Object.entries(ROW_FAMILIES).flatMap(([family, { tables: its }]) =>
  its.flatMap((table) => (table === 'tenants' || family === 'deleted' ? [] : [{ family, table }])),
)

/** One that has the most columns, of those one whose invitation is not due, and a team that is not adopted. */
function rowOf(table: TableName, family: string): KeptRow {
  const order = ({ columns }: KeptRow): number =>
    -Object.keys(columns).length -
    (columns['invitation'] === 'acknowledged' ? 0.5 : 0) -
    (columns['adopted'] === false ? 0.5 : 0)
  const [row] = whole
    .filter((each) => each.table === table && familyOf(each.rowKey) === family)
    .toSorted((one, other) => order(one) - order(other))
  if (row === undefined) throw new Error(`there is no row of ${family} in ${table}`)
  return row
}

function damagesOf(
  row: KeptRow,
): readonly { readonly column: string; readonly name: string; readonly columns: Columns }[] {
  return Object.entries(row.columns).flatMap(([column, value]) =>
    Object.entries(DAMAGES).map(([name, damage]) => {
      const { [column]: _, ...others } = row.columns
      const now = damage(value)
      return { column, name, columns: now === undefined ? others : { ...others, [column]: now } }
    }),
  )
}

const keysIn = (all: readonly KeptRow[]): readonly string[] =>
  all.map(({ table, rowKey }) => `${table} ${rowKey}`)

test('nothing is wrong with it before, and it has rows of each family', async () => {
  expect(await check()).toMatchObject({ consistent: true, problems: [], underWay: [] })
  for (const { family, table } of FAMILIES) expect(rowOf(table, family)).toBeDefined()
})

test.each(FAMILIES)(
  'a row of $family in $table that nobody can read is told, and mended where others tell what it was',
  async ({ family, table }) => {
    const row = rowOf(table, family)
    for (const { column, name, columns } of damagesOf(row)) {
      await restore()
      await put(row, columns)
      const at = `${column} ${name}`
      const seen = await check()
      const lost = seen.problems.filter(({ problem }) => problem === 'row unreadable')
      const details = new Set(lost.map(({ detail = '' }) => detail))
      expect({ at, consistent: seen.consistent, undecided: seen.undecided, details }).toEqual({
        at,
        consistent: isQuiet(family, at),
        undecided: 0,
        details: new Set(lost.length === 0 ? [] : [`${family}/${column}`]),
      })
      expect(`${at} ${JSON.stringify(seen)}`).not.toMatch(/rows\.example|Choir|Senior/i)
      await check(true)
      const isLeft = lost.length > 0 && BY_HAND.has(family)
      const left = await check()
      expect({ at, problems: left.problems }).toEqual({ at, problems: isLeft ? lost : [] })
      const now = new Set(keysIn(await rows()))
      expect({ at, erased: keysIn(whole).filter((key) => !now.has(key)) }).toEqual({
        at,
        erased: [],
      })
      if (!isLeft) continue
      expect({ at, problems: seen.problems }).toEqual({ at, problems: lost })
      await put(row, row.columns)
      expect({ at, ...(await check()) }).toMatchObject({ at, consistent: true, problems: [] })
    }
  },
)
