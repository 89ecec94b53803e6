import { ScimError } from '../scim/errors.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { IndexEntry } from './index-entries.ts'

/**
 * Characters (UTF-16 units) that the attributes of a resource may have as JSON. Azure Table Storage takes 1 MiB in an
 * entity at two bytes a unit; what is left is for keys and columns.
 */
export const MAX_JSON_LENGTH = 480_000

/** Characters (UTF-16 units) in one property of an entity, 64 KiB on Azure. */
export const MAX_PROPERTY_LENGTH = 32_000

/** Index rows of a resource: a change may remove all and add as many, and 100 rows fit into a transaction. */
const MAX_INDEX_ENTRIES = 48

/**
 * The attributes as JSON.
 * @throws ScimError `invalidValue` naming the limit when the resource is too large to be kept.
 */
export function storableJson(
  resourceType: ResourceType,
  resource: StoredResource,
  entries: readonly IndexEntry[],
): string {
  const json = JSON.stringify(resource.attributes)
  if (json.length > MAX_JSON_LENGTH) {
    throw new ScimError(
      'invalidValue',
      `The ${resourceType.name} is too large: ${json.length} characters as JSON; at most ${MAX_JSON_LENGTH} can be kept.`,
    )
  }
  if (entries.length > MAX_INDEX_ENTRIES) {
    const paths = new Set(entries.map(({ index }) => index.path))
    throw new ScimError(
      'invalidValue',
      `${[...paths].join(', ')} have ${entries.length} values together; at most ${MAX_INDEX_ENTRIES} can be kept.`,
    )
  }
  return json
}
