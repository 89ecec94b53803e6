import {
  RestError,
  type TableClient,
  type TableServiceClientOptions,
  type TransactionAction,
} from '@azure/data-tables'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_RESOURCE_TYPES, GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { Member } from '../../lib/scim/resource.ts'
import { memberKey, memberOfKey } from '../../lib/storage/keys.ts'
import { deadlineIn } from '../../lib/storage/deadline.ts'
import type { Scope } from '../../lib/storage/port.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables, type Tables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { deletion } from '../support/changes.ts'
import { requestMeter } from '../support/tables.ts'
import {
  aResource,
  aMembersChange,
  aTenant,
  collect,
  expectMembers,
  idsOf,
  listed,
  membershipStoreContract,
  user,
  users,
  WEIRD_IDS,
  type MembershipFixture,
} from './membership-store.ts'

type Send = NonNullable<
  TableServiceClientOptions['additionalPolicies']
>[number]['policy']['sendRequest']
type Request = Parameters<Send>[0]

let azurite: Awaited<ReturnType<typeof startAzurite>>
let tables: Tables
const meter = requestMeter()

beforeAll(async () => {
  azurite = await startAzurite()
  tables = await open()
  await createTables(tables)
})

afterAll(() => azurite.stop())

/** Tables all of whose requests go through `sendRequest`, each try of them. */
async function open(sendRequest: Send = async (request, next) => next(request)): Promise<Tables> {
  const { connectionString } = azurite
  return openTables(
    { kind: 'connectionString', connectionString },
    {
      retryOptions: { maxRetries: 2, retryDelayInMs: 1, maxRetryDelayInMs: 2 },
      additionalPolicies: [
        { position: 'perRetry', policy: { name: 'fault', sendRequest } },
        meter.policy,
      ],
    },
  )
}

function fixtureOn(opened: Tables): MembershipFixture {
  return tableStores(opened)
}

const isBatch = (request: Request): boolean => request.url.includes('$batch')

function connectionLost(request: Request): RestError {
  return new RestError('socket hang up', { code: 'ECONNRESET', request })
}

/** A group with so many members, made without the store under test. */
async function aGroupOf(tenant: Scope, count: number): Promise<[string, readonly string[]]> {
  const { id } = await aResource(fixtureOn(tables), tenant)
  const members = users(count)
  const parts: Member[][] = []
  for (let start = 0; start < count; start += 50) parts.push(members.slice(start, start + 50))
  for (let start = 0; start < parts.length; start += 8) {
    await Promise.all(
      parts.slice(start, start + 8).map(async (part) => {
        const rows = part.flatMap(({ value: memberId, type: memberType }): TransactionAction[] => {
          const columns = { partitionKey: tenant.partitionKey, groupId: id, memberId }
          const keys = [memberKey(id, memberId), memberOfKey(memberId, id)]
          return keys.map((rowKey) => ['create', { ...columns, memberType, rowKey }])
        })
        await tables.groups.submitTransaction(rows)
      }),
    )
  }
  return [id, idsOf(members)]
}

async function rowsOf(table: TableClient, { partitionKey }: Scope): Promise<string[]> {
  const filter = `PartitionKey eq '${partitionKey}'`
  const rows = await collect(table.listEntities({ queryOptions: { filter } }).byPage())
  return rows.map(({ rowKey }) => rowKey ?? '')
}

const membershipRows = async (tenant: Scope): Promise<string[]> =>
  (await rowsOf(tables.groups, tenant)).filter((key) => key.startsWith('member'))

describe('memberships in Table Storage', () => {
  membershipStoreContract(() => fixtureOn(tables))
})

/** Adds and removes, so that the group is as before; the calls of each, of `isMember` too. */
async function callsOfChanges(tenant: Scope, id: string): Promise<number[]> {
  const { memberships } = fixtureOn(tables)
  const calls: number[] = []
  for (const added of [users(1), users(47)]) {
    const [first = ''] = idsOf(added)
    const adding = await meter.count(async () =>
      memberships.changeMembers(tenant, id, { add: added, remove: [] }, aMembersChange()),
    )
    const asking = await meter.count(async () => memberships.isMember(tenant, id, first))
    const removing = await meter.count(async () =>
      memberships.changeMembers(tenant, id, { add: [], remove: idsOf(added) }, aMembersChange()),
    )
    expect([adding.result, asking.result, removing.result]).toEqual(['changed', true, 'changed'])
    calls.push(adding.calls, asking.calls, removing.calls)
  }
  return calls
}

