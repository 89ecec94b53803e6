import type { ResolvedAttribute } from '../attribute-path.ts'
import type { Schema } from '../attribute.ts'
import type { ResolvedFilter } from '../filter/filter.ts'
import type { JsonValue } from '../json.ts'
import type { OperationName } from '../patch-operation.ts'

/** What an operation changes: an attribute, a sub-attribute, or those elements that a filter matches. */
export interface AttributeTarget {
  readonly kind: 'attribute'
  readonly reference: ResolvedAttribute
  /** Which elements of `reference.attribute` are meant; for `matchesValue`. */
  readonly filter: ResolvedFilter | undefined
}

/** All attributes of an extension: the operation has no value for one of them. */
export interface ExtensionTarget {
  readonly kind: 'extension'
  readonly extension: Schema
}

/**
 * One operation of a PATCH, read: its target is found in the schemas and may be written by clients. An operation as it is
 * written comes to one of these for each attribute that it names.
 */
export interface ResolvedOperation<Target = AttributeTarget | ExtensionTarget> {
  /** 1-based position in the request's `Operations`, for errors. */
  readonly index: number
  readonly op: OperationName
  readonly target: Target
  /** null is none; otherwise as it came. */
  readonly value: JsonValue
}
