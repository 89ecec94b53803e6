import { leaf, referencePath, type ResolvedAttribute } from '../scim/attribute-path.ts'
import type { ComparisonOperator, ResolvedFilter } from '../scim/filter/filter.ts'
import { matches } from '../scim/filter/match.ts'
import { toRepresentation } from '../scim/representation.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { comparableText } from '../scim/text.ts'
import { indexedAttributes } from './index-entries.ts'
import type { AttributeIndex } from './layout.ts'
import { isMembership, membershipTerms, type MembershipView } from './membership-filter.ts'

/** A comparison with a column of the resource's row: everything that matches the filter fulfils it. */
export type RowCondition =
  | {
      readonly column: 'created' | 'lastModified'
      readonly operator: 'ge' | 'le'
      /** ISO 8601, UTC, milliseconds. */
      readonly value: string
    }
  | { readonly column: 'active'; readonly operator: 'eq'; readonly value: boolean }

/** Where the resources are looked for that a filter may match. */
export type Access =
  | { readonly kind: 'id'; readonly id: string }
  /** Index values are in the form in which the attribute's values are compared. */
  | { readonly kind: 'equals'; readonly index: AttributeIndex; readonly value: string }
  | { readonly kind: 'startsWith'; readonly index: AttributeIndex; readonly value: string }
  /** Resources that have this id among their `members` or `groups`. */
  | { readonly kind: 'membership'; readonly term: string }
  | { readonly kind: 'scan' }

/** How a filter is answered: what `access` finds is matched against the filter, all of it. */
export interface Plan {
  readonly access: Access
  /** For a scan: what the rows can be cut down by before they are read. */
  readonly conditions: readonly RowCondition[]
  /** The ids that `members` or `groups` are compared with, see `viewMemberships`. */
  readonly memberships: readonly string[]
}

type Comparison = ResolvedFilter & { kind: 'comparison' }

/**
 * Takes the best indexed condition out of a filter's top-level `and`.
 * @throws ScimError `invalidFilter` for conditions on `members` or `groups` that cannot be answered.
 */
export function planQuery(resourceType: ResourceType, filter: ResolvedFilter): Plan {
  const conjuncts = conjunctsOf(filter)
  const accesses = conjuncts.flatMap((conjunct) => accessBy(resourceType, conjunct))
  return {
    access: accesses.toSorted(compareAccess)[0] ?? { kind: 'scan' },
    conditions: conjuncts.flatMap((conjunct) =>
      conjunct.kind === 'comparison' ? rowConditions(resourceType, conjunct) : [],
    ),
    memberships: membershipTerms(resourceType, filter),
  }
}

/**
 * Whether a resource matches a filter.
 * @param memberships laid over the resource, as `viewMemberships` gives them.
 */
export function matchesStored(
  resourceType: ResourceType,
  filter: ResolvedFilter,
  stored: StoredResource,
  memberships: MembershipView,
): boolean {
  const representation = toRepresentation(resourceType, stored)
  return matches(filter, { ...representation, ...memberships(stored.id) })
}

function conjunctsOf(filter: ResolvedFilter): readonly ResolvedFilter[] {
  return filter.kind === 'and' ? filter.filters.flatMap(conjunctsOf) : [filter]
}

/** The fewer resources an access is likely to find, the earlier it stands here. */
const BEST_FIRST: readonly Access['kind'][] = ['id', 'equals', 'membership', 'startsWith', 'scan']

function compareAccess(a: Access, b: Access): number {
  const byKind = BEST_FIRST.indexOf(a.kind) - BEST_FIRST.indexOf(b.kind)
  return byKind === 0 ? Number(isUnique(b)) - Number(isUnique(a)) : byKind
}

function isUnique(access: Access): boolean {
  return 'index' in access && access.index.unique
}

function accessBy(resourceType: ResourceType, conjunct: ResolvedFilter): readonly Access[] {
  if (conjunct.kind === 'comparison') {
    return accessByValue(resourceType, conjunct.reference, conjunct)
  }
  if (conjunct.kind !== 'valuePath') return []
  // `emails[type eq "work" and value eq "…"]`: the element's own conjuncts.
  const { reference } = conjunct
  return conjunctsOf(conjunct.filter).flatMap((inner) =>
    inner.kind === 'comparison'
      ? accessByValue(
          resourceType,
          { ...reference, subAttribute: inner.reference.attribute },
          inner,
        )
      : [],
  )
}

function accessByValue(
  resourceType: ResourceType,
  reference: ResolvedAttribute,
  { operator, value }: Comparison,
): readonly Access[] {
  if (typeof value !== 'string' || (operator !== 'eq' && operator !== 'sw')) return []
  const path = referencePath(reference)
  if (operator === 'eq') {
    if (path === 'id') return [{ kind: 'id', id: value }]
    if (isMembership(resourceType, reference)) return [{ kind: 'membership', term: value }]
  }
  const indexed = indexedAttributes(resourceType).find((index) => index.path === path)
  if (indexed === undefined) return []
  const kind = operator === 'eq' ? 'equals' : 'startsWith'
  return [{ kind, index: indexed, value: comparableText(leaf(reference), value) }]
}

/** Columns hold whole milliseconds, so a literal is cut down to them and every bound includes its own value. */
const BOUNDS: Partial<Record<ComparisonOperator, readonly ('ge' | 'le')[]>> = {
  eq: ['ge', 'le'],
  gt: ['ge'],
  ge: ['ge'],
  lt: ['le'],
  le: ['le'],
}

function rowConditions(
  resourceType: ResourceType,
  { reference, operator, value }: Comparison,
): readonly RowCondition[] {
  const path = referencePath(reference)
  if (path === 'active' && operator === 'eq' && typeof value === 'boolean') {
    return resourceType.name === 'User' ? [{ column: 'active', operator, value }] : []
  }
  const column =
    path === 'meta.created' ? 'created' : path === 'meta.lastModified' ? 'lastModified' : undefined
  const instant = typeof value === 'string' ? wholeMilliseconds(value) : undefined
  if (column === undefined || instant === undefined) return []
  return (BOUNDS[operator] ?? []).map((bound) => ({ column, operator: bound, value: instant }))
}

/** A dateTime as the columns hold it, rounded down; undefined when it cannot be written so. */
function wholeMilliseconds(dateTime: string): string | undefined {
  // A dateTime without offset is UTC in filters, but local time for Date.
  const text = /(?:Z|[+-]\d\d:\d\d)$/.test(dateTime) ? dateTime : `${dateTime}Z`
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) return undefined
  const iso = date.toISOString()
  return /^\d{4}-/.test(iso) ? iso : undefined
}
