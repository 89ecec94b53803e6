import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { odata } from '@azure/data-tables'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../lib/scim/json.ts'
import { LIMITS } from '../../lib/scim/limits.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import { USER } from '../../lib/scim/default-resource-types.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { gateKey, hiddenIndexName } from '../../lib/storage/keys.ts'
import { DEFAULT_LAYOUTS, layoutOf } from '../../lib/storage/layout.ts'
import { aDefinition } from '../support/definitions.ts'
import { inLockstep } from '../support/lockstep.ts'
import {
  listOf,
  startTableApp,
  textOf,
  type Client,
  type TableAnswer,
  type TableApp,
} from '../support/table-app.ts'
import { insertMany } from '../support/tables.ts'

const USERS = 3000
/** So many ids begin alike: as many as in a tenant with 300,000 users. */
const CROWD = 1200

const DECLARED = Array.from({ length: LIMITS.declaredEntries }, (_, n) =>
  aDefinition(`own${String(n)}`, { unique: n % 2 === 0, indexed: true }),
)

let app: TableApp
let client: Client
/** Of a tenant with many users. */
let large: Client
/** Of a tenant that keeps who is deleted. */
let keeping: Client
/** Of a tenant with attributes of its own. */
let declaring: Client

beforeAll(async () => {
  app = await startTableApp({ transport: inLockstep() })
  client = await app.client('small')
  large = await app.client('large')
  keeping = await app.client('keeping')
  const settings = { deletionPolicy: 'deactivate' }
  await app.stores.tenants.update('keeping', () => ({ settings }))
  await insertMany(app.tables, large.scope, USER, Array.from({ length: USERS }, manyUser))
  declaring = await app.client('declaring')
  for (const each of DECLARED) {
    const at = new Date().toISOString()
    await app.stores.tenants.addDefinition('declaring', () => ({ ...each, created: at }))
  }
  // From here on the credentials are remembered.
  for (const each of [client, large, keeping, declaring]) {
    await each.send('GET', '/Users?count=0')
  }
})

afterAll(() => app.stop())

function manyUser(_: unknown, n: number): StoredResource {
  const id = n < CROWD ? `7a${randomUUID().slice(2)}` : randomUUID()
  const at = '2026-01-01T00:00:00.000Z'
  const attributes = { userName: `many-${n}`, active: true }
  return { id, version: `v${n}`, created: at, lastModified: at, attributes }
}

/** An unused person, as Entra writes one. */
function person(): JsonObject & { readonly userName: string; readonly externalId: string } {
  const userName = `${randomUUID()}@example.com`
  return {
    schemas: [URN.user],
    userName,
    externalId: randomUUID(),
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    emails: [{ value: userName, type: 'work', primary: true }],
    [URN.enterpriseUser]: { employeeNumber: randomUUID(), manager: { value: randomUUID() } },
    [URN.peopleUser]: { level: 'L4' },
  }
}

/** With values of all attributes that their tenant has declared, each of which is in an index. */
function declared(): JsonObject {
  const own = Object.fromEntries(DECLARED.map(({ id }) => [id, randomUUID()]))
  return { ...person(), [URN.peopleUser]: { level: 'L4', ...own } }
}

const members = (count: number): JsonObject[] =>
  Array.from({ length: count }, () => ({ value: randomUUID() }))

async function created(
  path: '/Users' | '/Groups',
  body: JsonObject,
  by: Client = client,
): Promise<string> {
  const answer = await by.send('POST', path, body)
  expect(answer).toMatchObject({ status: 201 })
  return textOf(answer.body, 'id')
}

/** One whose userName and externalId have not one gate by chance, which would be a call less. */
function personOfTwoGates(): ReturnType<typeof person> {
  const one = person()
  const layout = layoutOf(DEFAULT_LAYOUTS, USER)
  const gates = (['userName', 'externalId'] as const).map((path) =>
    gateKey(layout, hiddenIndexName(layout, path), one[path]),
  )
  return new Set(gates).size === gates.length ? one : personOfTwoGates()
}

async function aKeptPerson(): Promise<JsonObject> {
  const one = personOfTwoGates()
  await keeping.send('DELETE', `/Users/${await created('/Users', one, keeping)}`)
  return one
}

