import { PEOPLE, TEAMS } from '../demo-data/people.ts'

/** A person in the customer's directory, by whom the identity provider's rules map its attributes. */
export interface Account {
  /** What the account is known by, whatever it is called. */
  readonly externalId: string
  readonly address: string
  readonly givenName: string
  readonly familyName: string
  readonly position: string
  readonly department: string
  readonly level: string
  /** The `externalId` of the manager. */
  readonly manager?: string
  /** Values of CUSTOM_ATTRIBUTES, as HR systems have them: texts. */
  readonly contract: string
  readonly weeklyHours: string
  readonly firstAider: string
  /** Disabled: may not sign in, and is to be deleted. */
  readonly isEnabled: boolean
}

/** A group in it. */
export interface SourceGroup {
  readonly externalId: string
  readonly displayName: string
  /** By their `externalId`s. */
  readonly members: ReadonlySet<string>
}

/** Everybody, and every group, that is assigned to the application; both by their `externalId`s. */
export interface Directory {
  readonly accounts: ReadonlyMap<string, Account>
  readonly groups: ReadonlyMap<string, SourceGroup>
}

/** What the tenant declares; SCIM has none of it. */
export const CUSTOM_ATTRIBUTES = [
  { id: 'contract', label: 'Contract', allowedValues: ['permanent', 'fixed-term'] },
  { id: 'weeklyHours', label: 'Hours a week', type: 'integer' },
  { id: 'firstAider', label: 'First aider', type: 'boolean' },
] as const

const DOMAIN = 'contoso.example'

/** What the people of the demo data have beside what is there: level, contract, hours a week, first aider. */
const MORE: Readonly<Record<string, readonly [string, string, string, string]>> = {
  'amara.okoye': ['Director', 'permanent', '40', 'False'],
  'lars.holmgren': ['Lead', 'permanent', '40', 'True'],
  'mei.tanaka': ['Lead', 'permanent', '40', 'False'],
  'priya.raman': ['Lead', 'permanent', '32', 'False'],
  'diego.salazar': ['Senior', 'permanent', '40', 'False'],
  'fatima.elamrani': ['Senior', 'permanent', '36', 'True'],
  'zofia.wojcik': ['Senior', 'permanent', '40', 'False'],
  'noah.becker': ['Junior', 'fixed-term', '40', 'False'],
  'tomas.obrien': ['Senior', 'permanent', '40', 'True'],
  'aisha.bello': ['Junior', 'permanent', '24', 'False'],
  'kwame.mensah': ['Junior', 'fixed-term', '40', 'False'],
  'ines.duarte': ['Junior', 'fixed-term', '20', 'False'],
}

/** The directory at the beginning: 12 people in 4 groups. */
export function firstDirectory(): Directory {
  const accounts = PEOPLE.map(({ account, title, manager, ...person }): Account => {
    const [level, contract, weeklyHours, firstAider] = MORE[account] ?? unknown(account)
    const { givenName, familyName, department } = person
    return {
      externalId: idOf(account),
      address: `${account}@${DOMAIN}`,
      givenName,
      familyName,
      position: title,
      department,
      level,
      ...(manager === undefined ? {} : { manager: idOf(manager) }),
      contract,
      weeklyHours,
      firstAider,
      isEnabled: true,
    }
  })
  const groups = TEAMS.map(({ externalId, displayName, members }) => ({
    externalId,
    displayName,
    members: new Set(members.map(idOf)),
  }))
  return {
    accounts: new Map(accounts.map((each) => [each.externalId, each])),
    groups: new Map(groups.map((each) => [each.externalId, each])),
  }
}

/** As the demo data has it: an employee number stays when the name changes. */
export function idOf(account: string): string {
  const { employeeNumber } = PEOPLE.find((each) => each.account === account) ?? unknown(account)
  return `6f2d8c1e-94b7-4a05-8d3c-00000000${employeeNumber}`
}

function unknown(account: string): never {
  throw new TypeError(`there is no ${account}`)
}

/** The directory with another account in place of the one of its `externalId`. */
export function withAccount(directory: Directory, id: string, change: Partial<Account>): Directory {
  const account = directory.accounts.get(id) ?? unknown(id)
  return { ...directory, accounts: new Map(directory.accounts).set(id, { ...account, ...change }) }
}

/** The directory without an account: it is not in any group any more, either. */
export function withoutAccount(directory: Directory, id: string): Directory {
  const accounts = new Map(directory.accounts)
  accounts.delete(id)
  const groups = [...directory.groups].map(([key, group]) => {
    return [key, { ...group, members: without(group, id) }] as const
  })
  return { accounts, groups: new Map(groups) }
}

/** The directory with one group more. */
export function withGroup(directory: Directory, group: SourceGroup): Directory {
  return { ...directory, groups: new Map(directory.groups).set(group.externalId, group) }
}

/** The directory with an account in a group. */
export function joined(directory: Directory, groupId: string, id: string): Directory {
  const group = groupOf(directory, groupId)
  return withGroup(directory, { ...group, members: new Set(group.members).add(id) })
}

/** The directory with an account out of a group. */
export function left(directory: Directory, groupId: string, id: string): Directory {
  const group = groupOf(directory, groupId)
  return withGroup(directory, { ...group, members: without(group, id) })
}

function groupOf({ groups }: Directory, id: string): SourceGroup {
  return groups.get(id) ?? unknown(id)
}

function without({ members }: SourceGroup, id: string): ReadonlySet<string> {
  return new Set([...members].filter((member) => member !== id))
}
