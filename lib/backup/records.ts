import { definitionOf, type AttributeDefinition } from '../scim/attribute-definition.ts'
import { teamNameFrom } from '../people/change-teams.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from '../scim/json.ts'
import type { Member, StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { fromStored, toStored } from '../storage/stored-attributes.ts'
import type { Team } from '../storage/team-port.ts'
import type {
  Credential,
  DeclaredAttribute,
  NewCredential,
  Tenant,
} from '../storage/tenant-port.ts'
import { canonicalReplacement } from '../scim/validate/resource.ts'
import { FORMAT, type DefinitionRecord, type RecordOf, type TenantRecord } from './format.ts'

/*
 * What is kept as records of a file, and the other way round. Records of a file are nobody's word: what a request could not
 * have sent is refused.
 */

export function tenantRecord(
  { id, name, reference, settings }: Tenant,
  definitions: readonly DeclaredAttribute[],
  exported: Date,
): TenantRecord {
  return {
    kind: 'tenant',
    format: FORMAT,
    exported: exported.toISOString(),
    id,
    name,
    ...(reference === undefined ? {} : { reference }),
    settings,
    definitions: definitions.map(definitionRecord),
  }
}

function definitionRecord(declared: DeclaredAttribute): DefinitionRecord {
  const { index, version: _, allowedValues, ...definition } = declared
  const unfilled = index?.complete === false ? { unfilled: true as const } : {}
  return { ...definition, allowedValues: [...allowedValues], ...unfilled }
}

/** The definitions of the attributes that the tenant has, without those that it had. */
export function liveDefinitions({ definitions }: TenantRecord): readonly AttributeDefinition[] {
  return definitions.filter(({ removed }) => removed === undefined).map(definitionOf)
}

type Content = Pick<RecordOf<'user'>, 'version' | 'created' | 'lastModified' | 'content'>

function contentOf(resourceType: ResourceType, stored: StoredResource): Content {
  const { version, created, lastModified } = stored
  return { version, created, lastModified, content: inOrderOfNames(toStored(resourceType, stored)) }
}

/** Changes leave names in any order, and a copy has that of its schemas: so both are told alike. */
function inOrderOfNames(content: JsonObject): JsonObject {
  const names = Object.keys(content).toSorted()
  return Object.fromEntries(names.map((name) => [name, inOrder(content[name] ?? null)]))
}

function inOrder(value: JsonValue): JsonValue {
  if (isObject(value)) return inOrderOfNames(value)
  return isArray(value) ? value.map(inOrder) : value
}

export function userRecord(
  resourceType: ResourceType,
  stored: StoredResource,
  isHidden: boolean,
): RecordOf<'user'> {
  const { id, possibleReturner, invitation } = stored
  return {
    kind: 'user',
    id,
    ...(isHidden ? { hidden: true } : {}),
    ...contentOf(resourceType, stored),
    ...(possibleReturner === undefined ? {} : { possibleReturner }),
    ...(invitation === undefined ? {} : { invitation }),
  }
}

export function groupRecord(
  resourceType: ResourceType,
  id: string,
  group: StoredResource | undefined,
  team: Team | undefined,
): RecordOf<'group'> {
  return {
    kind: 'group',
    id,
    ...(group === undefined ? {} : { group: contentOf(resourceType, group) }),
    ...(team === undefined ? {} : { team: teamContent(team, group !== undefined) }),
  }
}

/** The two are read one by one: in between a group may have come or gone. */
function teamContent(
  { name, version, created, lastModified }: Team,
  adopted: boolean,
): Omit<Team, 'id'> {
  return { name, version, created, lastModified, adopted }
}

export function membersRecord(of: string, members: readonly Member[]): RecordOf<'members'> {
  const idsOf = (type: Member['type']): string[] =>
    members.filter((each) => each.type === type).map(({ value }) => value)
  const [users, groups] = [idsOf('User'), idsOf('Group')]
  return {
    kind: 'members',
    of,
    ...(users.length === 0 ? {} : { users }),
    ...(groups.length === 0 ? {} : { groups }),
  }
}

/** Each once: who is put into a group while it is exported may be read twice. */
export function membersIn({ users = [], groups = [] }: RecordOf<'members'>): readonly Member[] {
  const members = new Map<string, Member>()
  for (const value of users) members.set(value, { value, type: 'User' })
  for (const value of groups) members.set(value, { value, type: 'Group' })
  return [...members.values()]
}

/** @throws ScimError as the body of a request that has these attributes. */
function resourceIn(
  resourceType: ResourceType,
  id: string,
  { version, created, lastModified, content }: Content,
): StoredResource {
  const { attributes, hidden } = fromStored(resourceType, content)
  return {
    id,
    version,
    created,
    lastModified,
    attributes: canonicalReplacement(resourceType, attributes),
    ...(hidden === undefined ? {} : { hidden }),
  }
}

/** The account in a record. @throws ScimError as the body of a request that has its attributes. */
export function userIn(resourceType: ResourceType, record: RecordOf<'user'>): StoredResource {
  const { id, possibleReturner, invitation } = record
  return {
    ...resourceIn(resourceType, id, record),
    ...(possibleReturner === undefined ? {} : { possibleReturner }),
    ...(invitation === undefined ? {} : { invitation }),
  }
}

/** The group in a record; undefined where there is none. @throws ScimError as `userIn`. */
export function groupIn(
  resourceType: ResourceType,
  { id, group }: RecordOf<'group'>,
): StoredResource | undefined {
  return group && resourceIn(resourceType, id, group)
}

/** The team in a record; undefined where there is none. @throws ScimError as a request that makes one. */
export function teamIn({ id, team }: RecordOf<'group'>): Team | undefined {
  return team && { id, ...team, name: teamNameFrom(team.name) }
}

/** What opens the tenant: hashes of secrets, and whose tokens are trusted. */
export function credentialRecord(credential: Credential): RecordOf<'credential'> {
  const { id, label, created, expires } = credential
  const facts = { id, label, created, ...(expires === undefined ? {} : { expires }) }
  if (credential.kind === 'federated') {
    const { issuer, audience, subject, jwksUri } = credential
    return { kind: 'credential', of: 'federated', ...facts, issuer, audience, subject, jwksUri }
  }
  if (credential.kind === 'entra') {
    const { entraTenantId, audience } = credential
    return { kind: 'credential', of: 'entra', ...facts, entraTenantId, audience }
  }
  return { kind: 'credential', of: credential.kind, ...facts, secretHash: credential.secretHash }
}

export function credentialIn(record: RecordOf<'credential'>): NewCredential {
  const { id, label, created, expires } = record
  const facts = { id, label, created, ...(expires === undefined ? {} : { expires }) }
  if (record.of === 'federated') {
    const { issuer, audience, subject, jwksUri } = record
    return { kind: 'federated', ...facts, issuer, audience, subject, jwksUri }
  }
  if (record.of === 'entra') {
    const { entraTenantId, audience } = record
    return { kind: 'entra', ...facts, entraTenantId, audience }
  }
  return { kind: record.of, ...facts, secretHash: record.secretHash }
}
