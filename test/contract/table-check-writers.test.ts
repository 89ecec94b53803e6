import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { RestError } from '@azure/data-tables'
import { beforeEach, expect, test } from 'vitest'
import { DEFAULT_RESOURCE_TYPES, GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import { URN } from '../../lib/scim/urn.ts'
import type { CheckReport } from '../../lib/storage/table/check/check-tenant.ts'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables, type Tables } from '../../lib/storage/table/tables.ts'
import { aChange, creation, deletion, scopeOf } from '../support/changes.ts'
import { checkedNow, checkedTenant, rowsOf, type CheckedTenant } from '../support/checked-tenant.ts'
import { tableService, type TableService } from '../support/table-service/service.ts'
import { before, isTransaction, type Transport } from '../support/tables.ts'
import { newResource } from './resource-store.ts'

const SCOPE = scopeOf('busy')

let service: TableService
let tables: Tables
let stores: TableStores

beforeEach(async () => {
  service = tableService({ pageSize: () => 7 })
  tables = await open((request, next) => next(request))
  await createTables(tables)
  stores = tableStores(tables)
})

async function open(transport: Transport): Promise<Tables> {
  const { connectionString } = service
  return openTables(
    { kind: 'connectionString', connectionString },
    {
      retryOptions: { maxRetries: 2, retryDelayInMs: 1, maxRetryDelayInMs: 2 },
      httpClient: {
        sendRequest: async (request) => {
          await pause(Math.random() * 2)
          return transport(request, (each) => service.sendRequest(each))
        },
      },
    },
  )
}

/** Some transactions are not carried out, and of some the answer is lost. */
function faults(): Transport {
  let sent = 0
  return async (request, next) => {
    if (!isTransaction(request)) return next(request)
    sent += 1
    const lost = new RestError('lost', { code: 'ECONNRESET', request })
    if (sent % 7 === 3) throw lost
    const answer = await next(request)
    if (sent % 5 === 2) throw lost
    return answer
  }
}

type Write = (stores: TableStores, tenant: CheckedTenant, n: number) => Promise<unknown>

const hire: Write = async ({ resources }, _, n) => {
  const attributes = {
    userName: `new-${String(n)}-${randomUUID()}`,
    externalId: randomUUID(),
    active: n % 3 !== 0,
    [URN.peopleUser]: { level: n % 2 === 0 ? 'Senior' : 'Chief' },
  }
  const [resource, change] = creation(newResource(attributes))
  await resources.createOrRestore(SCOPE, USER, resource, { ...change, invites: true })
}

const promote: Write = async ({ resources }, _, n) => {
  const stored = await aUser(resources, n)
  if (stored === undefined) return
  const { attributes } = stored
  const after = {
    ...attributes,
    active: n % 2 === 0,
    [URN.peopleUser]: { level: `L${String(n % 4)}` },
  }
  await resources.replace(SCOPE, USER, stored, after, { ...aChange('patch'), invites: true })
}

const leave: Write = async ({ resources }, _, n) => {
  const stored = await aUser(resources, n)
  if (stored === undefined) return
  if (n % 2 === 0) await resources.hide(SCOPE, USER, stored, deletion())
  else await resources.delete(SCOPE, USER, stored, deletion())
}

const join: Write = async ({ resources, memberships, teams }, { groups, teams: made }, n) => {
  const stored = await aUser(resources, n)
  if (stored === undefined) return
  const [group = '', team = ''] = [groups[n % 2], made[n % 2]]
  const member = { value: stored.id, type: 'User' } as const
  const wanted = n % 3 === 0 ? { add: [], remove: [stored.id] } : { add: [member], remove: [] }
  await memberships.changeMembers(SCOPE, group, wanted, aChange('members'))
  const to = n % 4 === 0 ? 'absent' : 'present'
  await teams.changeMember(SCOPE, team, { personId: stored.id, to }, aChange('members'))
}

const regroup: Write = async ({ resources }) => {
  const [stored] = (await resources.listFrom(SCOPE, GROUP, { count: 3 })).resources.toReversed()
  if (stored !== undefined) await resources.delete(SCOPE, GROUP, stored, deletion())
  await resources.create(SCOPE, GROUP, ...creation(newResource({ displayName: 'Team 0' })))
}

const acknowledge: Write = async ({ resources }) => {
  const { items } = await resources.listInvitations(SCOPE, USER, { count: 2 })
  const ids = items.map(({ id }) => id)
  await resources.acknowledge(SCOPE, USER, ids)
}

const WRITES: readonly Write[] = [
  hire,
  promote,
  leave,
  join,
  hire,
  promote,
  join,
  regroup,
  acknowledge,
]

async function aUser(
  { list }: Pick<TableStores['resources'], 'list'>,
  n: number,
): ReturnType<TableStores['resources']['get']> {
  const page = await list(SCOPE, USER, { startIndex: 1 + (n % 20), count: 1 })
  return page.resources[0]
}