/** As if whoever was deleted had been so long ago. */
async function letTimePass(): Promise<void> {
  const { users } = app.tables
  const queryOptions = { filter: odata`PartitionKey eq ${keeping.scope.partitionKey}` }
  for await (const { partitionKey = '', rowKey = '' } of users.listEntities({ queryOptions })) {
    if (!rowKey.startsWith('gate:')) continue
    const hidden = '2026-01-01T00:00:00.000Z'
    await users.updateEntity({ partitionKey, rowKey, hidden }, 'Merge')
  }
}

const aUser = (): Promise<string> => created('/Users', person())

const team = (...of: readonly JsonObject[]): JsonObject & { readonly displayName: string } => ({
  schemas: [URN.group],
  displayName: `Team ${randomUUID()}`,
  members: of,
})

const aGroup = (...of: readonly JsonObject[]): Promise<string> => created('/Groups', team(...of))

async function aUserInTwoGroups(): Promise<string> {
  const value = await aUser()
  await aGroup({ value })
  await aGroup({ value })
  return value
}

const patch = (path: string, ...Operations: readonly JsonObject[]): Promise<TableAnswer> =>
  client.send('PATCH', path, { schemas: [MESSAGE.patchOp], Operations })

const find = (path: string, filter: string, more = ''): Promise<TableAnswer> =>
  client.send('GET', `${path}?filter=${encodeURIComponent(filter)}${more}`)

const change = { op: 'replace', path: 'title', value: 'Countess' }

/** A page of a hundred users among many, each of whom is in one of sixty groups. */
async function aPageOfUsersInGroups(): Promise<TableAnswer> {
  const path = '/Users?startIndex=700&count=100'
  const page = await large.send('GET', `${path}&attributes=id`)
  const ids = listOf(page.body, 'Resources').map((user) => textOf(user, 'id'))
  for (let at = 0; at < 60; at += 1) {
    const own = ids.filter((_, index) => index % 60 === at)
    await large.send('POST', '/Groups', team(...own.map((value) => ({ value }))))
  }
  return large.send('GET', path)
}

async function nextPage(first: TableAnswer, more = ''): Promise<TableAnswer> {
  return large.send('GET', `/Users?cursor=${textOf(first.body, 'nextCursor')}${more}`)
}

async function addMembers(count: number): Promise<TableAnswer> {
  const value = members(count)
  return patch(`/Groups/${await aGroup()}`, { op: 'add', path: 'members', value })
}

async function removeMembers(count: number): Promise<TableAnswer> {
  const value = members(count)
  return patch(`/Groups/${await aGroup(...value)}`, { op: 'remove', path: 'members', value })
}

