import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../lib/scim/json.ts'
import type { Member } from '../../lib/scim/resource.ts'
import { DEFAULT_RESOURCE_TYPES, USER } from '../../lib/scim/default-resource-types.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { inParallel } from '../../lib/in-parallel.ts'
import {
  listOf,
  startTableApp,
  textOf,
  type Client,
  type TableAnswer,
  type TableApp,
} from '../support/table-app.ts'
import type { MembersOutcome } from '../../lib/storage/port.ts'
import { aChange, creation } from '../support/changes.ts'
import { isTransaction, type Transport } from '../support/tables.ts'

const PASS: Transport = (request, next) => next(request)

/** What stands between the app and Azurite in one test. */
let transport = PASS
let app: TableApp

beforeAll(async () => {
  app = await startTableApp({ transport: (request, next) => transport(request, next) })
})

afterAll(() => app.stop())

let tenants = 0

/** A client of a tenant of its own. */
function newClient(): Promise<Client> {
  tenants += 1
  return app.client(`races-${tenants}`)
}

const numbered = (count: number): readonly string[] =>
  Array.from({ length: count }, () => randomUUID())

const asMembers = (ids: readonly string[]): readonly JsonObject[] => ids.map((value) => ({ value }))

/** Users, made without HTTP. */
async function newUsers({ scope }: Client, count: number): Promise<readonly string[]> {
  const ids = numbered(count)
  const at = '2026-01-01T00:00:00.000Z'
  await inParallel(ids, 16, async (id) => {
    const attributes = { userName: id, active: true }
    const user = { id, version: 'v1', created: at, lastModified: at, attributes }
    await app.stores.resources.create(scope, USER, ...creation(user))
  })
  return ids
}

async function newGroup(client: Client, members: readonly string[] = []): Promise<string> {
  const answer = await client.send('POST', '/Groups', {
    schemas: [URN.group],
    displayName: `Team ${randomUUID()}`,
  })
  expect(answer).toMatchObject({ status: 201 })
  const id = textOf(answer.body, 'id')
  await fill(client, id, members)
  return id
}

/** Puts members into a group without HTTP. */
function fill(
  { scope }: Client,
  groupId: string,
  members: readonly string[],
): Promise<MembersOutcome> {
  const toAdd = members.map((value): Member => ({ value, type: 'User' }))
  const change = aChange('members')
  return app.stores.memberships.changeMembers(scope, groupId, { add: toAdd, remove: [] }, change)
}

function patch(
  client: Client,
  groupId: string,
  ...Operations: readonly JsonObject[]
): Promise<TableAnswer> {
  return client.send('PATCH', `/Groups/${groupId}`, { schemas: [MESSAGE.patchOp], Operations })
}

const add = (client: Client, groupId: string, ids: readonly string[]): Promise<TableAnswer> =>
  patch(client, groupId, { op: 'add', path: 'members', value: asMembers(ids) })

/** As Entra sends it, one member per request. */
const removeOne = (client: Client, groupId: string, id: string): Promise<TableAnswer> =>
  patch(client, groupId, { op: 'remove', path: `members[value eq "${id}"]` })

/** The members of a group, sorted, duplicates included. */
async function membersOf(client: Client, groupId: string): Promise<readonly string[]> {
  const { status, body } = await client.send('GET', `/Groups/${groupId}`)
  expect(status).toBe(200)
  return listOf(body, 'members')
    .map((member) => textOf(member, 'value'))
    .toSorted()
}

/** The users that say they are in the group, sorted: asked for one by one. */
async function usersIn(
  client: Client,
  groupId: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  const shown = await Promise.all(
    ids.map(async (id) => {
      const { status, body } = await client.send('GET', `/Users/${id}`)
      expect(status).toBe(200)
      return listOf(body, 'groups').some(({ value }) => value === groupId) ? [id] : []
    }),
  )
  return shown.flat().toSorted()
}

