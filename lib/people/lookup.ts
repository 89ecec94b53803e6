import { detail } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import { parseFilter } from '../scim/filter/parse.ts'
import { resolveFilter } from '../scim/filter/resolve.ts'
import type { JsonObject } from '../scim/json.ts'
import { LIMITS } from '../scim/limits.ts'
import type { StoredResource } from '../scim/resource.ts'
import { foldCase } from '../scim/text.ts'
import type { PersonLine } from './mapping.ts'
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

/** So many people with one value are looked at, whoever of them is meant. */
const MOST_ALIKE = 500

/**
 * The one person who has exactly this externalId, userName or e-mail; of several the one who is active. Nothing is
 * remembered: what was answered before to any change is seen.
 * @throws ScimError `notFound`; `mutability` where several active people have it, several of whom none is active, or too many.
 */
export async function lookUp(
  context: PeopleContext,
  name: LookupName,
  value: string,
): Promise<SignIn> {
  const { scope, memberships, mapping } = context
  const line = mapping.lines.find((each) => each.name === name)
  if (line === undefined) throw new TypeError(`people have no ${name}`)
  const readingTeams = new Map<string, ReturnType<typeof memberships.groupsOf>>()
  const matching = await readMatching(context, line, value, (candidates) => {
    const reading = memberships.groupsOf(scope, candidates)
    reading.catch(() => undefined)
    for (const each of candidates) readingTeams.set(each, reading)
  })
  const found = theOne(name, matching)
  const teamsOf = await (readingTeams.get(found.id) ?? memberships.groupsOf(scope, [found.id]))
  const ids = teamsOf.get(found.id) ?? []
  const teamNames = ids.length === 0 ? NO_NAMES : await memberships.groupNames(scope, ids)
  const { id, teams, level } = toPerson(mapping, found, { teamsOf, teamNames, managers: NOBODY })
  return { id, status: statusOf(found), teams, ...(typeof level === 'string' ? { level } : {}) }
}

/** All who have the value, in one page mostly: who is meant must not depend on whose id comes first. */
async function readMatching(
  { scope, store, resourceType }: PeopleContext,
  line: PersonLine,
  value: string,
  onCandidates: (ids: readonly string[]) => void,
): Promise<readonly StoredResource[]> {
  const filter = resolveFilter(
    resourceType,
    parseFilter(`${line.path} eq ${JSON.stringify(value)}`),
  )
  const query = { filter, count: MOST_ALIKE }
  const first = await store.list(scope, resourceType, { ...query, startIndex: 1, onCandidates })
  if (first.totalResults > MOST_ALIKE) {
    throw new ScimError(
      'mutability',
      detail`${first.totalResults} people have this ${line.name}, and at most ${MOST_ALIKE} are looked at: look them up by another.`,
    )
  }
  const matching = first.resources.filter(isMeant)
  const last = first.resources.at(-1)
  const isAll = last === undefined || first.resources.length >= first.totalResults
  let after = isAll ? undefined : store.positionBehind(last.id)
  while (after !== undefined) {
    const page = await store.listFrom(scope, resourceType, { ...query, after })
    matching.push(...page.resources.filter(isMeant))
    after = page.next
  }
  return matching

  /** Another e-mail of theirs may be equal, too. */
  function isMeant({ attributes }: StoredResource): boolean {
    const held = valueOf(line, attributes)
    return typeof held === 'string' && foldCase(held) === foldCase(value)
  }
}

/** @throws ScimError `notFound`, `mutability` */
function theOne(name: LookupName, matching: readonly StoredResource[]): StoredResource {
  const active = matching.filter((each) => statusOf(each) === 'active')
  const [found, ...others] = active.length === 0 ? matching : active
  if (found === undefined) throw new ScimError('notFound', detail`Nobody has this ${name}.`)
  if (others.length === 0) return found
  const who = active.length === 0 ? 'Several people, of whom nobody is active,' : 'Several people'
  throw new ScimError('mutability', detail`${who} have this ${name}: look them up by another.`)
}
