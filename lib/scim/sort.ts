import { leaf, referencePath, resolveInTypes, type ResolvedAttribute } from './attribute-path.ts'
import { detail, quote } from './detail.ts'
import { ScimError } from './errors.ts'
import { isArray, own, type JsonObject, type JsonValue } from './json.ts'
import { didYouMean, likeAttribute } from './likeness.ts'
import { issuedReference } from './reference.ts'
import type { ResourceType } from './resource-type.ts'
import { comparableForm } from './text.ts'
import { attributeValueAt } from './values-at.ts'

/** The order that was asked for (RFC 7644 §3.4.2.3). */
export interface Sort {
  readonly by: ResolvedAttribute
  readonly descending: boolean
}

/** Orders resources as they are answered; 0 for those that are equal in the attribute. */
export type ResourceOrder = (a: JsonObject, b: JsonObject) => number

/**
 * The order that `sortBy` and `sortOrder` ask for; undefined without `sortBy`. An empty one is as if absent (BR3-19).
 * @param others the other resource types of a query over several; a resource without the attribute has no value.
 * @throws ScimError `invalidValue` for an attribute that is unknown, complex without a value of its own, or never
 *   returned (its order would reveal its value), and for another sortOrder.
 */
export function parseSort(
  resourceType: ResourceType,
  parameters: { readonly sortBy?: string | undefined; readonly sortOrder?: string | undefined },
  others: readonly ResourceType[] = [],
): Sort | undefined {
  const { sortBy, sortOrder = '' } = parameters
  const descending = sortOrder.toLowerCase() === 'descending'
  if (!descending && sortOrder !== '' && sortOrder.toLowerCase() !== 'ascending') {
    throw new ScimError('invalidValue', 'sortOrder must be "ascending" or "descending".')
  }
  if (sortBy === undefined || sortBy === '') return undefined
  return { by: sortableAttribute([resourceType, ...others], sortBy), descending }
}

function sortableAttribute(
  resourceTypes: readonly ResourceType[],
  path: string,
): ResolvedAttribute {
  const target = resolveInTypes(resourceTypes, path)
  if (target?.kind !== 'attribute') {
    const names = resourceTypes.map(({ name }) => name).join(' or ')
    const [like] = resourceTypes.flatMap((each) => likeAttribute(each, path) ?? [])
    throw new ScimError(
      'invalidValue',
      detail`sortBy must name an attribute of a ${names}, not ${quote(path)}${didYouMean(like)}`,
    )
  }
  const { name } = target.attribute
  if (target.attribute.returned === 'never' || leaf(target).returned === 'never') {
    throw new ScimError('invalidValue', `sortBy cannot be ${name}: it is never returned.`)
  }
  if (resourceTypes.some(({ membershipAttribute }) => membershipAttribute === name)) {
    throw new ScimError('invalidValue', `sortBy cannot be ${name}: a set has no order.`)
  }
  if (isIssued(target)) {
    throw new ScimError(
      'invalidValue',
      `sortBy cannot be ${referencePath(target)}: sort by the id.`,
    )
  }
  const subAttribute = target.subAttribute ?? valueOf(target)
  if (subAttribute === undefined && target.attribute.type === 'complex') {
    // RFC 7644 §3.4.2.3: the attribute name must be a path to a sub-attribute.
    throw new ScimError('invalidValue', `sortBy must name a sub-attribute of ${name}.`)
  }
  return { extension: target.extension, attribute: target.attribute, subAttribute }
}

/** URIs that are made of ids when they are answered, `$ref` and `meta.location`, are in no stored resource. */
function isIssued({ attribute, subAttribute }: ResolvedAttribute): boolean {
  if (subAttribute === undefined) return false
  return issuedReference(attribute) === subAttribute || subAttribute.name === 'location'
}

/** RFC 7643 §2.4: `value` is what a multi-valued attribute is about. */
function valueOf(target: ResolvedAttribute): ResolvedAttribute['subAttribute'] {
  return target.attribute.subAttributes.find(({ name }) => name === 'value')
}

/**
 * Orders resources by an attribute (RFC 7644 §3.4.2.3): text as the attribute compares it (caseExact or not), numbers
 * and booleans by value, dateTimes by instant; a multi-valued attribute by its primary value, else its first; resources
 * without a value last, or first when descending.
 */
export function compareBy(reference: ResolvedAttribute, descending: boolean): ResourceOrder {
  const compare = compareSortKeys(descending)
  const keys = new WeakMap<JsonObject, SortKey>()
  const keyOf = (resource: JsonObject): SortKey => {
    let key = keys.get(resource)
    if (key === undefined) keys.set(resource, (key = sortKey(reference, resource)))
    return key
  }
  return (a, b) => compare(keyOf(a), keyOf(b))
}

/** What is compared; in an object, so that a missing value can be remembered too. */
export interface SortKey {
  readonly value: string | number | undefined
}

/** The order of keys, as `compareBy` has it. */
export function compareSortKeys(descending: boolean): (a: SortKey, b: SortKey) => number {
  return descending ? (a, b) => compareKeys(b, a) : compareKeys
}

function compareKeys({ value: a }: SortKey, { value: b }: SortKey): number {
  if (a === b) return 0
  if (a === undefined) return 1
  if (b === undefined) return -1
  return a < b ? -1 : 1
}

/**
 * What a resource is sorted by.
 * @param resource as it is answered.
 */
export function sortKey(reference: ResolvedAttribute, resource: JsonObject): SortKey {
  const { subAttribute } = reference
  const value = singleValue(attributeValueAt(reference, resource))
  return { value: comparable(reference, subAttribute ? own(value, subAttribute.name) : value) }
}

function singleValue(value: JsonValue | undefined): JsonValue | undefined {
  if (!isArray(value)) return value
  return value.find((element) => own(element, 'primary') === true) ?? value[0]
}

function comparable(
  reference: ResolvedAttribute,
  value: JsonValue | undefined,
): string | number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return undefined
  return comparableForm(leaf(reference), value)
}
