import {
  referencePath,
  resolvePath,
  schemaNamed,
  type ResolvedAttribute,
} from '../attribute-path.ts'
import type { Attribute } from '../attribute.ts'
import { isObject, type JsonObject, type JsonValue } from '../json.ts'
import type { ResourceType } from '../resource-type.ts'
import { isBlank, unknownOnly } from './unknown-names.ts'

/**
 * The rule of `refuseUnknownOnly` for keys with a dot: `name.first` is a value of `name` of which nothing would be left, unless
 * other keys have more of it.
 *
 * @param value attributes of a resource, those of schemas in their containers or after their URNs.
 * @throws ScimError `invalidValue` naming the first such key.
 */
export function refuseUnknownParts(resourceType: ResourceType, value: JsonObject): void {
  const entries = entriesOf(resourceType, value)
  const unknown = entries.flatMap(([key, given]) => unknownPart(resourceType, key, given))
  if (unknown.length === 0) return
  const known = new Set(entries.map(([key]) => attributeOf(resourceType, key)))
  const lost = unknown.find(({ whole }) => !known.has(whole.attribute))
  if (lost !== undefined)
    throw unknownOnly(lost.whole.attribute, [lost.name], referencePath(lost.whole))
}

/** An attribute, and the name after the dot that is none of its sub-attributes. */
interface UnknownPart {
  readonly whole: ResolvedAttribute
  readonly name: string
}

function unknownPart(
  resourceType: ResourceType,
  key: string,
  given: JsonValue,
): readonly UnknownPart[] {
  const dot = key.lastIndexOf('.')
  if (dot === -1 || resolvePath(resourceType, key) !== undefined || isBlank(given)) return []
  const whole = resolvePath(resourceType, key.slice(0, dot))
  if (whole?.kind !== 'attribute' || whole.subAttribute !== undefined) return []
  const { type, mutability } = whole.attribute
  return type === 'complex' && mutability !== 'readOnly'
    ? [{ whole, name: key.slice(dot + 1) }]
    : []
}

function attributeOf(resourceType: ResourceType, key: string): Attribute | undefined {
  const target = resolvePath(resourceType, key)
  return target?.kind === 'attribute' ? target.attribute : undefined
}

/** The keys with their values, those inside the container of a schema after its URN. */
export function entriesOf(
  resourceType: ResourceType,
  value: JsonObject,
): readonly (readonly [key: string, given: JsonValue])[] {
  return Object.entries(value).flatMap(([key, given]) => {
    const schema = schemaNamed(resourceType, key)
    if (schema === undefined || !isObject(given)) return [[key, given] as const]
    return Object.entries(given).map(([name, inner]) => [`${schema.id}:${name}`, inner] as const)
  })
}
