import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tenantOn } from '../../tools/restore-drill/tenant-command.ts'
import { startAzurite } from '../support/azurite.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>

beforeAll(async () => {
  azurite = await startAzurite()
})

afterAll(() => azurite.stop())

test('commands work on the emulator, whatever tables the environment names', async () => {
  const tenant = tenantOn(azurite.connectionString, {
    ...process.env,
    TABLES_ENDPOINT: 'https://data.table.core.windows.net',
    TABLES_CONNECTION_STRING: 'AccountName=data',
  })
  await tenant(['create', 'contoso'])
  await tenant(['show', 'contoso'])
  await expect(tenant(['show', 'fabrikam'])).rejects.toThrow(
    /^npm run tenant -- show fabrikam failed:\n.*fabrikam/,
  )
})

test.each([
  [[], 2, '--in is missing'],
  [['--in', 'nowhere/contoso.jsonl.gz'], 1, 'ENOENT'],
])('npm run restore:drill -- %j', async (args, code, says) => {
  const ran = await new Promise((resolve) => {
    const child = execFile(process.execPath, ['tools/restore-drill.ts', ...args], (_, out, err) => {
      resolve({ code: child.exitCode, out, lines: err.trim().split('\n') })
    })
  })
  expect(ran).toEqual({ code, out: '', lines: [expect.stringContaining(says)] })
})

test('a tenant that was exported is restored', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drill-'))
  try {
    const tenant = tenantOn(azurite.connectionString, process.env)
    await tenant(['create', 'northwind'])
    await tenant(['seed', 'northwind'])
    await tenant(['export', '--all', '--out-dir', folder, '--with-credentials'])
    const drill = await new Promise((resolve) => {
      const file = join(folder, 'northwind.jsonl.gz')
      const args = ['tools/restore-drill.ts', '--in', file]
      const child = execFile(process.execPath, args, (_, out) => {
        resolve(`${String(child.exitCode)} ${out}`)
      })
    })
    expect(drill).toMatch(/^0 northwind was restored in \d+ s and is consistent: 12 users, /)
  } finally {
    await rm(folder, { recursive: true })
  }
})
