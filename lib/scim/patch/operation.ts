import type { JsonValue } from '../json.ts'
import type { ResourceType } from '../resource-type.ts'

/** RFC 7644 §3.5.2. */
export const OPERATION_NAMES = ['add', 'remove', 'replace'] as const
export type OperationName = (typeof OPERATION_NAMES)[number]

/** One operation of a PATCH (RFC 7644 §3.5.2). `value` is there for add and replace. */
export interface PatchOperation {
  readonly op: OperationName
  /** As written; absent when the value is an object of attributes of the resource. */
  readonly path?: string
  readonly value?: JsonValue
  /** 1-based position in the request's `Operations`, for errors. */
  readonly index: number
}

/** Turns one client's spelling of an operation into what RFC 7644 has for it; hands back everything else as it came. */
export type OperationRewrite = (
  resourceType: ResourceType,
  operation: PatchOperation,
) => readonly PatchOperation[]
