import type { StoredResource } from '../../../scim/resource.ts'
import {
  behindFamily,
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
import { UnreadableRow } from '../../unreadable-row.ts'
import { isPromotedRight, isTombstone } from '../entity.ts'
import { isMemberTypeRight } from '../membership-rows.ts'
import { readRows, type ResourcePartition } from '../partition.ts'
import { text, type Row } from '../row.ts'
import { readMark, suspectsOf } from './families.ts'
import {
  factByKey,
  factOfGuard,
  factOfIndexRow,
  factOfInvitation,
  factOfMembership,
  factOfRecognition,
  factOfTeam,
  factOfTeamName,
  factsOfHidden,
  factsOfResource,
  idIn,
  suspectOf,
} from './facts.ts'
import type { Fact, Side } from './ledger.ts'
import { resourceIn, teamIn, tried } from './readable.ts'
import type { Suspect } from './suspect.ts'

/** Is told what rows say, as they go by. */
export interface Visitor {
  readonly note: (side: Side, fact: Fact) => void
  /** Absent where the facts alone are wanted, once more. */
  readonly others?: {
    readonly suspect: (suspect: Suspect) => void
    /** @param position where its id stands; nobody can read one that is undefined. */
    readonly resource: (position: string, stored: StoredResource | undefined) => void
    /** Rows that have gone by. */
    readonly passed: (rows: number) => void
  }
}

/**
 * Reads all rows of a resource type, and of what hangs on it, family by family. A row that nobody can read is a suspect, and says
 * nothing of others.
 */
export async function walk(partition: ResourcePartition, visitor: Visitor): Promise<void> {
  const { layout } = partition
  await resources(partition, visitor)
  for (const range of indexRanges(layout)) {
    await kept(partition, range, visitor, (row) => factOfIndexRow(partition, row))
  }
  await kept(partition, invitationRange(layout), visitor, (row) => factOfInvitation(partition, row))
  await hidden(partition, visitor)
  if (visitor.others !== undefined) await marks(partition, visitor.others, visitor)
  if (!layout.guarded) return
  await kept(partition, GUARD_RANGE, visitor, (row) => factOfGuard(partition, row))
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

/** The row of one side, which says what the other tells. */
async function kept(
  partition: ResourcePartition,
  range: KeyRange,
  visitor: Visitor,
  factOf: (row: Row) => Fact | undefined,
): Promise<void> {
  await each(partition, range, visitor, (row) => {
    const fact = readable(partition, row, visitor, () => factOf(row))
    if (fact !== undefined) visitor.note('kept', fact)
  })
}

/** What is read of a row; undefined for one that nobody can read, which is a suspect then. */
function readable<Result>(
  partition: ResourcePartition,
  row: Row,
  { others }: Visitor,
  read: () => Result,
): Result | undefined {
  const result = tried(read)
  if (!(result instanceof UnreadableRow)) return result
  for (const suspect of suspectsOf(partition, row)) others?.suspect(suspect)
  return undefined
}

async function resources(partition: ResourcePartition, visitor: Visitor): Promise<void> {
  const { others } = visitor
  const range = resourceRange(partition.layout)
  for await (const { rows } of readRows(partition, { range })) {
    const ids = rows.flatMap((row) => resource(partition, row, visitor))
    if (others === undefined) continue
    others.passed(rows.length)
    await twofold(partition, ids, others.suspect)
  }
}

/** The id of one that is there. */
function resource(partition: ResourcePartition, row: Row, visitor: Visitor): readonly string[] {
  const { note, others } = visitor
  const rowKey = text(row, 'rowKey')
  if (isTombstone(row)) {
    const id = readable(partition, row, visitor, () => idIn(row))
    if (id !== undefined) others?.suspect(suspectOf(partition, 'tombstone', rowKey, id))
    return []
  }
  const read = (): StoredResource | undefined => resourceIn(partition, row)
  const stored = readable(partition, row, visitor, read)
  others?.resource(behindFamily(rowKey), stored)
  if (stored === undefined) return []
  const { id } = stored
  if (isUnindexed(partition, stored)) {
    others?.suspect(suspectOf(partition, 'unindexed', rowKey, id))
  }
  if (!isPromotedRight(partition.layout, row, stored.attributes)) {
    others?.suspect(suspectOf(partition, 'column', rowKey, id))
  }
  for (const fact of factsOfResource(partition, stored)) note('told', fact)
  return [id]
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
  const { layout } = partition
  await each(partition, hiddenRange(layout), visitor, (row) => {
    const stored = readable(partition, row, visitor, () => resourceIn(partition, row))
    if (stored === undefined) return
    for (const fact of factsOfHidden(partition, stored)) visitor.note('told', fact)
  })
  await kept(partition, recognitionRange(layout), visitor, (row) =>
    factOfRecognition(partition, row),
  )
}

async function marks(
  partition: ResourcePartition,
  { suspect }: NonNullable<Visitor['others']>,
  visitor: Visitor,
): Promise<void> {
  await each(partition, deletionRange(partition.layout), visitor, (row) => {
    const id = readable(partition, row, visitor, () => readMark(row))
    if (id !== undefined) suspect(suspectOf(partition, 'mark', text(row, 'rowKey'), id))
  })
}

async function memberships(
  partition: ResourcePartition,
  kind: 'member' | 'handMade',
  visitor: Visitor,
): Promise<void> {
  const { fromGroup, fromMember } = MEMBERSHIP_RANGES[kind]
  const factOf = (row: Row): Fact | undefined =>
    readable(partition, row, visitor, () => factOfMembership(partition, kind, row)) ??
    factByKey(partition, kind, row)
  for await (const { rows } of readRows(partition, { range: fromGroup })) {
    const read = rows.map((row) => ({ row, fact: factOf(row) }))
    const facts = read.map(({ fact }) => fact).filter((fact) => fact !== undefined)
    for (const fact of facts) visitor.note('told', fact)
    if (visitor.others === undefined) continue
    visitor.others.passed(rows.length)
    if (kind === 'member') for (const one of read) typed(one, visitor.others)
    await ofNothing(partition, kind, facts, visitor.others)
  }
  await kept(partition, fromMember, visitor, factOf)
}

/** Of which type a member is its own row says alone. */
function typed(
  { row, fact }: { readonly row: Row; readonly fact: Fact | undefined },
  { suspect }: NonNullable<Visitor['others']>,
): void {
  const member = fact?.suspect.ids[1]
  if (fact === undefined || member === undefined || isMemberTypeRight(row, member)) return
  suspect(fact.suspect)
}

function groupOf({ suspect: { ids } }: Fact): string {
  return ids[0] ?? ''
}

/** Members of groups and teams that are not there. */
async function ofNothing(
  partition: ResourcePartition,
  kind: 'member' | 'handMade',
  facts: readonly Fact[],
  { suspect }: NonNullable<Visitor['others']>,
): Promise<void> {
  const groups = [...new Set(facts.map(groupOf))]
  const guards = await thereOf(partition, groups.map(guardKey))
  const teamsThere =
    kind === 'handMade' ? await thereOf(partition, groups.map(teamKey)) : new Set<string>()
  const isThere = (id: string): boolean => guards.has(guardKey(id)) || teamsThere.has(teamKey(id))
  const gone = new Set(groups.filter((id) => !isThere(id)))
  for (const fact of facts) if (gone.has(groupOf(fact))) suspect(fact.suspect)
}

async function teams(partition: ResourcePartition, visitor: Visitor): Promise<void> {
  for await (const { rows } of readRows(partition, { range: TEAM_RANGE })) {
    const read = rows
      .map((row) => readable(partition, row, visitor, () => teamIn(row)))
      .filter((team) => team !== undefined)
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
  await kept(partition, TEAM_NAME_RANGE, visitor, (row) => factOfTeamName(partition, row))
}
