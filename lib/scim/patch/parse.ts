import { detail, quote, type Detail } from '../detail.ts'
import { ScimError } from '../errors.ts'
import { describe, isArray, isObject, type JsonValue } from '../json.ts'
import { LIMITS } from '../limits.ts'
import { namesIgnoringCase, readMessage } from '../message.ts'
import { OPERATION_NAMES, type OperationName, type PatchOperation } from '../patch-operation.ts'
import { MESSAGE } from '../urn.ts'
import { atOperation } from './at-operation.ts'

/**
 * Reads the body of a PATCH (RFC 7644 §3.5.2): the envelope and the shape of each operation, not yet its path and value.
 *
 * Names of members and operations match without regard to case (Entra sends `Replace`, ENT-OP-01); unknown members are
 * ignored. `schemas` may be missing or empty (authentik, AK-GRP-28), but must name PatchOp where it is not. No operations
 * are no change (SCIM Validator, VAL-EMPTY-01).
 *
 * @returns the operations in their order.
 * @throws ScimError `invalidSyntax` for a body of another shape, an unknown `op`; `invalidPath` for a path that is no
 *   string; `invalidValue` for an add or replace without value, and for more than LIMITS.patchOperations operations.
 */
export function parsePatch(body: unknown): readonly PatchOperation[] {
  const operations = readMessage(body, MESSAGE.patchOp, 'PatchOp').get('operations')
  if (!isArray(operations)) {
    throw new ScimError(
      'invalidSyntax',
      detail`Operations must be an array of operations; ${whatCame(operations)}.`,
    )
  }
  checkCount(operations.length)
  return operations.map((operation, i) =>
    atOperation(i + 1, () => parseOperation(operation, i + 1)),
  )
}

/**
 * @param count of what came, or of what it stands for: an attribute in an operation without a path is an operation, too.
 * @throws ScimError `invalidValue`.
 */
export function checkCount(count: number): void {
  if (count <= LIMITS.patchOperations) return
  throw new ScimError(
    'invalidValue',
    `Operations may have at most ${LIMITS.patchOperations} operations, ${count} came. Send them in several requests.`,
  )
}

function parseOperation(operation: JsonValue, index: number): PatchOperation {
  if (!isObject(operation)) {
    throw new ScimError(
      'invalidSyntax',
      `An operation must be an object with op, path and value, not ${describe(operation)}.`,
    )
  }
  const values = namesIgnoringCase(operation)
  const op = parseName(values.get('op'))
  const path = parsePathText(values.get('path'))
  const value = values.get('value')
  if (op !== 'remove' && value === undefined) {
    throw new ScimError(
      'invalidValue',
      `${op} needs a value. To clear an attribute send null, or op remove.`,
    )
  }
  return {
    op,
    index,
    ...(path === undefined ? {} : { path }),
    ...(value === undefined ? {} : { value }),
  }
}

function parseName(op: JsonValue | undefined): OperationName {
  const name = typeof op === 'string' ? op.toLowerCase() : undefined
  const known = OPERATION_NAMES.find((each) => each === name)
  if (known !== undefined) return known
  throw new ScimError('invalidSyntax', detail`op must be add, remove or replace; ${whatCame(op)}.`)
}

function whatCame(value: JsonValue | undefined): Detail {
  if (value === undefined) return detail`it is missing`
  return detail`${typeof value === 'string' ? quote(value.slice(0, 20)) : describe(value)} came`
}

/** An empty path, like none, means the resource itself. */
function parsePathText(path: JsonValue | undefined): string | undefined {
  if (path === undefined || path === null || path === '') return undefined
  if (typeof path === 'string') return path
  throw new ScimError('invalidPath', `path must be a string, not ${describe(path)}.`)
}
