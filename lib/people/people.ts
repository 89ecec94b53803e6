import * as z from 'zod'
import { detail, resourceId } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import type { JsonObject } from '../scim/json.ts'
import { LIMITS } from '../scim/limits.ts'
import type { StoredResource } from '../scim/resource.ts'
import { seal, unseal } from '../sealed-text.ts'
import { positionNow, readChanges } from './changes.ts'
import type { PeopleContext } from './people-context.ts'
import { managerOf, toPerson, type Person, type Surroundings } from './person.ts'

/** A page of people. */
export interface PeoplePage<Item> {
  readonly items: readonly Item[]
  readonly nextCursor?: string
  /** Whence what changes from now on is read. */
  readonly position: string
}

/** Somebody who is not there any more. */
interface RemovedPerson extends JsonObject {
  readonly id: string
  readonly removed: true
}

/** A person, and the version of the person's own row, which a change can be bound to. */
export interface VersionedPerson {
  readonly person: Person
  readonly stored: StoredResource
}

/** Where a page goes on, and the position from before the first one. */
const CURSOR = z.strictObject({ after: z.string(), last: z.string(), position: z.string() })

/**
 * A page of all people, in the order of their ids: one round trip, and one more for the names of teams and managers.
 * @throws ScimError `invalidCursor`
 */
export async function listPeople(
  context: PeopleContext,
  { cursor, count }: { readonly cursor?: string | undefined; readonly count: number },
): Promise<PeoplePage<Person>> {
  const { scope, store, memberships, resourceType, changes } = context
  const place = cursor === undefined ? undefined : readCursor(context, cursor)
  // Before anything is read: what changes meanwhile comes once more.
  const position = place?.position ?? positionNow(changes, 'people')
  const behind = place === undefined ? {} : { after: place.after }
  const [page, beside] = await Promise.all([
    store.listFrom(scope, resourceType, { ...behind, count }),
    memberships.groupsBehind(scope, place?.last),
  ])
  const { resources, next } = page
  const open = resources.map(({ id }) => id).filter((id) => !beside.isComplete(id))
  const isOpen = new Set(open)
  const known = new Map([...beside.groupsOf].filter(([id]) => !isOpen.has(id)))
  const items = await shown(context, resources, known, open)
  const last = resources.at(-1)?.id
  if (next === undefined || last === undefined) return { items, position }
  return { items, nextCursor: writeCursor(context, { after: next, last, position }), position }
}

function writeCursor({ changes }: PeopleContext, content: z.output<typeof CURSOR>): string {
  return seal(changes.sign, 'people', '', content)
}

function readCursor({ changes }: PeopleContext, cursor: string): z.output<typeof CURSOR> {
  const content = CURSOR.safeParse(unseal(changes.sign, 'people', '', cursor)).data
  if (content !== undefined) return content
  throw new ScimError(
    'invalidCursor',
    'This cursor was not made for this list. Start again without a cursor.',
  )
}

/**
 * A page of what has changed since a position: people as they are now, and who is removed.
 * @throws ScimError as `readChanges`.
 */
export async function changedPeople(
  context: PeopleContext,
  place: { readonly changedSince: string; readonly cursor?: string | undefined },
  count: number,
): Promise<PeoplePage<Person | RemovedPerson>> {
  const { ids, own, ...rest } = await readChanges(context.changes, 'people', place, count)
  const people = new Map((await peopleWith(context, ids)).map((each) => [each.id, each]))
  const items = ids.flatMap((id): readonly (Person | RemovedPerson)[] => {
    const person = people.get(id)
    if (person !== undefined) return [person]
    return own.has(id) ? [{ id, removed: true }] : []
  })
  return { items, ...rest }
}

/** Those of these people who are there. */
async function peopleWith(
  context: PeopleContext,
  ids: readonly string[],
): Promise<readonly Person[]> {
  const { scope, memberships } = context
  const [resources, teamsOf] = await Promise.all([
    readAll(context, ids),
    memberships.groupsOf(scope, ids),
  ])
  return shown(context, resources, teamsOf)
}

