import type { Schema } from './attribute.ts'
import { ENTERPRISE_USER_SCHEMA } from './schema/enterprise-user.ts'
import { GROUP_SCHEMA } from './schema/group.ts'
import { USER_SCHEMA } from './schema/user.ts'
import { URN } from './urn.ts'

/** An extension that resources of a type may carry (RFC 7643 §6 `schemaExtensions`). */
export interface SchemaExtension {
  readonly schema: Schema
  readonly required: boolean
}

/** An attribute whose equality filter is answered without a scan. */
export interface AttributeIndex {
  /** Names the index rows; never changes once data exists. */
  readonly name: string
  /** Canonical path as `referencePath` prints it, such as `emails.value`. */
  readonly path: string
  /** At most one resource of the type may have a value, compared by the attribute's caseExact. */
  readonly unique: boolean
}

/**
 * A resource type as a value (RFC 7643 §6): everything generic is driven by it. A tenant's own attributes arrive as
 * further extensions of a copy, see `withExtensions`.
 */
export interface ResourceType {
  readonly name: 'User' | 'Group'
  readonly endpoint: '/Users' | '/Groups'
  readonly description: string
  readonly schema: Schema
  readonly extensions: readonly SchemaExtension[]
  readonly indexes: readonly AttributeIndex[]
  /** The attribute that is kept as rows of its own: the members of a group, the groups of a user. */
  readonly membershipAttribute: 'members' | 'groups'
  /** What a new resource gets where the client says nothing (RFC 7644 §3.3); a PUT without them keeps what is stored. */
  readonly defaults: Readonly<Record<string, boolean>>
}

export const USER: ResourceType = {
  name: 'User',
  endpoint: '/Users',
  description: 'User Account',
  schema: USER_SCHEMA,
  extensions: [{ schema: ENTERPRISE_USER_SCHEMA, required: false }],
  indexes: [
    { name: 'userName', path: 'userName', unique: true },
    { name: 'externalId', path: 'externalId', unique: false },
    { name: 'email', path: 'emails.value', unique: false },
    { name: 'employeeNumber', path: `${URN.enterpriseUser}:employeeNumber`, unique: false },
  ],
  membershipAttribute: 'groups',
  defaults: { active: true },
}

export const GROUP: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  description: 'Group',
  schema: GROUP_SCHEMA,
  extensions: [],
  indexes: [
    { name: 'displayName', path: 'displayName', unique: true },
    { name: 'externalId', path: 'externalId', unique: false },
  ],
  membershipAttribute: 'members',
  defaults: {},
}

/** All resource types, in the order in which `/ResourceTypes` lists them. */
export const RESOURCE_TYPES: readonly ResourceType[] = [USER, GROUP]

/** A resource type with further extensions, such as a tenant's own attributes. */
export function withExtensions(
  resourceType: ResourceType,
  extensions: readonly SchemaExtension[],
): ResourceType {
  return { ...resourceType, extensions: [...resourceType.extensions, ...extensions] }
}