/** One writer of many: what is refused is, and what is in a known state is not asked again. */
async function write(
  own: TableStores,
  tenant: CheckedTenant,
  isOver: () => boolean,
): Promise<number> {
  let written = 0
  for (let n = Math.floor(Math.random() * 100); !isOver(); n += 1) {
    try {
      await WRITES[n % WRITES.length]?.(own, tenant, n)
      written += 1
    } catch (error) {
      if (!(error instanceof ScimError)) throw error
    }
  }
  return written
}

/** Checks again and again while six writers write. */
async function besideWriters(
  tenant: CheckedTenant,
  checks: number,
): Promise<{
  readonly written: number
  readonly reports: readonly CheckReport[]
  /** What did not fit as it was read first. */
  readonly doubted: number
}> {
  let isOver = false
  const writers = Promise.all(
    Array.from({ length: 6 }, async () => {
      return write(tableStores(await open(faults())), tenant, () => isOver)
    }),
  )
  const reports: CheckReport[] = []
  let doubted = 0
  try {
    for (let n = 0; n < checks; n += 1) {
      const report = await checkedNow(tables, stores, SCOPE, {
        pause: async () => pause(500),
        progress: ({ suspects = 0 }) => {
          doubted += suspects
        },
      })
      reports.push(report)
    }
  } finally {
    isOver = true
  }
  const written = (await writers).reduce((sum, each) => sum + each, 0)
  return { written, reports, doubted }
}

test('beside writers whose calls fail nothing is told, and nothing is wrong when they have ended', async () => {
  const tenant = await checkedTenant(stores, SCOPE)
  const { written, reports, doubted } = await besideWriters(tenant, 4)
  expect(written).toBeGreaterThan(50)
  expect(doubted).toBeGreaterThan(0)
  expect(reports.flatMap(({ problems }) => problems)).toEqual([])
  expect(reports.map(({ undecided }) => undecided)).toEqual([0, 0, 0, 0])
  await stores.resources.sweep(SCOPE, DEFAULT_RESOURCE_TYPES)
  const last = await checkedNow(tables, stores, SCOPE)
  expect(last).toMatchObject({ consistent: true, problems: [], underWay: [] })
}, 60_000)

test('beside writers one damage is told, and that alone', async () => {
  const tenant = await checkedTenant(stores, SCOPE)
  await tables.users.createEntity({ ...key('email:stray:gone'), id: 'gone' })
  const { reports } = await besideWriters(tenant, 1)
  expect(reports[0]?.problems).toEqual([
    { problem: 'index row stray', type: 'User', about: 'gone', detail: 'email' },
  ])
}, 60_000)

const key = (rowKey: string): { readonly partitionKey: string; readonly rowKey: string } => ({
  partitionKey: SCOPE.partitionKey,
  rowKey,
})

test('who changes what is being mended wins, and what is right then is written', async () => {
  const { users } = await checkedTenant(stores, SCOPE)
  const [id = ''] = users
  await tables.users.deleteEntity(SCOPE.partitionKey, `externalId:external-0:${id}`)
  const rename = async (): Promise<void> => {
    const stored = await stores.resources.get(SCOPE, USER, id)
    if (stored === undefined) throw new Error('there is no such user')
    const attributes = { ...stored.attributes, userName: 'renamed' }
    expect(await stores.resources.replace(SCOPE, USER, stored, attributes, aChange('patch'))).toBe(
      true,
    )
  }
  const interrupted = await open(before(isTransaction, rename))
  const report = await checkedNow(interrupted, stores, SCOPE, { repair: true })
  expect(report.problems).toMatchObject([{ problem: 'index row lost', mended: true }])
  const stored = await stores.resources.get(SCOPE, USER, id)
  expect(stored?.attributes).toMatchObject({ userName: 'renamed' })
  expect(await rowsOf(tables.users, SCOPE, `externalId:external-0:${id}`)).toHaveLength(1)
})

test('a stray row that becomes right while it is removed stays', async () => {
  const { users } = await checkedTenant(stores, SCOPE)
  const [id = ''] = users
  const stray = key(`email:new@example.com:${id}`)
  await tables.users.createEntity({ ...stray, id })
  const give = async (): Promise<void> => {
    const stored = await stores.resources.get(SCOPE, USER, id)
    if (stored === undefined) throw new Error('there is no such user')
    const attributes = { ...stored.attributes, emails: [{ value: 'new@example.com' }] }
    await stores.resources.replace(SCOPE, USER, stored, attributes, aChange('patch'))
  }
  const interrupted = await open(before(({ method }) => method === 'DELETE', give))
  await checkedNow(interrupted, stores, SCOPE, { repair: true })
  expect(await rowsOf(tables.users, SCOPE, stray.rowKey)).toHaveLength(1)
  expect(await checkedNow(tables, stores, SCOPE)).toMatchObject({ consistent: true })
})