/** How often each status came. */
function statuses(answers: readonly TableAnswer[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** The keys of all rows of the tenant in both tables that have to do with a resource; the journal tells of what is gone, too. */
async function rowsOf({ scope }: Client, id: string): Promise<readonly string[]> {
  const rows: string[] = []
  for (const table of [app.tables.users, app.tables.groups]) {
    const filter = `PartitionKey eq '${scope.partitionKey}'`
    for await (const row of table.listEntities({ queryOptions: { filter } })) {
      const { rowKey = '' } = row
      if (!rowKey.startsWith('journal:') && JSON.stringify(row).includes(id)) rows.push(rowKey)
    }
  }
  return rows
}

describe('many writers of one group', () => {
  test('200 parallel PATCHes of one member each, removals and a rename among them', async () => {
    const client = await newClient()
    const old = await newUsers(client, 60)
    const fresh = await newUsers(client, 140)
    const groupId = await newGroup(client, old)
    const leavers = old.slice(0, 59)
    const requests = [
      ...fresh.map((id) => () => add(client, groupId, [id])),
      ...leavers.map((id) => () => removeOne(client, groupId, id)),
      () => patch(client, groupId, { op: 'replace', path: 'displayName', value: 'Renamed' }),
    ]
    expect(requests).toHaveLength(200)
    // Mixed: 67 and 200 have no common divisor.
    const order = requests.map((_, n) => (n * 67) % requests.length)

    const answers = await Promise.all(order.flatMap((n) => requests[n]?.() ?? []))

    expect(statuses(answers)).toEqual({ 204: 200 })
    const expected = [...fresh, ...old.slice(59)].toSorted()
    expect(await membersOf(client, groupId)).toEqual(expected)
    expect(await usersIn(client, groupId, [...old, ...fresh])).toEqual(expected)
    const { body } = await client.send('GET', `/Groups/${groupId}?excludedAttributes=members`)
    expect(body['displayName']).toBe('Renamed')
  })

  test('five writers push 500 members each, 50 to 100 at a time', async () => {
    const client = await newClient()
    const groupId = await newGroup(client)
    const pushed = Array.from({ length: 5 }, () => numbered(500))
    const push = async (ids: readonly string[]): Promise<readonly TableAnswer[]> => {
      const answers: TableAnswer[] = []
      const sizes = [50, 60, 70, 80, 90, 100, 50]
      for (let at = 0, step = 0; at < ids.length; step += 1) {
        const size = sizes[step % sizes.length] ?? 100
        answers.push(await add(client, groupId, ids.slice(at, at + size)))
        at += size
      }
      return answers
    }
    const answers = await Promise.all(pushed.map(push))
    expect(Object.keys(statuses(answers.flat()))).toEqual(['204'])
    expect(await membersOf(client, groupId)).toEqual(pushed.flat().toSorted())
  })

  test('the same member, added and removed by many at once, is in or out on both sides', async () => {
    const client = await newClient()
    const groupId = await newGroup(client)
    const [id = ''] = await newUsers(client, 1)
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        n % 2 === 0 ? add(client, groupId, [id]) : removeOne(client, groupId, id),
      ),
    )
    expect(statuses(answers)).toEqual({ 204: 40 })
    expect(await usersIn(client, groupId, [id])).toEqual(await membersOf(client, groupId))
  })
})

/** Adds members; false when there is no such group. */
async function addHere(client: Client, groupId: string, count: number): Promise<boolean> {
  const { status } = await add(client, groupId, numbered(count))
  expect([204, 404]).toContain(status)
  return status === 204
}

/** The same, as another instance of the app does it: nothing but the storage is shared. */
async function addElsewhere(client: Client, groupId: string, count: number): Promise<boolean> {
  await pause(20)
  return (await fill(client, groupId, numbered(count))) === 'changed'
}

/** Adds until there is no such group; tells how often. */
async function keepAdding(addOnce: () => Promise<boolean>): Promise<number> {
  for (let added = 0; ; added += 1) if (!(await addOnce())) return added
}

/** Four writers, until `work` is done. */
async function amongWriters<Result>(
  client: Client,
  groupId: string,
  work: () => Promise<Result>,
): Promise<Result> {
  let isDone = false
  const writing = Array.from({ length: 4 }, () =>
    keepAdding(async () => (await addHere(client, groupId, 1)) && !isDone),
  )
  await pause(50)
  const result = await work()
  isDone = true
  await Promise.all(writing)
  return result
}

