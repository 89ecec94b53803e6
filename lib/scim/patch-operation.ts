import type { JsonValue } from './json.ts'

/** RFC 7644 §3.5.2. */
export const OPERATION_NAMES = ['add', 'remove', 'replace'] as const
export type OperationName = (typeof OPERATION_NAMES)[number]

/** One operation of a PATCH as it is written (RFC 7644 §3.5.2). `value` is there for add and replace. */
export interface PatchOperation {
  readonly op: OperationName
  /** Absent when the value is an object of attributes of the resource. */
  readonly path?: string
  readonly value?: JsonValue
  /** 1-based position in the request's `Operations`, for errors. */
  readonly index: number
}
