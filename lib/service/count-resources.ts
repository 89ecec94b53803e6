import type { ResourceType } from '../scim/resource-type.ts'
import type { ResourceStore, Scope } from '../storage/port.ts'

/** How many resources of each of these types a tenant has: by the counters, so that a million cost no more than one. */
export async function countResources(
  store: Pick<ResourceStore, 'list'>,
  scope: Scope,
  resourceTypes: readonly ResourceType[],
): Promise<ReadonlyMap<string, number>> {
  const counts = await Promise.all(
    resourceTypes.map(async (type) => {
      const { totalResults } = await store.list(scope, type, { startIndex: 1, count: 0 })
      return [type.endpoint, totalResults] as const
    }),
  )
  return new Map<string, number>(counts)
}
