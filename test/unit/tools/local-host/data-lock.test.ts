import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockDirectory } from '../../../../tools/local-host/data-lock.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'data-lock-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

test('one at a time, and again after it was given back', async () => {
  const unlock = await lockDirectory(directory)
  expect(unlock).toBeTypeOf('function')
  expect(await lockDirectory(directory)).toBeUndefined()
  unlock?.()
  const again = await lockDirectory(directory)
  expect(again).toBeTypeOf('function')
  again?.()
})

test('directories are apart', async () => {
  const [one, other] = await Promise.all([lockDirectory(directory), lockDirectory(`${directory}2`)])
  expect([typeof one, typeof other]).toEqual(['function', 'function'])
  one?.()
  other?.()
})

test('a process that was killed leaves no lock', async () => {
  const holder = `
    const { lockDirectory } = await import(process.argv[1])
    await lockDirectory(process.argv[2])
    process.kill(process.pid, 'SIGKILL')`
  const module = new URL('../../../../tools/local-host/data-lock.ts', import.meta.url).href
  const { signal } = spawnSync(process.execPath, [
    '--input-type=module',
    '--eval',
    holder,
    module,
    directory,
  ])
  expect(signal).toBe('SIGKILL')
  const unlock = await lockDirectory(directory)
  expect(unlock).toBeTypeOf('function')
  unlock?.()
})
