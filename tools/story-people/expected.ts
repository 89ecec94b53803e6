import { isDeepStrictEqual } from 'node:util'
import { StartError } from '../local-host/lifetime.ts'
import type { Person } from './application.ts'
import type { Account, Directory } from './source.ts'

/** What the application must have when the directory is so, but for versions, which nobody can foresee. */
export interface Expectation {
  readonly directory: Directory
  /** The ids of accounts and groups in the application, by their `externalId`s. */
  readonly ids: ReadonlyMap<string, string>
  /** Members put in by hand: the `externalId`s of their accounts, by that of the group. */
  readonly byHand: ReadonlyMap<string, readonly string[]>
}

/** @throws StartError that names the first person who is not as the directory says, or is missing or too much. */
export function comparePeople(people: readonly Person[], expectation: Expectation): void {
  const { accounts } = expectation.directory
  const found = new Map(people.map((each) => [each.externalId, each]))
  const strange = people.find(({ externalId }) => !accounts.has(externalId))
  if (strange !== undefined) throw new StartError(`${strange.email} must not be among the people`)
  for (const account of accounts.values()) {
    const { version: _, teams = [], ...person } = found.get(account.externalId) ?? {}
    const is = { ...person, teams: teams.toSorted(byName) }
    const wanted = personOf(account, expectation)
    if (isDeepStrictEqual(is, wanted)) continue
    throw new StartError(
      `${account.address} is not as the directory says: ${JSON.stringify(is)} instead of ${JSON.stringify(wanted)}`,
    )
  }
  if (people.length === accounts.size) return
  throw new StartError(`there are ${people.length} people instead of ${accounts.size}`)
}

function personOf(account: Account, expectation: Expectation): Omit<Person, 'version'> {
  const { directory, ids } = expectation
  const { address, isEnabled, weeklyHours, firstAider, manager = '' } = account
  const { externalId, position, department, level, contract } = account
  const boss = directory.accounts.get(manager)
  return {
    id: ids.get(externalId) ?? '',
    status: isEnabled ? 'active' : 'inactive',
    firstName: account.givenName,
    lastName: account.familyName,
    email: address,
    userName: address,
    externalId,
    position,
    department,
    level,
    contract,
    weeklyHours: Number(weeklyHours),
    firstAider: firstAider === 'True',
    ...(boss === undefined ? {} : { manager: shownManager(boss, ids) }),
    teams: teamsOf(externalId, expectation),
  }
}

function shownManager(
  { externalId, givenName, familyName }: Account,
  ids: Expectation['ids'],
): NonNullable<Person['manager']> {
  return { id: ids.get(externalId) ?? '', name: `${givenName} ${familyName}`, exists: true }
}

function teamsOf(externalId: string, { directory, ids, byHand }: Expectation): Person['teams'] {
  return [...directory.groups.values()]
    .filter((group) => {
      const hands = byHand.get(group.externalId) ?? []
      return group.members.has(externalId) || hands.includes(externalId)
    })
    .map((group) => ({ id: ids.get(group.externalId) ?? '', name: group.displayName }))
    .toSorted(byName)
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1
}
