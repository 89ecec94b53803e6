import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FORMAT, type BackupRecord, type EndRecord } from '../../lib/backup/format.ts'
import { sealedLines, type Ending } from '../../lib/backup/sealed.ts'
import type { Stores } from '../../lib/runtime.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import { writeBackup } from '../../tools/tenant/backup-files.ts'
import { placeOf } from '../support/backup.ts'
import { startAzurite } from '../support/azurite.ts'

const USERS = 600

let azurite: Awaited<ReturnType<typeof startAzurite>>
let stores: Stores
let folder: string
let file: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-'))
  file = join(folder, 'acme.jsonl.gz')
  azurite = await startAzurite()
  const { connectionString } = azurite
  const tables = await openTables({ kind: 'connectionString', connectionString })
  await createTables(tables)
  stores = tableStores(tables)
  await createTenant(stores.tenants, { id: 'acme', now: new Date() })
  await writeBackup(file, sealedLines(people()))
})

afterAll(async () => {
  await azurite.stop()
  await rm(folder, { recursive: true })
})

async function* people(): AsyncGenerator<Exclude<BackupRecord, EndRecord>, Ending> {
  const now = new Date().toISOString()
  const stamp = { version: 'v', created: now, lastModified: now }
  const made = { id: 'made', name: 'Made', settings: {}, definitions: [] }
  yield { kind: 'tenant', format: FORMAT, exported: now, ...made }
  for (let n = 0; n < USERS; n += 1) {
    const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
    yield { kind: 'user', id, ...stamp, content: { userName: `user${n}@acme.example` } }
  }
  return { passes: 0, whole: true }
}

interface Ended {
  readonly code: number | null
  readonly said: string
}

async function ended(child: ChildProcess): Promise<Ended> {
  const said: Buffer[] = []
  child.stderr?.on('data', (chunk: Buffer) => said.push(chunk))
  child.stdout?.on('data', (chunk: Buffer) => said.push(chunk))
  await once(child, 'close')
  return { code: child.exitCode, said: Buffer.concat(said).toString().trim() }
}

function tenant(...args: readonly string[]): ChildProcess {
  const { TABLES_ENDPOINT: _, TABLES_CONNECTION_STRING: __, ...env } = process.env
  const line = ['tools/tenant.ts', ...args, '--storage', azurite.connectionString]
  return spawn(process.execPath, line, { env })
}

async function isAnybodyThere(): Promise<boolean> {
  const { scope, users } = await placeOf(stores, 'acme')
  const { resources } = await stores.resources.listFrom(scope, users, { count: 1 })
  return resources.length > 0
}

async function keptStreams(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('scim-import-'))
}

const GOES_ON = 'the import was interrupted; the same command with --resume goes on with it'

test('an import that is interrupted says how it goes on, and goes on', async () => {
  const child = tenant('import', 'acme', '--in', file)
  const end = ended(child)
  while (!(await isAnybodyThere())) await pause(10)
  child.kill('SIGINT')
  expect(await end).toEqual({ code: 1, said: GOES_ON })
  const { code, said } = await ended(tenant('import', 'acme', '--in', file, '--resume'))
  const [, come = '', there = ''] =
    /into acme: (\d+) users, [^]*\n(\d+) were there already\nchecked: [\d,]+ rows, nothing is wrong$/.exec(
      said,
    ) ?? []
  expect([code, Number(come) + Number(there)]).toEqual([0, USERS])
  expect(Number(come)).toBeGreaterThan(0)
})

test('an import that is interrupted while stdin comes leaves no file behind', async () => {
  await createTenant(stores.tenants, { id: 'empty', now: new Date() })
  const before = await keptStreams()
  const child = tenant('import', 'empty', '--in', '-')
  const end = ended(child)
  child.stdin?.write('{"kind":"tenant"')
  await pause(2000)
  child.kill('SIGTERM')
  expect(await end).toEqual({ code: 1, said: GOES_ON })
  expect(await keptStreams()).toEqual(before)
})

/** Tenants that are exported as slowly as it takes to interrupt them. */
const SLOW = `
import { memoryStores } from './lib/storage/memory/stores.ts'
import { createTenant } from './lib/tenants/tenants.ts'
import { backingOf } from './tools/tenant/backing.ts'
import { run } from './tools/tenant/run.ts'
const stores = memoryStores()
for (const id of ['acme', 'contoso']) await createTenant(stores.tenants, { id, now: new Date() })
const { all } = stores.teams
stores.teams.all = async (scope) => {
  console.log('begun')
  await new Promise((resolve) => setTimeout(resolve, 500))
  return all(scope)
}
process.exitCode = await run(['export', '--all', '--out-dir', process.argv[1], '--storage', 'UseDevelopmentStorage=true'], {
  environment: {},
  readText: () => undefined,
  now: () => new Date(),
  settle: async () => undefined,
  out: (text) => console.log(text),
  err: (text) => console.error(text),
  open: async () => ({ ...backingOf(stores), createTables: async () => undefined }),
})`

test('an export of all tenants that is interrupted goes on with none', async () => {
  const into = join(folder, 'all')
  await mkdir(into)
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SLOW, into])
  const end = ended(child)
  if (child.stdout !== null) await once(child.stdout, 'data')
  child.kill('SIGTERM')
  expect(await end).toEqual({
    code: 1,
    said: `begun\nthe export was interrupted; there is no ${join(into, 'acme.jsonl.gz')}`,
  })
  expect(await readdir(into)).toEqual([])
})
