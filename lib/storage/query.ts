import { leaf, referencePath, type ResolvedAttribute } from '../scim/attribute-path.ts'
import type { ComparisonOperator, ResolvedFilter } from '../scim/filter/filter.ts'
import { matches } from '../scim/filter/match.ts'
import { toRepresentation } from '../scim/representation.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { comparedValue } from './index-entries.ts'
import { indexesOf, type AttributeIndex, type StorageLayout } from './layout.ts'
import { comparedIds, isMembership, type MembershipsOf } from './membership-filter.ts'

/** A comparison with a column of the resource's row: everything that matches the filter fulfils it. */
export type RowCondition =
  | {
      readonly column: 'created' | 'lastModified'
      readonly operator: 'ge' | 'le'
      /** ISO 8601, UTC, milliseconds. */
      readonly value: string
    }
  /** The promoted attribute, where it is a boolean. */
  | { readonly column: string; readonly operator: 'eq'; readonly value: boolean }

/** Where the resources are looked for that a filter may match. */
export type Access =
  | { readonly kind: 'id'; readonly id: string }
  /** Index values are in the form in which the attribute's values are compared. */
  | { readonly kind: 'equals'; readonly index: AttributeIndex; readonly value: string }
  | { readonly kind: 'startsWith'; readonly index: AttributeIndex; readonly value: string }
  /** Resources that have this id among their `members` or `groups`. */
  | { readonly kind: 'membership'; readonly value: string }
  | { readonly kind: 'scan' }

/** How a filter is answered: what `access` finds is matched against the filter, all of it. */
export interface Plan {
  readonly access: Access
  /** For a scan: what the rows can be cut down by before they are read. */
  readonly conditions: readonly RowCondition[]
  /** The ids that `members` or `groups` are compared with, see `lookUpMemberships`. */
  readonly comparedIds: readonly string[]
}

type Comparison = ResolvedFilter & { kind: 'comparison' }

/** What is asked, and how it is kept. */
interface Kept {
  readonly resourceType: ResourceType
  readonly layout: StorageLayout
}

/**
 * Takes the best indexed condition out of a filter's top-level `and`.
 * @throws ScimError `invalidFilter` for conditions on `members` or `groups` that cannot be answered.
 */
export function planQuery(
  layout: StorageLayout,
  resourceType: ResourceType,
  filter: ResolvedFilter,
): Plan {
  const kept = { layout, resourceType }
  const conjuncts = conjunctsOf(filter)
  const accesses = conjuncts.flatMap((conjunct) => accessBy(kept, conjunct))
  return {
    access: accesses.toSorted(compareAccess)[0] ?? { kind: 'scan' },
    conditions: conjuncts.flatMap((conjunct) =>
      conjunct.kind === 'comparison' ? rowConditions(layout, conjunct) : [],
    ),
    comparedIds: comparedIds(resourceType, filter),
  }
}

/**
 * Whether a resource matches a filter.
 * @param memberships laid over the resource, as `lookUpMemberships` gives them.
 */
export function matchesStored(
  resourceType: ResourceType,
  filter: ResolvedFilter,
  stored: StoredResource,
  memberships: MembershipsOf,
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

function accessBy(kept: Kept, conjunct: ResolvedFilter): readonly Access[] {
  if (conjunct.kind === 'comparison') return accessByValue(kept, conjunct.reference, conjunct)
  if (conjunct.kind !== 'valuePath') return []
  // `emails[type eq "work" and value eq "…"]`: the element's own conjuncts.
  const { reference } = conjunct
  return conjunctsOf(conjunct.filter).flatMap((inner) =>
    inner.kind === 'comparison'
      ? accessByValue(kept, { ...reference, subAttribute: inner.reference.attribute }, inner)
      : [],
  )
}

function accessByValue(
  { layout, resourceType }: Kept,
  reference: ResolvedAttribute,
  { operator, value }: Comparison,
): readonly Access[] {
  if (value === null || (operator !== 'eq' && operator !== 'sw')) return []
  const path = referencePath(reference)
  if (operator === 'eq' && typeof value === 'string') {
    if (path === 'id') return [{ kind: 'id', id: value }]
    if (isMembership(resourceType, reference)) return [{ kind: 'membership', value }]
  }
  const index = indexesOf(layout, resourceType).find((each) => each.path === path && each.complete)
  const compared = index === undefined ? undefined : comparedValue(reference, value)
  if (index === undefined || compared === undefined) return []
  return [{ kind: operator === 'eq' ? 'equals' : 'startsWith', index, value: compared }]
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
  { promoted }: StorageLayout,
  { reference, operator, value }: Comparison,
): readonly RowCondition[] {
  const path = referencePath(reference)
  if (path === promoted && leaf(reference).type === 'boolean') {
    if (operator !== 'eq' || typeof value !== 'boolean') return []
    return [{ column: promoted, operator, value }]
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
