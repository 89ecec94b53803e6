import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { framesOf, stackFrames } from '../../lib/stack-frames.ts'

const directory = mkdtempSync(join(tmpdir(), 'stack frames (of) '))
afterAll(() => {
  rmSync(directory, { recursive: true })
})

const BUNDLE = join(directory, 'functions.cjs')

/** Column 1 is line 3, column 5 of the first source, column 11 is of the second one, and column 21 of none. */
const MAP = {
  version: 3,
  sources: ['../lib/http/log.ts', '../node_modules/p/q.js'],
  names: [],
  mappings: 'AAEI,UCAA,U;',
}

function errorWith(...frames: readonly string[]): Error {
  const error = new Error('of ada@example.com')
  error.stack = [`Error: ${error.message}`, ...frames.map((frame) => `    ${frame}`)].join('\n')
  return error
}

test('frames of the bundle name the source, others stay as they are', () => {
  writeFileSync(`${BUNDLE}.map`, JSON.stringify(MAP))
  const frames = [
    `at read (${BUNDLE}:1:1)`,
    `at async Store.get [as find] (${BUNDLE}:1:12)`,
    `at ${BUNDLE}:1:3`,
    'at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
    'at async Promise.all (index 0)',
    `at other (${BUNDLE}.js:1:1)`,
    `at nowhere (${BUNDLE}:1:25)`,
    `at nothing (${BUNDLE})`,
  ]
  expect(framesOf(BUNDLE)(errorWith(...frames))).toEqual([
    'at read (lib/http/log.ts:3:5)',
    'at async Store.get [as find] (node_modules/p/q.js:3:5)',
    'at lib/http/log.ts:3:5',
    ...frames.slice(3),
  ])
})

test.each([
  ['there is no map', () => rmSync(`${BUNDLE}.map`, { force: true })],
  ['the map is none', () => writeFileSync(`${BUNDLE}.map`, '{')],
])('where %s the frames stay as they are', (_, prepare) => {
  prepare()
  const frame = `at read (${BUNDLE}:1:1)`
  expect(framesOf(BUNDLE)(errorWith(frame))).toEqual([frame])
})

test('the sources that run as they are need no map, and there are eight frames at most', () => {
  const frames = Array.from({ length: 12 }, (_, at) => `at read (/lib/a.ts:${at}:1)`)
  expect(stackFrames(errorWith(...frames))).toEqual(frames.slice(0, 8))
  expect(stackFrames(new Error('none'))[0]).toContain('stack-frames.test.ts')
})

test('an error without a stack has none', () => {
  const error = new Error('none')
  delete error.stack
  expect(framesOf(undefined)(error)).toEqual([])
})
