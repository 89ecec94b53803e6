import type { JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'

type TableName = 'tenants' | 'users' | 'groups'

/** What the rows of a family are of. */
type RowsOf =
  /** What a client or an operator has said. */
  | 'data'
  /** By what those are found, and counted. */
  | 'index'
  /** Of work that goes on, and of nothing when it is done. */
  | 'work'
  /** What has happened. */
  | 'activity'

/** Every family of rows by what their keys begin with, before the first colon, and the tables that have it. */
export const ROW_FAMILIES: Readonly<
  Record<string, { readonly of: RowsOf; readonly tables: readonly TableName[] }>
> = {
  user: { of: 'data', tables: ['users'] },
  group: { of: 'data', tables: ['groups'] },
  hidden: { of: 'data', tables: ['users'] },
  invitation: { of: 'data', tables: ['users'] },
  team: { of: 'data', tables: ['groups'] },
  teamname: { of: 'data', tables: ['groups'] },
  teamMember: { of: 'data', tables: ['groups'] },
  teamOf: { of: 'data', tables: ['groups'] },
  member: { of: 'data', tables: ['groups'] },
  memberOf: { of: 'data', tables: ['groups'] },
  guard: { of: 'data', tables: ['groups'] },
  tenant: { of: 'data', tables: ['tenants'] },
  token: { of: 'data', tables: ['tenants'] },
  credential: { of: 'data', tables: ['tenants'] },
  attribute: { of: 'data', tables: ['tenants'] },
  entra: { of: 'index', tables: ['tenants'] },
  key: { of: 'data', tables: ['tenants'] },
  userName: { of: 'index', tables: ['users'] },
  externalId: { of: 'index', tables: ['users', 'groups'] },
  email: { of: 'index', tables: ['users'] },
  employeeNumber: { of: 'index', tables: ['users'] },
  manager: { of: 'index', tables: ['users'] },
  level: { of: 'index', tables: ['users'] },
  familyName: { of: 'index', tables: ['users'] },
  givenName: { of: 'index', tables: ['users'] },
  displayName: { of: 'index', tables: ['groups'] },
  unique: { of: 'index', tables: ['users'] },
  values: { of: 'index', tables: ['users'] },
  hiddenBy: { of: 'index', tables: ['users'] },
  gate: { of: 'index', tables: ['users'] },
  count: { of: 'index', tables: ['users', 'groups'] },
  deleted: { of: 'work', tables: ['users', 'groups'] },
  lease: { of: 'work', tables: ['tenants'] },
  task: { of: 'work', tables: ['tenants'] },
  journal: { of: 'activity', tables: ['tenants', 'users', 'groups'] },
  stats: { of: 'activity', tables: ['users'] },
  day: { of: 'activity', tables: ['users'] },
  people: { of: 'activity', tables: ['users'] },
}

/** The family of a row. */
export function familyOf(rowKey: string): string {
  const [family = ''] = rowKey.split(':')
  return family
}

/** Both ways into a tenant, and a pause after which every instance knows what was set. */
export interface Ways {
  readonly scim: (method: string, path: string, body?: JsonObject) => Promise<JsonObject>
  /** The path follows that of the tenant. */
  readonly manage: (method: string, path: string, body?: JsonObject) => Promise<JsonObject>
  readonly settle: () => Promise<void>
}

function idIn({ id }: JsonObject): string {
  if (typeof id !== 'string') throw new Error('there is no id')
  return id
}

/** A user who has all that there are indexes of. */
function person(name: string, password: string): JsonObject {
  return {
    schemas: [URN.user],
    userName: `${name}@rows.example`,
    externalId: name,
    name: { givenName: name, familyName: `${name}son` },
    emails: [{ value: `${name}@rows.example`, type: 'work' }],
    password,
    [URN.enterpriseUser]: { employeeNumber: name, manager: { value: 'somebody' } },
    [URN.peopleUser]: { level: 'Senior', badge: name, shirt: 'XL' },
  }
}

/** Has a tenant use all that leaves rows of a user, a group, a team or a membership. */
export async function useEverything(
  { scim, manage, settle }: Ways,
  password: string,
): Promise<void> {
  await manage('PATCH', '', { settings: { invitations: true, deletionPolicy: 'deactivate' } })
  await manage('POST', '/attributes', { id: 'badge', unique: true })
  await manage('POST', '/attributes', { id: 'shirt', indexed: true })
  await settle()
  const [ann, bob] = [
    idIn(await scim('POST', '/Users', person('ann', password))),
    idIn(await scim('POST', '/Users', person('bob', password))),
  ]
  await scim('DELETE', `/Users/${bob}`)
  // By the same name somebody else, who may be the one who was deleted.
  const returner = idIn(
    await scim('POST', '/Users', { ...person('bob', password), externalId: 'another' }),
  )
  for (const name of ['Sales', 'Choir']) {
    const team = idIn(await manage('POST', '/teams', { name }))
    await manage('POST', `/teams/${team}/members`, { personId: ann })
  }
  const group = { schemas: [URN.group], externalId: 'g', displayName: 'Sales' }
  const adopted = idIn(await scim('POST', '/Groups', { ...group, members: [{ value: returner }] }))
  await manage('POST', `/people/${returner}/restore`)
  await scim('DELETE', `/Groups/${adopted}`)
  await scim('POST', '/Groups', { ...group, members: [{ value: ann }] })
  await manage('PATCH', `/people/${ann}`, { position: 'Buyer' })
  const Operations = [{ op: 'replace', path: 'password', value: password }]
  await scim('PATCH', `/Users/${ann}`, { schemas: [MESSAGE.patchOp], Operations })
  const cat = idIn(await scim('POST', '/Users', person('cat', password)))
  await scim('DELETE', `/Users/${cat}`)
  await manage('POST', '/invitations/acknowledgements', { ids: [ann] })
}
