import {
  leaf,
  referencePath,
  resolveInTypes,
  type ResolvedAttribute,
  type PathTarget,
} from '../attribute-path.ts'
import { findAttribute, isSecret, type Attribute } from '../attribute.ts'
import { detail, quote, type Detail } from '../detail.ts'
import { ScimError } from '../errors.ts'
import { issuedReference } from '../reference.ts'
import { didYouMean, likeAttribute, likeSubAttribute } from '../likeness.ts'
import type { ResourceType } from '../resource-type.ts'
import { COMMON_ATTRIBUTES } from '../schema/common.ts'
import { whatCame } from '../what-came.ts'
import { comparabilityOf, EQUALITY, type Literal } from './comparability.ts'
import {
  PARTIAL,
  type ComparisonOperator,
  type Filter,
  type FilterValue,
  type ResolvedFilter,
  type WrittenPath,
} from './filter.ts'

const ID = findAttribute(COMMON_ATTRIBUTES, 'id')
const LOCATION = findAttribute(
  findAttribute(COMMON_ATTRIBUTES, 'meta')?.subAttributes ?? [],
  'location',
)

/** What a path names. */
interface Found {
  /** Where it stands, for errors. */
  readonly path: WrittenPath
  readonly reference: ResolvedAttribute
  /**
   * Present when the values are URIs that this endpoint makes of an id: the id. URIs that differ in host or version name the same
   * resource (RFC 7643 §2.4), so the id is compared instead.
   */
  readonly id?: ResolvedAttribute
}

type Find = (path: WrittenPath) => Found

/**
 * Finds a filter's paths in the schemas of a resource type and gives its literals the attributes' types. A complex
 * attribute with a `value` sub-attribute means `.value` (RFC 7644 Figure 2 `emails co`, Entra's `manager eq`).
 *
 * @param others the other resource types of a query over several: an attribute that only they have is no error, and has
 *   no value here (RFC 7644 §3.4.2.1).
 * @throws ScimError `invalidFilter` for an unknown attribute, one that is never returned, an operator that its type
 *   does not have (RFC 7644 §3.4.2.2 Table 3), a literal of another type.
 */
export function resolveFilter(
  resourceType: ResourceType,
  filter: Filter,
  others: readonly ResourceType[] = [],
): ResolvedFilter {
  return resolve(filter, (path) => findInResource(resourceType, path, others))
}

/**
 * The same for a filter over the elements of an attribute, as inside `emails[…]`: paths are sub-attributes of
 * `attribute`. The elements of a simple multi-valued attribute are called `value`.
 *
 * @throws ScimError `invalidFilter` as `resolveFilter`.
 */
export function resolveValueFilter(attribute: Attribute, filter: Filter): ResolvedFilter {
  return resolve(filter, (path) => findInElement(attribute, path))
}

/** The reference of a path that names an attribute. */
export function toReference(target: PathTarget & { kind: 'attribute' }): ResolvedAttribute {
  const { attribute, extension, subAttribute } = target
  return { extension, attribute, subAttribute }
}

function resolve(filter: Filter, find: Find): ResolvedFilter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, filters: filter.filters.map((each) => resolve(each, find)) }
    case 'not':
      return { kind: 'not', filter: resolve(filter.filter, find) }
    case 'present': {
      const { reference, id } = find(filter.path)
      return { kind: 'present', reference: id ?? reference }
    }
    case 'comparison':
      return resolveComparison(find(filter.path), filter.operator, filter.value)
    case 'valuePath':
      break
  }
  return resolveValuePath(find(filter.path), filter.filter)
}

function findInResource(
  resourceType: ResourceType,
  path: WrittenPath,
  others: readonly ResourceType[],
): Found {
  const target = resolveInTypes([resourceType, ...others], path.text)
  if (target === undefined) {
    throw unknown(path, `a ${resourceType.name}`, likeAttribute(resourceType, path.text))
  }
  if (target.kind === 'extension') {
    throw invalid(
      path,
      detail`${quote(path.text)} is a schema; name one of its attributes, or write schemas eq "${target.extension.id}"`,
    )
  }
  const reference = toReference(target)
  refuseSecret(path, reference)
  if (ID !== undefined && target.subAttribute === LOCATION) {
    return { path, reference, id: { attribute: ID } }
  }
  const sibling = idBeside(target.attribute, target.subAttribute)
  return sibling === undefined
    ? { path, reference }
    : { path, reference, id: { ...reference, subAttribute: sibling } }
}

function findInElement(parent: Attribute, path: WrittenPath): Found {
  if (parent.type !== 'complex') {
    if (path.text.toLowerCase() !== 'value') throw unknown(path, parent.name, 'value')
    return { path, reference: { attribute: { ...parent, name: 'value', multiValued: false } } }
  }
  const attribute = findAttribute(parent.subAttributes, path.text)
  if (attribute === undefined) {
    throw unknown(path, parent.name, likeSubAttribute(parent, path.text))
  }
  const reference = { attribute }
  refuseSecret(path, reference)
  const sibling = idBeside(parent, attribute)
  return sibling === undefined
    ? { path, reference }
    : { path, reference, id: { attribute: sibling } }
}

