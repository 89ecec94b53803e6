import { RestError } from '@azure/data-tables'
import { beforeEach, expect, test } from 'vitest'
import { withDefinitions } from '../../lib/scim/attribute-definition.ts'
import { USER } from '../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { URN } from '../../lib/scim/urn.ts'
import { fillIndexes } from '../../lib/service/fill-indexes.ts'
import { DEFAULT_LAYOUTS, type StorageLayout } from '../../lib/storage/layout.ts'
import type { ResourceStore } from '../../lib/storage/port.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables, type Tables } from '../../lib/storage/table/tables.ts'
import { LATER_INDEXES } from '../../lib/storage/tenant-port.ts'
import { aChange, creation, deletion, scopeOf } from '../support/changes.ts'
import { aDefinition } from '../support/definitions.ts'
import { isTransaction, type Transport } from '../support/tables.ts'
import { tableService } from '../support/table-service/service.ts'
import { filterOf } from './resource-store.ts'

const SCOPE = scopeOf('acme')
const USERS = 40

const unique = (complete: boolean): ResourceType =>
  withDefinitions(USER, [
    aDefinition('badge', { unique: true, index: { written: ['unique'], complete } }),
    aDefinition('shirt', { indexed: true, index: { written: ['values'], complete } }),
  ])
const FILLING: ResourceType = { ...unique(false), unfilledIndexes: LATER_INDEXES }
const FILLED = unique(true)
/** As it was before anything of it was indexed. */
const BEFORE: ResourceType = {
  ...withDefinitions(USER, [aDefinition('badge'), aDefinition('shirt')]),
  unfilledIndexes: LATER_INDEXES,
}
const OLD_INDEXES = {
  userName: 'userName',
  externalId: 'externalId',
  'emails.value': 'email',
  [`${URN.enterpriseUser}:employeeNumber`]: 'employeeNumber',
}
const OLD_LAYOUTS = DEFAULT_LAYOUTS.map((layout): StorageLayout =>
  layout.resourceType === 'User'
    ? Object.assign({}, layout, { indexes: OLD_INDEXES, laterIndexes: [] })
    : layout,
)

let clean: ResourceStore
let faulty: ResourceStore
/** As a version of before writes: without the indexes that came later. */
let old: ResourceStore
let tables: Tables

beforeEach(async () => {
  const { connectionString, sendRequest } = tableService({})
  let sent = 0
  /** Some transactions are not carried out, and of some the answer is lost. */
  const faults: Transport = async (request) => {
    if (!isTransaction(request)) return sendRequest(request)
    sent += 1
    const lost = new RestError('lost', { code: 'ECONNRESET', request })
    if (sent % 7 === 3) throw lost
    const answer = await sendRequest(request)
    if (sent % 5 === 2) throw lost
    return answer
  }
  const connection = { kind: 'connectionString', connectionString } as const
  const retryOptions = { maxRetries: 1, retryDelayInMs: 1, maxRetryDelayInMs: 2 }
  const open = (transport: Transport): Promise<Tables> =>
    openTables(connection, {
      retryOptions,
      httpClient: { sendRequest: (request) => transport(request, sendRequest) },
    })
  tables = await open((request) => sendRequest(request))
  await createTables(tables)
  clean = tableStores(tables).resources
  old = tableStores(tables, { layouts: OLD_LAYOUTS }).resources
  faulty = tableStores(await open(faults)).resources
})

const valuesOf = (n: number, mark: string): JsonObject => ({
  userName: `u${String(n)}`,
  name: { familyName: n % 2 === 0 ? 'Jensen' : 'Lovelace' },
  [URN.enterpriseUser]: { manager: { value: `m${String(n % 3)}` } },
  [URN.peopleUser]: { badge: `${mark}${String(n)}`, shirt: n % 2 === 0 ? 'L' : 'XL' },
})

const idOf = (n: number): string => `id-${String(n).padStart(2, '0')}`

async function insert(attributes: JsonObject, n: number): Promise<void> {
  const at = '2026-01-01T00:00:00.000Z'
  const resource: StoredResource = {
    id: idOf(n),
    version: `v${String(n)}`,
    created: at,
    lastModified: at,
    attributes,
  }
  await old.create(SCOPE, BEFORE, ...creation(resource))
}

async function fill(store: ResourceStore): ReturnType<typeof fillIndexes> {
  const task = { partitionKey: 'acme', resourceType: FILLING, isOver: () => false }
  for (;;) {
    const filled = await fillIndexes(store, task)
    if (filled.changed === 0) return filled
  }
}

/** One writer of many: a change that is lost to another is made again. */
async function write(n: number): Promise<void> {
  for (;;) {
    const before = await faulty.get(SCOPE, FILLING, idOf(n))
    if (before === undefined) return
    const done =
      n % 5 === 4
        ? await faulty.delete(SCOPE, FILLING, before, deletion())
        : await faulty.replace(SCOPE, FILLING, before, valuesOf(n, 'new'), aChange('put'))
    if (done) return
  }
}

async function found(text: string, type: ResourceType): Promise<readonly string[]> {
  const query = { filter: filterOf(text, type), startIndex: 1, count: 100 }
  return (await clean.list(SCOPE, type, query)).resources.map(({ id }) => id)
}

