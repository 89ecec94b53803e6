import type { StoredResource } from '../../scim/resource.ts'
import type { ResourceType } from '../../scim/resource-type.ts'
import { uniqueEntries } from '../index-entries.ts'
import { lackOf } from '../index-filling.ts'
import { positionOf } from '../keys.ts'
import type { StorageLayout } from '../layout.ts'
import type { Clash, Reindexed, ReindexQuery } from '../port.ts'

/**
 * See `ResourceStore.reindex`: there are no index rows here, only what keeps them from being complete.
 * @param all the resources of the type, in the order of their ids.
 */
export function reindexMemory(
  layout: StorageLayout,
  resourceType: ResourceType,
  all: readonly StoredResource[],
  query: ReindexQuery,
): Reindexed {
  const clashes = clashesOf(layout, resourceType, all)
  if ('ids' in query)
    return { changed: 0, clashes: query.ids.flatMap((id) => clashes.get(id) ?? []) }
  const { after = '', count } = query
  const behind = all.filter(({ id }) => positionOf(id) > after)
  const page = behind.slice(0, count)
  const last = page.at(-1)
  return {
    changed: 0,
    clashes: page.flatMap(({ id }) => clashes.get(id) ?? []),
    ...(behind.length > count && last !== undefined ? { next: positionOf(last.id) } : {}),
  }
}

function clashesOf(
  layout: StorageLayout,
  resourceType: ResourceType,
  all: readonly StoredResource[],
): ReadonlyMap<string, readonly Clash[]> {
  const holders = new Map<string, string>()
  const clashes = new Map<string, Clash[]>()
  for (const stored of all) {
    const own: Clash[] = (lackOf(layout, resourceType, stored)?.overfull ?? []).map(
      ({ reference }) => ({ attribute: reference.attribute.name, ids: [stored.id] }),
    )
    for (const { index, value } of uniqueEntries(layout, resourceType, stored.attributes)) {
      const key = JSON.stringify([index.name, value])
      const holder = holders.get(key)
      holders.set(key, holder ?? stored.id)
      if (holder === undefined) continue
      own.push({ attribute: index.reference.attribute.name, ids: [holder, stored.id] })
    }
    clashes.set(stored.id, own)
  }
  return clashes
}