describe('a group whose members many writers change', () => {
  test('is renamed at the first try', async () => {
    const client = await newClient()
    const groupId = await newGroup(client)
    const rename = { op: 'replace', path: 'displayName', value: 'Renamed' }
    const answer = await amongWriters(client, groupId, () => patch(client, groupId, rename))
    // Read and write, as if nobody else were there.
    expect(answer).toMatchObject({ status: 204, calls: 2 })
  })

  test('is deleted at the first try', async () => {
    const client = await newClient()
    const groupId = await newGroup(client)
    const answer = await amongWriters(client, groupId, () =>
      client.send('DELETE', `/Groups/${groupId}`),
    )
    // Read, counter, transaction, members, memberships, tombstone, mark; and for each 50 members one more.
    expect(answer).toMatchObject({ status: 204 })
    expect(answer.calls).toBeLessThan(14)
  })
})

describe('a group of 20,000 members', () => {
  const SIZE = 20_000
  const members = numbered(SIZE)
  let client: Client
  let groupId: string

  beforeAll(async () => {
    client = await newClient()
    groupId = await newGroup(client, members)
  })

  test('takes one more for the same single storage call as a group of ten', async () => {
    const ofTen = await newGroup(client, numbered(10))
    for (const id of [ofTen, groupId]) {
      const extra = randomUUID()
      expect(await add(client, id, [extra])).toMatchObject({ status: 204, calls: 1 })
      expect(
        await patch(client, id, { op: 'remove', path: 'members', value: [{ value: extra }] }),
      ).toMatchObject({ status: 204, calls: 1 })
    }
  })

  test('is read without its members in one call', async () => {
    const answer = await client.send('GET', `/Groups/${groupId}?excludedAttributes=members`)
    expect(answer).toMatchObject({ status: 200, calls: 1 })
    expect(answer.body).not.toHaveProperty('members')
  })

  test('is answered with all its members, each once', async () => {
    expect(await membersOf(client, groupId)).toEqual(members.toSorted())
  })

  test('PUT writes the difference only', async () => {
    const after = [...members.slice(5), ...numbered(3)]
    let transactions = 0
    transport = (request, next) => {
      transactions += isTransaction(request) ? 1 : 0
      return next(request)
    }
    const answer = await client.send('PUT', `/Groups/${groupId}?attributes=displayName`, {
      schemas: [URN.group],
      displayName: 'Large',
      members: asMembers(after),
    })
    transport = PASS
    expect(answer).toMatchObject({ status: 200 })
    // One for the name, one for those who go and those who come.
    expect(transactions).toBe(2)
    expect(await membersOf(client, groupId)).toEqual(after.toSorted())
  })
})

const replace = (client: Client, groupId: string, ids: readonly string[]): Promise<TableAnswer> =>
  patch(client, groupId, { op: 'replace', path: 'members', value: asMembers(ids) })

describe('a PATCH of members is one change', () => {
  test('nobody sees the group between an addition and a removal', async () => {
    const client = await newClient()
    const [a = '', b = ''] = numbered(2)
    const groupId = await newGroup(client, [a])
    const seen = new Set<string>()
    const done = new AbortController()
    const look = async (): Promise<void> => {
      while (!done.signal.aborted) seen.add((await membersOf(client, groupId)).join(' '))
    }
    const looking = [look(), look()]
    for (let time = 0; time < 30; time += 1) {
      const next = time % 2 === 0 ? b : a
      const answer = await replace(client, groupId, [next])
      expect(answer.status).toBe(204)
    }
    done.abort()
    await Promise.all(looking)
    expect([...seen].toSorted()).toEqual([a, b].toSorted())
  })

  test('parallel exchanges end as one after the other would', async () => {
    const client = await newClient()
    for (let time = 0; time < 10; time += 1) {
      const [a = '', b = '', z = ''] = numbered(3)
      const groupId = await newGroup(client, [z])
      const exchange = (comes: string, goes: string): Promise<TableAnswer> =>
        patch(
          client,
          groupId,
          { op: 'add', path: 'members', value: asMembers([comes]) },
          { op: 'remove', path: `members[value eq "${goes}"]` },
        )
      await Promise.all([exchange(a, b), exchange(b, a)])
      const after = await membersOf(client, groupId)
      expect([[a, z].toSorted(), [b, z].toSorted()]).toContainEqual(after)
    }
  })

  test.each([5, 120])('of parallel PUTs of %i members one remains, whole', async (count) => {
    const client = await newClient()
    for (let time = 0; time < 4; time += 1) {
      const groupId = await newGroup(client, numbered(3))
      const lists = [numbered(count), numbered(count), numbered(count)]
      const answers = await Promise.all(
        lists.map((ids, index) =>
          client.send('PUT', `/Groups/${groupId}`, {
            schemas: [URN.group],
            displayName: `${index} of ${groupId}`,
            members: asMembers(ids),
          }),
        ),
      )
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
      const { body } = await client.send('GET', `/Groups/${groupId}?excludedAttributes=members`)
      const winner = Number(textOf(body, 'displayName').split(' ')[0])
      expect(await membersOf(client, groupId)).toEqual(lists[winner]?.toSorted())
    }
  })
})

