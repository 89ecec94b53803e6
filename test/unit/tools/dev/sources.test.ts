import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { watchSources } from '../../../../tools/dev/sources.ts'

let root: string
let changed: string[]
let close: () => void
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sources-'))
  for (const path of ['functions/users/get.ts', 'lib/config.ts', 'tools/local-host/host.ts']) {
    write(path)
  }
  changed = []
  close = watchSources(root, (path) => changed.push(path))
})
afterEach(() => {
  close()
  rmSync(root, { recursive: true })
})

function write(path: string): void {
  mkdirSync(join(root, dirname(path)), { recursive: true })
  writeFileSync(join(root, path), '{}')
}

/** Changes something until that is told: a watch needs a moment to begin. */
async function isTold(path: string, change: () => void): Promise<boolean> {
  const deadline = Date.now() + 4000
  while (!changed.includes(path) && Date.now() < deadline) {
    change()
    await pause(20)
  }
  return changed.includes(path)
}

test.each([
  'functions/users/get.ts',
  'functions/health.ts',
  'lib/config.ts',
  'tools/local-host/host.ts',
  'tools/local-host.ts',
  'host.json',
])('a change of %s is told', async (path) => {
  expect(await isTold(path, () => write(path))).toBe(true)
})

test('a file that takes the place of another is told every time', async () => {
  for (let time = 0; time < 3; time += 1) {
    changed = []
    const replace = (): void => {
      write('functions/users/get.ts.tmp')
      renameSync(join(root, 'functions/users/get.ts.tmp'), join(root, 'functions/users/get.ts'))
    }
    expect(await isTold('functions/users/get.ts', replace)).toBe(true)
  }
})

test('a new folder is told, and what changes in it', async () => {
  mkdirSync(join(root, 'lib/journal/deep'), { recursive: true })
  const read = 'lib/journal/deep/read.ts'
  expect(await isTold(read, () => write(read))).toBe(true)
  expect(changed).toContain('lib/journal')
})

test('nothing else is told', async () => {
  for (const path of [
    'README.md',
    'lib/.config.ts.swp',
    'lib/config.ts~',
    'lib/4913',
    'tools/x.ts',
  ]) {
    write(path)
  }
  expect(await isTold('lib/last.ts', () => write('lib/last.ts'))).toBe(true)
  expect(new Set(changed)).toEqual(new Set(['lib/last.ts']))
})

test('nothing is told behind its end', async () => {
  close()
  write('lib/config.ts')
  await pause(100)
  expect(changed).toEqual([])
})
