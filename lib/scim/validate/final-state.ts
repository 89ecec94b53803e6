import type { Attribute } from '../attribute.ts'
import { referencePath } from '../attribute-path.ts'
import { containersOf, contentOf, inSchemaOrder, type Container } from '../container.ts'
import { sameValue } from '../equal.ts'
import { ScimError } from '../errors.ts'
import { elementsOf, isObject, type JsonObject, type JsonValue } from '../json.ts'
import { LIMITS } from '../limits.ts'
import type { ResourceType } from '../resource-type.ts'
import { checkAllowed } from './allowed.ts'
import { immutableChanged, requiredMissing } from './refusals.ts'

/**
 * Checks canonical attributes as a whole, after a PATCH or as they came: what is required is there (RFC 7643 §7), at
 * most one value is primary (§2.4), and no attribute has more values than can be kept, or others than it takes.
 *
 * @param before what is stored: its values are neither too many nor wrong, whatever was allowed when they came.
 * @throws ScimError `invalidValue` naming the attribute.
 */
export function checkResource(
  resourceType: ResourceType,
  attributes: JsonObject,
  before: JsonObject = {},
): void {
  for (const container of containersOf(resourceType)) {
    const content = contentOf(container, attributes)
    const stored = contentOf(container, before) ?? {}
    if (content !== undefined) checkContainer(resourceType, container, content, stored)
    else if (container.required && container.extension !== undefined) {
      throw requiredMissing(container.extension.id)
    }
  }
}

function checkContainer(
  resourceType: ResourceType,
  { extension, attributes }: Container,
  content: JsonObject,
  stored: JsonObject,
): void {
  for (const attribute of attributes) {
    const path = referencePath({ extension, attribute })
    const value = content[attribute.name]
    if (value === undefined) {
      if (isRequired(attribute)) throw requiredMissing(path)
      continue
    }
    const values = elementsOf(value)
    checkCount(resourceType, path, values, elementsOf(stored[attribute.name]))
    checkAllowed(attribute, path, value, stored[attribute.name])
    checkElements(attribute, path, values)
  }
}

/** What this endpoint assigns, and what it does not keep, cannot be missing. */
function isRequired({ required, mutability }: Attribute): boolean {
  return required && mutability !== 'readOnly' && mutability !== 'writeOnly'
}

function checkCount(
  { membershipAttribute, valueLimits }: ResourceType,
  path: string,
  values: readonly JsonValue[],
  stored: readonly JsonValue[],
): void {
  // Memberships are kept apart: only the size of the request limits how many come at once.
  if (path === membershipAttribute) return
  const most = Object.hasOwn(valueLimits, path) ? (valueLimits[path] ?? 0) : LIMITS.values
  if (values.length <= most || hasAll(stored, values)) return
  throw new ScimError(
    'invalidValue',
    `${path} may have at most ${most} values, ${values.length} came.`,
  )
}

/** Whether all of some values are among others, whatever they are labelled. */
function hasAll(others: readonly JsonValue[], values: readonly JsonValue[]): boolean {
  if (values.length > others.length) return false
  const known = new Set(others.map(valueText))
  return values.every((value) => known.has(valueText(value)))
}

function valueText(value: JsonValue): string {
  return JSON.stringify(isObject(value) ? (value['value'] ?? value) : value)
}

function checkElements(attribute: Attribute, path: string, values: readonly JsonValue[]): void {
  const elements = values.filter(isObject)
  const requiredSubAttributes = attribute.subAttributes.filter(isRequired)
  for (const element of elements) {
    for (const { name } of requiredSubAttributes) {
      if (element[name] === undefined) throw requiredMissing(`${path}.${name}`)
    }
  }
  if (elements.filter((element) => element['primary'] === true).length > 1) {
    throw new ScimError('invalidValue', `${path} may have only one value with primary true.`)
  }
}

/**
 * What a PUT may do to immutable attributes (RFC 7644 §3.5.1): a stored value stays, whether the body repeats it or
 * leaves it out; where none is stored the new one is taken.
 *
 * @returns `after` with the stored immutable values that it leaves out.
 * @throws ScimError `mutability` naming the attribute whose stored value the body would change.
 */
export function checkImmutable(
  resourceType: ResourceType,
  before: JsonObject,
  after: JsonObject,
): JsonObject {
  const kept: Record<string, JsonValue> = { ...after }
  for (const container of containersOf(resourceType)) {
    const stored = contentOf(container, before)
    if (stored === undefined) continue
    const prefix = container.extension === undefined ? '' : `${container.extension.id}:`
    const given = contentOf(container, after) ?? {}
    const merged = keepImmutable(container.attributes, stored, given, prefix)
    if (container.extension === undefined) Object.assign(kept, merged)
    else if (Object.keys(merged).length > 0) kept[container.extension.id] = merged
  }
  return kept
}

function keepImmutable(
  attributes: readonly Attribute[],
  stored: JsonObject,
  given: JsonObject,
  prefix: string,
): JsonObject {
  const values = new Map(Object.entries(given))
  for (const attribute of attributes) {
    const { name } = attribute
    const path = `${prefix}${name}`
    const was = stored[name]
    const is = given[name]
    if (was === undefined) continue
    if (attribute.mutability === 'immutable') {
      if (is !== undefined && !sameValue(was, is)) {
        throw immutableChanged(path)
      }
      values.set(name, was)
    } else if (isObject(was) && (is === undefined || isObject(is))) {
      const merged = keepImmutable(attribute.subAttributes, was, is ?? {}, `${path}.`)
      if (Object.keys(merged).length > 0) values.set(name, merged)
    }
  }
  return inSchemaOrder(attributes, values)
}
