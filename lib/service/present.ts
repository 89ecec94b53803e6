import { isArray, type JsonObject, type JsonValue } from '../scim/json.ts'
import { project, wants, type Projection } from '../scim/project.ts'
import { locationOf, toRepresentation, withLocations } from '../scim/representation.ts'
import type { Member, StoredResource } from '../scim/resource.ts'
import { GROUP } from '../scim/default-resource-types.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { toETag } from '../scim/etag.ts'
import { Streamed, type Answer, type ScimResult, type ServiceContext } from './context.ts'

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
  return context.memberships.groupsOf(context.tenantId, ids)
}

/** Whether the answer will show the groups that resources are in. */
export function showsGroups(resourceType: ResourceType, projection: Projection): boolean {
  return resourceType.membershipAttribute === 'groups' && wants(projection, 'groups')
}

/** How resources are shown in one answer. */
export interface Showing {
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
  showing: Showing,
): Promise<Answer> {
  const [answer] = await presentAll(context, resourceType, [stored], showing)
  return answer ?? null
}

/** Resources as they are answered; the names of all their groups are read at once. */
export async function presentAll(
  context: ServiceContext,
  resourceType: ResourceType,
  resources: readonly StoredResource[],
  { projection, groupsOf, supplied, members: known }: Showing,
): Promise<readonly Answer[]> {
  const names = await readGroupNames(context, resources, projection, groupsOf)
  const showMembers = resourceType.membershipAttribute === 'members' && wants(projection, 'members')
  return Promise.all(
    resources.map(async (stored) => {
      const representation = toRepresentation(resourceType, stored)
      const groups = groupElements(groupsOf.get(stored.id) ?? [], names)
      const whole = groups.length === 0 ? representation : { ...representation, groups }
      const located = withLocations(resourceType, whole, context.baseUrl)
      const answer = project(projection, located, supplied)
      if (!showMembers) return answer
      const members = await showMembersOf(context, stored.id, projection, known)
      return members === undefined ? answer : { ...answer, members }
    }),
  )
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
  return context.memberships.groupNames(context.tenantId, [...ids])
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

/** All members of a group: inline when one batch holds them, else streamed; undefined when there is none. */
async function showMembersOf(
  context: ServiceContext,
  groupId: string,
  projection: Projection,
  known: readonly Member[] | undefined,
): Promise<Answer | undefined> {
  const show = (batch: readonly Member[]): readonly JsonValue[] => {
    const elements = batch.map(({ value, type }) => ({ value, type }))
    const located = withLocations(GROUP, { members: elements }, context.baseUrl)
    const members = project(projection, located)['members']
    return isArray(members) ? members : []
  }
  if (known !== undefined) return known.length === 0 ? undefined : show(known)
  const batches = context.memberships.members(context.tenantId, groupId)[Symbol.asyncIterator]()
  const first = await batches.next()
  if (first.done === true) return undefined
  const second = await batches.next()
  const firstBatch = show(first.value)
  if (second.done === true) return firstBatch.length === 0 ? undefined : firstBatch
  async function* all(): AsyncGenerator<readonly JsonValue[]> {
    yield firstBatch
    for (let next = second; next.done !== true; next = await batches.next()) {
      yield show(next.value)
    }
  }
  return new Streamed(all())
}

/** An answer that carries the resource (RFC 7644 §3.1, §3.14: Location and ETag equal the body's meta). */
export function resourceResult(
  context: ServiceContext,
  resourceType: ResourceType,
  status: number,
  stored: Pick<StoredResource, 'id' | 'version'>,
  body?: Answer,
): ScimResult {
  return {
    status,
    location: locationOf(resourceType, context.baseUrl, stored.id),
    etag: toETag(stored.version),
    ...(body === undefined ? {} : { body }),
  }
}
