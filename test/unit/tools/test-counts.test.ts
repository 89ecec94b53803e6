import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { addUp, countsOf, failuresOf, succeeded, summary } from '../../../tools/test-counts.ts'

const report = (passed: number, failed: number, more: object = {}): object => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...more,
})

const UNLOADED = {
  name: resolve('test/one.test.ts'),
  status: 'failed',
  assertionResults: [],
  message: 'Cannot find module\nRequire stack:',
}
const FAILED = {
  name: resolve('test/other.test.ts'),
  status: 'failed',
  message: '',
  assertionResults: [
    { fullName: 'sums are right', status: 'passed', failureMessages: [] },
    {
      fullName: 'sums are true',
      status: 'failed',
      failureMessages: ['AssertionError: expected 3 to be 4\n    at one.ts:1'],
    },
  ],
}

describe('countsOf', () => {
  test.each<[string, object | undefined, number | null, string]>([
    ['all passed', report(3, 0), 0, '3 passed, 0 failed'],
    ['some failed', report(3, 2, { testResults: [FAILED] }), 1, '3 passed, 2 failed'],
    ['a file did not load', report(3, 0, { testResults: [UNLOADED] }), 1, '3 passed, 1 failed'],
    ['an error outside the tests', report(3, 0), 1, '3 passed, 1 failed'],
    ['ended by a signal', report(3, 0), null, '3 passed, 1 failed'],
    ['no report', undefined, 1, '0 passed, 1 failed'],
    ['another report', {}, 0, '0 passed, 1 failed'],
    [
      'skipped and to do',
      report(1, 0, { numPendingTests: 2, numTodoTests: 1 }),
      0,
      '1 passed, 0 failed, 3 skipped',
    ],
  ])('%s', (_case, json, status, line) => {
    expect(summary(countsOf(json, status))).toBe(line)
  })
})

test('failures are told in a line each', () => {
  expect(failuresOf(report(3, 1, { testResults: [UNLOADED, FAILED] }))).toEqual([
    'test/one.test.ts: Cannot find module',
    'test/other.test.ts: sums are true: AssertionError: expected 3 to be 4',
  ])
  expect(failuresOf(undefined)).toEqual([])
})

test('runs add up', () => {
  const sum = addUp({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 })
  expect(sum).toEqual({ passed: 11, failed: 22, skipped: 33 })
})

test.each([
  [1, 0, true],
  [0, 0, false],
  [5, 1, false],
])('%i passed and %i failed is a success: %s', (passed, failed, expected) => {
  expect(succeeded({ passed, failed, skipped: 0 })).toBe(expected)
})