describe('round trips', () => {
  test('a change of a group of 10 takes one call, a question two', async () => {
    const tenant = aTenant()
    const [id] = await aGroupOf(tenant, 10)
    expect(await callsOfChanges(tenant, id)).toEqual([1, 2, 1, 1, 2, 1])
  })

  test('members who are there already cost one read more, of them alone', async () => {
    const [{ memberships }, tenant] = [fixtureOn(tables), aTenant()]
    const [id, present] = await aGroupOf(tenant, 100)
    const again = present.slice(0, 3).map(user)
    const unchanged = await meter.count(async () =>
      memberships.changeMembers(tenant, id, { add: again, remove: [] }, aMembersChange()),
    )
    expect(unchanged).toEqual({ result: 'unchanged', calls: 5, roundTrips: 2 })
    const changed = await meter.count(async () =>
      memberships.changeMembers(
        tenant,
        id,
        { add: [...again, user()], remove: [] },
        aMembersChange(),
      ),
    )
    expect(changed).toEqual({ result: 'changed', calls: 7, roundTrips: 3 })
    const gone = await meter.count(async () =>
      memberships.changeMembers(tenant, id, { add: [], remove: ['nobody'] }, aMembersChange()),
    )
    expect(gone).toEqual({ result: 'unchanged', calls: 3, roundTrips: 2 })
  })

  test.each([
    [0, 1],
    [5, 1],
    [1000, 1],
    [1100, 2],
  ])('%i members are listed in %i calls', async (count, calls) => {
    const [fixture, tenant] = [fixtureOn(tables), aTenant()]
    const [id, present] = await aGroupOf(tenant, count)
    const counted = await meter.count(async () => listed(fixture, tenant, id))
    expect(counted.result).toEqual(present)
    expect(counted.calls).toBeLessThanOrEqual(calls)
  })

  test('the groups of a page of users are one read', async () => {
    const [{ memberships }, tenant] = [fixtureOn(tables), aTenant()]
    const [id, present] = await aGroupOf(tenant, 900)
    const page = present.slice(300, 400)
    const dense = await meter.count(async () => memberships.groupsOf(tenant, page))
    expect(dense).toMatchObject({ calls: 1, roundTrips: 1 })
    expect(dense.result).toEqual(new Map(page.map((member) => [member, [id]])))
    const few = await meter.count(async () => memberships.groupsOf(tenant, page.slice(0, 10)))
    expect(few).toMatchObject({ calls: 1, roundTrips: 1 })
  })

  test('the names of 16 groups that stand together are one read', async () => {
    const [fixture, tenant] = [fixtureOn(tables), aTenant()]
    const groups = await Promise.all(
      Array.from({ length: 16 }, async () => aResource(fixture, tenant)),
    )
    const ids = groups.map(({ id }) => id)
    const names = await meter.count(async () => fixture.memberships.groupNames(tenant, ids))
    expect(names).toMatchObject({ calls: 1, roundTrips: 1 })
    expect(names.result.size).toBe(16)
  })
})

/** Loses the answers to transactions, which were carried out: of each the first `times` ones. */
function losingAnswers(times: number): Send {
  const tries = new Map<string, number>()
  return async (request, next) => {
    const response = await next(request)
    if (!isBatch(request)) return response
    const tried = (tries.get(request.requestId) ?? 0) + 1
    tries.set(request.requestId, tried)
    if (tried <= times) throw connectionLost(request)
    return response
  }
}

