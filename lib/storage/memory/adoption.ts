import type { Change, JournalNote, NewResource, Scope } from '../port.ts'
import { nameIndexOf } from '../team-names.ts'
import { adoptedBy, type Team } from '../team-port.ts'
import type { MemoryPartition } from './partition.ts'
import type { MemoryState } from './state.ts'

/** Under which id a resource is created, as the journal is told, and the team made by hand that it becomes, if any. */
export function adopting(
  state: MemoryState,
  { partitionKey, layout }: MemoryPartition,
  { id, attributes }: NewResource,
  { note }: Change,
): { readonly team?: Team; readonly id: string; readonly note: JournalNote } {
  const name = attributes[nameIndexOf(layout).path]
  const teams = layout.guarded ? [...state.teams(partitionKey).byId.values()] : []
  const team = teams.find((each) => adoptedBy({ ...each, team: each.id }, name) !== undefined)
  if (team === undefined) return { id, note }
  return { team, id: team.id, note: { ...note, subject: team.id } }
}

/** Keeps whether a group is the team now. */
export function setAdopted(
  state: MemoryState,
  { partitionKey }: Scope,
  team: Team,
  adopted: boolean,
  { stamp }: Change,
): void {
  state.teams(partitionKey).byId.set(team.id, { ...team, ...stamp, adopted })
}

/** Behind the deletion of a group: a team that it was is made by hand again. */
export function releaseTeam(
  state: MemoryState,
  partition: Scope & Pick<MemoryPartition, 'layout'>,
  id: string,
  change: Change,
): void {
  if (!partition.layout.guarded) return
  const team = state.teams(partition.partitionKey).byId.get(id)
  if (team !== undefined) setAdopted(state, partition, team, false, change)
}
