import { expect, test } from 'vitest'
import { asksForHelp, readOptions, wholeNumber } from '../../../tools/command-line.ts'

const OPTIONS = { seed: { type: 'string' }, azurite: { type: 'boolean', default: false } } as const

test('the values of options', () => {
  expect(readOptions(OPTIONS, ['--seed', '7'])).toEqual({ seed: '7', azurite: false })
})

test.each([
  [['--bogus'], "Unknown option '--bogus'; --help lists the options"],
  [['extra'], "Unexpected argument 'extra'; --help lists the options"],
  [['--seed'], "Option '--seed <value>' argument missing; --help lists the options"],
])('%j is a mistake in one line', (args, message) => {
  expect(() => readOptions(OPTIONS, args)).toThrow(
    expect.objectContaining({ name: 'UsageError', message }),
  )
})

test.each([
  [['--help'], true],
  [['--bogus', '-h'], true],
  [['--helpful'], false],
  [[], false],
])('%j asks for help: %s', (args, expected) => {
  expect(asksForHelp(args)).toBe(expected)
})

test('a whole number', () => {
  expect(wholeNumber('--seed', '20000')).toBe(20_000)
  for (const text of ['', '-1', '1.5', '1e3', 'many', '9'.repeat(20)]) {
    expect(() => wholeNumber('--seed', text)).toThrow(
      `--seed must be a whole number, not "${text}"`,
    )
  }
})
