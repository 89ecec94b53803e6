import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import type { Stores } from '../../lib/runtime.ts'
import { URN } from '../../lib/scim/urn.ts'
import { createTenant, deleteTenant } from '../../lib/tenants/tenants.ts'
import { contentsOf, exportOf, importOf, partsOn } from '../support/backup.ts'
import { take } from '../support/backup-history.ts'
import { startTableApp, textOf, type TableApp } from '../support/table-app.ts'
import { startAzurite } from '../support/azurite.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>
let app: TableApp
let folder: string
let ahead = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-'))
  azurite = await startAzurite()
  app = await startTableApp({ now: () => new Date(Date.now() + ahead) })
})

afterAll(async () => {
  await app.stop()
  await azurite.stop()
  await rm(folder, { recursive: true })
})

interface Ran {
  readonly code: number | null
  readonly out: Buffer
  readonly err: string
}

/** Runs the tool as an operator does, in a process of its own. */
async function tenant(args: readonly string[], input?: Buffer): Promise<Ran> {
  const { TABLES_ENDPOINT: _, TABLES_CONNECTION_STRING: __, ...env } = process.env
  const line = ['tools/tenant.ts', ...args, '--storage', azurite.connectionString]
  const child = spawn(process.execPath, line, { env })
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  child.stdin.on('error', () => undefined).end(input)
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve)
  })
  return { code, out: Buffer.concat(out), err: Buffer.concat(err).toString() }
}

async function stores(): Promise<Stores> {
  const { connectionString } = azurite
  const tables = await openTables({ kind: 'connectionString', connectionString })
  await createTables(tables)
  return tableStores(tables)
}

test('a tenant goes from stdout to stdin into another one, on tables', async () => {
  const on = await stores()
  await tenant(['create', 'acme'])
  await tenant(['seed', 'acme'])
  for (const does of ['come', 'hide', 'gather', 'take', 'declare'] as const) {
    await take(on, 'acme', { does, name: 1, other: 0, place: 0 })
  }
  const exported = await tenant(['export', 'acme', '--out', '-'])
  expect([exported.code, exported.err]).toEqual([
    0,
    expect.stringMatching(/^tenant acme is exported to stdout: 12 users, 1 hidden account, /),
  ])
  await tenant(['create', 'copy', '--name', 'acme'])
  const imported = await tenant(['import', 'copy', '--in', '-'], exported.out)
  expect([imported.code, imported.err]).toEqual([0, ''])
  expect(imported.out.toString()).toMatch(/\nchecked: \d+ rows, nothing is wrong\n$/)
  const original = await contentsOf(on, 'acme')
  expect(original.users).toHaveLength(12)
  expect(await contentsOf(on, 'copy')).toEqual(original)
  const half = exported.out.subarray(0, exported.out.length / 2)
  const cut = await tenant(['import', 'copy', '--in', '-', '--resume'], half)
  expect([cut.code, cut.err]).toEqual([
    1,
    expect.stringMatching(/^.* of the file is cut off.*\n$|^the file is cut off.*\n$/),
  ])
})

/** An export without an end, which says when its file has begun. */
const ENDLESS = `
import { writeBackup } from './tools/tenant/backup-files.ts'
async function* lines() {
  for (let n = 0; ; n += 1) {
    yield \`{"n":\${n}}\\n\`
    if (n === 1000) console.log('begun')
    if (n % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
await writeBackup(process.argv[1], lines()).catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})`

test('an export that is interrupted leaves no file', async () => {
  const file = join(folder, 'endless', 'acme.jsonl.gz')
  await mkdir(join(folder, 'endless'))
  const line = ['--input-type=module', '--eval', ENDLESS, file]
  const child = spawn(process.execPath, line)
  const err: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  await once(child.stdout, 'data')
  expect(await readdir(join(folder, 'endless'))).toEqual([expect.stringMatching(/\.partial$/)])
  child.kill('SIGINT')
  await once(child, 'close')
  expect([child.exitCode, Buffer.concat(err).toString()]).toEqual([
    1,
    expect.stringContaining('the export was interrupted; there is no '),
  ])
  expect(await readdir(join(folder, 'endless'))).toEqual([])
})

test('behind a restore the identity provider finds everything as it was, and its cursors end in "start again"', async () => {
  const client = await app.client('restored')
  const ids: string[] = []
  for (const n of [1, 2, 3]) {
    const userName = `user${n}@acme.example`
    const { body } = await client.send('POST', '/Users', { schemas: [URN.user], userName })
    ids.push(textOf(body, 'id'))
  }
  const members = ids.map((value) => ({ value }))
  const group = { schemas: [URN.group], displayName: 'Sales', members }
  const path = `/Groups/${textOf((await client.send('POST', '/Groups', group)).body, 'id')}`
  const paths = [...ids.map((id) => `/Users/${id}`), path]
  const all = async (): Promise<unknown> =>
    Promise.all(
      paths.map(async (each) => {
        const { status, headers, body } = await client.send('GET', each)
        return { status, etag: headers.get('etag'), body }
      }),
    )
  const before = await all()
  const { body: page } = await client.send('GET', '/Users?cursor&count=2')
  const next = `/Users?cursor=${textOf(page, 'nextCursor')}&count=2`
  const parts = partsOn(app.stores)
  const file = await exportOf(parts, 'restored', { withCredentials: true })
  const { tenants, erase } = app.stores
  await deleteTenant(tenants, 'restored', { erase, settle: async () => undefined })
  await createTenant(tenants, { id: 'restored', now: new Date() })
  await importOf(parts, 'restored', file, { withCredentials: true })
  // What instances remember of the tenant that was.
  ahead += 60_000
  expect(await all()).toEqual(before)
  const taken = await client.send('POST', '/Users', {
    schemas: [URN.user],
    userName: 'USER2@acme.example',
  })
  expect(taken.status).toBe(409)
  const cursor = await client.send('GET', next)
  expect([cursor.status, cursor.body['scimType']]).toEqual([400, 'invalidCursor'])
  expect(cursor.body['detail']).toMatch(/Start again/)
})
