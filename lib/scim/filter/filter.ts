import type { ResolvedAttribute } from '../attribute-path.ts'

/** Comparison operators of RFC 7644 §3.4.2.2 Table 3; `pr` is a node of its own. */
export const COMPARISON_OPERATORS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const
export type ComparisonOperator = (typeof COMPARISON_OPERATORS)[number]

/** Operators that look for a part of a text, whose ends are inside the value. */
export const PARTIAL: ReadonlySet<ComparisonOperator> = new Set(['co', 'sw', 'ew'])

/** A literal of a filter: JSON without arrays and objects. */
export type FilterValue = string | number | boolean | null

/** An attribute path as written, and where it starts in the filter's text (0-based). */
export interface WrittenPath {
  readonly text: string
  readonly position: number
}

/** A filter as written (RFC 7644 §3.4.2.2), before the schemas are looked at. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'present'; readonly path: WrittenPath }
  | {
      readonly kind: 'comparison'
      readonly path: WrittenPath
      readonly operator: ComparisonOperator
      readonly value: FilterValue
    }
  | { readonly kind: 'valuePath'; readonly path: WrittenPath; readonly filter: Filter }

/**
 * A filter whose paths are found in the schemas and whose literals have the attribute's type. Inside a `valuePath` a
 * reference is relative to the element: its `attribute` is the sub-attribute.
 */
export type ResolvedFilter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly ResolvedFilter[] }
  | { readonly kind: 'not'; readonly filter: ResolvedFilter }
  | { readonly kind: 'present'; readonly reference: ResolvedAttribute }
  | {
      readonly kind: 'comparison'
      readonly reference: ResolvedAttribute
      readonly operator: ComparisonOperator
      readonly value: FilterValue
    }
  | {
      readonly kind: 'valuePath'
      readonly reference: ResolvedAttribute
      readonly filter: ResolvedFilter
    }
