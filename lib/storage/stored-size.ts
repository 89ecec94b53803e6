import { ScimError } from '../scim/errors.ts'
import type { JsonObject } from '../scim/json.ts'
import { LIMITS } from '../scim/limits.ts'
import type { ResourceType } from '../scim/resource-type.ts'

/** Characters (UTF-16 units) in one property of an entity, 64 KiB on Azure. */
export const MAX_PROPERTY_LENGTH = 32_000

/**
 * The attributes as JSON. Azure Table Storage takes 1 MiB in an entity at two bytes a character; what the limit leaves is
 * for keys and columns.
 * @throws ScimError `invalidValue` naming the limit when the resource is too large to be kept.
 */
export function storableJson({ name }: Pick<ResourceType, 'name'>, attributes: JsonObject): string {
  const json = JSON.stringify(attributes)
  if (json.length <= LIMITS.resourceCharacters) return json
  throw new ScimError(
    'invalidValue',
    `The ${name} is too large: ${json.length} characters as JSON; at most ${LIMITS.resourceCharacters} can be kept.`,
  )
}