describe('lost answers', () => {
  const CASES: readonly (readonly [string, number, number])[] = [
    ['the first answer, one member', 1, 1],
    ['the first answer, 47 members', 1, 47],
    ['the first answer of each of three transactions', 1, 120],
    ['all answers, one member', 99, 1],
    ['all answers, 47 members', 99, 47],
  ]

  test.each(CASES)('to an addition: %s', async (_, times, count) => {
    const [fixture, tenant, members, change] = [
      fixtureOn(tables),
      aTenant(),
      users(count),
      aMembersChange(),
    ]
    const { id } = await aResource(fixture, tenant)
    const faulty = fixtureOn(await open(losingAnswers(times))).memberships
    expect(await faulty.changeMembers(tenant, id, { add: members, remove: [] }, change)).toBe(
      'changed',
    )
    await expectMembers(fixture, tenant, id, idsOf(members))
    expect(await fixture.resources.get(tenant, GROUP, id)).toMatchObject(change.stamp)
  })

  test.each(CASES)('to a removal: %s', async (_, times, count) => {
    const [fixture, tenant, change] = [fixtureOn(tables), aTenant(), aMembersChange()]
    const [id, present] = await aGroupOf(tenant, count + 5)
    const removed = present.slice(0, count)
    const faulty = fixtureOn(await open(losingAnswers(times))).memberships
    expect(await faulty.changeMembers(tenant, id, { add: [], remove: removed }, change)).toBe(
      'changed',
    )
    await expectMembers(fixture, tenant, id, present.slice(count), removed)
    expect(await fixture.resources.get(tenant, GROUP, id)).toMatchObject(change.stamp)
  })

  test('an addition that was undone before it was repeated is not made again', async () => {
    const [fixture, tenant, members] = [fixtureOn(tables), aTenant(), users(2)]
    const { id } = await aResource(fixture, tenant)
    const [undone] = idsOf(members)
    let lost = false
    const faulty = fixtureOn(
      await open(async (request, next) => {
        const response = await next(request)
        if (lost || !isBatch(request)) return response
        lost = true
        await fixture.memberships.changeMembers(
          tenant,
          id,
          { add: [], remove: [undone ?? ''] },
          aMembersChange(),
        )
        throw connectionLost(request)
      }),
    ).memberships
    expect(
      await faulty.changeMembers(tenant, id, { add: members, remove: [] }, aMembersChange()),
    ).toBe('changed')
    await expectMembers(fixture, tenant, id, idsOf(members).slice(1), [undone ?? ''])
  })

  test.each([
    ['a user', USER],
    ['a group', GROUP],
  ])('to the deletion of %s', async (_, resourceType) => {
    const [fixture, tenant, members] = [fixtureOn(tables), aTenant(), users(120)]
    const parent = await aResource(fixture, tenant)
    const gone = await aResource(fixture, tenant, resourceType)
    await fixture.memberships.changeMembers(
      tenant,
      parent.id,
      { add: [user(gone.id)], remove: [] },
      aMembersChange(),
    )
    if (resourceType === GROUP) {
      await fixture.memberships.changeMembers(
        tenant,
        gone.id,
        { add: members, remove: [] },
        aMembersChange(),
      )
    }
    const faulty = fixtureOn(await open(losingAnswers(1)))
    const before = await fixture.resources.get(tenant, resourceType, gone.id)
    const deleted =
      before && (await faulty.resources.delete(tenant, resourceType, before, deletion()))
    expect(deleted).toBe(true)
    await expectMembers(fixture, tenant, parent.id, [], [gone.id])
    expect(await membershipRows(tenant)).toEqual([])
  })
})

