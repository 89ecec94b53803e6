import { UnreadableRow } from '../../unreadable-row.ts'
import type { ResourcePartition } from '../partition.ts'
import { lookAtColumn } from './look-column.ts'
import { lookAtCounter } from './look-counter.ts'
import { lookAtHidden, lookAtIndexRow, lookAtRecognition, lookAtUnindexed } from './look-index.ts'
import { lookAtMembership } from './look-membership.ts'
import { lookAtGuard, lookAtInvitation, lookAtMark, lookAtTombstone } from './look-resource.ts'
import { lookAtTeam, lookAtTeamName } from './look-team.ts'
import { lookAtUnreadable } from './look-unreadable.ts'
import { triedSoon } from './readable.ts'
import type { Ground, Look, Suspect, SuspectKind } from './suspect.ts'

type LookAt = (partition: ResourcePartition, ground: Ground, suspect: Suspect) => Promise<Look>

const LOOKS: Readonly<Record<SuspectKind, LookAt>> = {
  indexRow: (partition, _, suspect) => lookAtIndexRow(partition, suspect),
  column: (partition, _, suspect) => lookAtColumn(partition, suspect),
  unindexed: lookAtUnindexed,
  recognition: (partition, _, suspect) => lookAtRecognition(partition, suspect),
  hidden: (partition, _, suspect) => lookAtHidden(partition, suspect),
  invitation: (partition, _, suspect) => lookAtInvitation(partition, suspect),
  guard: (partition, _, suspect) => lookAtGuard(partition, suspect),
  tombstone: lookAtTombstone,
  mark: lookAtMark,
  counter: (partition, _, suspect) => lookAtCounter(partition, suspect),
  member: (partition, ground, suspect) => lookAtMembership(partition, ground, 'member', suspect),
  handMade: (partition, ground, suspect) =>
    lookAtMembership(partition, ground, 'handMade', suspect),
  team: lookAtTeam,
  teamName: (partition, _, suspect) => lookAtTeamName(partition, suspect),
  unreadable: (partition, _, suspect) => lookAtUnreadable(partition, suspect),
}

/**
 * Looks at what one suspect is about, as it is now. Nothing is concluded from a row that nobody can read: that is told of the row
 * itself.
 */
export async function lookAgain(ground: Ground, suspect: Suspect): Promise<Look> {
  const partition = ground.partitions.find(({ resourceType }) => resourceType.name === suspect.type)
  if (partition === undefined) return undefined
  const look = await triedSoon(async () => LOOKS[suspect.kind](partition, ground, suspect))
  return look instanceof UnreadableRow ? undefined : look
}
