import type { ResolvedFilter } from '../../scim/filter/filter.ts'
import type { StoredResource } from '../../scim/resource.ts'
import { indexRange, positionOf, prefixRange, resourceKey, uniqueKey } from '../keys.ts'
import { idsWith, viewMemberships } from '../membership-filter.ts'
import type { Matches } from '../page.ts'
import type { MembershipLookup } from '../port.ts'
import { matchesStored, planQuery, type Access, type Plan } from '../query.ts'
import { fromEntity } from './entity.ts'
import { inOrder } from './in-order.ts'
import { readRow, readRows, type Partition } from './partition.ts'
import { text } from './row.ts'
import { scanResources } from './scan.ts'

/** Candidates from an index that are read one by one; where there are more, a scan is faster. */
const MOST_CANDIDATES = 500

/** Resources read one by one at the same time. */
const READS_AT_ONCE = 32

/** Reads a resource; undefined when there is none. */
export async function readResource(
  partition: Partition,
  id: string,
): Promise<StoredResource | undefined> {
  const row = await readRow(partition, resourceKey(partition.resourceType, id))
  return row === undefined ? undefined : fromEntity(row)
}

/**
 * The resources that match a filter, in the order of their ids, behind a position.
 * @param foresee told the ids of the resources that may match, before they are read; not called for a scan.
 * @throws ScimError `invalidFilter` for conditions on `members` or `groups` that cannot be answered.
 */
export async function* findResources(
  partition: Partition,
  lookup: MembershipLookup,
  filter: ResolvedFilter,
  after = '',
  foresee?: (ids: readonly string[]) => void,
): Matches {
  const plan = planQuery(partition.resourceType, filter)
  const candidates = await candidateIds(partition, lookup, plan.access)
  if (candidates === undefined) {
    yield* scanMatches(partition, lookup, filter, plan, after)
    return
  }
  const ids = candidates.filter((id) => positionOf(id) > after)
  foresee?.(ids)
  const found = plan.access.kind === 'membership' ? { found: plan.access } : {}
  // Wanted at once, awaited when the first resource is there.
  const viewing = viewMemberships(lookup, partition, plan.memberships, { ids, ...found })
  viewing.catch(() => undefined)
  for await (const stored of inOrder(ids, READS_AT_ONCE, (id) => readResource(partition, id))) {
    if (stored === undefined) continue
    if (matchesStored(partition.resourceType, filter, stored, await viewing)) yield [stored]
  }
  await viewing
}

async function* scanMatches(
  partition: Partition,
  lookup: MembershipLookup,
  filter: ResolvedFilter,
  plan: Plan,
  after: string,
): Matches {
  const view = await viewMemberships(lookup, partition, plan.memberships)
  for await (const batch of scanResources(partition, { after, conditions: plan.conditions })) {
    yield batch.filter((stored) => matchesStored(partition.resourceType, filter, stored, view))
  }
}

/** The ids of what an access finds, in order, each once; undefined when they are too many to be read one by one. */
async function candidateIds(
  partition: Partition,
  lookup: MembershipLookup,
  access: Access,
): Promise<readonly string[] | undefined> {
  const ids = new Set<string>()
  for await (const batch of idsFound(partition, lookup, access)) {
    if (batch === undefined) return undefined
    for (const id of batch) ids.add(id)
    if (ids.size > MOST_CANDIDATES) return undefined
  }
  return [...ids].toSorted((a, b) => (positionOf(a) < positionOf(b) ? -1 : 1))
}

/** Yields undefined when only a scan finds them. */
async function* idsFound(
  partition: Partition,
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
      yield* idsWith(lookup, partition, access.term)
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
  range: ReturnType<typeof indexRange>,
): AsyncGenerator<readonly string[]> {
  for await (const { rows } of readRows(partition, { range, select: ['id'] })) {
    yield rows.map((row) => text(row, 'id'))
  }
}
