import * as z from 'zod'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { StartError } from '../local-host/lifetime.ts'
import type { SendScim } from './client.ts'
import { PEOPLE, type Person, type Team, TEAMS } from './people.ts'

/** How much was missing, and was made. */
export interface MadeDemoData {
  readonly users: number
  readonly groups: number
  /** Managers and members that were added to users and groups that were there. */
  readonly references: number
}

const DOMAIN = 'contoso.example'

const RESOURCE = z.object({
  id: z.string(),
  members: z.array(z.object({ value: z.string() })).default([]),
  [URN.enterpriseUser]: z.record(z.string(), z.unknown()).default({}),
})

const LIST = z.object({ Resources: z.array(RESOURCE).default([]) })

/** A resource as it was answered, and whether it was there before. */
interface Known extends z.infer<typeof RESOURCE> {
  readonly isNew: boolean
}

/**
 * Makes the people and teams that the tenant does not have, by requests as Entra sends them. What is there stays as it
 * is, but gets the manager or the members that it lacks: after a failure the next call makes the rest.
 * @throws StartError that tells the first answer that was no success.
 */
export async function makeDemoData(send: SendScim): Promise<MadeDemoData> {
  const users = new Map<string, Known>()
  for (const person of PEOPLE) {
    const manager = users.get(person.manager ?? '')?.id
    users.set(person.account, await findOrCreateUser(send, person, manager))
  }
  let references = 0
  for (const { account, manager = '' } of PEOPLE) {
    const [user, value] = [users.get(account), users.get(manager)?.id]
    if (user !== undefined && value !== undefined) {
      references += await addManager(send, user, value)
    }
  }
  let groups = 0
  for (const team of TEAMS) {
    const members = team.members.map((account) => users.get(account)?.id ?? '')
    const group = await findOrCreateGroup(send, team, members)
    groups += Number(group.isNew)
    references += await addMembers(send, group, members)
  }
  return { users: [...users.values()].filter(({ isNew }) => isNew).length, groups, references }
}

/** What was made, in one line. */
export function describeDemoData({ users, groups, references }: MadeDemoData): string {
  if (users === PEOPLE.length && groups === TEAMS.length) {
    return `${String(users)} people in ${String(groups)} teams are made`
  }
  if (users + groups + references === 0) return 'demo data is there already'
  return `demo data completed: ${String(users)} people, ${String(groups)} teams and ${String(references)} managers or members were missing`
}

/** By the id that stays when somebody renames the account, then by the matching attribute. */
async function findOrCreateUser(
  send: SendScim,
  person: Person,
  manager: string | undefined,
): Promise<Known> {
  const body = userOf(person, manager)
  const found =
    (await find(send, '/Users', `externalId eq "${externalIdOf(person)}"`)) ??
    (await find(send, '/Users', `userName eq "${person.account}@${DOMAIN}"`))
  return found ?? create(send, '/Users', body)
}

function externalIdOf({ employeeNumber }: Person): string {
  return `6f2d8c1e-94b7-4a05-8d3c-00000000${employeeNumber}`
}

function userOf(person: Person, manager: string | undefined): JsonObject {
  const { account, givenName, familyName, title, active, language, department } = person
  const address = `${account}@${DOMAIN}`
  return {
    schemas: [URN.user, URN.enterpriseUser],
    externalId: externalIdOf(person),
    userName: address,
    active,
    displayName: `${givenName} ${familyName}`,
    name: { givenName, familyName },
    title,
    preferredLanguage: language,
    emails: [{ type: 'work', value: address, primary: true }],
    phoneNumbers: [
      { type: 'work', value: person.phone ?? '' },
      { type: 'mobile', value: person.mobile ?? '' },
    ].filter(({ value }) => value !== ''),
    photos: [{ type: 'photo', value: `https://photos.example.com/${account}.jpg` }],
    [URN.enterpriseUser]: {
      employeeNumber: person.employeeNumber,
      organization: 'Contoso',
      department,
      ...(manager === undefined ? {} : { manager: { value: manager } }),
    },
  }
}

/** By the id that no team of the tenant's own has: its name might be one. */
async function findOrCreateGroup(
  send: SendScim,
  { externalId, displayName }: Team,
  members: readonly string[],
): Promise<Known> {
  const found = await find(send, '/Groups', `externalId eq "${externalId}"`)
  return (
    found ??
    create(send, '/Groups', {
      schemas: [URN.group],
      externalId,
      displayName,
      members: members.map((value) => ({ value })),
    })
  )
}

/** @returns how many were added to a user that was there. */
async function addManager(send: SendScim, user: Known, value: string): Promise<number> {
  if (Object.hasOwn(user[URN.enterpriseUser], 'manager')) return 0
  await patch(send, `/Users/${user.id}`, { path: `${URN.enterpriseUser}:manager`, value })
  return user.isNew ? 0 : 1
}

/** @returns how many were added to a group that was there. */
async function addMembers(
  send: SendScim,
  group: Known,
  wanted: readonly string[],
): Promise<number> {
  const present = new Set(group.members.map(({ value }) => value))
  const missing = wanted.filter((id) => !present.has(id))
  if (group.isNew || missing.length === 0) return 0
  const value = missing.map((id) => ({ value: id }))
  await patch(send, `/Groups/${group.id}`, { path: 'members', value })
  return missing.length
}

async function find(send: SendScim, path: string, filter: string): Promise<Known | undefined> {
  const query = new URLSearchParams({ filter }).toString()
  const [found] = LIST.parse(await succeed(send, 'GET', `${path}?${query}`)).Resources
  return found === undefined ? undefined : { ...found, isNew: false }
}

async function create(send: SendScim, path: string, body: JsonObject): Promise<Known> {
  return { ...RESOURCE.parse(await succeed(send, 'POST', path, body)), isNew: true }
}

async function patch(
  send: SendScim,
  path: string,
  operation: { readonly path: string; readonly value: JsonObject[string] },
): Promise<void> {
  const Operations = [{ op: 'Add', ...operation }]
  await succeed(send, 'PATCH', path, { schemas: [MESSAGE.patchOp], Operations })
}

async function succeed(
  send: SendScim,
  method: string,
  path: string,
  body?: JsonObject,
): Promise<unknown> {
  const { status, json } = await send(method, path, body)
  if (status < 300) return json
  const detail = isObject(json) ? json['detail'] : undefined
  const reason = typeof detail === 'string' ? `: ${detail}` : ''
  throw new StartError(
    `the demo data is not complete: ${method} ${path.replace(/\?.*/, '')} was answered ${String(status)}${reason}`,
  )
}
