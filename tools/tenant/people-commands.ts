import { changePerson, deletePerson } from '../../lib/people/change-person.ts'
import { LOOKUP_NAMES, lookUp } from '../../lib/people/lookup.ts'
import { changedPeople, getPerson, listPeople, type PeoplePage } from '../../lib/people/people.ts'
import { peopleOf, type PeopleContext } from '../../lib/people/people-context.ts'
import type { Person } from '../../lib/people/person.ts'
import { restorePerson } from '../../lib/people/restore-person.ts'
import { searchPeople } from '../../lib/people/search.ts'
import { tenantTypes } from '../../lib/people/tenant-types.ts'
import { GROUP } from '../../lib/scim/default-resource-types.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import { requireTenant } from '../../lib/tenants/tenants.ts'
import { UsageError } from '../command-line.ts'
import type { Command, Workplace } from './commands.ts'
import { cutToWidth } from './display-width.ts'
import { countOf } from './people.ts'
import { columns, type Outcome } from './text.ts'

/** People of one answer. */
const PAGE = 1000

/** Columns that a value has in a table at most; --json has all of it. */
const CELL_WIDTH = 60

/** All people, or who has changed since a position. @throws ScimError, UsageError */
const listOfPeople: Command = async (workplace, [id = ''], options) => {
  const count = countOf(options)
  const context = await peopleContextOf(workplace, id)
  const { 'changed-since': changedSince, q } = options
  if (q !== undefined && changedSince !== undefined) {
    throw new UsageError('--q and --changed-since exclude each other; give one')
  }
  if (q === '') throw new UsageError('--q needs what names begin with')
  const read = async (
    cursor: string | undefined,
    left: number,
  ): Promise<PeoplePage<JsonObject>> => {
    const many = Math.min(left, PAGE)
    if (q !== undefined) return searchPeople(context, { q, cursor, count: many })
    return changedSince === undefined
      ? listPeople(context, { cursor, count: many })
      : changedPeople(context, { changedSince, cursor }, many)
  }
  const people: JsonObject[] = []
  let page = await read(undefined, count)
  people.push(...page.items)
  while (page.nextCursor !== undefined && people.length < count) {
    page = await read(page.nextCursor, count - people.length)
    people.push(...page.items)
  }
  const more = page.nextCursor !== undefined
  if (more) {
    workplace.say(
      `the first ${people.length.toLocaleString('en-US')} are listed; --count N or --all lists more`,
    )
  }
  const { position } = page
  const text = people.length === 0 ? 'there is nobody' : peopleTable(people)
  return {
    text: `${text}\n\nposition: ${position}`,
    json: { tenant: { id }, people, more, position },
  }
}

/** One person. @throws ScimError */
const showPerson: Command = async (workplace, [id = '', personId = '']) => {
  const { person } = await getPerson(await peopleContextOf(workplace, id), personId)
  return outcomeOf(person)
}

/** Who signs in. @throws ScimError, UsageError */
const lookUpPerson: Command = async (workplace, [id = '', by = '', value = '']) => {
  const name = LOOKUP_NAMES.find((each) => each === by)
  if (name === undefined) {
    throw new UsageError(`people lookup takes one of ${LOOKUP_NAMES.join(', ')}, not "${by}"`)
  }
  const found = await lookUp(await peopleContextOf(workplace, id), name, value)
  return { text: memberLines(found), json: { person: found } }
}

/** Changes a person by a JSON Merge Patch. @throws ScimError, UsageError */
const changeOfPerson: Command = async (workplace, [id = '', personId = '', patch = '']) => {
  const context = await peopleContextOf(workplace, id)
  const { person } = await changePerson(context, personId, patchIn(patch))
  return outcomeOf(person, `person ${personId} is changed, until the identity provider does`)
}

/** Deletes a person for good. @throws ScimError, UsageError */
const deleteOfPerson: Command = async (workplace, [id = '', personId = ''], options) => {
  const { force = false, yes = false } = options
  const context = await peopleContextOf(workplace, id)
  if (!yes) await confirm(workplace, personId)
  await deletePerson(context, personId, { force })
  const text = `person ${personId} is deleted, with memberships and values; an account that is still assigned at the identity provider is made anew by its next run`
  return { text, json: { person: { id: personId, deleted: true } } }
}

/** Joins a person with the removed one who may be the same. @throws ScimError */
const returnOfPerson: Command = async (workplace, [id = '', personId = '']) => {
  const { person } = await restorePerson(await peopleContextOf(workplace, id), personId)
  return outcomeOf(person, `person ${person.id} is there again; ${personId} is no person any more`)
}

/** The people of a tenant. @throws ScimError */
export async function peopleContextOf(
  { store, peopleParts, usersType, now }: Workplace,
  id: string,
): Promise<PeopleContext> {
  const declarations = (await store.definitions(id)) ?? {
    tenant: await requireTenant(store, id),
    definitions: [],
  }
  const service = { ...peopleParts.service, now }
  const parts = { ...peopleParts, service, typesOf: tenantTypes([usersType, GROUP]) }
  return peopleOf(parts, declarations, { actor: 'cli' })
}

function patchIn(text: string): JsonObject {
  try {
    const patch: unknown = JSON.parse(text)
    if (isObject(patch)) return patch
  } catch {
    // Said below.
  }
  throw new UsageError(
    'people change needs a JSON object, such as \'{"position": "Buyer", "manager": null}\'',
  )
}

async function confirm({ ask }: Workplace, personId: string): Promise<void> {
  if (ask === undefined) {
    throw new UsageError('people delete needs --yes when nobody can be asked')
  }
  const answer = await ask(`Type ${personId} to delete this person with all values: `)
  if (answer.trim() !== personId) throw new ScimError('forbidden', 'nothing is deleted')
}

function outcomeOf(person: Person, done?: string): Outcome {
  const lines = memberLines(person)
  return { text: done === undefined ? lines : `${done}\n\n${lines}`, json: { person } }
}

function memberLines(person: JsonObject): string {
  return columns(Object.entries(person).map(([name, value]) => [name, cell(value)]))
}

const COLUMNS = {
  ID: 'id',
  STATUS: 'status',
  'USER NAME': 'userName',
  'FIRST NAME': 'firstName',
  'LAST NAME': 'lastName',
  LEVEL: 'level',
  TEAMS: 'teams',
} as const

function peopleTable(people: readonly JsonObject[]): string {
  const rows = people.map((each) =>
    Object.values(COLUMNS).map((name) =>
      name === 'status' && each['removed'] === true ? 'removed' : cell(each[name]),
    ),
  )
  return columns([Object.keys(COLUMNS), ...rows])
}

/** Teams by their names, a manager by the name as well. */
function cell(value: unknown): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return cutToWidth(value.map(cell).join(', '), CELL_WIDTH)
  if (isObject(value)) return cell(value['name'] ?? value['id'])
  return cutToWidth(typeof value === 'string' ? value : JSON.stringify(value), CELL_WIDTH)
}

/** What each command of people does. */
export const PEOPLE_COMMANDS = {
  'people list': listOfPeople,
  'people show': showPerson,
  'people lookup': lookUpPerson,
  'people change': changeOfPerson,
  'people delete': deleteOfPerson,
  'people restore': returnOfPerson,
} as const satisfies Record<string, Command>