/** The sub-attribute with the id that the URI in another sub-attribute is made of: `members.value` of `members.$ref`. */
function idBeside(parent: Attribute, subAttribute: Attribute | undefined): Attribute | undefined {
  if (subAttribute === undefined || issuedReference(parent) !== subAttribute) return undefined
  return findAttribute(parent.subAttributes, 'value')
}

function resolveComparison(
  { path, reference, id }: Found,
  operator: ComparisonOperator,
  value: FilterValue,
): ResolvedFilter {
  if (value === null) return compareWithNull(path, id ?? reference, operator)
  if (id !== undefined) {
    requireOperator(path, reference, operator, EQUALITY)
    return { kind: 'comparison', reference: id, operator, value: lastSegment(String(value)) }
  }
  const compared = withDefaultSubAttribute(path, reference)
  const { operators, literal, coerce } = comparabilityOf(leaf(compared), operator)
  requireOperator(path, compared, operator, operators)
  const coerced = coerce(value)
  if (coerced === undefined) {
    throw invalid(
      path,
      detail`${nameOf(compared)} is compared with ${literal}; the filter has ${whatCame(value)}`,
    )
  }
  const whole = PARTIAL.has(operator) ? coerced : asStored(leaf(compared), coerced)
  return { kind: 'comparison', reference: compared, operator, value: whole }
}

/** A literal as a write would have stored it. */
function asStored({ trimmed }: Attribute, value: Literal): Literal {
  return trimmed && typeof value === 'string' ? value.trim() : value
}

/** RFC 7644 Figure 1 allows null and does not say what it means: `eq null` is unassigned (RFC 7643 §2.5). */
function compareWithNull(
  path: WrittenPath,
  reference: ResolvedAttribute,
  operator: ComparisonOperator,
): ResolvedFilter {
  if (operator !== 'eq' && operator !== 'ne') {
    throw invalid(
      path,
      `${nameOf(reference)} is compared with null by "${operator}"; null takes eq and ne only`,
    )
  }
  return { kind: 'comparison', reference, operator, value: null }
}

function resolveValuePath({ path, reference }: Found, filter: Filter): ResolvedFilter {
  const { attribute, subAttribute } = reference
  if (subAttribute !== undefined || (attribute.type !== 'complex' && !attribute.multiValued)) {
    throw invalid(
      path,
      `${nameOf(reference)} cannot have a filter in brackets; only complex and multi-valued attributes can`,
    )
  }
  return { kind: 'valuePath', reference, filter: resolveValueFilter(attribute, filter) }
}

/** RFC 7644 §3.4.2.2 wants a sub-attribute named, and compares `emails` itself in Figure 2. */
function withDefaultSubAttribute(
  path: WrittenPath,
  reference: ResolvedAttribute,
): ResolvedAttribute {
  const { type, subAttributes } = leaf(reference)
  if (type !== 'complex') return reference
  const subAttribute = findAttribute(subAttributes, 'value')
  if (subAttribute !== undefined) return { ...reference, subAttribute }
  const names = subAttributes.map(({ name }) => name).join(', ')
  throw invalid(
    path,
    `${nameOf(reference)} is complex and has no value of its own; name a sub-attribute: ${names}`,
  )
}

function requireOperator(
  path: WrittenPath,
  reference: ResolvedAttribute,
  operator: ComparisonOperator,
  operators: readonly ComparisonOperator[],
): void {
  if (operators.includes(operator)) return
  throw invalid(
    path,
    `${nameOf(reference)} is of type ${leaf(reference).type} and cannot be compared by "${operator}"; it takes ${operators.join(', ')} and pr`,
  )
}

/** RFC 7644 §7.5.2: a filter must not find out what is never returned, such as a password. */
function refuseSecret(path: WrittenPath, reference: ResolvedAttribute): void {
  if ([reference.attribute, leaf(reference)].some(isSecret)) {
    throw invalid(path, `${nameOf(reference)} is never returned and cannot be used in a filter`)
  }
}

/** The id at the end of a resource's URI. */
function lastSegment(uri: string): string {
  const [path = ''] = uri.split(/[?#]/, 1)
  return path.split('/').findLast((segment) => segment !== '') ?? ''
}

function nameOf(reference: ResolvedAttribute): string {
  return `"${referencePath(reference)}"`
}

function unknown(path: WrittenPath, parent: string, like: string | undefined): ScimError {
  return new ScimError(
    'invalidFilter',
    detail`${quote(path.text)} at character ${path.position + 1} is not an attribute of ${parent}${didYouMean(like)}`,
  )
}

/** @param what the detail without its full stop: where the attribute is (1-based) follows it. */
function invalid({ position }: WrittenPath, what: string | Detail): ScimError {
  return new ScimError('invalidFilter', detail`${what} (character ${position + 1}).`)
}
