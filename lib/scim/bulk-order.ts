import { leaf, resolvePath } from './attribute-path.ts'
import type { BulkOperation } from './bulk.ts'
import { referencesOf } from './bulk-reference.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from './json.ts'
import type { ResourceType } from './resource-type.ts'
import { foldCase } from './text.ts'
import { uniqueAttributes } from './unique-attributes.ts'

/** What decides whether two operations of a BulkRequest may change places. */
export interface Footprint {
  readonly method: BulkOperation['method']
  readonly resourceType?: ResourceType
  /** The id in the path; absent for POST. */
  readonly id?: string
  /** Every string in the data: among them the ids it refers to. */
  readonly mentions: ReadonlySet<string>
  /** The unique values that a POST claims, trimmed and folded. */
  readonly claims: ReadonlySet<string>
  /** It may take or free a unique name. */
  readonly touchesNames: boolean
  /** bulkIds that must be resolved first. */
  readonly references: ReadonlySet<string>
}

/** The resource type and id that a path names: `/Users` or `/Users/<id>`, without regard to case. */
export function parseBulkPath(
  resourceTypes: readonly ResourceType[],
  path: string,
): { resourceType?: ResourceType; id?: string } {
  const [endpoint = '', id, ...more] = bulkPathSegments(path)
  const resourceType = resourceTypes.find(
    (type) => type.endpoint.slice(1).toLowerCase() === endpoint.toLowerCase(),
  )
  if (resourceType === undefined || more.length > 0) return {}
  return id === undefined ? { resourceType } : { resourceType, id }
}

/** A repeated slash is one, as in a URL. */
export function bulkPathSegments(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '')
}

/** The footprint of an operation. */
export function footprintOf(
  resourceTypes: readonly ResourceType[],
  operation: BulkOperation,
): Footprint {
  const { method, data } = operation
  const { resourceType, id } = parseBulkPath(resourceTypes, operation.path)
  const mentions = new Set<string>()
  const names = new Set<string>()
  if (data !== undefined) collect(data, mentions, names)
  const unique = resourceType === undefined ? [] : uniqueAttributes(resourceType)
  const uniqueNames = new Set(unique.map(({ reference }) => leaf(reference).name.toLowerCase()))
  return {
    method,
    ...(resourceType === undefined ? {} : { resourceType }),
    ...(id === undefined ? {} : { id }),
    mentions,
    claims: resourceType === undefined ? new Set() : claimsIn(resourceType, data ?? {}),
    touchesNames: method !== 'PATCH' || [...uniqueNames].some((name) => names.has(name)),
    references: referencesOf(operation),
  }
}

/** The values that the data gives to unique attributes, trimmed and folded. */
function claimsIn(resourceType: ResourceType, data: JsonObject): ReadonlySet<string> {
  const unique = new Set(uniqueAttributes(resourceType).map(({ reference }) => reference.attribute))
  const claims = new Set<string>()
  const note = (value: JsonObject, urn: string): void => {
    for (const [name, given] of Object.entries(value)) {
      const target = resolvePath(resourceType, urn + name)
      if (target?.kind === 'extension' && isObject(given)) note(given, `${target.extension.id}:`)
      if (target?.kind === 'attribute' && unique.has(target.attribute)) {
        const texts = new Set<string>()
        collect(given, texts, new Set())
        for (const text of texts) claims.add(foldCase(text.trim()))
      }
    }
  }
  note(data, '')
  return claims
}

/** All strings, and all names of members and last parts of paths, in lower case. */
function collect(value: JsonValue, strings: Set<string>, names: Set<string>): void {
  if (typeof value === 'string') {
    strings.add(value)
    names.add(value.slice(value.lastIndexOf(':') + 1).toLowerCase())
  } else if (isArray(value)) {
    for (const element of value) collect(element, strings, names)
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      names.add(name.slice(name.lastIndexOf(':') + 1).toLowerCase())
      collect(member, strings, names)
    }
  }
}

/**
 * Whether the later of two operations must wait for the earlier one, so that running others side by side keeps the
 * client's intent (RFC 7644 §3.7): they are about one resource, one refers to the other's, or a unique name may pass
 * from one to the other.
 */
export function mustFollow(later: Footprint, earlier: Footprint): boolean {
  if (refersTo(later, earlier) || refersTo(earlier, later)) return true
  if (later.resourceType === undefined || later.resourceType !== earlier.resourceType) return false
  if (later.id !== undefined && later.id === earlier.id) return true
  return mayPassName(later, earlier)
}

function mayPassName(later: Footprint, earlier: Footprint): boolean {
  if (later.method === 'POST' && earlier.method === 'POST') {
    return [...later.claims].some((claim) => earlier.claims.has(claim))
  }
  if (later.method === 'DELETE' && earlier.method === 'DELETE') return false
  return later.touchesNames && earlier.touchesNames
}

function refersTo(one: Footprint, other: Footprint): boolean {
  return other.id !== undefined && one.mentions.has(other.id)
}
