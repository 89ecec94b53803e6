import type { DefinitionIndex } from './attribute-definition.ts'
import type { Attribute, Schema } from './attribute.ts'

/** An extension that resources of a type may carry (RFC 7643 §6 `schemaExtensions`). */
export interface SchemaExtension {
  readonly schema: Schema
  readonly required: boolean
  /** Attributes of other extensions that may be written behind the URN of this one, where it has none of that name. */
  readonly guests?: readonly Guests[]
}

/** Attributes that another schema may be asked for. */
export interface Guests {
  /** The one that they belong to. */
  readonly schema: Schema
  readonly attributes: readonly Attribute[]
}

/** Which index rows there are of an attribute that a tenant has declared. */
export interface DeclaredIndex extends DefinitionIndex {
  readonly reference: { readonly extension: Schema; readonly attribute: Attribute }
}

/**
 * A resource type as a value (RFC 7643 §6): everything generic is driven by it. A tenant's own attributes arrive as
 * further extensions of a copy, see `withExtensions`.
 */
export interface ResourceType {
  readonly name: string
  readonly endpoint: `/${string}`
  readonly description: string
  readonly schema: Schema
  readonly extensions: readonly SchemaExtension[]
  /** The attribute that tells memberships, which are kept apart: the members of a group, the groups of a user. */
  readonly membershipAttribute?: 'members' | 'groups'
  /** Values that an attribute may have at most, where LIMITS.values is too many. */
  readonly valueLimits: Readonly<Record<string, number>>
  /** What a new resource gets where the client says nothing (RFC 7644 §3.3); a PUT without them keeps what is stored. */
  readonly defaults: Readonly<Record<string, boolean>>
  /** Of each attribute that the tenant has declared; none when absent. */
  readonly declaredIndexes?: readonly DeclaredIndex[]
  /** Names of indexes that do not have all that the tenant has: no filter is answered by them. None when absent. */
  readonly unfilledIndexes?: readonly string[]
}

/** A resource type with further extensions, such as a tenant's own attributes. */
export function withExtensions(
  resourceType: ResourceType,
  extensions: readonly SchemaExtension[],
): ResourceType {
  return { ...resourceType, extensions: [...resourceType.extensions, ...extensions] }
}