describe('what is deleted leaves nothing', () => {
  test('a user leaves its groups, which get a new version', async () => {
    const client = await newClient()
    const [gone = '', stays = ''] = await newUsers(client, 2)
    const groups = [await newGroup(client, [gone, stays]), await newGroup(client, [gone])]
    const versionOf = async (id: string): Promise<string | null> =>
      (await client.send('GET', `/Groups/${id}`)).headers.get('etag')
    const before = await Promise.all(groups.map(versionOf))
    expect(await client.send('DELETE', `/Users/${gone}`)).toMatchObject({ status: 204 })
    expect(await membersOf(client, groups[0] ?? '')).toEqual([stays])
    expect(await membersOf(client, groups[1] ?? '')).toEqual([])
    const after = await Promise.all(groups.map(versionOf))
    expect(after.filter((version) => before.includes(version))).toEqual([])
    expect(await rowsOf(client, gone)).toEqual([])
  })

  test('a group, while this and other instances add members', async () => {
    const client = await newClient()
    for (let round = 0; round < 4; round += 1) {
      const groupId = await newGroup(client, numbered(120))
      const adding = [
        ...[1, 60].map((size) => keepAdding(() => addHere(client, groupId, size))),
        ...[1, 60].map((size) => keepAdding(() => addElsewhere(client, groupId, size))),
      ]
      await pause(60)
      const deleted = await client.send('DELETE', `/Groups/${groupId}`)
      expect(deleted).toMatchObject({ status: 204 })
      expect(Math.min(...(await Promise.all(adding)))).toBeGreaterThan(0)
      expect(await rowsOf(client, groupId)).toEqual([])
    }
  })

  test('of ten parallel DELETEs one succeeds', async () => {
    const client = await newClient()
    const groupId = await newGroup(client, numbered(60))
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => client.send('DELETE', `/Groups/${groupId}`)),
    )
    expect(statuses(answers)).toEqual({ 204: 1, 404: 9 })
    expect(await rowsOf(client, groupId)).toEqual([])
  })
})

/** From the n-th call on nothing reaches the storage; with `answerLost` the n-th arrives, but its answer does not. */
function dyingAt(n: number, answerLost: boolean): { transport: Transport; died: () => boolean } {
  let calls = 0
  return {
    died: () => calls >= n,
    async transport(request, next) {
      calls += 1
      if (calls < n) return next(request)
      if (calls === n && answerLost) await next(request)
      throw new Error('the process has ended')
    },
  }
}

/** What is to be deleted. */
interface Target {
  readonly path: '/Users' | '/Groups'
  readonly id: string
  /** Whether everything is as it was. */
  readonly isWhole: () => Promise<boolean>
}

/** A group with a user, members that need several transactions, and a group that it is in. */
async function groupTarget(client: Client): Promise<Target> {
  const members = [...(await newUsers(client, 1)), ...numbered(60)]
  const id = await newGroup(client, members)
  await fill(client, await newGroup(client), [id])
  const isWhole = async (): Promise<boolean> =>
    (await membersOf(client, id)).length === members.length
  return { path: '/Groups', id, isWhole }
}

