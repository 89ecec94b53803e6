import type { Attribute, Schema } from '../attribute.ts'
import {
  referencePath,
  resolvePath,
  schemaNamed,
  type ResolvedAttribute,
} from '../attribute-path.ts'
import { containersOf, inSchemaOrder } from '../container.ts'
import { ScimError } from '../errors.ts'
import { describe, isObject, own, type JsonObject, type JsonValue } from '../json.ts'
import { jsonTextIn } from '../json-text.ts'
import { issuedReference } from '../reference.ts'
import type { ResourceType } from '../resource-type.ts'
import { checkSchemas } from '../schemas.ts'
import { CORE_SCHEMAS, MESSAGE } from '../urn.ts'
import { checkResource } from './final-state.ts'
import { givenTwice, noContainer } from './refusals.ts'
import { refuseLostValues } from './nothing-said.ts'
import { refuseUnknownParts } from './unknown-parts.ts'
import { canonicalValue } from './value.ts'

/** Canonical values by attribute name, those of an extension under its URN, the resource's own under ''. */
type Collected = Map<string, Map<string, JsonValue>>

/**
 * The attributes of a POST or PUT body in canonical form (see StoredResource), a group's `members` included. Names
 * match without regard to case; an extension's attributes may stand at top level, and keys may be paths. What is
 * unknown, readOnly or an issued `$ref` is ignored; writeOnly values are checked and not kept.
 *
 * @throws ScimError `invalidSyntax` when the body is no object, has the `schemas` of another one, or gives an attribute twice;
 *   `invalidValue` naming an attribute whose value is not of its type, or that is required and missing.
 */
export function canonicalResource(resourceType: ResourceType, body: unknown): JsonObject {
  const attributes = canonicalAttributes(resourceType, body)
  checkResource(resourceType, attributes)
  return attributes
}

function canonicalAttributes(resourceType: ResourceType, body: unknown): JsonObject {
  if (!isObject(body)) {
    throw new ScimError('invalidSyntax', `The body must be a JSON object, not ${describe(body)}.`)
  }
  checkResourceSchemas(resourceType, body)
  refuseUnknownParts(resourceType, body)
  const collected: Collected = new Map()
  for (const [name, value] of Object.entries(body)) collect(resourceType, name, value, collected)
  return arrange(resourceType, collected)
}

/**
 * The same for a body that replaces a resource, whose values it takes away where the body has none. What of it may stand
 * because it is stored already is for `checkResource`, once that is read.
 * @throws ScimError as `canonicalResource`, and `invalidValue` as `refuseLostValues`.
 */
export function canonicalReplacement(resourceType: ResourceType, body: unknown): JsonObject {
  const attributes = canonicalAttributes(resourceType, body)
  checkResource(resourceType, attributes, attributes)
  if (isObject(body)) refuseLostValues(resourceType, body, attributes)
  return attributes
}

/** A message, or a resource of another type: see `checkSchemas`. */
const OTHERS = [...Object.values(MESSAGE), ...CORE_SCHEMAS].map((urn) => urn.toLowerCase())

/** Which extensions a resource has is seen from its attributes, not from `schemas`. */
function checkResourceSchemas(resourceType: ResourceType, body: JsonObject): void {
  const names = Object.keys(body).filter((name) => name.toLowerCase() === 'schemas')
  if (names.length > 1) throw givenTwice('schemas')
  checkSchemas(own(body, names[0] ?? 'schemas'), {
    name: `a ${resourceType.name}`,
    urn: resourceType.schema.id,
    isOwn: (urn) => schemaNamed(resourceType, urn) !== undefined,
    others: OTHERS,
  })
}

function collect(
  resourceType: ResourceType,
  path: string,
  value: JsonValue,
  collected: Collected,
): void {
  const schema = schemaNamed(resourceType, path)
  if (schema !== undefined) {
    collectContainer(resourceType, schema, value, collected)
    return
  }
  const target = resolvePath(resourceType, path)
  if (target?.kind === 'attribute') collectAttribute(target, value, collected)
}

/** What stands under the URN of an extension (RFC 7643 §3.3), or of the core schema as in `coreContainer`. */
function collectContainer(
  resourceType: ResourceType,
  schema: Schema,
  value: JsonValue,
  collected: Collected,
): void {
  if (value === null || value === '') return
  const { id } = schema
  const content = jsonTextIn(value, id)
  if (!isObject(content)) throw noContainer(schema, content)
  for (const [name, inner] of Object.entries(content)) {
    const target = resolvePath(resourceType, `${id}:${name}`)
    if (target?.kind === 'attribute') collectAttribute(target, inner, collected)
  }
}

function collectAttribute(
  reference: ResolvedAttribute,
  value: JsonValue,
  collected: Collected,
): void {
  const { extension, attribute } = reference
  if (attribute.mutability === 'readOnly') return
  const canonical = canonicalTarget(reference, value)
  if (canonical === undefined || attribute.mutability === 'writeOnly') return
  const container = collected.get(extension?.id ?? '') ?? new Map<string, JsonValue>()
  collected.set(extension?.id ?? '', container)
  const present = container.get(attribute.name)
  const path = referencePath({ extension, attribute })
  const merged = present === undefined ? canonical : merge(attribute, present, canonical, path)
  container.set(attribute.name, merged)
}

function canonicalTarget(
  { subAttribute, ...whole }: ResolvedAttribute,
  value: JsonValue,
): JsonValue | undefined {
  const { attribute } = whole
  const path = referencePath(whole)
  if (subAttribute === undefined) return canonicalValue(attribute, value, path)
  if (subAttribute === issuedReference(attribute)) return undefined
  if (attribute.multiValued) {
    throw new ScimError(
      'invalidValue',
      `${path} is multi-valued: send an array of objects instead of ${path}.${subAttribute.name}.`,
    )
  }
  // A dotted key such as `name.givenName` (ENT-NOPATH-01) is a complex value with that one sub-attribute.
  return canonicalValue(attribute, { [subAttribute.name]: value }, path)
}

/** The sub-attributes of a complex value may come in an object and by dotted keys, each of them once. */
function merge(attribute: Attribute, a: JsonValue, b: JsonValue, path: string): JsonValue {
  if (!isObject(a) || !isObject(b)) throw givenTwice(path)
  const twice = Object.keys(b).find((name) => Object.hasOwn(a, name))
  if (twice !== undefined) throw givenTwice(`${path}.${twice}`)
  const values = new Map([...Object.entries(a), ...Object.entries(b)])
  return inSchemaOrder(attribute.subAttributes, values)
}

function arrange(resourceType: ResourceType, collected: Collected): JsonObject {
  const arranged: Record<string, JsonValue> = {}
  for (const { extension, attributes } of containersOf(resourceType)) {
    const values = collected.get(extension?.id ?? '')
    if (values === undefined) continue
    const content = inSchemaOrder(attributes, values)
    if (extension === undefined) Object.assign(arranged, content)
    else arranged[extension.id] = content
  }
  return arranged
}
