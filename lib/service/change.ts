import { requireDomains } from '../scim/email-domain.ts'
import { unavailable, ScimError } from '../scim/errors.ts'
import { sameValue } from '../scim/equal.ts'
import { ifMatchHolds, ifNoneMatchHolds } from '../scim/etag.ts'
import type { JsonObject } from '../scim/json.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { checkDeadline } from '../storage/deadline.ts'
import type { Change, JournalOperation } from '../storage/port.ts'
import type { ScimRequest, ServiceContext } from './context.ts'
import { oneChange, withDifference, type ChangeContext } from './next-change.ts'
import { notFound, versionMismatch } from './refusals.ts'

/** The longest pause between two tries. */
const LONGEST_PAUSE_MILLISECONDS = 200

/** What resources are changed with. */
export type WriteContext = ChangeContext &
  Pick<ServiceContext, 'scope' | 'store' | 'turns' | 'pause' | 'policies' | 'noteUnchanged'>

export type Target = Pick<ScimRequest, 'id' | 'ifMatch' | 'ifNoneMatch'>

/** The new attributes of a resource; it may be asked several times, each time for what is stored then. */
export type MakeAttributes = (before: StoredResource) => JsonObject | Promise<JsonObject>

/**
 * Changes a resource: reads it, makes the new attributes, writes them if nobody else wrote in between, else starts again
 * from what is stored then.
 * @throws ScimError as `retryLostRaces`, and what `make` or the store throw.
 */
export async function changeAttributes(
  context: WriteContext,
  resourceType: ResourceType,
  target: Target,
  operation: JournalOperation,
  make: MakeAttributes,
): Promise<StoredResource> {
  const next = oneChange(context, resourceType, operation)
  return retryLostRaces(context, resourceType, target, async (before) => {
    const attributes = await make(before)
    const change = next({ ...before, attributes })
    return writeAttributes(context, resourceType, before, attributes, change)
  })
}

/**
 * Writes new attributes, unless they equal the old ones (RFC 7644 §3.5.2.1: the version stays).
 * @returns the resource as it is then: `before` itself when nothing was written; undefined when somebody else wrote.
 */
export async function writeAttributes(
  context: WriteContext,
  resourceType: ResourceType,
  before: StoredResource,
  attributes: JsonObject,
  change: Change,
): Promise<StoredResource | undefined> {
  if (sameValue(attributes, before.attributes)) {
    context.noteUnchanged?.(resourceType, before.id, context.ignored())
    return before
  }
  requireDomains(context.policies.allowedEmailDomains, before.attributes, attributes)
  const written = await context.store.replace(
    context.scope,
    resourceType,
    before,
    attributes,
    withDifference(change, resourceType, before.attributes, attributes),
  )
  return written ? { ...before, attributes, ...change.stamp } : undefined
}

/**
 * Reads a resource, checks the preconditions and tries a conditional write, again and again while others win the race: no
 * change of anybody is lost, and none is answered with a conflict.
 * @param attempt resolves to a falsy value when it lost the race.
 * @throws ScimError `notFound`, `preconditionFailed`, `unavailable` when races were lost until the deadline, and what
 *   `attempt` throws.
 */
export async function retryLostRaces<Result>(
  context: WriteContext,
  resourceType: ResourceType,
  target: Target,
  attempt: (before: StoredResource) => Promise<Result | undefined | false>,
): Promise<Result> {
  const { scope, store, turns } = context
  return turns.inTurn(turnKey(context, resourceType, target.id), async () => {
    let lost = 0
    while (scope.deadline.remaining() > 0) {
      const before = await store.get(scope, resourceType, target.id)
      if (before === undefined) throw notFound(resourceType)
      checkPreconditions(target, before.version)
      const result = await attempt(before)
      if (result !== undefined && result !== false) return result
      lost += 1
      await context.pause(context.random() * Math.min(LONGEST_PAUSE_MILLISECONDS, 5 * 2 ** lost))
    }
    // Waiting for the storage, or for those who wait for it, is no lost race.
    if (lost === 0) checkDeadline(scope.deadline)
    throw unavailable('Too many changes of this resource at once. Try again.')
  })
}

/** Tells the queue of writers of one resource from all others. */
export function turnKey(
  { scope }: Pick<ServiceContext, 'scope'>,
  resourceType: ResourceType,
  id: string,
): string {
  return JSON.stringify([scope.partitionKey, resourceType.name, id])
}

/** RFC 7644 §3.14; RFC 9110 §13.1.2: on a write a version that If-None-Match names stops it. */
export function checkPreconditions({ ifMatch, ifNoneMatch }: Target, version: string): void {
  if (!ifMatchHolds(ifMatch, version)) throw versionMismatch()
  if (ifNoneMatchHolds(ifNoneMatch, version)) {
    throw new ScimError(
      'preconditionFailed',
      'If-None-Match names the current version, so nothing was changed.',
    )
  }
}
