import { resolvePath, splitUrn, type ResolvedAttribute } from '../attribute-path.ts'
import { findAttribute, type Attribute } from '../attribute.ts'
import { detail, quote, type Detail } from '../detail.ts'
import { ScimError } from '../errors.ts'
import type { Filter, WrittenPath } from '../filter/filter.ts'
import { TokenReader } from '../filter/lex.ts'
import {
  isValueFilterNext,
  readAttributePath,
  readSubAttribute,
  readValueFilter,
} from '../filter/parse.ts'
import { resolveValueFilter, toReference } from '../filter/resolve.ts'
import { didYouMean, likeAttribute, likeSubAttribute } from '../likeness.ts'
import { LIMITS } from '../limits.ts'
import type { ResourceType } from '../resource-type.ts'
import type { AttributeTarget, ExtensionTarget } from './resolved-operation.ts'

const ARRAY_INDEX = /^[^"[]*\[\d+\]/

/** The path of a PATCH operation as written (RFC 7644 §3.5.2 Figure 7): `attr`, `attr.sub`, `attr[filter]`, `attr[filter].sub`. */
export interface WrittenPatchPath {
  readonly path: WrittenPath
  readonly filter: Filter | undefined
  /** What follows the value filter; `name.givenName` is all in `path`. */
  readonly subAttribute: string | undefined
}

/** What the path of a PATCH operation names. */
export type PatchTarget =
  | AttributeTarget
  | ExtensionTarget
  /** An attribute that nobody declared, of an extension or behind a URN that is unknown, as Entra sends (ENT-URN-04). */
  | { readonly kind: 'undeclared' }

/**
 * Reads the path of a PATCH operation.
 * @throws ScimError `invalidPath`, whose detail says what was expected and found at which character (1-based).
 */
export function parsePath(text: string): WrittenPatchPath {
  const reader = new TokenReader(text, { kind: 'invalidPath', name: 'path' })
  if (text.length > LIMITS.pathCharacters) {
    throw reader.error(
      `The path has ${text.length} characters; at most ${LIMITS.pathCharacters} are accepted.`,
    )
  }
  if (ARRAY_INDEX.test(text)) {
    throw reader.error(
      'Values are chosen by a filter such as [type eq "work"], not by their position.',
    )
  }
  const path = readAttributePath(reader)
  if (!isValueFilterNext(reader)) {
    if (!reader.isAt('end')) throw reader.expected('the end or a filter in brackets')
    return { path, filter: undefined, subAttribute: undefined }
  }
  const filter = readValueFilter(reader)
  const subAttribute = readSubAttribute(reader)
  if (!reader.isAt('end')) throw reader.expected('a dot and a sub-attribute, or the end')
  return { path, filter, subAttribute: subAttribute?.text }
}

/**
 * Finds what the path of a PATCH operation names in the schemas of a resource type, without regard to case.
 * @throws ScimError `invalidPath` when it is malformed or names no attribute, or has a filter on an attribute without
 *   several values; `invalidFilter` when the filter in the brackets does not fit the attribute.
 */
export function resolvePatchPath(resourceType: ResourceType, text: string): PatchTarget {
  const { path, filter, subAttribute } = parsePath(text)
  const target = resolvePath(resourceType, path.text)
  if (target === undefined) {
    if (isUndeclared(resourceType, path.text)) return { kind: 'undeclared' }
    const like = likeAttribute(resourceType, path.text)
    throw invalid(
      detail`${quote(path.text)} is not an attribute of a ${resourceType.name}${didYouMean(like)}`,
    )
  }
  if (target.kind === 'extension') {
    if (filter !== undefined)
      throw invalid(detail`${quote(path.text)} is a schema and takes no filter.`)
    return { kind: 'extension', extension: target.extension }
  }
  const reference = toReference(target)
  if (filter === undefined) return { kind: 'attribute', reference, filter }
  const { attribute } = reference
  if (!attribute.multiValued || reference.subAttribute !== undefined) {
    throw invalid(
      detail`${quote(path.text)} takes no filter in brackets; only attributes with several values do.`,
    )
  }
  return {
    kind: 'attribute',
    reference: subAttribute === undefined ? reference : withSub(reference, attribute, subAttribute),
    filter: resolveValueFilter(attribute, filter),
  }
}

function withSub(
  reference: ResolvedAttribute,
  attribute: Attribute,
  name: string,
): ResolvedAttribute {
  const subAttribute = findAttribute(attribute.subAttributes, name)
  if (subAttribute === undefined) {
    const like = likeSubAttribute(attribute, name)
    throw invalid(
      detail`${quote(name)} is not a sub-attribute of "${attribute.name}"${didYouMean(like)}`,
    )
  }
  return { ...reference, subAttribute }
}

/**
 * Whether a path that names nothing is after a URN under which a customer may map whatever it likes. A part that a known
 * attribute does not have is a mistake.
 */
function isUndeclared(resourceType: ResourceType, path: string): boolean {
  const found = splitUrn(resourceType, path)
  if (found === undefined) return path.slice(0, 4).toLowerCase() === 'urn:'
  const { schema, name } = found
  if (schema === resourceType.schema || name === '') return false
  const [attribute = ''] = name.split('.', 1)
  return resolvePath(resourceType, `${schema.id}:${attribute}`) === undefined
}

function invalid(what: Detail): ScimError {
  return new ScimError('invalidPath', what)
}
