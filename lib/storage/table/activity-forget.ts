import { odata, type TransactionAction } from '@azure/data-tables'
import { NO_DEADLINE } from '../deadline.ts'
import { foldedName } from '../journal-entry.ts'
import { journalRange } from '../keys.ts'
import type { TenantIdentity } from '../tenant-port.ts'
import { callStorage, storageStatus } from './failure.ts'
import { readRows, type RowPartition } from './partition.ts'
import { REFUSED } from './refusal-row.ts'
import { filled, text, type Columns, type Entity, type Row } from './row.ts'
import type { Tables } from './tables.ts'
import { MAX_ROWS } from './transaction.ts'

/** So many subjects or names the service is asked for; of more all rows are read. */
const MOST_ASKED_FOR = 10

/** Where there are rows with names of what was deleted, and which names those are. */
interface Named {
  readonly partition: RowPartition
  readonly keys: readonly string[]
  readonly names: ReadonlySet<string>
  /** What was deleted. */
  readonly subjects: ReadonlySet<string>
  /** Its external ids, as they were sent. */
  readonly externalIds: ReadonlySet<string>
}

/**
 * See `ActivityStore.forgetDeleted`. The names are told by the rows of what was deleted alone, so these come last: what is
 * stopped before finds them again.
 */
export async function forgetDeleted(
  { users, groups }: Pick<Tables, 'users' | 'groups'>,
  { partitionKey }: TenantIdentity,
  since: Date,
  isOver: () => boolean,
): Promise<number> {
  const ofUsers = { table: users, partitionKey, deadline: NO_DEADLINE }
  const partitions = [ofUsers, { ...ofUsers, table: groups }]
  const named = await Promise.all(partitions.map((each) => namedRows(each, since)))
  const names = new Set(named.flatMap((each) => [...each.names]))
  const held = await Promise.all(partitions.map((each) => namesHeld(each, named)))
  for (const name of held.flat()) names.delete(name)
  let changed = 0
  if (names.size > 0) {
    const keys = await refusalsOf(ofUsers, names)
    changed += await blank(ofUsers, keys, { subject: '', find: '' }, isOver)
  }
  for (const { partition, keys } of named) {
    changed += await blank(partition, keys, { name: '', externalId: '', find: '' }, isOver)
  }
  return changed
}

async function namedRows(partition: RowPartition, since: Date): Promise<Named> {
  const range = journalRange({ since: since.getTime() })
  const condition = odata`operation eq ${'delete'}`
  const deletions = readRows(partition, { range, condition, select: ['subject', 'hidden'] })
  const subjects = new Set<string>()
  for await (const { rows } of deletions) {
    for (const row of rows) {
      // Who is kept out of sight may return.
      if (row['hidden'] !== true) subjects.add(filled(row, 'subject') ?? '')
    }
  }
  subjects.delete('')
  const [keys, names] = [new Array<string>(), new Set<string>()]
  const externalIds = new Set<string>()
  const named = { partition, keys, names, subjects, externalIds }
  if (subjects.size === 0) return named
  for await (const row of rowsWith(partition, 'subject', subjects)) {
    const given = namesIn(row)
    if (given.length === 0 || row['operation'] === REFUSED) continue
    keys.push(text(row, 'rowKey'))
    for (const name of given) names.add(name)
    externalIds.add(filled(row, 'externalId') ?? '')
  }
  externalIds.delete('')
  return named
}

/** Names of those who were not deleted: somebody may have been created anew under the name of who was. */
async function namesHeld(
  partition: RowPartition,
  named: readonly Named[],
): Promise<readonly string[]> {
  const subjects = new Set(named.flatMap((each) => [...each.subjects]))
  const wanted = [
    ['find', new Set(named.flatMap(({ names }) => [...names]))],
    ['externalId', new Set(named.flatMap(({ externalIds }) => [...externalIds]))],
  ] as const
  const held: string[] = []
  for (const [column, texts] of wanted) {
    if (texts.size === 0) continue
    for await (const row of rowsWith(partition, column, texts)) {
      if (row['operation'] === REFUSED || subjects.has(text(row, 'subject'))) continue
      held.push(...namesIn(row))
    }
  }
  return held
}

function namesIn(row: Row): readonly string[] {
  const [find, externalId] = [filled(row, 'find'), filled(row, 'externalId')]
  return [
    ...(find === undefined ? [] : [find]),
    ...(externalId === undefined ? [] : [foldedName(externalId)]),
  ]
}

async function refusalsOf(
  partition: RowPartition,
  names: ReadonlySet<string>,
): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const row of rowsWith(partition, 'find', names)) {
    if (row['operation'] === REFUSED) keys.push(text(row, 'rowKey'))
  }
  return keys
}

/** The rows of a journal that have one of these texts in a column. */
async function* rowsWith(
  partition: RowPartition,
  column: 'subject' | 'find' | 'externalId',
  wanted: ReadonlySet<string>,
): AsyncGenerator<Row> {
  const comparisons = Array.from(wanted, (value) => column + odata` eq ${value}`)
  const asked = comparisons.length > MOST_ASKED_FOR ? {} : { condition: anyOf(comparisons) }
  const select = ['RowKey', 'operation', 'subject', 'find', 'externalId']
  for await (const { rows } of readRows(partition, { range: journalRange({}), select, ...asked })) {
    yield* rows.filter((row) => wanted.has(filled(row, column) ?? ''))
  }
}

function anyOf(comparisons: readonly string[]): string {
  return `(${comparisons.join(' or ')})`
}

/** Writes into each of these rows and tells how many that were; one that is gone is passed over. */
async function blank(
  { table, partitionKey }: RowPartition,
  keys: readonly string[],
  columns: Columns,
  isOver: () => boolean,
): Promise<number> {
  let changed = 0
  for (let start = 0; start < keys.length && !isOver(); start += MAX_ROWS) {
    const entities = keys
      .slice(start, start + MAX_ROWS)
      .map((rowKey): Entity => Object.assign({ partitionKey, rowKey }, columns))
    await mergeAll({ table, partitionKey, deadline: NO_DEADLINE }, entities)
    changed += entities.length
  }
  return changed
}

async function mergeAll(partition: RowPartition, entities: readonly Entity[]): Promise<void> {
  if (await wereThere(partition, entities)) return
  // One of them was purged meanwhile, and with it the whole transaction was refused.
  for (const each of entities) await wereThere(partition, [each])
}

async function wereThere(
  { table, deadline }: RowPartition,
  entities: readonly Entity[],
): Promise<boolean> {
  const actions = entities.map((each): TransactionAction => ['update', each, 'Merge'])
  try {
    await callStorage(deadline, (abortSignal) => table.submitTransaction(actions, { abortSignal }))
    return true
  } catch (error) {
    if (storageStatus(error) !== 404) throw error
    return false
  }
}
