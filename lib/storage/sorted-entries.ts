import { ScimError } from '../scim/errors.ts'
import { LIMITS } from '../scim/limits.ts'
import { toRepresentation } from '../scim/representation.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { compareSortKeys, sortKey, type Sort } from '../scim/sort.ts'
import type { Deadline } from './deadline.ts'
import { workThrough } from './event-loop.ts'
import type { Matches } from './page.ts'
import type { SortedEntry } from './port.ts'

/**
 * Sorts all that match: of each the key is held in memory, the resources only while they are within LIMITS.answerBytes
 * together.
 * @throws ScimError `tooMany` for more than LIMITS.sortedResources.
 */
export async function sortedEntries(
  resourceType: ResourceType,
  matching: Matches,
  { by, descending }: Sort,
  deadline: Deadline,
): Promise<readonly SortedEntry[]> {
  const entries: SortedEntry[] = []
  let held: Map<string, StoredResource> | undefined = new Map()
  let characters = 0
  for await (const batch of matching) {
    requireSortable(entries.length + batch.length, LIMITS.sortedResources)
    const more = await workThrough(batch, deadline, (stored) => ({
      id: stored.id,
      key: sortKey(by, toRepresentation(resourceType, stored)),
    }))
    entries.push(...more)
    characters += batch.reduce((sum, stored) => sum + (stored.characters ?? 0), 0)
    if (characters > LIMITS.answerBytes) held = undefined
    for (const stored of batch) held?.set(stored.id, stored)
  }
  const compare = compareSortKeys(descending)
  const sorted = entries.toSorted((one, other) => compare(one.key, other.key))
  return held === undefined ? sorted : sorted.map(withResource(held))
}

function withResource(
  resources: ReadonlyMap<string, StoredResource>,
): (entry: SortedEntry) => SortedEntry {
  return ({ id, key }) => {
    const stored = resources.get(id)
    return stored === undefined ? { id, key } : { id, key, stored }
  }
}

/** @throws ScimError `tooMany` for more resources than can be sorted. */
export function requireSortable(resources: number, most: number): void {
  if (resources <= most) return
  throw new ScimError(
    'tooMany',
    `More than ${most} resources would have to be sorted; narrow the filter, or leave sortBy out.`,
  )
}
