import { referencePath } from '../scim/attribute-path.ts'
import type { Filter, ResolvedFilter } from '../scim/filter/filter.ts'
import { parseFilter } from '../scim/filter/parse.ts'
import { resolveFilter } from '../scim/filter/resolve.ts'
import { parseProjection, type Projection } from '../scim/project.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { parseSort, type Sort } from '../scim/sort.ts'
import type { QueryParameters } from './parameters.ts'
import { requireStored } from './stored-only.ts'

/** What a query means for one resource type. */
export interface TypeQuery {
  readonly resourceType: ResourceType
  readonly filter: ResolvedFilter | undefined
  readonly sort: Sort | undefined
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
      return {
        resourceType,
        projection: parseProjection(resourceType, parameters),
        filter: written === undefined ? undefined : filterOf(resourceType, written, others),
        sort: parseSort(resourceType, parameters, others),
      }
    })
    .filter(({ resourceType, filter }) => filter === undefined || mayMatch(resourceType, filter))
}

function filterOf(
  resourceType: ResourceType,
  written: Filter,
  others: readonly ResourceType[],
): ResolvedFilter {
  const filter = resolveFilter(resourceType, written, others)
  requireStored(filter)
  return filter
}

/** Whether a filter can match resources of a type: not when its `and` asks for another `meta.resourceType`. */
function mayMatch(resourceType: ResourceType, filter: ResolvedFilter): boolean {
  if (filter.kind === 'and') return filter.filters.every((each) => mayMatch(resourceType, each))
  if (filter.kind === 'or') return filter.filters.some((each) => mayMatch(resourceType, each))
  if (filter.kind !== 'comparison' || filter.operator !== 'eq') return true
  if (referencePath(filter.reference) !== 'meta.resourceType') return true
  return filter.value === resourceType.name
}
