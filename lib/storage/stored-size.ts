import { ScimError } from '../scim/errors.ts'
import { LIMITS } from '../scim/limits.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { toStored } from './stored-attributes.ts'

/** Characters (UTF-16 units) in one property of an entity, 64 KiB on Azure. */
export const MAX_PROPERTY_LENGTH = 32_000

/**
 * The content of a resource as JSON, as `toStored` has it. Azure Table Storage takes 1 MiB in an entity at two bytes a character; what the limit leaves is
 * for keys and columns.
 * @throws ScimError `invalidValue` naming the limit when the resource is too large to be kept.
 */
export function storableJson(
  resourceType: ResourceType,
  content: Pick<StoredResource, 'attributes' | 'hidden'>,
): string {
  const json = JSON.stringify(toStored(resourceType, content))
  if (json.length <= LIMITS.resourceCharacters) return json
  throw new ScimError(
    'invalidValue',
    `The ${resourceType.name} is too large: ${json.length} characters as JSON; at most ${LIMITS.resourceCharacters} can be kept.`,
  )
}
