import type { ResourcePartition } from '../partition.ts'
import { lookAtCounter } from './look-counter.ts'
import { lookAtHidden, lookAtIndexRow, lookAtRecognition, lookAtUnindexed } from './look-index.ts'
import { lookAtMembership } from './look-membership.ts'
import { lookAtGuard, lookAtInvitation, lookAtMark, lookAtTombstone } from './look-resource.ts'
import { lookAtTeam, lookAtTeamName } from './look-team.ts'
import type { Ground, Look, Suspect, SuspectKind } from './suspect.ts'

type LookAt = (partition: ResourcePartition, ground: Ground, suspect: Suspect) => Promise<Look>

const LOOKS: Readonly<Record<SuspectKind, LookAt>> = {
  indexRow: (partition, _, suspect) => lookAtIndexRow(partition, suspect),
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
}

/** Looks at what one suspect is about, as it is now. */
export async function lookAgain(ground: Ground, suspect: Suspect): Promise<Look> {
  const partition = ground.partitions.find(({ resourceType }) => resourceType.name === suspect.type)
  if (partition === undefined) return undefined
  return LOOKS[suspect.kind](partition, ground, suspect)
}
