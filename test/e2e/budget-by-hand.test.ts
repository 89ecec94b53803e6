import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { inLockstep } from '../support/lockstep.ts'
import {
  FUNCTION_KEY,
  startTableApp,
  textOf,
  type Client,
  type TableAnswer,
  type TableApp,
} from '../support/table-app.ts'

/** What SCIM costs a tenant whose application makes teams by hand, counts levels and invites, beside what it costs others. */

let app: TableApp
let plain: Client
let busy: Client
let teamId: string

beforeAll(async () => {
  app = await startTableApp({ transport: inLockstep() })
  plain = await app.client('plain')
  busy = await app.client('busy')
  await app.stores.tenants.update('busy', () => ({ settings: { invitations: true } }))
  teamId = await aTeam(`Choir ${randomUUID()}`)
  for (let n = 0; n < 20; n += 1) await joined(await aUser(busy))
  // From here on the credentials are remembered.
  for (const each of [plain, busy]) await each.send('GET', '/Users?count=0')
})

afterAll(() => app.stop())

async function manage(method: string, path: string, body: JsonObject): Promise<TableAnswer> {
  const headers = { ...FUNCTION_KEY, 'content-type': 'application/json' }
  const answer = await busy.send(method, `/../manage/tenants/busy/${path}`, body, headers)
  expect(answer).toMatchObject({ status: 201 })
  return answer
}

async function aTeam(name: string): Promise<string> {
  return textOf((await manage('POST', 'teams', { name })).body, 'id')
}

async function joined(personId: string): Promise<string> {
  await manage('POST', `teams/${teamId}/members`, { personId })
  return personId
}

function person(more: JsonObject = {}): JsonObject {
  const userName = `${randomUUID()}@example.com`
  return { schemas: [URN.user], userName, [URN.peopleUser]: { level: 'Senior' }, ...more }
}

async function aUser(by: Client, more: JsonObject = {}): Promise<string> {
  return textOf((await by.send('POST', '/Users', person(more))).body, 'id')
}

function group(displayName = `Team ${randomUUID()}`, ...of: readonly string[]): JsonObject {
  return { schemas: [URN.group], displayName, members: of.map((value) => ({ value })) }
}

async function aGroup(by: Client, ...of: readonly string[]): Promise<string> {
  return textOf((await by.send('POST', '/Groups', group(undefined, ...of))).body, 'id')
}

function patch(by: Client, path: string, operation: JsonObject): Promise<TableAnswer> {
  return by.send('PATCH', path, { schemas: [MESSAGE.patchOp], Operations: [operation] })
}

const REQUESTS: Readonly<Record<string, (by: Client) => Promise<TableAnswer>>> = {
  'POST user': (by) => by.send('POST', '/Users', person()),
  'PATCH user: first activation': async (by) =>
    patch(by, `/Users/${await aUser(by, { active: false })}`, {
      op: 'replace',
      path: 'active',
      value: true,
    }),
  'PATCH user: another level': async (by) =>
    patch(by, `/Users/${await aUser(by)}`, {
      op: 'replace',
      path: `${URN.peopleUser}:level`,
      value: 'Principal',
    }),
  'DELETE user in no team': async (by) => by.send('DELETE', `/Users/${await aUser(by)}`),
  'GET user': async (by) => by.send('GET', `/Users/${await aUser(by)}`),
  'List users by cursor': (by) => by.send('GET', '/Users?cursor&count=100'),
  'POST group': (by) => by.send('POST', '/Groups', group()),
  'POST group with a member': async (by) =>
    by.send('POST', '/Groups', group(undefined, await aUser(by))),
  'PATCH group: add a member': async (by) => {
    const value = [{ value: await aUser(by) }]
    return patch(by, `/Groups/${await aGroup(by)}`, { op: 'add', path: 'members', value })
  },
  'PATCH group: rename': async (by) =>
    patch(by, `/Groups/${await aGroup(by)}`, {
      op: 'replace',
      path: 'displayName',
      value: randomUUID(),
    }),
  'GET group': async (by) => by.send('GET', `/Groups/${await aGroup(by, await aUser(by))}`),
  'DELETE group with a member': async (by) =>
    by.send('DELETE', `/Groups/${await aGroup(by, await aUser(by))}`),
}

describe('SCIM takes no more round trips where teams are made by hand', () => {
  test.each(Object.entries(REQUESTS))('%s', async (_, request) => {
    const [without, beside] = [await request(plain), await request(busy)]
    expect(beside.status).toBe(without.status)
    expect(beside.status).toBeLessThan(300)
    expect(beside.roundTrips).toBe(without.roundTrips)
  })

  test('GET of a user who was put into a team by hand', async () => {
    const [without, beside] = [
      await plain.send('GET', `/Users/${await aUser(plain)}`),
      await busy.send('GET', `/Users/${await joined(await aUser(busy))}`),
    ]
    expect(beside.body).not.toHaveProperty('groups')
    expect(beside.roundTrips).toBe(without.roundTrips)
  })
})

test('a group that becomes a team takes two more, when it is created', async () => {
  const name = `Sales ${randomUUID()}`
  const id = await aTeam(name)
  const [without, beside] = [
    await plain.send('POST', '/Groups', group()),
    await busy.send('POST', '/Groups', group(name)),
  ]
  expect(textOf(beside.body, 'id')).toBe(id)
  expect(beside.roundTrips).toBe(without.roundTrips + 2)
})