test('an index that is filled beside changes, whatever fails, has what a scan finds', async () => {
  for (let n = 0; n < USERS; n += 1) await insert(valuesOf(n, 'old'), n)
  const writers = Array.from({ length: USERS / 2 }, (_, n) => write(n * 2))
  const [{ clashes }] = await Promise.all([fill(faulty), ...writers])
  expect(clashes).toEqual([])
  // What was written while it was filled was written with the indexes.
  expect((await fill(clean)).clashes).toEqual([])
  const texts = [
    'manager eq "m0"',
    'name.familyName eq "jensen"',
    'name.familyName sw "l"',
    'shirt eq "XL"',
    'badge eq "new0"',
    'badge eq "old0"',
    'badge eq "old1"',
  ]
  for (const text of texts) {
    expect([text, ...(await found(text, FILLED))]).toEqual([text, ...(await found(text, BEFORE))])
  }
  expect(await found('name.familyName eq "jensen"', FILLED)).not.toEqual([])
  // Those that nobody changed are as they were, but for their index rows.
  const untouched = await clean.get(SCOPE, FILLED, idOf(1))
  expect(untouched).toMatchObject({ version: 'v1', lastModified: '2026-01-01T00:00:00.000Z' })
  for (const { id } of (await clean.list(SCOPE, FILLED, { startIndex: 1, count: 100 })).resources) {
    const stored = await clean.get(SCOPE, FILLED, id)
    expect(stored && (await clean.delete(SCOPE, FILLED, stored, deletion()))).toBe(true)
  }
  const rows = tables.users.listEntities({ queryOptions: { select: ['RowKey'] } })
  const keys: string[] = []
  for await (const { rowKey = '' } of rows) keys.push(rowKey)
  const families = new Set(keys.map((key) => key.split(':')[0]))
  expect(families).toEqual(new Set(['count', 'journal']))
})

test('values that two have are told, keep neither from other changes, and are taken when one gives up', async () => {
  await insert({ ...valuesOf(1, 'x'), [URN.peopleUser]: { badge: 'Same' } }, 1)
  await insert({ ...valuesOf(2, 'x'), [URN.peopleUser]: { badge: 'same' } }, 2)
  const ids = [idOf(1), idOf(2)]
  const { clashes } = await fill(clean)
  expect(clashes.map((each) => ({ ...each, ids: [...each.ids].toSorted() }))).toEqual([
    { attribute: 'badge', ids },
  ])
  for (const id of ids) {
    const before = await clean.get(SCOPE, FILLING, id)
    const attributes = { ...before?.attributes, title: 'x' }
    expect(
      before && (await clean.replace(SCOPE, FILLING, before, attributes, aChange('put'))),
    ).toBe(true)
  }
  // Whoever has not got it is refused, as far as the rows tell.
  const third = { ...valuesOf(3, 'x'), [URN.peopleUser]: { badge: 'SAME' } }
  const creating = { id: idOf(3), created: '2026-01-01T00:00:00.000Z', attributes: third }
  await expect(clean.create(SCOPE, FILLING, creating, aChange('create'))).rejects.toThrow('badge')
  const holder = await clean.get(SCOPE, FILLING, clashes[0]?.ids[0] ?? '')
  if (holder === undefined) throw new Error('nobody has it')
  const { [URN.peopleUser]: _, ...others } = holder.attributes
  expect(await clean.replace(SCOPE, FILLING, holder, others, aChange('put'))).toBe(true)
  expect((await clean.reindex(SCOPE, FILLING, { ids })).clashes).toEqual([])
  expect((await fill(clean)).clashes).toEqual([])
  expect(await found('badge eq "same"', FILLED)).toEqual(ids.filter((id) => id !== holder.id))
})

test('a row that nobody holds any more gives way', async () => {
  await insert({ ...valuesOf(1, 'x'), [URN.peopleUser]: { badge: 'b' } }, 1)
  const left = { partitionKey: 'acme', rowKey: 'unique:people=3Abadge:b' }
  await tables.users.createEntity({ ...left, id: 'gone', value: 'b' })
  expect((await fill(clean)).clashes).toEqual([])
  expect(await found('badge eq "B"', FILLED)).toEqual([idOf(1)])
})

test('who has more values than can be indexed is told', async () => {
  const several = withDefinitions(USER, [
    aDefinition('skills', { indexed: true, multiValued: true }),
  ])
  const skills = Array.from({ length: 31 }, (_, n) => `s${String(n)}`)
  const plain = withDefinitions(USER, [aDefinition('skills', { multiValued: true })])
  const attributes = { userName: 'a', [URN.peopleUser]: { skills } }
  const at = '2026-01-01T00:00:00.000Z'
  const resource = { id: 'a', version: 'v', created: at, lastModified: at, attributes }
  await clean.create(SCOPE, plain, ...creation(resource))
  expect(await clean.reindex(SCOPE, several, { count: 9 })).toMatchObject({
    changed: 0,
    clashes: [{ attribute: 'skills', ids: ['a'] }],
  })
  const before = await clean.get(SCOPE, several, 'a')
  if (before === undefined) throw new TypeError('not found')
  const change = aChange('put', resource)
  const renamed = { ...attributes, userName: 'b', active: false }
  expect(await clean.replace(SCOPE, several, before, renamed, change)).toBe(true)
  expect(await clean.get(SCOPE, several, 'a')).toMatchObject({ attributes: renamed })
})
