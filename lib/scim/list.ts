import { ScimError } from './errors.ts'
import { LIMITS } from './limits.ts'
import { MESSAGE } from './urn.ts'

/** A page by index (RFC 7644 §3.4.2.4). */
export interface Paging {
  /** 1-based. */
  readonly startIndex: number
  readonly count: number
}

/**
 * The page that was asked for (RFC 7644 §3.4.2.4): a startIndex below 1 is 1, a negative count is 0, a count above the
 * page size is cut down to it, and what no number can hold is the largest one.
 * @throws ScimError `invalidValue` when one is not a whole number.
 */
export function parsePaging(parameters: { startIndex?: unknown; count?: unknown }): Paging {
  return {
    startIndex: Math.max(1, integer('startIndex', parameters.startIndex) ?? 1),
    count: Math.min(
      LIMITS.pageSize,
      Math.max(0, integer('count', parameters.count) ?? LIMITS.defaultPageSize),
    ),
  }
}

function integer(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const isDigits = typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)
  const number = isDigits ? Number(value) : value
  if (typeof number !== 'number' || !(isDigits || Number.isInteger(number))) {
    throw new ScimError('invalidValue', `${name} must be a whole number, such as 1.`)
  }
  // More digits than a number holds are far beyond the last resource all the same.
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(Number.MIN_SAFE_INTEGER, number))
}

/** What a list says beside its resources (RFC 7644 §3.4.2, RFC 9865 §2). */
export interface ListCounts {
  readonly totalResults?: number | undefined
  readonly startIndex?: number | undefined
  /** The number of resources in this answer. */
  readonly itemsPerPage: number
  readonly previousCursor?: string | undefined
  readonly nextCursor?: string | undefined
}

/** What a list answers (RFC 7644 §3.4.2); a type, not an interface, so that it is JSON where `Resources` is. */
export type ListResponse<Resources> = {
  readonly schemas: readonly string[]
  readonly totalResults?: number
  readonly startIndex?: number
  readonly itemsPerPage: number
  readonly previousCursor?: string
  readonly nextCursor?: string
  readonly Resources: Resources
}

/** A ListResponse; `Resources` is there even when it is empty, because Entra fails on its absence. */
export function listResponse<Resources>(
  { totalResults, startIndex, itemsPerPage, previousCursor, nextCursor }: ListCounts,
  resources: Resources,
): ListResponse<Resources> {
  return {
    schemas: [MESSAGE.listResponse],
    ...(totalResults === undefined ? {} : { totalResults }),
    ...(startIndex === undefined ? {} : { startIndex }),
    itemsPerPage,
    ...(previousCursor === undefined ? {} : { previousCursor }),
    ...(nextCursor === undefined ? {} : { nextCursor }),
    Resources: resources,
  }
}