/** Every row of the document's table, and the request it is about. The last request that is sent counts. */
const REQUESTS: Readonly<Record<string, () => Promise<TableAnswer>>> = {
  'Test Connection: user filter without a hit': () => find('/Users', 'userName eq "nobody"'),
  'Test Connection: group filter without a hit': () =>
    find('/Groups', 'displayName eq "nobody"', '&excludedAttributes=members'),
  'Filter on `userName`, a user in no group': async () => {
    const one = person()
    await created('/Users', one)
    return find('/Users', `userName eq "${one.userName}"`)
  },
  'Filter on `externalId`, a user in no group': async () => {
    const one = person()
    await created('/Users', one)
    return find('/Users', `externalId eq "${one.externalId}"`)
  },
  'Filter on `emails.value`, a user in no group': async () => {
    const one = person()
    await created('/Users', one)
    return find('/Users', `emails[type eq "work"].value eq "${one.userName}"`)
  },
  'Filter on `userName`, a user in two groups': async () => {
    const one = person()
    const value = await created('/Users', one)
    await aGroup({ value })
    await aGroup({ value })
    return find('/Users', `userName eq "${one.userName}"`)
  },
  'Direct reports: filter on `manager`, one user in no group': async () => {
    const manager = randomUUID()
    await created('/Users', { ...person(), [URN.enterpriseUser]: { manager: { value: manager } } })
    return find('/Users', `manager eq "${manager}"`)
  },
  'GET user with `attributes=manager.displayName`': async () => {
    const manager = await created('/Users', { ...person(), displayName: 'Ada' })
    const body = { ...person(), [URN.enterpriseUser]: { manager: { value: manager } } }
    const id = await created('/Users', body)
    return client.send('GET', `/Users/${id}?attributes=manager.displayName`)
  },
  'Filter on a group’s `displayName`, without members': async () => {
    const one = team({ value: randomUUID() })
    await created('/Groups', one)
    return find('/Groups', `displayName eq "${one.displayName}"`, '&excludedAttributes=members')
  },
  'GET user in no group': async () => client.send('GET', `/Users/${await aUser()}`),
  'GET user in two groups': async () => client.send('GET', `/Users/${await aUserInTwoGroups()}`),
  'GET group without members': async () =>
    client.send('GET', `/Groups/${await aGroup(...members(2))}?excludedAttributes=members`),
  'GET group with 10 members': async () =>
    client.send('GET', `/Groups/${await aGroup(...members(10))}`),
  'POST user': () => client.send('POST', '/Users', person()),
  'POST user, `userName` taken': async () => {
    const one = person()
    await created('/Users', one)
    return client.send('POST', '/Users', one)
  },
  'POST group': () => client.send('POST', '/Groups', team()),
  'POST group with 10 members': () => client.send('POST', '/Groups', team(...members(10))),
  'PATCH user': async () => patch(`/Users/${await aUser()}`, change),
  'PATCH user, nothing changes': async () => {
    const path = `/Users/${await aUser()}`
    await patch(path, change)
    return patch(path, change)
  },
  'PUT user': async () => client.send('PUT', `/Users/${await aUser()}`, person()),
  'PATCH group: add 1 member': async () =>
    patch(`/Groups/${await aGroup()}`, { op: 'add', path: 'members', value: members(1) }),
  'PATCH group: add 47 members': () => addMembers(47),
  'PATCH group: add 49 members': () => addMembers(49),
  'PATCH group: remove 47 members': () => removeMembers(47),
  'PATCH group: remove 49 members': () => removeMembers(49),
  'PATCH group: add 100 members': async () =>
    patch(`/Groups/${await aGroup()}`, { op: 'add', path: 'members', value: members(100) }),
  'PATCH group: add 1 member and remove 1': async () => {
    const [member = {}] = members(1)
    const id = await aGroup(member)
    return patch(
      `/Groups/${id}`,
      { op: 'add', path: 'members', value: members(1) },
      { op: 'remove', path: `members[value eq "${textOf(member, 'value')}"]` },
    )
  },
  'Users by `startIndex`, 100 of them in 60 groups': aPageOfUsersInGroups,
  'PATCH group: add a member who is in it': async () => {
    const value = members(1)
    return patch(`/Groups/${await aGroup(...value)}`, { op: 'add', path: 'members', value })
  },
  'PATCH group: rename': async () =>
    patch(`/Groups/${await aGroup(...members(2))}`, {
      op: 'replace',
      path: 'displayName',
      value: randomUUID(),
    }),
  'DELETE user in no group': async () => client.send('DELETE', `/Users/${await aUser()}`),
  'DELETE user in two groups': async () =>
    client.send('DELETE', `/Users/${await aUserInTwoGroups()}`),
  'DELETE group with 10 members': async () =>
    client.send('DELETE', `/Groups/${await aGroup(...members(10))}`),
  'POST user, where who is deleted is kept': () =>
    keeping.send('POST', '/Users', personOfTwoGates()),
  'POST user who was deleted and is kept': async () => {
    const one = await aKeptPerson()
    await letTimePass()
    return keeping.send('POST', '/Users', one)
  },
  'POST user who was deleted within ten minutes and is kept': async () =>
    keeping.send('POST', '/Users', await aKeptPerson()),
  'DELETE user in no group, who is kept': async () =>
    keeping.send('DELETE', `/Users/${await created('/Users', person(), keeping)}`),
  'DELETE user in two groups, who is kept': async () => {
    const value = await created('/Users', person(), keeping)
    for (const group of [team({ value }), team({ value })]) await created('/Groups', group, keeping)
    return keeping.send('DELETE', `/Users/${value}`)
  },
  'List users by `startIndex`, first page': () => large.send('GET', '/Users?count=100'),
  'List users by `startIndex`, any page of 100 among 300,000': () =>
    large.send('GET', `/Users?startIndex=${USERS / 2}&count=100`),
  'List users by `startIndex`, any page of 1,000 among 300,000': () =>
    large.send('GET', `/Users?startIndex=${USERS / 2}&count=1000`),
  'List users, `count=0`': () => large.send('GET', '/Users?count=0'),
  'List users by cursor, first page': () => large.send('GET', '/Users?cursor&count=100'),
  'List users by cursor, later page': async () =>
    nextPage(await large.send('GET', '/Users?cursor&count=100')),
  'List users by cursor without `groups`, first page': () =>
    large.send('GET', '/Users?cursor&count=100&excludedAttributes=groups'),
  'List users by cursor without `groups`, later page': async () => {
    const more = '&excludedAttributes=groups'
    return nextPage(await large.send('GET', `/Users?cursor&count=100${more}`), more)
  },
}

