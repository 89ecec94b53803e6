import type { ResolvedFilter } from '../../scim/filter/filter.ts'
import { workThrough } from '../event-loop.ts'
import {
  compareIds,
  indexRange,
  positionOf,
  prefixRange,
  uniqueKey,
  type KeyRange,
} from '../keys.ts'
import { idsWith, lookUpMemberships } from '../membership-filter.ts'
import type { Matches } from '../page.ts'
import type { ListQuery, MembershipLookup } from '../port.ts'
import { matchesStored, planQuery, type Access, type Plan } from '../query.ts'
import { readEach } from './get.ts'
import { readRow, readRows, type Partition, type ResourcePartition } from './partition.ts'
import { text } from './row.ts'
import { scanResources } from './scan.ts'

/** Candidates from an index that are read one by one; where there are more, a scan is faster. */
const MOST_CANDIDATES = 500

/** So many candidates at most are told before they are read: it is not known yet which of them match. */
const MOST_TOLD = 10

/** Where matches are looked for, and who is told. */
export interface FindOptions {
  /** A position. */
  readonly after?: string | undefined
  readonly onCandidates?: ListQuery['onCandidates'] | undefined
}

/**
 * The resources that match a filter, in the order of their ids, behind a position.
 * @throws ScimError `invalidFilter` for conditions on `members` or `groups` that cannot be answered.
 */
export async function* findResources(
  partition: ResourcePartition,
  lookup: MembershipLookup,
  filter: ResolvedFilter,
  { after = '', onCandidates }: FindOptions = {},
): Matches {
  const { layout, resourceType } = partition
  const plan = planQuery(layout, resourceType, filter)
  const candidates = await candidateIds(partition, lookup, plan.access)
  if (candidates === undefined) {
    yield* scanMatches(partition, lookup, filter, plan, after)
    return
  }
  const ids = candidates.filter((id) => positionOf(id) > after)
  if (ids.length > 0 && ids.length <= MOST_TOLD) onCandidates?.(ids)
  const foundBy = plan.access.kind === 'membership' ? plan.access.value : undefined
  // Wanted at once, awaited when the first resource is there.
  const lookingUp = lookUpMemberships(lookup, partition, resourceType, plan.comparedIds, {
    ids,
    foundBy,
  })
  lookingUp.catch(() => undefined)
  for await (const stored of readEach(partition, ids)) {
    if (matchesStored(resourceType, filter, stored, await lookingUp)) yield [stored]
  }
  await lookingUp
}

async function* scanMatches(
  partition: ResourcePartition,
  lookup: MembershipLookup,
  filter: ResolvedFilter,
  plan: Plan,
  after: string,
): Matches {
  const { resourceType, deadline } = partition
  const membershipsOf = await lookUpMemberships(lookup, partition, resourceType, plan.comparedIds)
  for await (const batch of scanResources(partition, { after, conditions: plan.conditions })) {
    yield await workThrough(batch, deadline, (stored) =>
      matchesStored(resourceType, filter, stored, membershipsOf) ? stored : undefined,
    )
  }
}

/** The ids of what an access finds, in order, each once; undefined when they are too many to be read one by one. */
async function candidateIds(
  partition: ResourcePartition,
  lookup: MembershipLookup,
  access: Access,
): Promise<readonly string[] | undefined> {
  const ids = new Set<string>()
  for await (const batch of idsFound(partition, lookup, access)) {
    if (batch === undefined) return undefined
    for (const id of batch) ids.add(id)
    if (ids.size > MOST_CANDIDATES) return undefined
  }
  return [...ids].toSorted(compareIds)
}

/** Yields undefined when only a scan finds them. */
async function* idsFound(
  partition: ResourcePartition,
  lookup: MembershipLookup,
  access: Access,
): AsyncGenerator<readonly string[] | undefined> {
  switch (access.kind) {
    case 'id':
      yield [access.id]
      return
    case 'equals':
      yield* idsWithValue(partition, access)
      return
    case 'startsWith':
      yield* idsInRange(partition, prefixRange(access.index.name, access.value))
      return
    case 'membership':
      yield* idsWith(lookup, partition, partition.resourceType, access.value)
      return
    case 'scan':
      yield undefined
  }
}

async function* idsWithValue(
  partition: Partition,
  { index, value }: Access & { kind: 'equals' },
): AsyncGenerator<readonly string[]> {
  if (!index.unique) {
    yield* idsInRange(partition, indexRange(index.name, value))
    return
  }
  const row = await readRow(partition, uniqueKey(index.name, value))
  if (row !== undefined) yield [text(row, 'id')]
}

async function* idsInRange(
  partition: Partition,
  range: KeyRange,
): AsyncGenerator<readonly string[]> {
  for await (const { rows } of readRows(partition, { range, select: ['id'] })) {
    yield rows.map((row) => text(row, 'id'))
  }
}
