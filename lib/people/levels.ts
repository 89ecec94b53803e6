import { detail, sent } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import type { Level } from '../storage/people-port.ts'
import type { PeopleContext } from './people-context.ts'

/** The levels of a tenant, in the order of their names: one round trip. */
export async function listLevels({ scope, store, resourceType }: PeopleContext): Promise<{
  readonly items: readonly Level[]
  readonly complete: boolean
}> {
  const { levels, complete } = await store.levels(scope, resourceType)
  return { items: levels, complete }
}

/**
 * Takes a level off the list that nobody has.
 * @returns its name, as the list has it.
 * @throws ScimError `notFound`; `mutability` where somebody has it, or people are still being counted.
 */
export async function deleteLevel(
  { scope, store, resourceType }: PeopleContext,
  text: string,
): Promise<string> {
  const level = await store.deleteLevel(scope, resourceType, text)
  if (level === undefined) {
    throw new ScimError('notFound', detail`There is no level "${sent(text.slice(0, 200))}".`)
  }
  const { name, people } = level
  if (people === 0) return name
  throw new ScimError(
    'mutability',
    detail`People with this level: ${String(people)}. It can be deleted when nobody has it.`,
  )
}
