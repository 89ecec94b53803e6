import type { TransactionAction } from '@azure/data-tables'
import type { IndexEntry } from '../index-entries.ts'
import { deletionsOf } from '../keys.ts'
import { teamKey } from '../team-keys.ts'
import type { Change, NewResource } from '../port.ts'
import { nameIn, nameIndexOf } from '../team-names.ts'
import { adoptedBy } from '../team-port.ts'
import { readCounter, type Counter } from './counters.ts'
import { readAllRows, type ResourcePartition } from './partition.ts'
import { holdName, readName, readTeam, touchName } from './team-rows.ts'
import { finishReturn, isReturnMark } from './team-return.ts'

/** Under which id a resource is created, and what is written with it. */
export interface Claim {
  readonly id: string
  readonly counter: Counter
  /** What keeps two from giving the same name at the same moment; none for what is no group. */
  readonly rows: readonly TransactionAction[]
}

/**
 * Finds out under which id a resource is created: its own, or that of the team made by hand that has exactly its name. The
 * name is read beside the counter, which is read anyway.
 */
export async function claimId(
  partition: ResourcePartition,
  { id, attributes }: NewResource,
  entries: readonly IndexEntry[],
  { stamp }: Change,
): Promise<Claim> {
  const { path } = nameIndexOf(partition.layout)
  const folded = nameIn(partition.layout, entries)
  if (!partition.layout.guarded || folded === undefined) {
    return { id, counter: await readCounter(partition, id), rows: [] }
  }
  const [counter, name] = await Promise.all([
    readCounter(partition, id),
    readName(partition, folded),
  ])
  const adopted = adoptedBy(name.held, attributes[path])
  const team = adopted === undefined ? undefined : await adoptable(partition, adopted)
  if (team === undefined) return { id, counter, rows: [touchName(partition, name)] }
  const { partitionKey } = partition
  const now = { ...stamp, adopted: true }
  return {
    id: team.id,
    counter: await readCounter(partition, team.id),
    rows: [
      ['update', { partitionKey, rowKey: teamKey(team.id), ...now }, 'Merge', { etag: '*' }],
      holdName(partition, name, { ...team, ...now }),
    ],
  }
}

/** The team, when nothing is left of a group that it was before. */
async function adoptable(partition: ResourcePartition, id: string): ReturnType<typeof readTeam> {
  const range = deletionsOf(partition.layout, id)
  const [team, marks] = await Promise.all([
    readTeam(partition, id),
    readAllRows(partition, { range }),
  ])
  for (const mark of marks.filter(isReturnMark)) {
    await finishReturn(partition, mark, new Date().toISOString())
  }
  return team
}
