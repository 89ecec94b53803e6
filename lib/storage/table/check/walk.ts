import type { StoredResource } from '../../../scim/resource.ts'
import {
  GUARD_RANGE,
  indexRanges,
  MEMBERSHIP_RANGES,
  recognitionRange,
  TEAM_NAME_RANGE,
} from '../../family-ranges.ts'
import { lackOf } from '../../index-filling.ts'
import {
  deletionRange,
  guardKey,
  hiddenKey,
  hiddenRange,
  invitationRange,
  rangeThrough,
  resourceKey,
  resourceRange,
  type KeyRange,
} from '../../keys.ts'
import { TEAM_RANGE, teamKey } from '../../team-keys.ts'
import { fromEntity, isTombstone } from '../entity.ts'
import { readRows, type ResourcePartition } from '../partition.ts'
import { text, type Row } from '../row.ts'
import { toTeam } from '../team-rows.ts'
import {
  factOfGuard,
  factOfIndexRow,
  factOfInvitation,
  factOfMembership,
  factOfRecognition,
  factOfTeam,
  factOfTeamName,
  factsOfHidden,
  factsOfResource,
  idsOfMembership,
  suspectOf,
} from './facts.ts'
import type { Fact, Side } from './ledger.ts'
import type { Suspect } from './suspect.ts'

/** Is told what rows say, as they go by. */
export interface Visitor {
  readonly note: (side: Side, fact: Fact) => void
  /** Absent where the facts alone are wanted, once more. */
  readonly others?: {
    readonly suspect: (suspect: Suspect) => void
    readonly resource: (stored: StoredResource) => void
    /** Rows that have gone by. */
    readonly passed: (rows: number) => void
  }
}

/** Reads all rows of a resource type, and of what hangs on it, family by family. */
export async function walk(partition: ResourcePartition, visitor: Visitor): Promise<void> {
  const { layout } = partition
  await resources(partition, visitor)
  for (const range of indexRanges(layout)) {
    await each(partition, range, visitor, (row) => {
      visitor.note('kept', factOfIndexRow(partition, row))
    })
  }
  await each(partition, invitationRange(layout), visitor, (row) => {
    visitor.note('kept', factOfInvitation(partition, row))
  })
  await hidden(partition, visitor)
  if (visitor.others !== undefined) await marks(partition, visitor.others, visitor)
  if (!layout.guarded) return
  await each(partition, GUARD_RANGE, visitor, (row) => {
    visitor.note('kept', factOfGuard(partition, row))
  })
  await memberships(partition, 'member', visitor)
  await memberships(partition, 'handMade', visitor)
  await teams(partition, visitor)
}

async function each(
  partition: ResourcePartition,
  range: KeyRange,
  { others }: Visitor,
  visit: (row: Row) => void,
): Promise<void> {
  for await (const { rows } of readRows(partition, { range })) {
    for (const row of rows) visit(row)
    others?.passed(rows.length)
  }
}

async function resources(partition: ResourcePartition, visitor: Visitor): Promise<void> {
  const { layout, resourceType } = partition
  const { note, others } = visitor
  for await (const { rows } of readRows(partition, { range: resourceRange(layout) })) {
    const ids: string[] = []
    for (const row of rows) {
      if (isTombstone(row)) {
        others?.suspect(suspectOf(partition, 'tombstone', text(row, 'rowKey'), text(row, 'id')))
        continue
      }
      const stored = fromEntity(resourceType, row)
      if (stored === undefined) continue
      ids.push(stored.id)
      others?.resource(stored)
      if (isUnindexed(partition, stored)) {
        others?.suspect(suspectOf(partition, 'unindexed', text(row, 'rowKey'), stored.id))
      }
      for (const fact of factsOfResource(partition, stored)) note('told', fact)
    }
    if (others === undefined) continue
    others.passed(rows.length)
    await twofold(partition, ids, others.suspect)
  }
}

/** Whether a resource has a value that an index lacks in which filters look for it. */
export function isUnindexed(
  { layout, resourceType }: ResourcePartition,
  stored: StoredResource,
): boolean {
  const lack = lackOf(layout, resourceType, stored)
  if (lack === undefined) return false
  return [...lack.shared, ...lack.claims].some(({ index }) => index.complete)
}