/** A user in two groups. */
async function userTarget(client: Client): Promise<Target> {
  const [id = ''] = await newUsers(client, 1)
  const groups = [await newGroup(client, [id]), await newGroup(client, [id])]
  const isWhole = async (): Promise<boolean> => {
    const shown = await Promise.all(groups.map((groupId) => usersIn(client, groupId, [id])))
    return shown.flat().length === groups.length
  }
  return { path: '/Users', id, isWhole }
}

/** In which answers a resource shows; its id may still be among a group's members. */
async function seenIn(client: Client, { path, id }: Target): Promise<readonly string[]> {
  const byId = `${path}?filter=${encodeURIComponent(`id eq "${id}"`)}`
  const [one, all, found, users] = await Promise.all(
    [`${path}/${id}`, `${path}?count=1000`, byId, '/Users?count=1000'].map((url) =>
      client.send('GET', url),
    ),
  )
  const listed = listOf(all?.body ?? {}, 'Resources')
  return [
    ...(one?.status === 404 ? [] : ['itself']),
    ...(listed.some((each) => each['id'] === id) ? ['the list'] : []),
    ...(all?.body['totalResults'] === listed.length ? [] : ['totalResults']),
    ...(found?.body['totalResults'] === 0 ? [] : ['a filter']),
    // A user, or a group among the groups of one.
    ...(users?.text.includes(id) === true ? ['users'] : []),
  ]
}

const EVERYWHERE = ['itself', 'the list', 'a filter', 'users']

async function repeatDelete(client: Client, { path, id }: Target): Promise<void> {
  expect([204, 404]).toContain((await client.send('DELETE', `${path}/${id}`)).status)
}

/** The operator's way; what had not been begun is deleted after it. */
async function sweep(client: Client, target: Target): Promise<void> {
  await app.stores.resources.sweep(client.scope, DEFAULT_RESOURCE_TYPES)
  if ((await seenIn(client, target)).length > 0) await repeatDelete(client, target)
}

type Finish = (client: Client, target: Target) => Promise<void>

/** Deletes with a process that dies at the n-th call, looks, and clears away. */
async function dieAndFinish(
  client: Client,
  target: Target,
  dying: ReturnType<typeof dyingAt>,
  finish: Finish,
): Promise<'whole' | 'invisible'> {
  transport = dying.transport
  const answer = await client.send('DELETE', `${target.path}/${target.id}`)
  transport = PASS
  expect(answer.status).toBe(dying.died() ? 500 : 204)
  const seen = await seenIn(client, target)
  const state = seen.length === 0 ? 'invisible' : 'whole'
  expect([[], EVERYWHERE]).toContainEqual(seen)
  expect(state === 'invisible' || (await target.isWhole())).toBe(true)
  await finish(client, target)
  expect(await rowsOf(client, target.id)).toEqual([])
  return state
}

describe('a DELETE whose process dies at any storage call', () => {
  test.each<[string, string, string, (client: Client) => Promise<Target>, Finish]>([
    ['before', 'a group', 'a repeated DELETE', groupTarget, repeatDelete],
    ['behind', 'a group', 'a repeated DELETE', groupTarget, repeatDelete],
    ['behind', 'a group', 'a sweep', groupTarget, sweep],
    ['behind', 'a user', 'a repeated DELETE', userTarget, repeatDelete],
  ])(
    '%s it: %s is whole or invisible, and %s clears all away',
    async (...[when, , , newTarget, finish]) => {
      const states: string[] = []
      const client = await newClient()
      let dying
      for (let n = 1; dying?.died() !== false; n += 1) {
        dying = dyingAt(n, when === 'behind')
        states.push(await dieAndFinish(client, await newTarget(client), dying, finish))
      }
      // Reading it, its counter, and of a group whether it is a team made by hand comes before the transaction that decides,
      // clearing away comes behind.
      expect(states.slice(0, 2)).toEqual(['whole', 'whole'])
      expect(
        states.slice(3).filter((state) => state === 'invisible').length,
      ).toBeGreaterThanOrEqual(4)
      expect(states.slice(4)).not.toContain('whole')
    },
  )
})