/** One person, a removed one whose account is kept, too. @throws ScimError `notFound` */
export async function getPerson(context: PeopleContext, id: string): Promise<VersionedPerson> {
  const { scope, store, memberships, resourceType } = context
  const [stored, teamsOf] = await Promise.all([
    store.get(scope, resourceType, id),
    memberships.groupsOf(scope, [id]),
  ])
  if (stored !== undefined) return personOf(context, stored, teamsOf)
  const removed = await store.getHidden(scope, resourceType, id)
  if (removed === undefined) throw noPerson(id)
  const found = await personOf(context, removed, new Map())
  return { ...found, person: { ...found.person, status: 'removed' } }
}

/** A person whose row was read. */
export async function personOf(
  context: PeopleContext,
  stored: StoredResource,
  teamsOf: Surroundings['teamsOf'],
): Promise<VersionedPerson> {
  const [person] = await shown(context, [stored], teamsOf)
  return person === undefined ? noneShown() : { person, stored }
}

function noneShown(): never {
  throw new TypeError('a person that was read is not shown')
}

export function noPerson(id: string): ScimError {
  return new ScimError('notFound', detail`There is no person ${resourceId(id.slice(0, 100))}.`)
}

/**
 * People as they are shown: the names of teams and of managers are read at once.
 * @param open those whose teams are still to be read.
 */
export async function shown(
  context: PeopleContext,
  resources: readonly StoredResource[],
  known: Surroundings['teamsOf'],
  open: readonly string[] = [],
): Promise<readonly Person[]> {
  const here = new Map(resources.map((each) => [each.id, each]))
  const named = resources.flatMap((each) => managerOf(context.mapping, each) ?? [])
  const others = [...new Set(named)].filter((id) => !here.has(id))
  const [managers, early, late] = await Promise.all([
    readAll(context, others),
    namesOf(
      context,
      resources.flatMap(({ id }) => known.get(id) ?? []),
    ),
    readTeams(context, open),
  ])
  const surroundings: Surroundings = {
    teamsOf: new Map([...known, ...late.teamsOf]),
    teamNames: new Map([...early, ...late.names]),
    managers: new Map([...here, ...managers.map((each) => [each.id, each] as const)]),
  }
  return resources.map((each) => toPerson(context.mapping, each, surroundings))
}

async function readTeams(
  context: PeopleContext,
  ids: readonly string[],
): Promise<{
  readonly teamsOf: Surroundings['teamsOf']
  readonly names: Surroundings['teamNames']
}> {
  if (ids.length === 0) return { teamsOf: new Map(), names: new Map() }
  const teamsOf = await context.memberships.groupsOf(context.scope, ids)
  return { teamsOf, names: await namesOf(context, [...teamsOf.values()].flat()) }
}

async function namesOf(
  { scope, memberships }: PeopleContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const each = [...new Set(ids)]
  return each.length === 0 ? new Map() : memberships.groupNames(scope, each)
}

/** A user has at most a mebibyte: a store that gave less than that of an answer's size has left none out. */
const SURELY_ALL = LIMITS.answerBytes / 2

/** All of these who are there, however large they are together. */
export async function readAll(
  { scope, store, resourceType }: PeopleContext,
  ids: readonly string[],
): Promise<readonly StoredResource[]> {
  const found: StoredResource[] = []
  let rest = ids
  while (rest.length > 0) {
    const read = await store.getAll(scope, resourceType, rest)
    found.push(...read)
    const size = read.reduce((sum, { characters = 0 }) => sum + characters, 0)
    const last = read.at(-1)
    if (last === undefined || size < SURELY_ALL) break
    rest = rest.slice(rest.indexOf(last.id) + 1)
  }
  return found
}
