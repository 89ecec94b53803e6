import { RestError } from '@azure/data-tables'
import { expect, test } from 'vitest'
import { deadlineIn, NO_DEADLINE } from '../../../../lib/storage/deadline.ts'
import {
  awaitingTables,
  missingTables,
  prepareTables,
} from '../../../../lib/storage/table/missing-tables.ts'
import { tableStores } from '../../../../lib/storage/table/stores.ts'
import { createTables, openTables, type Tables } from '../../../../lib/storage/table/tables.ts'
import { tableService } from '../../../support/table-service/service.ts'
import type { Transport } from '../../../support/tables.ts'

const NAMES = ['tenants', 'users', 'groups'] as const

/** Tables of an empty service, through a transport, and `METHOD path` of each request that was sent. */
async function emptyTables(
  transport: Transport = (request, next) => next(request),
): Promise<{ readonly tables: Tables; readonly sent: string[] }> {
  const service = tableService()
  const sent: string[] = []
  const tables = await openTables(
    { kind: 'connectionString', connectionString: service.connectionString },
    {
      retryOptions: { maxRetries: 0 },
      httpClient: {
        sendRequest(request) {
          sent.push(`${request.method} ${new URL(request.url).pathname}`)
          return transport(request, (each) => service.sendRequest(each))
        },
      },
    },
  )
  return { tables, sent }
}

const isCreation = (request: { readonly method: string }): boolean => request.method === 'POST'

/** Answers creations with this status. */
function refusingCreation(statusCode: number): Transport {
  return async (request, next) => {
    if (isCreation(request)) throw new RestError('quotes the request', { statusCode, request })
    return next(request)
  }
}

test('an empty account has none of the tables, and each is asked for once', async () => {
  const { tables, sent } = await emptyTables()
  expect(await missingTables(tables, NO_DEADLINE)).toEqual(NAMES)
  expect(sent.toSorted()).toEqual(['GET /groups()', 'GET /tenants()', 'GET /users()'])
})

test.each(NAMES)('the table %s is missed, and nothing else is created', async (name) => {
  const { tables, sent } = await emptyTables()
  for (const other of NAMES.filter((each) => each !== name)) await tables[other].createTable()
  expect(await missingTables(tables, NO_DEADLINE)).toEqual([name])
  sent.splice(0)
  expect(await prepareTables(tables, NO_DEADLINE)).toBeUndefined()
  expect(sent.filter((each) => each.startsWith('POST'))).toEqual(['POST /Tables'])
  expect(await missingTables(tables, NO_DEADLINE)).toEqual([])
})

test('where all tables are there nothing is created, so that an identity may do without the right', async () => {
  const { tables, sent } = await emptyTables()
  await createTables(tables)
  sent.splice(0)
  expect(await prepareTables(tables, NO_DEADLINE)).toBeUndefined()
  expect(sent).toHaveLength(3)
})

test('a table that another instance creates at the same time is no problem', async () => {
  let other: Tables | undefined
  const { tables } = await emptyTables(async (request, next) => {
    if (isCreation(request) && other !== undefined) {
      const once = other
      other = undefined
      await createTables(once)
    }
    return next(request)
  })
  other = tables
  expect(await prepareTables(tables, NO_DEADLINE)).toBeUndefined()
})

test('an identity that may not create them is told which are missing, in one line and without the SDK’s words', async () => {
  const { tables } = await emptyTables(refusingCreation(403))
  const problem = await prepareTables(tables, NO_DEADLINE)
  expect(problem).toMatch(
    /^The tables tenants, users, groups of the app cannot be created \(HTTP 403\)\..*Storage Table Data Contributor/,
  )
  expect(problem).not.toMatch(/\n|quotes/)
})

test('one that cannot be created is told alone', async () => {
  const { tables } = await emptyTables(async (request, next) => {
    const isUsers = typeof request.body === 'string' && request.body.includes('users')
    return isUsers ? refusingCreation(409)(request, next) : next(request)
  })
  expect(await prepareTables(tables, NO_DEADLINE)).toMatch(
    /^The table users of the app cannot be created \(HTTP 409\)/,
  )
})

test.each<[string, Transport, RegExp]>([
  [
    'refuses',
    async (request) => {
      throw new RestError('secret', { statusCode: 403, request })
    },
    /\(HTTP 403\)/,
  ],
  [
    'cannot be reached',
    async (request) => {
      throw new RestError('secret', { code: 'ENOTFOUND', request })
    },
    /\(ENOTFOUND\)/,
  ],
  ['hangs', () => new Promise(() => {}), /\(no answer\)/],
])('a storage that %s is told in one line', async (_, transport, reason) => {
  const { tables } = await emptyTables(transport)
  const problem = await prepareTables(
    tables,
    deadlineIn(100, () => new Date()),
  )
  expect(problem).toMatch(reason)
  expect(problem).not.toMatch(/\n|secret/)
})

test('a credential that is looked up before the tables are made waits for them, and only then', async () => {
  const { tables, sent } = await emptyTables()
  const prepared = prepareTables(tables, NO_DEADLINE)
  const { tenants, missingTables: missing } = awaitingTables(tableStores(tables), prepared)
  expect(await tenants.findCredential('acme', 'abcdefghijkl', NO_DEADLINE)).toEqual({})
  expect(await missing(NO_DEADLINE)).toEqual([])
  sent.splice(0)
  expect(await tenants.findCredential('acme', 'abcdefghijkl', NO_DEADLINE)).toEqual({})
  expect(sent).toHaveLength(1)
})

test('a credential is looked up without waiting where the tables are there', async () => {
  const { tables } = await emptyTables()
  await createTables(tables)
  const { tenants } = awaitingTables(tableStores(tables), new Promise(() => {}))
  expect(await tenants.findCredential('acme', 'abcdefghijkl', NO_DEADLINE)).toEqual({})
})
