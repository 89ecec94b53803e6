import { ScimError } from '../scim/errors.ts'
import { sameValue } from '../scim/equal.ts'
import { ifMatchHolds, ifNoneMatchHolds } from '../scim/etag.ts'
import type { JsonObject } from '../scim/json.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { ScimRequest, ServiceContext } from './context.ts'
import { notFound, versionMismatch } from './get.ts'
import { newStamp } from './stamp.ts'
import { inTurn } from './turns.ts'

/** How long lost races are tried again: below the 60 s after which Okta closes the connection. */
const PATIENCE_MILLISECONDS = 20_000
/** The longest pause between two tries. */
const LONGEST_PAUSE_MILLISECONDS = 200

type Target = Pick<ScimRequest, 'id' | 'ifMatch' | 'ifNoneMatch'>

/**
 * Changes a resource: reads it, makes the new attributes, writes them if nobody else wrote in between, else starts again
 * from what is stored then. No change of anybody is lost, and none is answered with a conflict.
 *
 * @param make gives the new attributes; when they equal the old ones nothing is written and the version stays
 *   (RFC 7644 §3.5.2.1). It may run several times.
 * @throws ScimError `notFound`, `preconditionFailed` (If-Match), `unavailable` after 20 s of lost races, and what `make`
 *   or the store throw.
 */
export async function change(
  context: ServiceContext,
  resourceType: ResourceType,
  target: Target,
  make: (before: StoredResource) => JsonObject,
): Promise<StoredResource> {
  return retryLostRaces(context, resourceType, target, async (before) =>
    writeAttributes(context, resourceType, before, make(before)),
  )
}

/**
 * Writes new attributes, unless they equal the old ones.
 * @returns the resource as it is then: `before` itself when nothing was written; undefined when somebody else wrote.
 */
export async function writeAttributes(
  context: ServiceContext,
  resourceType: ResourceType,
  before: StoredResource,
  attributes: JsonObject,
): Promise<StoredResource | undefined> {
  if (sameValue(attributes, before.attributes)) return before
  const after = { ...before, attributes, ...newStamp(context, before) }
  const written = await context.store.replace(context.tenantId, resourceType, before, after)
  return written ? after : undefined
}

/**
 * Reads a resource, checks If-Match and tries a conditional write, again and again while others win the race.
 * @param attempt resolves to a falsy value when it lost the race.
 */
export async function retryLostRaces<Result>(
  context: ServiceContext,
  resourceType: ResourceType,
  target: Target,
  attempt: (before: StoredResource) => Promise<Result | undefined | false>,
): Promise<Result> {
  return inTurn(turnKey(context, resourceType, target.id), async () => {
    const giveUp = context.now().getTime() + PATIENCE_MILLISECONDS
    for (let tries = 1; context.now().getTime() < giveUp; tries += 1) {
      const before = await context.store.get(context.tenantId, resourceType, target.id)
      if (before === undefined) throw notFound(resourceType)
      checkPreconditions(target, before.version)
      const result = await attempt(before)
      if (result !== undefined && result !== false) return result
      await context.pause(Math.random() * Math.min(LONGEST_PAUSE_MILLISECONDS, 5 * 2 ** tries))
    }
    throw new ScimError('unavailable', 'Too many changes of this resource at once. Try again.', {
      headers: { 'retry-after': '5' },
    })
  })
}

/** Whose turn it is, is told apart by this: the resource. */
export function turnKey(
  { tenantId }: ServiceContext,
  resourceType: ResourceType,
  id: string,
): string {
  return JSON.stringify([tenantId, resourceType.name, id])
}

/** RFC 7644 §3.14; RFC 9110 §13.1.2: on a write a version that If-None-Match names stops it. */
function checkPreconditions({ ifMatch, ifNoneMatch }: Target, version: string): void {
  if (!ifMatchHolds(ifMatch, version)) throw versionMismatch()
  if (ifNoneMatchHolds(ifNoneMatch, version)) {
    throw new ScimError(
      'preconditionFailed',
      'The resource has the version that If-None-Match names.',
    )
  }
}
