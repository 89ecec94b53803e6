import { ScimError } from './errors.ts'
import { describe, isArray, isObject, type JsonObject, type JsonValue } from './json.ts'
import { LIMITS } from './limits.ts'
import { namesIgnoringCase, readMessage, type NamedValues } from './message.ts'
import { MESSAGE } from './urn.ts'

/** One operation of a BulkRequest (RFC 7644 §3.7), checked for its form only. */
export interface BulkOperation {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly bulkId?: string
  /** Acts as If-Match. */
  readonly version?: string
  readonly data?: JsonObject
}

/** An operation as it came: what it says, or what is wrong with its form. */
export interface ReceivedOperation {
  readonly received: JsonObject
  readonly operation?: BulkOperation
  readonly problem?: ScimError
}

export interface BulkRequest {
  /** Stop after so many failed operations; absent: do all. */
  readonly failOnErrors?: number
  readonly operations: readonly ReceivedOperation[]
}

const METHODS: readonly BulkOperation['method'][] = ['POST', 'PUT', 'PATCH', 'DELETE']

/**
 * Reads a BulkRequest (RFC 7644 §3.7). What is wrong with one operation fails that one only.
 * @throws ScimError `invalidSyntax` for another message or no list of operations, `invalidValue` for failOnErrors or a
 *   bulkId given twice, `payloadTooLarge` for more than maxOperations (§3.7.4).
 */
export function parseBulk(body: unknown): BulkRequest {
  const message = readMessage(body, MESSAGE.bulkRequest, 'BulkRequest')
  const operations = message.get('operations')
  if (!isArray(operations)) {
    throw new ScimError(
      'invalidSyntax',
      `Operations must be an array, not ${describe(operations)}.`,
    )
  }
  if (operations.length > LIMITS.bulkOperations) {
    throw new ScimError(
      'payloadTooLarge',
      `${operations.length} operations came, more than maxOperations, ${LIMITS.bulkOperations}.`,
    )
  }
  const failOnErrors = parseFailOnErrors(message.get('failonerrors'))
  const received = operations.map(receive)
  checkBulkIds(received)
  return { operations: received, ...(failOnErrors === undefined ? {} : { failOnErrors }) }
}

function parseFailOnErrors(value: JsonValue | undefined): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new ScimError('invalidValue', 'failOnErrors must be a whole number.')
  }
  // None would be left to do before the first error: clients mean that errors do not stop them.
  return value < 1 ? undefined : value
}

function receive(value: JsonValue): ReceivedOperation {
  const received = isObject(value) ? value : {}
  try {
    return { received, operation: parseOperation(value) }
  } catch (error) {
    if (error instanceof ScimError) return { received, problem: error }
    throw error
  }
}

function parseOperation(value: JsonValue): BulkOperation {
  if (!isObject(value)) {
    throw new ScimError('invalidSyntax', `An operation must be an object, not ${describe(value)}.`)
  }
  const values = namesIgnoringCase(value)
  const method = parseMethod(values.get('method'))
  const path = values.get('path')
  if (typeof path !== 'string' || path === '') {
    throw new ScimError('invalidSyntax', 'path must be a string, such as "/Users".')
  }
  const bulkId = optionalString(values, 'bulkId')
  if (method === 'POST' && bulkId === undefined) {
    throw new ScimError('invalidValue', 'bulkId is required with POST (RFC 7644 §3.7).')
  }
  const data = dataOf(method, values.get('data'))
  if (method !== 'DELETE' && !isObject(data)) {
    throw new ScimError('invalidSyntax', `data must be an object, not ${describe(data)}.`)
  }
  const version = optionalString(values, 'version')
  return {
    method,
    path,
    ...(bulkId === undefined ? {} : { bulkId }),
    ...(version === undefined ? {} : { version }),
    ...(isObject(data) ? { data } : {}),
  }
}

/** RFC 7644 §3.7.3 shows the operations of a PATCH as the data itself (BR2-12). */
function dataOf(
  method: BulkOperation['method'],
  data: JsonValue | undefined,
): JsonValue | undefined {
  return method === 'PATCH' && isArray(data) ? { Operations: data } : data
}

function parseMethod(value: JsonValue | undefined): BulkOperation['method'] {
  const method = METHODS.find((each) => typeof value === 'string' && value.toUpperCase() === each)
  if (method === undefined) {
    throw new ScimError('invalidSyntax', `method must be one of ${METHODS.join(', ')}.`)
  }
  return method
}

function optionalString(values: NamedValues, name: string): string | undefined {
  const value = values.get(name.toLowerCase())
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') {
    throw new ScimError('invalidSyntax', `${name} must be a string, not ${describe(value)}.`)
  }
  return value
}

function checkBulkIds(operations: readonly ReceivedOperation[]): void {
  const seen = new Set<string>()
  for (const { operation } of operations) {
    if (operation?.bulkId === undefined) continue
    if (seen.has(operation.bulkId)) {
      throw new ScimError('invalidValue', 'bulkId must be unique within a BulkRequest.')
    }
    seen.add(operation.bulkId)
  }
}
