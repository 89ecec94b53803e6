import { globSync, readFileSync } from 'node:fs'
import { InvocationContext, type Timer } from '@azure/functions'
import { expect, test } from 'vitest'
import { logFailure, logManagement, logMissingTables, logRequest } from '../../lib/http/log.ts'
import { logMaintenanceEvent, maintenanceTimer } from '../../lib/http/maintenance.ts'
import { createRuntime } from '../../lib/runtime.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { METRICS } from '../../lib/telemetry/metrics.ts'
import {
  CAUSE_MEMBERS,
  causeMembersIn,
  COMPARED,
  membersIn,
  QUERIED_MEMBERS,
} from '../../tools/infra-check/query-rules.ts'

/** Alerts go by members of the lines that the app logs. TypeScript holds the list to the types; here it is held to the lines. */

const queries = globSync('infra/{queries/*.kql,workbook.json}').map((file) =>
  readFileSync(file, 'utf8'),
)

/** What is logged, as JSON lines. */
async function linesOf(log: (context: InvocationContext) => unknown): Promise<readonly object[]> {
  const lines: object[] = []
  const context = new InvocationContext({
    functionName: 'users-list',
    logHandler: (_level, ...texts) => {
      const line: unknown = JSON.parse(String(texts[0]))
      if (typeof line === 'object' && line !== null) lines.push(line)
    },
  })
  await log(context)
  return lines
}

const COST = { method: 'GET', status: 200, milliseconds: 7, storageCalls: 1, roundTrips: 1 }
const TIMER: Timer = {
  isPastDue: false,
  schedule: { adjustForDST: true },
  scheduleStatus: { last: '', next: '', lastUpdated: '' },
}

/** One line of each kind, with all that it may have. */
async function allLines(): Promise<readonly object[]> {
  const facts = { tenant: 'a', credential: 'b', detail: 'c' }
  const failure = Object.assign(new Error('x', { cause: new Error('y') }), {
    code: 'E',
    statusCode: 500,
  })
  const lines = await Promise.all([
    linesOf((context) =>
      logRequest(context, {
        ...COST,
        ...facts,
        credentialKind: 'token',
        client: 'entra',
        error: 'unauthorized',
        reason: 'expired',
      }),
    ),
    linesOf((context) =>
      logRequest(context, { ...COST, ...facts, oauthError: 'invalid_client' }, 'oauth'),
    ),
    linesOf((context) => logManagement(context, '/api/manage/tenants', { ...COST, ...facts })),
    linesOf((context) => logFailure(context, failure)),
    linesOf((context) => logMissingTables(context, ['users'])),
    linesOf((context) =>
      logMaintenanceEvent(context, {
        event: 'credential expires',
        tenant: 'a',
        credential: 'b',
        kind: 'token',
        expires: '2027-01-01T00:00:00Z',
        days: 7,
      }),
    ),
    linesOf((context) =>
      logMaintenanceEvent(context, {
        event: 'maintenance failed',
        step: 'repair',
        tenant: 'a',
        error: failure,
      }),
    ),
    linesOf(async (context) => {
      const runtime = createRuntime(memoryStores())
      await maintenanceTimer(async () => runtime)(TIMER, context)
    }),
  ])
  return lines.flat()
}

test('every member that a query goes by is in the list, and no other', () => {
  expect(queries.length).toBeGreaterThan(6)
  expect([...new Set(queries.flatMap(membersIn))].toSorted()).toEqual([...QUERIED_MEMBERS])
})

test('the app logs each of them', async () => {
  const logged = (await allLines()).flatMap((line) => Object.keys(line))
  const known = new Set(logged)
  expect(QUERIED_MEMBERS.filter((member) => !known.has(member))).toEqual([])
})

test('of an error that the storage has caused it logs what the storage said', async () => {
  const cause = Object.assign(new Error('x'), { code: 'ServerBusy', statusCode: 503 })
  const error = new ScimError('unavailable', 'Table Storage is busy.', { cause })
  const [line = {}] = await linesOf((context) => logFailure(context, error))
  expect(line).toMatchObject({ cause: { name: 'Error', code: 'ServerBusy', statusCode: 503 } })
  expect([...new Set(queries.flatMap(causeMembersIn))].toSorted()).toEqual([...CAUSE_MEMBERS])
})

test('every line begins as queries look for it', async () => {
  const lines = await allLines()
  expect(lines.length).toBeGreaterThan(6)
  const others = lines.filter((line) => Object.keys(line)[0] !== 'event')
  expect(others).toEqual([])
})

test('each text that a member is compared with is in a query', () => {
  const all = queries.join('\n')
  const texts = Object.values(COMPARED).flat()
  expect(texts.length).toBeGreaterThan(8)
  expect(texts.filter((text) => !all.includes(`'${text}'`))).toEqual([])
})

test('every metric is in the workbook', () => {
  const workbook = readFileSync('infra/workbook.json', 'utf8')
  const metrics = Object.keys(METRICS)
  expect(metrics.filter((name) => !workbook.includes(`'${name}'`))).toEqual([])
})

test('every query of the log has its alert', () => {
  const alerts = readFileSync('infra/modules/alerts.bicep', 'utf8')
  const names = globSync('infra/queries/*.kql').map((file) => file.replaceAll('\\', '/'))
  const without = names.filter(
    (file) => !alerts.includes(`loadTextContent('../${file.replace('infra/', '')}')`),
  )
  expect(without).toEqual([])
})
