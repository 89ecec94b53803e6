import {
  behindFamily,
  indexRanges,
  MEMBERSHIP_RANGES,
  recognitionRange,
  TEAM_NAME_RANGE,
} from '../../family-ranges.ts'
import {
  deletionRange,
  hiddenRange,
  invitationRange,
  resourceRange,
  type KeyRange,
} from '../../keys.ts'
import { indexesOf } from '../../layout.ts'
import { TEAM_RANGE } from '../../team-keys.ts'
import { fromDeletionMark, isTombstone } from '../entity.ts'
import { isJoiningMark } from '../joining.ts'
import type { ResourcePartition } from '../partition.ts'
import { text, type Row } from '../row.ts'
import { nameToDrop } from '../team-rows.ts'
import {
  factOfIndexRow,
  factOfInvitation,
  factOfMembership,
  factOfRecognition,
  factOfTeamName,
  idIn,
  idsOf,
  MEMBERSHIP_COLUMNS,
  membershipByKey,
  suspectOf,
  type MembershipColumns,
} from './facts.ts'
import { resourceIn, teamIn } from './readable.ts'
import type { Suspect, SuspectKind } from './suspect.ts'

/** A family whose rows may be such as nobody can read; counters are looked at with what they count. */
interface Family {
  readonly ranges: readonly KeyRange[]
  /** The name of the resource type, unless it is that of the partition. */
  readonly type?: 'Team'
  /** Reads all that anybody here reads of such a row. @throws UnreadableRow */
  readonly read: (row: Row) => unknown
  /** Whom it is about, as far as key and columns tell. */
  readonly ids: (row: Row) => readonly string[]
  /** As what it is looked at once more where it is known whom it is about: another row tells what it should be. */
  readonly kind?: SuspectKind
  /** Columns that its key tells as well, both or none. */
  readonly columns?: MembershipColumns
}

function familiesOf(partition: ResourcePartition): readonly Family[] {
  const { layout } = partition
  return [
    {
      ranges: [resourceRange(layout)],
      read: (row) => (isTombstone(row) ? idIn(row) : resourceIn(partition, row)),
      ids: idBehind,
    },
    { ranges: [hiddenRange(layout)], read: (row) => resourceIn(partition, row), ids: idBehind },
    {
      ranges: indexRanges(layout),
      read: (row) => factOfIndexRow(partition, row),
      ids: (row) => holderIn(partition, row),
      kind: 'indexRow',
    },
    {
      ranges: [invitationRange(layout)],
      read: (row) => factOfInvitation(partition, row),
      ids: idBehind,
      kind: 'invitation',
    },
    {
      ranges: [recognitionRange(layout)],
      read: (row) => factOfRecognition(partition, row),
      ids: idBehind,
      kind: 'recognition',
    },
    { ranges: [deletionRange(layout)], read: readMark, ids: idOfMark },
    ...(layout.guarded ? familiesOfGroups(partition) : []),
  ]
}

function familiesOfGroups(partition: ResourcePartition): readonly Family[] {
  const { member, handMade } = MEMBERSHIP_RANGES
  return [
    {
      ranges: [member.fromGroup, member.fromMember],
      read: (row) => factOfMembership(partition, 'member', row),
      ids: membershipByKey,
      columns: MEMBERSHIP_COLUMNS.member,
    },
    {
      ranges: [handMade.fromGroup, handMade.fromMember],
      type: 'Team',
      read: (row) => factOfMembership(partition, 'handMade', row),
      ids: membershipByKey,
      columns: MEMBERSHIP_COLUMNS.handMade,
    },
    { ranges: [TEAM_RANGE], type: 'Team', read: teamIn, ids: idBehind },
    {
      ranges: [TEAM_NAME_RANGE],
      type: 'Team',
      read: (row) => factOfTeamName(partition, row),
      ids: (row) => textIn(row, 'team'),
      kind: 'teamName',
    },
  ]
}

/** Whose deletion it is, of which all that goes on with it can be read. @throws UnreadableRow */
export function readMark(row: Row): string {
  isJoiningMark(row)
  nameToDrop(row)
  return fromDeletionMark(row).id
}

/** The text in a column, if there is one. */
export function textIn(row: Row, column: string): readonly string[] {
  const value = row[column]
  return typeof value === 'string' ? [value] : []
}

function idBehind(row: Row): readonly string[] {
  return idsOf([behindFamily(text(row, 'rowKey'))])
}

/** A deletion of a group whose id stays with a team has more behind the id. */
function idOfMark(row: Row): readonly string[] {
  const [, id = ''] = text(row, 'rowKey').split(':')
  return idsOf([id])
}

/** Whom the row of an index is about: the keys of unique values have no id. */
export function holderIn({ layout, resourceType }: ResourcePartition, row: Row): readonly string[] {
  const key = text(row, 'rowKey')
  const unique = indexesOf(layout, resourceType).filter((index) => index.unique)
  const beginnings = [`${layout.prefix}unique`, ...unique.map(({ name }) => name)]
  const isUnique = beginnings.some((name) => key.startsWith(`${name}:`))
  const [id] = textIn(row, 'id')
  if (id !== undefined) return [id]
  return isUnique ? [] : idBehind(row)
}

/** What family a row is of. */
export function familyOf(partition: ResourcePartition, row: Row): Family | undefined {
  const key = text(row, 'rowKey')
  const has = ({ from, to }: KeyRange): boolean => from <= key && key < to
  return familiesOf(partition).find(({ ranges }) => ranges.some(has))
}

/** What is told, or looked at, because of a row that nobody can read. */
export function suspectsOf(partition: ResourcePartition, row: Row): readonly Suspect[] {
  const family = familyOf(partition, row)
  if (family === undefined) return []
  const key = text(row, 'rowKey')
  const ids = family.ids(row)
  const itself = suspectOf(partition, 'unreadable', key, ...ids)
  if (family.kind === undefined || ids.length === 0) return [itself]
  return [itself, suspectOf(partition, family.kind, key, ...ids)]
}
