import type { BulkOperation } from './bulk.ts'
import { referencesOf } from './bulk-reference.ts'
import { isArray, isObject, type JsonValue } from './json.ts'
import { RESOURCE_TYPES, type ResourceType } from './resource-type.ts'
import { foldCase } from './text.ts'

/** What decides whether two operations of a BulkRequest may change places. */
export interface Footprint {
  readonly method: BulkOperation['method']
  readonly resourceType?: ResourceType
  /** The id in the path; absent for POST. */
  readonly id?: string
  /** Every string in the data: among them the ids it refers to. */
  readonly mentions: ReadonlySet<string>
  /** The unique value that a POST claims. */
  readonly claims?: string
  /** It may take or free a unique name. */
  readonly touchesNames: boolean
  /** bulkIds that must be resolved first. */
  readonly references: ReadonlySet<string>
}

/** The resource type and id that a path names: `/Users` or `/Users/<id>`, without regard to case. */
export function parseBulkPath(path: string): { resourceType?: ResourceType; id?: string } {
  const [, endpoint = '', id, ...more] = path.replace(/^(?!\/)/, '/').split('/')
  const resourceType = RESOURCE_TYPES.find(
    (type) => type.endpoint.slice(1).toLowerCase() === endpoint.toLowerCase(),
  )
  if (resourceType === undefined || more.length > 0) return {}
  return id === undefined || id === '' ? { resourceType } : { resourceType, id }
}

/** The footprint of an operation. */
export function footprintOf(operation: BulkOperation): Footprint {
  const { method, data } = operation
  const { resourceType, id } = parseBulkPath(operation.path)
  const mentions = new Set<string>()
  const names = new Set<string>()
  if (data !== undefined) collect(data, mentions, names)
  const uniqueName = resourceType?.indexes.find(({ unique }) => unique)?.path
  const claimed = Object.entries(data ?? {}).find(
    ([name]) => name.toLowerCase() === uniqueName?.toLowerCase(),
  )?.[1]
  return {
    method,
    ...(resourceType === undefined ? {} : { resourceType }),
    ...(id === undefined ? {} : { id }),
    mentions,
    ...(typeof claimed === 'string' ? { claims: foldCase(claimed) } : {}),
    touchesNames: method !== 'PATCH' || names.has(uniqueName?.toLowerCase() ?? ''),
    references: referencesOf(operation),
  }
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
    return later.claims !== undefined && later.claims === earlier.claims
  }
  if (later.method === 'DELETE' && earlier.method === 'DELETE') return false
  return later.touchesNames && earlier.touchesNames
}

function refersTo(one: Footprint, other: Footprint): boolean {
  return other.id !== undefined && one.mentions.has(other.id)
}
