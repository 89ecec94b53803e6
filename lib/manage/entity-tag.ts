import { createHash } from 'node:crypto'
import { ifMatchHolds, ifNoneMatchHolds, toETag } from '../scim/etag.ts'
import type { ChangeOptions } from '../storage/tenant-port.ts'
import { Problem } from './problem.ts'

/**
 * The ETag of what is answered: one part for the version of what is kept, which `If-Match` is about, and one for all that
 * the answer says. Counts, times of use and a status that changes with the clock make another answer, but no other version.
 */
export function entityTag({ id, version }: Versioned, body: unknown): string {
  return toETag(`${digest(`${id} ${version}`)}.${digest(JSON.stringify(body))}`)
}

/** New ones have the same version. */
interface Versioned {
  readonly id: string
  readonly version: string
}

/**
 * On which condition something may be changed: that it has the version it has now, when the client wants that one and no
 * other to be changed.
 * @throws Problem `precondition-failed` when it is not as the client knew it.
 */
export function boundTo({ id, version }: Versioned, ifMatch: string | undefined): ChangeOptions {
  // What is behind the dot is about the answer: a digest has no dot in it.
  const ofVersions = ifMatch?.replace(/\.[\w-]+/g, '')
  if (ifMatchHolds(ofVersions, digest(`${id} ${version}`)))
    return isOpen(ifMatch) ? {} : { ifMatch: version }
  throw new Problem(
    'precondition-failed',
    'If-Match names another version: read the resource again, and change that.',
  )
}

/** Whether any version will do. */
function isOpen(ifMatch: string | undefined): boolean {
  return ifMatch === undefined || ['', '*'].includes(ifMatch.trim())
}

/**
 * Refuses an `If-Match` where there is nothing that has a version.
 * @throws Problem `precondition-failed`.
 */
export function checkNoIfMatch(ifMatch: string | undefined): void {
  if (isOpen(ifMatch)) return
  throw new Problem('precondition-failed', 'There is no ETag here: leave If-Match out.')
}

/** Whether the client has this answer already (RFC 9110 §13.1.2). */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatchHolds(ifNoneMatch, etag.slice('W/"'.length, -1))
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16)
}
