import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileStatuses, type TimerStatuses } from '../../../../tools/local-host/timer-statuses.ts'

const STATUS = {
  last: '2026-11-27T10:00:00.000Z',
  next: '2026-11-27T10:05:00.000Z',
  lastUpdated: '2026-11-27T10:00:01.000Z',
}

let directory: string
let told: string[]
beforeEach(() => {
  told = []
  directory = mkdtempSync(join(tmpdir(), 'timer-statuses-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function statusesIn(file: string): Promise<TimerStatuses> {
  return fileStatuses(file, (line) => told.push(line))
}

test('outlive the process', async () => {
  const file = join(directory, 'timers.json')
  const first = await statusesIn(file)
  expect(first.get('poll')).toBeUndefined()
  await first.set('poll', STATUS)
  expect(first.get('poll')).toEqual(STATUS)
  expect((await statusesIn(file)).get('poll')).toEqual(STATUS)
})

test.skipIf(process.platform === 'win32')('are for their owner only', async () => {
  const file = join(directory, 'timers.json')
  await (await statusesIn(file)).set('poll', STATUS)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test.each(['', '[]', '{"poll":{"next":"tomorrow"}}'])('a file with %j is empty', async (text) => {
  const file = join(directory, 'timers.json')
  writeFileSync(file, text)
  expect((await statusesIn(file)).get('poll')).toBeUndefined()
})

test('that cannot be written are told of, and kept in memory', async () => {
  const file = join(directory, 'blocked', 'timers.json')
  writeFileSync(join(directory, 'blocked'), '')
  const statuses = await statusesIn(file)
  await statuses.set('poll', STATUS)
  expect(statuses.get('poll')).toEqual(STATUS)
  expect(told).toEqual([expect.stringContaining(`cannot be kept in ${file}: `)])
})
