import type { StoredResource } from '../../../scim/resource.ts'
import { behindFamily, namedIndexOf } from '../../family-ranges.ts'
import { hasExternalId, recognitionsOf } from '../../hidden.ts'
import { entryKey, keysOfAll } from '../../index-changes.ts'
import { indexEntries, isInactive } from '../../index-entries.ts'
import { dueSince } from '../../invitations.ts'
import { idOfPart } from '../../key-text.ts'
import { guardKey, indexKey, invitationKey, memberKey } from '../../keys.ts'
import { teamMemberKey, teamNameKey } from '../../team-keys.ts'
import { teamFold } from '../../team-names.ts'
import type { Team } from '../../team-port.ts'
import { UnreadableRow } from '../../unreadable-row.ts'
import type { ResourcePartition } from '../partition.ts'
import { filled, text, type Row } from '../row.ts'
import type { Fact } from './ledger.ts'
import type { Suspect } from './suspect.ts'

/** What rows say of each other, once from either side. */

/** What may be wrong with a row of a resource type. */
export function suspectOf(
  { resourceType: { name: type } }: ResourcePartition,
  kind: Suspect['kind'],
  key: string,
  ...ids: readonly string[]
): Suspect {
  return { kind, type, key, ids }
}

/** What a resource that is there says of other rows. */
export function factsOfResource(
  partition: ResourcePartition,
  stored: StoredResource,
): readonly Fact[] {
  const { layout, resourceType } = partition
  const { id, attributes } = stored
  const values = new Map(
    indexEntries(layout, resourceType, attributes)
      .filter(({ index }) => index.unique)
      .map((entry) => [entryKey(id, entry), entry.value]),
  )
  const since = dueSince(stored)
  return [
    ...keysOfAll(layout, resourceType, stored).map((key): Fact => {
      const content = uniqueContent(partition, key, values.get(key), isInactive(attributes))
      return { suspect: suspectOf(partition, 'indexRow', key, id), content }
    }),
    ...(since === undefined ? [] : [invitation(partition, id, since)]),
    ...(layout.guarded ? [guard(partition, guardKey(id))] : []),
  ]
}

/** What an index row says of its resource. */
export function factOfIndexRow(partition: ResourcePartition, row: Row): Fact {
  const key = text(row, 'rowKey')
  const content = uniqueContent(partition, key, filled(row, 'value'), row['inactive'] === true)
  return { suspect: suspectOf(partition, 'indexRow', key, text(row, 'id')), content }
}

/** Of unique values the rows say more; of a tenant's own attributes the resource may not tell any more what. */
function uniqueContent(
  { layout }: ResourcePartition,
  key: string,
  value: string | undefined,
  inactive: boolean,
): string {
  if (value === undefined || namedIndexOf(layout, key) === undefined) return ''
  return JSON.stringify([value, inactive])
}

function invitation(partition: ResourcePartition, id: string, since: string): Fact {
  const key = invitationKey(partition.layout, id)
  return { suspect: suspectOf(partition, 'invitation', key, id), content: since }
}

/** What a row of the list of invitations says of its account. */
export function factOfInvitation(partition: ResourcePartition, row: Row): Fact {
  return invitation(partition, text(row, 'id'), text(row, 'since'))
}

/** A guard has no column for the id of its group. */
function guard(partition: ResourcePartition, key: string): Fact {
  return { suspect: suspectOf(partition, 'guard', key, behindFamily(key)), content: '' }
}

/** What a guard says of its group. */
export function factOfGuard(partition: ResourcePartition, row: Row): Fact {
  return guard(partition, text(row, 'rowKey'))
}

/** What a hidden account says of the rows by which it is recognised. */
export function factsOfHidden(
  partition: ResourcePartition,
  { id, lastModified, attributes }: StoredResource,
): readonly Fact[] {
  const { layout, resourceType } = partition
  const content = JSON.stringify([lastModified, hasExternalId(attributes)])
  return recognitionsOf(layout, resourceType, attributes).map(({ index, value }) => {
    const key = indexKey(index, value, id)
    return { suspect: suspectOf(partition, 'recognition', key, id), content }
  })
}

/** What such a row says of its account. */
export function factOfRecognition(partition: ResourcePartition, row: Row): Fact {
  const content = JSON.stringify([text(row, 'since'), row['isIdentified'] === true])
  const suspect = suspectOf(partition, 'recognition', text(row, 'rowKey'), text(row, 'id'))
  return { suspect, content }
}

/** The columns with the ids of a group or team, and of its member. */
export type MembershipColumns = readonly [group: string, member: string]

export const MEMBERSHIP_COLUMNS: Readonly<Record<'member' | 'handMade', MembershipColumns>> = {
  member: ['groupId', 'memberId'],
  handMade: ['teamId', 'personId'],
}

/** What either row of a membership says of the other. */
export function factOfMembership(
  partition: ResourcePartition,
  kind: 'member' | 'handMade',
  row: Row,
): Fact {
  const [groupId, memberId] = MEMBERSHIP_COLUMNS[kind]
  const [group, member] = [text(row, groupId), text(row, memberId)]
  const key = kind === 'member' ? memberKey(group, member) : teamMemberKey(group, member)
  const [byKey = group, other = member] = membershipByKey(row)
  if (byKey !== group) throw new UnreadableRow(row, groupId, 'id of its key')
  if (other !== member) throw new UnreadableRow(row, memberId, 'id of its key')
  return { suspect: suspectOf(partition, kind, key, group, member), content: '' }
}

/** The same of a row whose columns nobody can read; undefined where its key does not tell the ids. */
export function factByKey(
  partition: ResourcePartition,
  kind: 'member' | 'handMade',
  row: Row,
): Fact | undefined {
  const [group, member] = membershipByKey(row)
  if (group === undefined || member === undefined) return undefined
  const [groupId, memberId] = MEMBERSHIP_COLUMNS[kind]
  return factOfMembership(partition, kind, { ...row, [groupId]: group, [memberId]: member })
}

/** The group or team before its member; nothing where one of the ids is too long for a key. */
export function membershipByKey(row: Row): readonly string[] {
  const [family = '', ...parts] = text(row, 'rowKey').split(':')
  const ids = idsOf(parts)
  if (ids.length !== 2) return []
  return family === 'member' || family === 'teamMember' ? ids : ids.toReversed()
}

/** The ids that parts of a key stand for, as far as they tell. */
export function idsOf(parts: readonly string[]): readonly string[] {
  return parts.map(idOfPart).filter((id) => id !== undefined)
}

/** The id of what is left of a resource. @throws UnreadableRow */
export function idIn(row: Row): string {
  const [id] = typeof row['id'] === 'string' ? [] : idsOf([behindFamily(text(row, 'rowKey'))])
  return id ?? text(row, 'id')
}

/** What a team says of its name's row. */
export function factOfTeam(
  partition: ResourcePartition,
  { id, name, version, adopted }: Team,
): Fact {
  const key = teamNameKey(teamFold(name))
  const content = JSON.stringify([name, version, adopted])
  return { suspect: suspectOf(partition, 'teamName', key, id), content }
}

/** What the row of a name says of its team; nothing while nobody has the name. */
export function factOfTeamName(partition: ResourcePartition, row: Row): Fact | undefined {
  const team = filled(row, 'team')
  if (team === undefined) return undefined
  const content = JSON.stringify([text(row, 'name'), text(row, 'version'), row['adopted'] === true])
  return { suspect: suspectOf(partition, 'teamName', text(row, 'rowKey'), team), content }
}
