import { detail, quote } from './detail.ts'
import { ScimError } from './errors.ts'
import { describe, elementsOf, type JsonValue } from './json.ts'

/** What `schemas` may say of a body. */
export interface Expected {
  /** What errors call the body, such as `a PatchOp`. */
  readonly name: string
  /** The URN that a body of this kind has. */
  readonly urn: string
  readonly isOwn: (urn: string) => boolean
  /** The URNs of those bodies that this one must not be. */
  readonly others: readonly string[]
}

/**
 * The method and the path of a request tell what its body is, so `schemas` (RFC 7643 §3, RFC 7644 §3.1) need not: it may be
 * missing or empty (AK-GRP-28, BR2-04), or name drafts (BR2-01, BR3-10) and what is unknown here (ENT-GRP-01). A body that
 * says to be another one, and this one not at all, was sent to the wrong place.
 *
 * @param schemas undefined where the body has none.
 * @throws ScimError `invalidSyntax` saying what came.
 */
export function checkSchemas(schemas: JsonValue | undefined, expected: Expected): void {
  const { name, urn: right, isOwn, others } = expected
  const urns = elementsOf(schemas).filter((each) => each !== null)
  for (const urn of urns) {
    if (typeof urn === 'string') continue
    throw new ScimError(
      'invalidSyntax',
      `schemas must be an array of URNs, for ${name} ["${right}"], not of ${describe(urn)}.`,
    )
  }
  const texts = urns.filter((urn) => typeof urn === 'string')
  if (texts.some(isOwn)) return
  const other = texts.find((urn) => others.includes(urn.toLowerCase()))
  if (other === undefined) return
  throw new ScimError(
    'invalidSyntax',
    detail`schemas has ${quote(other)}, but here belongs ${name}: ["${right}"].`,
  )
}