async function aDeclared(body: JsonObject = declared()): Promise<string> {
  const answer = await declaring.send('POST', '/Users', body)
  expect(answer).toMatchObject({ status: 201 })
  return textOf(answer.body, 'id')
}

/** Every row of the document's table of tenants with attributes of their own. */
const OWN_REQUESTS: Readonly<Record<string, () => Promise<TableAnswer>>> = {
  'POST user': () => declaring.send('POST', '/Users', declared()),
  'GET user in no group': async () => declaring.send('GET', `/Users/${await aDeclared()}`),
  'PATCH user': async () =>
    declaring.send('PATCH', `/Users/${await aDeclared()}`, {
      schemas: [MESSAGE.patchOp],
      Operations: [change, { op: 'replace', path: 'own0', value: randomUUID() }],
    }),
  'PUT user': async () => declaring.send('PUT', `/Users/${await aDeclared()}`, declared()),
  'DELETE user in no group': async () => declaring.send('DELETE', `/Users/${await aDeclared()}`),
  'Filter on an attribute that is unique': () => filterOn('own0'),
  'Filter on an attribute that is indexed': () => filterOn('own1'),
  'POST user, unique attribute taken': async () => {
    const taken = declared()
    await aDeclared(taken)
    const { [URN.peopleUser]: people = {} } = taken
    return declaring.send('POST', '/Users', { ...person(), [URN.peopleUser]: people })
  },
}

async function filterOn(name: string): Promise<TableAnswer> {
  const value = randomUUID()
  await aDeclared({ ...person(), [URN.peopleUser]: { [name]: value } })
  return declaring.send('GET', `/Users?filter=${encodeURIComponent(`${name} eq "${value}"`)}`)
}

/** The table of the document: label, round trips, storage calls. */
function budget(heading: string): ReadonlyMap<string, string> {
  const document = readFileSync('docs/architecture.md', 'utf8')
  const section = document.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('|'))
  return new Map(
    rows.slice(2).map((row) => {
      const [, label = '', roundTrips = '', calls = ''] = row.split('|').map((cell) => cell.trim())
      return [label, `${roundTrips} ${calls}`]
    }),
  )
}

describe.each([
  ['Budget', REQUESTS],
  ['Budget of tenants with attributes of their own', OWN_REQUESTS],
])('round trips and storage calls are those of docs/architecture.md: %s', (heading, requests) => {
  test.each(Object.entries(requests))('%s', async (label, request) => {
    const { status, roundTrips, calls } = await request()
    expect([200, 201, 204, 409]).toContain(status)
    expect(`${roundTrips} ${calls}`).toBe(budget(heading).get(label))
  })

  test('every row is measured', () => {
    expect([...budget(heading).keys()].toSorted()).toEqual(Object.keys(requests).toSorted())
  })
})

test('no page by startIndex takes more than five round trips', async () => {
  for (let startIndex = 1; startIndex <= USERS; startIndex += 250) {
    const { roundTrips } = await large.send('GET', `/Users?startIndex=${startIndex}&count=50`)
    expect(roundTrips).toBeLessThanOrEqual(5)
  }
})
