import { detail, resourceId } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import type { StoredResource } from '../scim/resource.ts'
import { retryLostRaces } from '../service/change.ts'
import { oneChange } from '../service/next-change.ts'
import type { ChangeOptions } from '../storage/tenant-port.ts'
import { targetOf } from './change-person.ts'
import { noPerson, personOf, type VersionedPerson } from './people.ts'
import type { PeopleContext } from './people-context.ts'

/**
 * Joins a person with the removed one who has come again under this new account: the removed account is there again with its id,
 * the attributes and the memberships are those of the new one, which goes.
 * @param id of the new account.
 * @throws ScimError `notFound`, `preconditionFailed`; `mutability` where there is no possible returner, or it is gone.
 */
export async function restorePerson(
  context: PeopleContext,
  id: string,
  { ifMatch }: Pick<ChangeOptions, 'ifMatch'> = {},
): Promise<VersionedPerson> {
  const { scope, store, memberships, resourceType } = context
  const next = oneChange(context, resourceType, 'restore')
  const restored = await retryLostRaces(
    context,
    resourceType,
    targetOf(id, ifMatch),
    async (returner) => {
      const removed = await removedOf(context, returner)
      // What the removed account was in must be gone before it is in anything again.
      await store.finishDelete(scope, resourceType, removed.id)
      const { attributes } = returner
      const change = next({ ...removed, attributes })
      return store.restore(scope, resourceType, removed, attributes, change, returner)
    },
  ).catch(async (error: unknown) => {
    throw error instanceof ScimError && error.kind === 'notFound'
      ? await absent(context, id)
      : error
  })
  return personOf(context, restored, await memberships.groupsOf(scope, [restored.id]))
}

/** @throws ScimError `mutability` */
async function removedOf(
  { scope, store, resourceType }: PeopleContext,
  { possibleReturner }: StoredResource,
): Promise<StoredResource> {
  if (possibleReturner === undefined) {
    throw new ScimError(
      'mutability',
      'This person has no possibleReturner: there is nobody to be joined with.',
    )
  }
  const removed = await store.getHidden(scope, resourceType, possibleReturner)
  if (removed !== undefined) return removed
  throw new ScimError(
    'mutability',
    detail`The possibleReturner ${resourceId(possibleReturner)} is not kept any more: that person has come again, or was deleted for good.`,
  )
}

async function absent(
  { scope, store, resourceType }: PeopleContext,
  id: string,
): Promise<ScimError> {
  const removed = await store.getHidden(scope, resourceType, id)
  if (removed === undefined) return noPerson(id)
  return new ScimError(
    'mutability',
    'This person is removed: name the one who is there and has this id as possibleReturner.',
  )
}
