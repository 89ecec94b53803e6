import { expect, test } from 'vitest'
import { parseCommandLine } from '../../../../tools/bench/command-line.ts'

const REQUESTS = {
  bench: 'requests',
  on: ['memory', 'azurite'],
  against: undefined,
  rounds: 9,
  json: false,
}

test.each([
  [['engines'], { bench: 'engines' }],
  [['backup'], { bench: 'backup', sizes: [2000, 20_000] }],
  [['backup', '--sizes', '7'], { bench: 'backup', sizes: [7] }],
  [['--help'], { bench: 'help' }],
  [['groups'], { bench: 'groups', on: 'memory', sizes: [10, 1000, 10_000, 50_000] }],
  [['groups', '--azurite', '--sizes', '5, 7'], { bench: 'groups', on: 'azurite', sizes: [5, 7] }],
  [
    ['groups', '--storage', 'x=y', '--sizes=1'],
    { bench: 'groups', on: { storage: 'x=y' }, sizes: [1] },
  ],
  [['requests'], REQUESTS],
  [
    ['requests', '--on', 'memory', '--against', 'before', '--rounds', '3', '--json'],
    { ...REQUESTS, on: ['memory'], against: 'before', rounds: 3, json: true },
  ],
  [['start'], { bench: 'start', against: undefined, rounds: 15 }],
  [
    ['start', '--against', 'before', '--rounds', '3'],
    { bench: 'start', against: 'before', rounds: 3 },
  ],
  [['build', 'a', 'b'], { bench: 'build', from: 'a', into: 'b' }],
])('%j', (args, expected) => {
  expect(parseCommandLine(args)).toEqual(expected)
})

test.each([
  [[], /groups or engines/],
  [['users'], /groups or engines/],
  [['groups', 'engines'], /groups or engines/],
  [['groups', '--storage', 'x', '--azurite'], /two places/],
  [['groups', '--sizes', '10,many'], /whole numbers.*"many"/],
  [['groups', '--size', '10'], /--size/],
  [['requests', '--on', 'azure'], /memory or azurite, not "azure"/],
  [['requests', '--rounds', '0'], /1 to 999, not "0"/],
  [['requests', '--sizes', '10'], /requests has no option --sizes/],
  [['start', '--rounds', 'x'], /1 to 999, not "x"/],
  [['start', '--json'], /start has no option --json/],
  [['engines', '--json'], /engines has no option --json/],
  [['build', 'a'], /build needs <into>/],
])('%j is refused', (args, message) => {
  expect(() => parseCommandLine(args)).toThrow(message)
})
