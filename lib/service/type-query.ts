import { referencePath } from '../scim/attribute-path.ts'
import type { ResolvedFilter } from '../scim/filter/filter.ts'
import { parseFilter } from '../scim/filter/parse.ts'
import { resolveFilter } from '../scim/filter/resolve.ts'
import { parseProjection, wants, type Projection } from '../scim/project.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { parseSort, type Sort } from '../scim/sort.ts'
import { Streamed, type Answer, type ServiceContext } from './context.ts'
import type { QueryParameters } from './parameters.ts'
import { presentAll, readGroups, type GroupsOf } from './present.ts'

/** What a query means for one resource type. */
export interface TypeQuery {
  readonly resourceType: ResourceType
  readonly filter?: ResolvedFilter
  readonly sort?: Sort
  readonly projection: Projection
}

/**
 * The queries that a query over some resource types comes to; types that the filter excludes by their name are left out.
 * @throws ScimError `invalidFilter`, `invalidValue`.
 */
export function typeQueries(
  resourceTypes: readonly ResourceType[],
  parameters: QueryParameters,
): readonly TypeQuery[] {
  const written = parameters.filter === undefined ? undefined : parseFilter(parameters.filter)
  return resourceTypes
    .map((resourceType): TypeQuery => {
      const others = resourceTypes.filter((other) => other !== resourceType)
      const filter =
        written === undefined ? undefined : resolveFilter(resourceType, written, others)
      const sort = parseSort(resourceType, parameters, others)
      return {
        resourceType,
        projection: parseProjection(resourceType, parameters),
        ...(filter === undefined ? {} : { filter }),
        ...(sort === undefined ? {} : { sort }),
      }
    })
    .filter(({ resourceType, filter }) => filter === undefined || mayMatch(resourceType, filter))
}

/** Whether a filter can match resources of a type: not when its `and` asks for another `meta.resourceType`. */
function mayMatch(resourceType: ResourceType, filter: ResolvedFilter): boolean {
  if (filter.kind === 'and') return filter.filters.every((each) => mayMatch(resourceType, each))
  if (filter.kind === 'or') return filter.filters.some((each) => mayMatch(resourceType, each))
  if (filter.kind !== 'comparison' || filter.operator !== 'eq') return true
  if (referencePath(filter.reference) !== 'meta.resourceType') return true
  return filter.value === resourceType.name
}

/** Groups whose members are read at the same time. */
const GROUPS_AT_ONCE = 16

/**
 * The resources of one page as they are answered; groups with their members are streamed.
 * @param groupsRead the groups they are in, when they were read already.
 */
export async function presentPage(
  context: ServiceContext,
  { resourceType, projection }: TypeQuery,
  resources: readonly StoredResource[],
  groupsRead?: GroupsOf,
): Promise<readonly Answer[] | Streamed> {
  if (resourceType.membershipAttribute === 'members' && wants(projection, 'members')) {
    return new Streamed(inBatches(context, resourceType, resources, projection))
  }
  const ids = resources.map(({ id }) => id)
  const groupsOf = groupsRead ?? (await readGroups(context, resourceType, ids, projection))
  return presentAll(context, resourceType, resources, { projection, groupsOf })
}

async function* inBatches(
  context: ServiceContext,
  resourceType: ResourceType,
  resources: readonly StoredResource[],
  projection: Projection,
): AsyncGenerator<readonly Answer[]> {
  for (let at = 0; at < resources.length; at += GROUPS_AT_ONCE) {
    const batch = resources.slice(at, at + GROUPS_AT_ONCE)
    yield await presentAll(context, resourceType, batch, { projection, groupsOf: new Map() })
  }
}

/** Lists behind each other as one. */
export function concatenated(lists: readonly (readonly Answer[] | Streamed)[]): Answer {
  if (lists.length === 1) return lists[0] ?? []
  async function* all(): AsyncGenerator<readonly Answer[]> {
    for (const each of lists) {
      if (each instanceof Streamed) yield* each.batches
      else yield each
    }
  }
  return new Streamed(all())
}
