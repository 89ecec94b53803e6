import { expect, test } from 'vitest'
import { parseCommandLine } from '../../../../tools/bench/command-line.ts'

test.each([
  [['engines'], { bench: 'engines' }],
  [['--help'], { bench: 'help' }],
  [['groups'], { bench: 'groups', on: 'memory', sizes: [10, 1000, 10_000, 50_000] }],
  [['groups', '--azurite', '--sizes', '5, 7'], { bench: 'groups', on: 'azurite', sizes: [5, 7] }],
  [
    ['groups', '--storage', 'x=y', '--sizes=1'],
    { bench: 'groups', on: { storage: 'x=y' }, sizes: [1] },
  ],
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
])('%j is refused', (args, message) => {
  expect(() => parseCommandLine(args)).toThrow(message)
})
