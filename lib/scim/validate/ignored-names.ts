import {
  referencePath,
  resolvePath,
  schemaNamed,
  type ResolvedAttribute,
} from '../attribute-path.ts'
import { findAttribute } from '../attribute.ts'
import { tolerantValue } from '../clients/values.ts'
import { elementsOf, isObject, type JsonObject, type JsonValue } from '../json.ts'
import type { PatchOperation } from '../patch-operation.ts'
import type { ResourceType } from '../resource-type.ts'
import { entriesOf } from './unknown-parts.ts'

/** A mapping writes all values of an attribute alike: the first of them tell what is unknown in them. */
const VALUES_LOOKED_AT = 100

/** The names in the body of a POST or a PUT that are ignored, since the resource type has nothing of that name. */
export function ignoredInBody(resourceType: ResourceType, body: unknown): readonly string[] {
  return isObject(body) ? unknownIn(resourceType, body, (key) => key) : []
}

/**
 * The same of an operation of a PATCH that is not refused: its path, where that is after an unknown URN (ENT-URN-04), or
 * the names in its value.
 */
export function ignoredInOperation(
  resourceType: ResourceType,
  { op, path, value = null }: PatchOperation,
): readonly string[] {
  if (path === undefined) {
    return isObject(value) ? unknownIn(resourceType, value, beforeFilter) : []
  }
  const target = resolvePath(resourceType, beforeFilter(path))
  if (target?.kind === 'attribute') {
    return op === 'remove' ? [] : unknownParts(target, value)
  }
  if (schemaNamed(resourceType, path) === undefined) return namesUnder(path, value)
  return isObject(value) ? unknownIn(resourceType, { [path]: value }, beforeFilter) : []
}

/** A key, or a path, up to the filter in brackets. */
function beforeFilter(path: string): string {
  const [attributePath = ''] = path.split('[', 1)
  return attributePath
}

/** @param pathOf what of a key has to name something. */
function unknownIn(
  resourceType: ResourceType,
  attributes: JsonObject,
  pathOf: (key: string) => string,
): readonly string[] {
  return entriesOf(resourceType, attributes).flatMap(([key, given]) => {
    const target = resolvePath(resourceType, pathOf(key))
    if (target?.kind === 'attribute') return unknownParts(target, given)
    return schemaNamed(resourceType, key) === undefined ? namesUnder(key, given) : []
  })
}

/** Behind a URN that is unknown the names in its container; any other key is the name itself. */
function namesUnder(key: string, given: JsonValue): readonly string[] {
  const isUrn = key.slice(0, 4).toLowerCase() === 'urn:'
  const names = isUrn && isObject(given) ? Object.keys(given) : []
  return names.length === 0 ? [key] : names.map((name) => `${key}:${name}`)
}

function unknownParts(
  { extension, attribute, subAttribute }: ResolvedAttribute,
  value: JsonValue,
): readonly string[] {
  if (attribute.mutability === 'readOnly' || subAttribute !== undefined) return []
  if (attribute.type !== 'complex') return []
  const path = referencePath({ extension, attribute })
  const isUnknown = (name: string): boolean =>
    findAttribute(attribute.subAttributes, name) === undefined
  return elementsOf(value)
    .slice(0, VALUES_LOOKED_AT)
    .flatMap((element) => {
      if (!isObject(element) || !Object.keys(element).some(isUnknown)) return []
      // Some clients call by another name what the schema has.
      const read = tolerantValue(attribute, element, path)
      return isObject(read) ? Object.keys(read).filter(isUnknown) : []
    })
    .map((name) => `${path}.${name}`)
}