/** The rows of some of these keys that are there: those in between are read with them, as they stand side by side mostly. */
async function thereOf(
  partition: ResourcePartition,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const [first, last] = [keys[0], keys.at(-1)]
  if (first === undefined || last === undefined) return new Set()
  const there = new Set<string>()
  const query = { range: rangeThrough(first, last), select: ['RowKey', 'deleted'] }
  for await (const { rows } of readRows(partition, query)) {
    for (const row of rows) if (!isTombstone(row)) there.add(text(row, 'rowKey'))
  }
  return there
}

/** An account is there or out of sight. */
async function twofold(
  partition: ResourcePartition,
  ids: readonly string[],
  suspect: (suspect: Suspect) => void,
): Promise<void> {
  const keyOf = (id: string): string => hiddenKey(partition.layout, id)
  const there = await thereOf(partition, ids.map(keyOf))
  for (const id of ids.filter((one) => there.has(keyOf(one)))) {
    suspect(suspectOf(partition, 'hidden', keyOf(id), id))
  }
}

async function hidden(partition: ResourcePartition, visitor: Visitor): Promise<void> {
  const { layout, resourceType } = partition
  await each(partition, hiddenRange(layout), visitor, (row) => {
    const stored = fromEntity(resourceType, row)
    if (stored === undefined) return
    for (const fact of factsOfHidden(partition, stored)) visitor.note('told', fact)
  })
  await each(partition, recognitionRange(layout), visitor, (row) => {
    visitor.note('kept', factOfRecognition(partition, row))
  })
}

async function marks(
  partition: ResourcePartition,
  { suspect }: NonNullable<Visitor['others']>,
  visitor: Visitor,
): Promise<void> {
  await each(partition, deletionRange(partition.layout), visitor, (row) => {
    suspect(suspectOf(partition, 'mark', text(row, 'rowKey'), text(row, 'id')))
  })
}

async function memberships(
  partition: ResourcePartition,
  kind: 'member' | 'handMade',
  visitor: Visitor,
): Promise<void> {
  const { fromGroup, fromMember } = MEMBERSHIP_RANGES[kind]
  for await (const { rows } of readRows(partition, { range: fromGroup })) {
    for (const row of rows) visitor.note('told', factOfMembership(partition, kind, row))
    if (visitor.others === undefined) continue
    visitor.others.passed(rows.length)
    await ofNothing(partition, kind, rows, visitor.others)
  }
  await each(partition, fromMember, visitor, (row) => {
    visitor.note('kept', factOfMembership(partition, kind, row))
  })
}

/** Members of groups and teams that are not there. */
async function ofNothing(
  partition: ResourcePartition,
  kind: 'member' | 'handMade',
  rows: readonly Row[],
  { suspect }: NonNullable<Visitor['others']>,
): Promise<void> {
  const groups = [...new Set(rows.map((row) => idsOfMembership(kind, row)[0]))]
  const guards = await thereOf(partition, groups.map(guardKey))
  const teamsThere =
    kind === 'handMade' ? await thereOf(partition, groups.map(teamKey)) : new Set<string>()
  const isThere = (id: string): boolean => guards.has(guardKey(id)) || teamsThere.has(teamKey(id))
  const gone = new Set(groups.filter((id) => !isThere(id)))
  for (const row of rows) {
    if (!gone.has(idsOfMembership(kind, row)[0])) continue
    suspect(factOfMembership(partition, kind, row).suspect)
  }
}

async function teams(partition: ResourcePartition, visitor: Visitor): Promise<void> {
  for await (const { rows } of readRows(partition, { range: TEAM_RANGE })) {
    const read = rows.map(toTeam)
    for (const team of read) visitor.note('told', factOfTeam(partition, team))
    if (visitor.others === undefined) continue
    visitor.others.passed(rows.length)
    const keyOf = (id: string): string => resourceKey(partition.layout, id)
    const groups = await thereOf(
      partition,
      read.map(({ id }) => keyOf(id)),
    )
    for (const { id, adopted } of read) {
      if (groups.has(keyOf(id)) === adopted) continue
      visitor.others.suspect(suspectOf(partition, 'team', teamKey(id), id))
    }
  }
  await each(partition, TEAM_NAME_RANGE, visitor, (row) => {
    const fact = factOfTeamName(partition, row)
    if (fact !== undefined) visitor.note('kept', fact)
  })
}
