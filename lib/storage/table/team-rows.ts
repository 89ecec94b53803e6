import type { TransactionAction } from '@azure/data-tables'
import type { StoredResource } from '../../scim/resource.ts'
import { indexEntries } from '../index-entries.ts'
import { teamKey, teamNameKey } from '../team-keys.ts'
import { nameIn, teamFold } from '../team-names.ts'
import type { HeldName, Team } from '../team-port.ts'
import { callStorage, storageStatus } from './failure.ts'
import { readRow, type Partition, type ResourcePartition, type RowPartition } from './partition.ts'
import { filled, text, type Entity, type Row } from './row.ts'

/** The row of a team. */
export function toTeamRow({ partitionKey }: RowPartition, team: Team): Entity {
  return { ...team, partitionKey, rowKey: teamKey(team.id) }
}

/** The team in a row. */
export function toTeam(row: Row): Team {
  return {
    id: text(row, 'id'),
    name: text(row, 'name'),
    created: text(row, 'created'),
    lastModified: text(row, 'lastModified'),
    version: text(row, 'version'),
    adopted: row['adopted'] === true,
  }
}

/** Reads a team that was made by hand; undefined when there is none. */
export async function readTeam(partition: RowPartition, id: string): Promise<Team | undefined> {
  const row = await readRow(partition, teamKey(id))
  return row === undefined ? undefined : toTeam(row)
}

/** What is kept under a name: who has it, if anybody, and the mark of whoever wrote it last. */
export interface NameRow {
  readonly rowKey: string
  /** Absent for a name that nobody has ever written. */
  readonly etag?: string
  /** `version` is the team's. */
  readonly held?: HeldName & { readonly version: string }
}

/** Reads what is kept under a name. @param folded as `teamFold` has it. */
export async function readName(partition: RowPartition, folded: string): Promise<NameRow> {
  const rowKey = teamNameKey(folded)
  const row = await readRow(partition, rowKey)
  if (row === undefined) return { rowKey }
  const etag = text(row, 'etag')
  if (row['team'] === undefined) return { rowKey, etag }
  const [team, name, version] = [text(row, 'team'), text(row, 'name'), text(row, 'version')]
  return { rowKey, etag, held: { team, name, version, adopted: row['adopted'] === true } }
}

/** Writes a name without changing who has it, if nobody else has written it since it was read. */
export function touchName({ partitionKey }: RowPartition, name: NameRow): TransactionAction {
  const key = { partitionKey, rowKey: name.rowKey }
  return name.etag === undefined ? ['create', key] : ['update', key, 'Merge', { etag: name.etag }]
}

/** Gives a name to a team, or changes what is kept of it, if nobody else has written it since it was read. */
export function holdName(
  { partitionKey }: RowPartition,
  row: NameRow,
  of: Team,
): TransactionAction {
  const { id: team, name, version, adopted } = of
  const entity = { partitionKey, rowKey: row.rowKey, team, name, version, adopted }
  return row.etag === undefined
    ? ['create', entity]
    : ['update', entity, 'Replace', { etag: row.etag }]
}

/** Takes a name from its team, if nobody else has written it since it was read. */
export function freeName(
  { partitionKey }: RowPartition,
  { rowKey, etag = '' }: NameRow,
): TransactionAction {
  return ['update', { partitionKey, rowKey }, 'Replace', { etag }]
}

const NAME_COLUMN = 'named'

/** Of a group that goes, the name whose row may go, too. */
export function nameColumn(
  { layout, resourceType }: ResourcePartition,
  { attributes }: StoredResource,
): Readonly<Record<string, string>> {
  if (!layout.guarded) return {}
  const folded = nameIn(layout, indexEntries(layout, resourceType, attributes))
  return folded === undefined ? {} : { [NAME_COLUMN]: teamNameKey(folded) }
}

/** The key of that row, in the mark of a deletion. @throws UnreadableRow */
export function nameToDrop(mark: Row): string | undefined {
  return filled(mark, NAME_COLUMN)
}

/** Removes what the creation of a group left under its name, unless a team has the name, or somebody is about to give it. */
export async function dropName(partition: Partition, mark: Row): Promise<void> {
  const { table, partitionKey, deadline } = partition
  const rowKey = nameToDrop(mark)
  if (rowKey === undefined) return
  const row = await readRow(partition, rowKey)
  if (row === undefined || row['team'] !== undefined) return
  const etag = text(row, 'etag')
  try {
    await callStorage(deadline, (abortSignal) =>
      table.deleteEntity(partitionKey, rowKey, { etag, abortSignal }),
    )
  } catch (error) {
    const status = storageStatus(error)
    if (status !== 404 && status !== 412) throw error
  }
}

/**
 * What becomes of the rows of a team when a group of its id is deleted: it is made by hand again. While it is adopted nobody
 * else changes it.
 */
export function returnRows(
  { partitionKey }: Partition,
  { id, name }: Team,
  stamp: Pick<Team, 'version' | 'lastModified'>,
): readonly TransactionAction[] {
  const { version } = stamp
  const named = { partitionKey, rowKey: teamNameKey(teamFold(name)), version, adopted: false }
  return [
    [
      'update',
      { partitionKey, rowKey: teamKey(id), ...stamp, adopted: false },
      'Merge',
      { etag: '*' },
    ],
    ['update', named, 'Merge', { etag: '*' }],
  ]
}
