/**
 * The ETag of a version (RFC 7644 §3.14). It is weak: representations of one version may differ in their bytes, by
 * projection for one.
 */
export function toETag(version: string): string {
  return `W/"${version}"`
}

/**
 * Whether an `If-Match` header (or the `version` of a bulk operation) allows the change. An absent or blank header
 * does. Weak and strong forms are equal: RFC 7644 §3.14 sends weak tags in If-Match, which plain HTTP would never match.
 */
export function ifMatchHolds(header: string | undefined, version: string): boolean {
  if (header === undefined || header.trim() === '') return true
  return names(header, version)
}

/** Whether an `If-None-Match` header names the current version, so that the answer is 304 (RFC 7644 §3.14). */
export function ifNoneMatchHolds(header: string | undefined, version: string): boolean {
  return header !== undefined && names(header, version)
}

/** `W/"tag"`, `"tag"`, or a bare word: some clients lose the quotes. A quoted tag may hold commas (RFC 9110 §8.8.3). */
const ENTITY_TAG = /(?:W\/)?"([^"]*)"|[^\s,"]+/gi

function names(header: string, version: string): boolean {
  for (const [written, quoted] of header.matchAll(ENTITY_TAG)) {
    if (quoted !== undefined) {
      if (quoted === version) return true
    } else if (written === '*' || written.replace(/^W\//i, '') === version) {
      return true
    }
  }
  return false
}
