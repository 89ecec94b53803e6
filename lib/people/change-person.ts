import { detail, resourceId } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import { toETag } from '../scim/etag.ts'
import type { JsonObject } from '../scim/json.ts'
import { changeAttributes, checkPreconditions, retryLostRaces } from '../service/change.ts'
import { oneChange } from '../service/next-change.ts'
import type { ChangeOptions } from '../storage/tenant-port.ts'
import { noPerson, personOf, type VersionedPerson } from './people.ts'
import type { PeopleContext } from './people-context.ts'
import { checkMembers, inPersonsNames, patchedAttributes } from './person-patch.ts'
import { statusOf } from './person.ts'

/**
 * Changes a person by a JSON Merge Patch; the identity provider's next change of the same overwrites it.
 * @throws ScimError `forbidden` where people are not changed here, `notFound`, `mutability` for a removed person,
 *   `preconditionFailed`, `uniqueness`, and as `patchedAttributes`.
 */
export async function changePerson(
  context: PeopleContext,
  id: string,
  patch: JsonObject,
  { ifMatch }: Pick<ChangeOptions, 'ifMatch'> = {},
): Promise<VersionedPerson> {
  const { scope, memberships, resourceType, mapping, localEdits } = context
  if (!localEdits) throw onlyByProvider()
  checkMembers(mapping, patch)
  const target = targetOf(id, ifMatch)
  const [stored, teamsOf] = await Promise.all([
    changeAttributes(context, resourceType, target, 'patch', ({ attributes }) =>
      patchedAttributes(mapping, attributes, patch),
    ).catch(async (error: unknown) => refuse(context, id, inPersonsNames(mapping, patch, error))),
    memberships.groupsOf(scope, [id]),
  ])
  return personOf(context, stored, teamsOf)
}

/**
 * Deletes a person for good: the account, the memberships and the values, also of one that the identity provider has removed,
 * or is removing meanwhile.
 * @throws ScimError `notFound`, `preconditionFailed`; `mutability` for an active account, unless that is what is wanted.
 */
export async function deletePerson(
  context: PeopleContext,
  id: string,
  options: { readonly force: boolean } & Pick<ChangeOptions, 'ifMatch'>,
): Promise<void> {
  const { scope, store, resourceType } = context
  const { force, ifMatch } = options
  const target = targetOf(id, ifMatch)
  const next = oneChange(context, resourceType, 'delete')
  try {
    await retryLostRaces(context, resourceType, target, (before) => {
      if (!force && statusOf(before) === 'active') throw stillActive()
      return store.delete(scope, resourceType, before, next(before))
    })
  } catch (error) {
    if (!isNotFound(error)) throw error
    // Whoever repeats it because it failed has what was left of it go now.
    await store.finishDelete(scope, resourceType, id)
    const removed = await store.getHidden(scope, resourceType, id)
    if (removed === undefined) throw noPerson(id)
    checkPreconditions(target, removed.version)
    if (await store.deleteHidden(scope, resourceType, removed, next(removed))) return
    // The person has come again, or somebody else has changed or deleted the account.
    await deletePerson(context, id, options)
  }
}

/** Whom a change is about, of one version perhaps. */
export function targetOf(
  id: string,
  ifMatch: string | undefined,
): { readonly id: string; readonly ifMatch?: string } {
  return { id, ...(ifMatch === undefined ? {} : { ifMatch: toETag(ifMatch) }) }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ScimError && error.kind === 'notFound'
}

async function refuse(context: PeopleContext, id: string, error: unknown): Promise<never> {
  if (!isNotFound(error)) throw error
  const removed = await context.store.getHidden(context.scope, context.resourceType, id)
  throw removed === undefined ? noPerson(id) : isRemoved(id)
}

function isRemoved(id: string): ScimError {
  return new ScimError(
    'mutability',
    detail`The person ${resourceId(id)} is removed: what is kept of removed people is not changed. It is there again once the identity provider sends the person again.`,
  )
}

function onlyByProvider(): ScimError {
  return new ScimError(
    'forbidden',
    'The setting localEdits of the tenant is off: the identity provider alone changes people.',
  )
}

function stillActive(): ScimError {
  return new ScimError(
    'mutability',
    'The account is active: deactivate it at the identity provider first, or repeat this with force=true (--force).',
  )
}