describe('a storage that is busy', () => {
  const SERVER_BUSY = '{"odata.error":{"code":"ServerBusy","message":{"value":"Busy"}}}'
  const busy: Send = async (request) => {
    const { headers } = request // no header matters
    return { request, headers, status: 503, bodyAsText: SERVER_BUSY }
  }

  test('for a moment delays a change', async () => {
    const [fixture, tenant, members] = [fixtureOn(tables), aTenant(), users(60)]
    const { id } = await aResource(fixture, tenant)
    let requests = 0
    const { memberships } = fixtureOn(
      await open(async (request, next) => {
        requests += 1
        return requests <= 2 ? busy(request, next) : next(request)
      }),
    )
    expect(
      await memberships.changeMembers(tenant, id, { add: members, remove: [] }, aMembersChange()),
    ).toBe('changed')
    await expectMembers(fixture, tenant, id, idsOf(members))
  })

  test.each(['addMembers', 'removeMembers'] as const)('for good: %s', async (method) => {
    const [fixture, tenant] = [fixtureOn(tables), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const { memberships } = fixtureOn(await open(busy))
    const failed =
      method === 'addMembers'
        ? memberships.changeMembers(tenant, id, { add: users(1), remove: [] }, aMembersChange())
        : memberships.changeMembers(tenant, id, { add: [], remove: ['a'] }, aMembersChange())
    await expect(failed).rejects.toMatchObject({ kind: 'unavailable', status: 503 })
    await expectMembers(fixture, tenant, id, [])
  })

  test('with the same members: when the deadline has passed', async () => {
    const [fixture, tenant] = [fixtureOn(tables), aTenant()]
    const { id } = await aResource(fixture, tenant)
    // Whenever a transaction arrives somebody has just added the member, and takes it away before anybody looks.
    const racing = fixtureOn(
      await open(async (request, next) => {
        if (!isBatch(request)) return next(request)
        await fixture.memberships.changeMembers(
          tenant,
          id,
          { add: [user('a')], remove: [] },
          aMembersChange(),
        )
        const response = await next(request)
        await fixture.memberships.changeMembers(
          tenant,
          id,
          { add: [], remove: ['a'] },
          aMembersChange(),
        )
        return response
      }),
    ).memberships
    const soon = { ...tenant, deadline: deadlineIn(500, () => new Date()) }
    const failed = racing.changeMembers(
      soon,
      id,
      { add: [user('a')], remove: [] },
      aMembersChange(),
    )
    await expect(failed).rejects.toMatchObject({ kind: 'unavailable' })
  })
})

/** Answers with pages of seven, and before each of them with an empty one that has a continuation. */
function emptyAndShortPages(): Send {
  const continued = new Map<string, string>()
  return async (request, next) => {
    const url = new URL(request.url)
    const token = url.searchParams.get('NextPartitionKey')
    if (!url.searchParams.has('$filter')) return next(request)
    if (token === null || !continued.has(token)) {
      const name = `empty${String(continued.size)}`
      url.searchParams.set('$top', '7')
      continued.set(name, url.toString())
      const response = await next(request)
      response.headers.set('x-ms-continuation-nextpartitionkey', name)
      response.headers.set('x-ms-continuation-nextrowkey', '')
      return { ...response, bodyAsText: '{"value":[]}' }
    }
    request.url = continued.get(token) ?? request.url
    return next(request)
  }
}

describe('short and empty pages', () => {
  test('hide nothing', async () => {
    const [plain, tenant] = [fixtureOn(tables), aTenant()]
    const [id, members] = await aGroupOf(tenant, 90)
    await plain.memberships.changeMembers(
      tenant,
      id,
      { add: WEIRD_IDS.map(user), remove: [] },
      aMembersChange(),
    )
    const everyone = [...members, ...WEIRD_IDS]
    const fixture = fixtureOn(await open(emptyAndShortPages()))
    await expectMembers(
      fixture,
      tenant,
      id,
      everyone,
      users(3).map(({ value }) => value),
    )
    await fixture.memberships.removeAll(tenant, members[0] ?? '', false, deletion())
    await expectMembers(plain, tenant, id, everyone.slice(1), members.slice(0, 1))
    await fixture.memberships.removeAll(tenant, id, true, deletion())
    expect(await membershipRows(tenant)).toEqual([])
  })
})

describe('a deletion that is interrupted', () => {
  test.each([1, 2, 3, 4, 5])('after %i requests is finished later', async (survivors) => {
    const [fixture, tenant, members] = [fixtureOn(tables), aTenant(), users(260)]
    const parent = await aResource(fixture, tenant)
    const { id } = await aResource(fixture, tenant)
    const nested: Member = { value: id, type: 'Group' }
    await fixture.memberships.changeMembers(
      tenant,
      parent.id,
      { add: [nested], remove: [] },
      aMembersChange(),
    )
    await fixture.memberships.changeMembers(
      tenant,
      id,
      { add: members, remove: [] },
      aMembersChange(),
    )
    const group = await fixture.resources.get(tenant, GROUP, id)
    let writes = 0
    const dying = fixtureOn(
      await open(async (request, next) => {
        writes += isBatch(request) ? 1 : 0
        if (writes > survivors) throw connectionLost(request)
        return next(request)
      }),
    )
    const deleted = group && dying.resources.delete(tenant, GROUP, group, deletion())
    await expect(deleted).rejects.toMatchObject({ kind: 'unavailable' })

    const added = fixture.memberships.changeMembers(
      tenant,
      id,
      { add: users(1), remove: [] },
      aMembersChange(),
    )
    expect(await added).toBe('noGroup')
    await fixture.resources.sweep(tenant, DEFAULT_RESOURCE_TYPES)
    expect(await membershipRows(tenant)).toEqual([])
    expect(await rowsOf(tables.groups, tenant)).not.toContain(`group:${id}`)
    await expectMembers(fixture, tenant, parent.id, [], [id])
  })

  test('that meets another one ends as if it were alone', async () => {
    const tenant = aTenant()
    const [id, members] = await aGroupOf(tenant, 130)
    let raced = false
    const { memberships } = fixtureOn(
      await open(async (request, next) => {
        if (isBatch(request) && !raced) {
          raced = true
          await tables.groups.deleteEntity(tenant.partitionKey, memberKey(id, members[3] ?? ''))
          await tables.groups.deleteEntity(tenant.partitionKey, memberOfKey(members[70] ?? '', id))
        }
        return next(request)
      }),
    )
    await memberships.removeAll(tenant, id, true, deletion())
    expect(raced).toBe(true)
    expect(await membershipRows(tenant)).toEqual([])
  })

  test('a membership in a group whose rows are left over is removed all the same', async () => {
    const [{ memberships }, tenant] = [fixtureOn(tables), aTenant()]
    const [groupId, memberId] = ['gone', 'a']
    const columns = { partitionKey: tenant.partitionKey, groupId, memberId }
    await tables.groups.submitTransaction([
      ['create', { ...columns, rowKey: memberKey(groupId, memberId) }],
      ['create', { ...columns, rowKey: memberOfKey(memberId, groupId) }],
    ])
    await memberships.removeAll(tenant, memberId, false, deletion())
    expect(await membershipRows(tenant)).toEqual([])
  })
})

describe('a group of 20,000', () => {
  const tenant = aTenant()
  let id: string
  let present: readonly string[]

  beforeAll(async () => {
    ;[id, present] = await aGroupOf(tenant, 20_000)
  })

  test('takes one call for a change, two for a question', async () => {
    expect(await callsOfChanges(tenant, id)).toEqual([1, 2, 1, 1, 2, 1])
  })

  test('is listed in order, several ranges at a time', async () => {
    const counted = await meter.count(async () => listed(fixtureOn(tables), tenant, id))
    expect(counted.result).toEqual(present)
    // 20 full pages; of random ids about 22 ranges are made, and some of them take two.
    expect(counted.calls).toBeLessThanOrEqual(32)
    expect(counted.roundTrips).toBeLessThan(counted.calls / 2)
  })

  test('is read no further than it is asked for', async () => {
    const { calls } = await meter.count(async () => {
      for await (const batch of fixtureOn(tables).memberships.members(tenant, id)) {
        expect(batch).toHaveLength(1000)
        return
      }
    })
    expect(calls).toBe(1)
  })

  test('is not searched for the groups of users far apart', async () => {
    const { memberships } = fixtureOn(tables)
    const sparse = present.filter((_, index) => index % 1000 === 0)
    const { result, calls } = await meter.count(async () => memberships.groupsOf(tenant, sparse))
    expect(result).toEqual(new Map(sparse.map((member) => [member, [id]])))
    // One page shows that it is not worth it: it settled one of the 20.
    expect(calls).toBe(20)
  })
})
