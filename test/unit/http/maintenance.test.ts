import { InvocationContext, type LogLevel, type Timer } from '@azure/functions'
import { expect, test } from 'vitest'
import { maintenanceTimer } from '../../../lib/http/maintenance.ts'
import { createRuntime } from '../../../lib/runtime.ts'
import { memoryStores, type MemoryStores } from '../../../lib/storage/memory/stores.ts'
import { issueCredential } from '../../../lib/tenants/credentials.ts'
import { beginDeletion, createTenant } from '../../../lib/tenants/tenants.ts'

const NOW = new Date('2026-11-22T08:00:00.000Z')

const TIMER: Timer = {
  isPastDue: false,
  schedule: { adjustForDST: true },
  scheduleStatus: { last: '', next: '', lastUpdated: '' },
}

interface Line {
  readonly level: LogLevel
  readonly line: unknown
}

/** One run of the timer's function, and what it logged. */
async function linesOf(stores: MemoryStores): Promise<readonly Line[]> {
  const lines: Line[] = []
  const context = new InvocationContext({
    functionName: 'maintenance',
    logHandler: (level, message) => {
      lines.push({ level, line: JSON.parse(String(message)) })
    },
  })
  const runtime = createRuntime(stores, { now: () => NOW })
  await maintenanceTimer(async () => runtime)(TIMER, context)
  return lines
}

async function storesWith(...ids: readonly string[]): Promise<MemoryStores> {
  const stores = memoryStores()
  for (const id of ids) await createTenant(stores.tenants, { id, now: NOW })
  return stores
}

test('a run is one line, with numbers', async () => {
  expect(await linesOf(await storesWith('acme', 'demo'))).toEqual([
    {
      level: 'information',
      line: {
        event: 'maintenance',
        ran: true,
        complete: true,
        rows: 0,
        swept: 0,
        repaired: 2,
        dropped: 0,
        warnings: 0,
        purged: 0,
        forgotten: 0,
        failures: 0,
        deleted: 0,
        deleting: 0,
        orphans: 0,
      },
    },
  ])
})

test('an expiry is a warning, and a deletion that came to its end an event', async () => {
  const stores = await storesWith('acme', 'gone')
  const expires = new Date('2026-11-29T08:00:00.000Z')
  const spec = { kind: 'token', label: 'of Ada Lovelace', expires } as const
  const { credential, secret } = await issueCredential(stores.tenants, 'acme', spec, NOW)
  await beginDeletion(stores.tenants, 'gone', new Date(NOW.getTime() - 180_000))
  const lines = await linesOf(stores)
  expect(lines.slice(0, 2)).toEqual([
    {
      level: 'warning',
      line: {
        event: 'credential expires',
        tenant: 'acme',
        credential: credential.id,
        kind: 'token',
        expires: expires.toISOString(),
        days: 7,
      },
    },
    { level: 'information', line: { event: 'tenant deleted', tenant: 'gone', rows: 0 } },
  ])
  expect(JSON.stringify(lines)).not.toContain(secret)
  expect(JSON.stringify(lines)).not.toContain('Ada')
})

test('a failure with one tenant is a warning, and its cause an error without messages of others', async () => {
  const stores = await storesWith('acme')
  stores.tenants.findCredentials = () => Promise.reject(new Error('the key of ada@acme.example'))
  const lines = await linesOf(stores)
  expect(lines.map(({ level }) => level)).toEqual(['warning', 'error', 'information'])
  expect(lines[0]?.line).toEqual({ event: 'maintenance failed', step: 'repair', tenant: 'acme' })
  expect(lines[1]?.line).toMatchObject({ event: 'failure', operation: 'maintenance' })
  expect(JSON.stringify(lines)).not.toContain('ada@')
})

test('an outage is a failure of the invocation', async () => {
  const stores = await storesWith('acme')
  stores.tenants.summaries = () => Promise.reject(new Error('down'))
  await expect(linesOf(stores)).rejects.toThrow('down')
})
