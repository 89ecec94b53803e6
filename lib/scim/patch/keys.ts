import { referencePath, resolvePath, schemaNamed } from '../attribute-path.ts'
import { sent } from '../detail.ts'
import { isObject, type JsonObject } from '../json.ts'
import type { PatchOperation } from '../patch-operation.ts'
import type { ResourceType } from '../resource-type.ts'
import { givenTwice } from '../validate/refusals.ts'
import { refuseUnknownParts } from '../validate/unknown-parts.ts'

/**
 * An object of attributes gives each of them once, however it is named: in another case, after its URN, inside the
 * container of its schema; and of what it gives something is left (`refuseUnknownParts`). It is the same in the body of a
 * resource.
 *
 * @throws ScimError `invalidSyntax`, `invalidValue` naming the attribute.
 */
export function checkKeys(resourceType: ResourceType, operation: PatchOperation): void {
  const { op, path, value } = operation
  if (op === 'remove' || !isObject(value)) return
  if (path !== undefined && schemaNamed(resourceType, path) === undefined) return
  const attributes = path === undefined ? value : { [path]: value }
  refuseUnknownParts(resourceType, attributes)
  checkDistinctKeys(resourceType, attributes)
}

function checkDistinctKeys(resourceType: ResourceType, attributes: JsonObject): void {
  const seen = new Set<string>()
  for (const key of keysOf(resourceType, attributes)) {
    const attribute = writtenAttribute(resourceType, key)
    if (attribute === undefined) continue
    if (seen.has(attribute)) {
      const [name = '', filter] = attribute.split('[', 2)
      throw givenTwice(filter === undefined ? name : sent(name))
    }
    seen.add(attribute)
  }
}

/** The keys, those inside the container of a schema after its URN. */
function keysOf(resourceType: ResourceType, value: JsonObject): readonly string[] {
  return Object.entries(value).flatMap(([key, given]) => {
    const schema = schemaNamed(resourceType, key)
    if (schema === undefined || !isObject(given)) return [key]
    return Object.keys(given).map((inner) => `${schema.id}:${inner}`)
  })
}

/** The canonical path of an attribute that clients may write; what is ignored may come as often as it likes. */
function writtenAttribute(resourceType: ResourceType, key: string): string | undefined {
  // Elements that a filter chooses are the same ones for certain only when it is the same text.
  if (key.includes('[')) return key
  const target = resolvePath(resourceType, key)
  if (target?.kind !== 'attribute') return undefined
  return target.attribute.mutability === 'readOnly' ? undefined : referencePath(target)
}
