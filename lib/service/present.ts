import { toETag } from '../scim/etag.ts'
import { isArray, type JsonObject, type JsonValue } from '../scim/json.ts'
import { project, wants, type Projection } from '../scim/project.ts'
import { locationOf, toRepresentation, withLocations } from '../scim/representation.ts'
import type { Member, StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { Streamed, type Answer } from './answer.ts'
import type { ScimResult, ServiceContext } from './context.ts'
import { readManagers } from './managers.ts'

/** The ids of the groups that each user is in. */
export type GroupsOf = ReadonlyMap<string, readonly string[]>

/**
 * Reads the groups that resources are in, when the answer will show them. Independent of the resources themselves, so
 * that it runs beside reading or writing them.
 */
export async function readGroups(
  context: ServiceContext,
  resourceType: ResourceType,
  ids: readonly string[],
  projection: Projection,
): Promise<GroupsOf> {
  if (!showsGroups(resourceType, projection)) return new Map()
  return context.memberships.groupsOf(context.scope, ids)
}

/** Whether the answer will show the groups that resources are in. */
export function showsGroups(resourceType: ResourceType, projection: Projection): boolean {
  return resourceType.membershipAttribute === 'groups' && wants(projection, 'groups')
}

/** Whether the answer will show the members of groups. */
function showsMembers(resourceType: ResourceType, projection: Projection): boolean {
  return resourceType.membershipAttribute === 'members' && wants(projection, 'members')
}

/** What is shown of resources, and what of it is known already. */
export interface Presentation {
  readonly projection: Projection
  readonly groupsOf: GroupsOf
  /** Canonical paths of what the write that is answered has set. */
  readonly supplied?: ReadonlySet<string>
  /** All members of the one group that is shown, when they are known; else they are read. */
  readonly members?: readonly Member[]
}

/** A resource as it is answered, with its memberships, `$ref`s and location, projected. */
export async function present(
  context: ServiceContext,
  resourceType: ResourceType,
  stored: StoredResource,
  presentation: Presentation,
): Promise<Answer> {
  const presentOne = await presenter(context, resourceType, [stored], presentation)
  return presentOne(stored)
}

/**
 * Makes the function that presents each of some resources; the names of all their groups are read at once. The members of
 * a group are read when it is presented: inline when one batch holds them, else streamed.
 */
export async function presenter(
  context: ServiceContext,
  resourceType: ResourceType,
  resources: readonly StoredResource[],
  { projection, groupsOf, supplied, members: known }: Presentation,
): Promise<(stored: StoredResource) => Promise<Answer>> {
  const [names, withManager] = await Promise.all([
    readGroupNames(context, resources, projection, groupsOf),
    readManagers(context, resourceType, resources, projection),
  ])
  const { resourceTypes, baseUrl } = context
  const located = (representation: JsonObject): JsonObject =>
    withLocations(resourceTypes, resourceType, representation, baseUrl)
  const presentMembers = (batch: readonly Member[]): readonly JsonValue[] => {
    const elements = batch.map(({ value, type }) => ({ value, type }))
    const { members } = project(projection, located({ members: elements }))
    return isArray(members) ? members : []
  }
  return async (stored) => {
    const representation = withManager(toRepresentation(resourceType, stored))
    const groups = groupElements(groupsOf.get(stored.id) ?? [], names)
    const whole = groups.length === 0 ? representation : { ...representation, groups }
    const answer = project(projection, located(whole), supplied)
    if (!showsMembers(resourceType, projection)) return answer
    const members =
      known === undefined
        ? await readMembers(context, stored.id, presentMembers)
        : presentMembers(known)
    return members === undefined || isEmpty(members) ? answer : { ...answer, members }
  }
}

function isEmpty(members: Answer): boolean {
  return Array.isArray(members) && members.length === 0
}

async function readGroupNames(
  context: ServiceContext,
  resources: readonly StoredResource[],
  projection: Projection,
  groupsOf: GroupsOf,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Set(resources.flatMap(({ id }) => groupsOf.get(id) ?? []))
  if (ids.size === 0) return new Map()
  if (!wants(projection, 'groups.display')) return new Map(Array.from(ids, (id) => [id, id]))
  return context.memberships.groupNames(context.scope, [...ids])
}

/** RFC 7643 §4.1.2 `groups`: nested membership is not expanded, so every one is direct. */
function groupElements(
  ids: readonly string[],
  names: ReadonlyMap<string, string>,
): readonly JsonObject[] {
  return ids.flatMap((id) => {
    const display = names.get(id)
    // A group without a name is being deleted: it is invisible from the first moment.
    return display === undefined ? [] : [{ value: id, display, type: 'direct' }]
  })
}

/** All members of a group; undefined when there is none. */
async function readMembers(
  context: ServiceContext,
  groupId: string,
  presentMembers: (batch: readonly Member[]) => readonly JsonValue[],
): Promise<readonly JsonValue[] | Streamed | undefined> {
  const batches = context.memberships.members(context.scope, groupId)[Symbol.asyncIterator]()
  const first = await batches.next()
  if (first.done === true) return undefined
  const second = await batches.next()
  const firstBatch = presentMembers(first.value)
  if (second.done === true) return firstBatch
  async function* all(): AsyncGenerator<readonly JsonValue[]> {
    yield firstBatch
    for (let next = second; next.done !== true; next = await batches.next()) {
      yield presentMembers(next.value)
    }
  }
  return new Streamed(all())
}

/** An answer that carries the resource (RFC 7644 §3.1, §3.14: Location and ETag equal the body's meta). */
export function resourceResult(
  context: ServiceContext,
  resourceType: ResourceType,
  status: number,
  { id, version }: Pick<StoredResource, 'id' | 'version'>,
  body?: Answer,
): ScimResult {
  const location = locationOf(resourceType, context.baseUrl, id)
  return { status, id, location, etag: toETag(version), body }
}
