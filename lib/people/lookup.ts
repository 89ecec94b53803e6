import { detail } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import { parseFilter } from '../scim/filter/parse.ts'
import { resolveFilter } from '../scim/filter/resolve.ts'
import type { JsonObject } from '../scim/json.ts'
import { LIMITS } from '../scim/limits.ts'
import { foldCase } from '../scim/text.ts'
import type { PeopleContext } from './people-context.ts'
import { statusOf, toPerson, valueOf, type Surroundings, type TeamOfPerson } from './person.ts'

/** By what somebody who signs in is looked up, by the names of a person. */
export const LOOKUP_NAMES = ['externalId', 'userName', 'email'] as const

export type LookupName = (typeof LOOKUP_NAMES)[number]

/** Characters of what somebody is looked up by: what SCIM takes. */
export const LONGEST_LOOKUP = LIMITS.textCharacters

/** What an application asks about somebody who signs in. */
export interface SignIn extends JsonObject {
  readonly id: string
  readonly status: ReturnType<typeof statusOf>
  readonly teams: readonly TeamOfPerson[]
  readonly level?: string
}

const NO_NAMES: Surroundings['teamNames'] = new Map()

/** A look-up does not tell the manager: none is read. */
const NOBODY: Surroundings['managers'] = new Map()

/** Of more who have the same value nobody could be told from the others. */
const MOST_FOUND = 10

/**
 * The one person who has exactly this externalId, userName or e-mail; of several the one who is active. Nothing is
 * remembered: what was answered before to any change is seen.
 * @throws ScimError `notFound`; `mutability` where several active people have it.
 */
export async function lookUp(
  context: PeopleContext,
  name: LookupName,
  value: string,
): Promise<SignIn> {
  const { scope, store, memberships, resourceType, mapping } = context
  const line = mapping.lines.find((each) => each.name === name)
  if (line === undefined) throw new TypeError(`people have no ${name}`)
  const filter = resolveFilter(
    resourceType,
    parseFilter(`${line.path} eq ${JSON.stringify(value)}`),
  )
  let readingTeams: ReturnType<typeof memberships.groupsOf> | undefined
  const { resources } = await store.list(scope, resourceType, {
    filter,
    startIndex: 1,
    count: MOST_FOUND,
    onCandidates(ids) {
      readingTeams = memberships.groupsOf(scope, ids)
      readingTeams.catch(() => undefined)
    },
  })
  // Another e-mail of theirs may be equal, too.
  const matching = resources.filter(({ attributes }) => {
    const held = valueOf(line, attributes)
    return typeof held === 'string' && foldCase(held) === foldCase(value)
  })
  const active = matching.filter((each) => statusOf(each) === 'active')
  const [found, ...others] = active.length === 0 ? matching : active
  if (found === undefined) throw new ScimError('notFound', detail`Nobody has this ${name}.`)
  if (others.length > 0) {
    throw new ScimError(
      'mutability',
      detail`Several people have this ${name}: look them up by another.`,
    )
  }
  const teamsOf = await (readingTeams ?? memberships.groupsOf(scope, [found.id]))
  const ids = teamsOf.get(found.id) ?? []
  const teamNames = ids.length === 0 ? NO_NAMES : await memberships.groupNames(scope, ids)
  const { id, teams, level } = toPerson(mapping, found, { teamsOf, teamNames, managers: NOBODY })
  return { id, status: statusOf(found), teams, ...(typeof level === 'string' ? { level } : {}) }
}
