import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { unavailable } from '../../../lib/scim/errors.ts'
import { tableStores, type TableStores } from '../../../lib/storage/table/stores.ts'
import type { Tables } from '../../../lib/storage/table/tables.ts'
import { createTenant } from '../../../lib/tenants/tenants.ts'
import { backingOn } from '../../../tools/tenant/backing.ts'
import { take } from '../../support/backup-history.ts'
import { placeOf } from '../../support/backup.ts'
import { rowsOf } from '../../support/checked-tenant.ts'
import { madeTables } from '../../support/table-service/tables.ts'
import { aDesk, type Desk } from './tenant-terminal.ts'

let folder: string
let file: string
let tables: Tables
let stores: TableStores
let desk: Desk

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-'))
  file = join(folder, 'acme.jsonl.gz')
  tables = await madeTables()
  stores = tableStores(tables)
  desk = aDesk({ open: async () => backingOn(tables) })
  for (const id of ['acme', 'copy']) await createTenant(stores.tenants, { id, now: new Date() })
  for (const place of [0, 1, 2]) {
    for (const does of ['come', 'found', 'join', 'gather', 'take'] as const) {
      await take(stores, 'acme', { does, name: place, other: 0, place })
    }
  }
  await desk.run('export', 'acme', '--out', file)
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

test('a tenant that was imported is checked, and that is told in a line', async () => {
  const { code, out } = await desk.run('import', 'copy', '--in', file)
  expect(out).toMatch(/\nchecked: \d\d+ rows, nothing is wrong$/)
  expect([code, desk.settled]).toEqual([0, []])
})

test('as JSON, too; a dry run is not checked', async () => {
  const dry = await desk.run('import', 'copy', '--in', file, '--dry-run', '--json')
  expect(JSON.parse(dry.out)).not.toHaveProperty('check')
  const { out } = await desk.run('import', 'copy', '--in', file, '--json')
  expect(JSON.parse(out)).toMatchObject({ check: { consistent: true, problems: [] } })
})

test('what is wrong is told as check does, and by the exit status', async () => {
  await desk.run('import', 'copy', '--in', file)
  const { scope } = await placeOf(stores, 'copy')
  const [row] = await rowsOf(tables.users, scope, 'userName:')
  await tables.users.deleteEntity(scope.partitionKey, row?.rowKey ?? '')
  const { code, out } = await desk.run('import', 'copy', '--in', file, '--resume')
  expect(out).toMatch(
    /were there already\nFOUND +TYPE[^]*\nindex row lost +User[^]*1 problem found/,
  )
  expect([code, desk.settled]).toEqual([1, [30, 30]])
})

test.each([
  ['reads', 0],
  ['pauses', 1],
])('an interruption while the check %s says that all is imported', async (_title, pauses) => {
  let settled = 0
  const interrupted = aDesk({
    open: async () => ({
      ...backingOn(tables),
      check: async (_scope, { pause, progress }) => {
        if (pauses > 0) await pause(30)
        process.emit('SIGINT')
        progress?.({ rows: 1 })
        throw new TypeError('it goes on')
      },
    }),
    settle: async (_seconds, signal) => {
      settled += 1
      process.emit('SIGINT')
      signal?.throwIfAborted()
    },
  })
  const { code, out, err } = await interrupted.run('import', 'copy', '--in', file)
  expect(out).toMatch(
    /^the tenant acme .* is imported into copy: .*\nnot checked: it was interrupted; all of the import is done, and npm run tenant -- check copy checks it$/,
  )
  expect([code, err, settled, process.listenerCount('SIGINT')]).toEqual([1, '', pauses, 0])
})

test('a check that fails takes nothing from what was imported', async () => {
  const failing = aDesk({
    open: async () => ({
      ...backingOn(tables),
      check: async () => Promise.reject(unavailable('The storage is away.')),
    }),
  })
  const { code, out } = await failing.run('import', 'copy', '--in', file)
  expect(out).toMatch(
    /^the tenant acme .* is imported into copy: .*\nnot checked: The storage is away\./,
  )
  expect(code).toBe(1)
})
