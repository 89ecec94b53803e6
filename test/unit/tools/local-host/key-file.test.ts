import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hostKeys } from '../../../../tools/local-host/key-file.ts'

let directory: string
let file: string
let told: string[]
beforeEach(() => {
  told = []
  directory = mkdtempSync(join(tmpdir(), 'host-keys-'))
  file = join(directory, 'data', 'host-keys.json')
})
afterEach(() => rmSync(directory, { recursive: true }))

const keys = (): ReturnType<typeof hostKeys> => hostKeys(file, (line) => told.push(line))

test('the first start makes them, later ones have the same', async () => {
  const made = await keys()
  expect(made.master).toMatch(/^[\w-]{43}$/)
  expect(made.host).toMatch(/^[\w-]{43}$/)
  expect(made.host).not.toBe(made.master)
  expect(await keys()).toEqual(made)
  expect(told).toEqual([])
})

test.skipIf(process.platform === 'win32')('the file is for its owner only', async () => {
  await keys()
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a function may have a key of its own, by its name in any case', async () => {
  const made = await keys()
  const own = 'a key of sixteen and more'
  writeFileSync(file, JSON.stringify({ ...made, functions: { 'Tenants-List': own } }))
  expect(await keys()).toEqual({ ...made, functions: { 'tenants-list': own } })
})

test.each(['', 'not JSON', 'null', '{}', '{"master":"short","host":"short"}'])(
  'a file with %j is replaced, and that is told',
  async (text) => {
    const made = await keys()
    writeFileSync(file, text)
    const replaced = await keys()
    expect(replaced.master).not.toBe(made.master)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(replaced)
    expect(told).toEqual([`${file} could not be read: the local host has new keys`])
  },
)

test('a file that may not be read is no reason for new keys', async () => {
  await expect(hostKeys(directory, (line) => told.push(line))).rejects.toThrow('EISDIR')
})
