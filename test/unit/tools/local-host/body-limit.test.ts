import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LIMITS } from '../../../../lib/scim/limits.ts'
import { bodyLimit } from '../../../../tools/local-host/body-limit.ts'

const EXAMPLE = readFileSync('local.settings.example.json', 'utf8')

test('is what the environment says, else what the example of the settings says', () => {
  expect(bodyLimit({ FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1048577' }, EXAMPLE)).toBe(1_048_577)
  expect(bodyLimit({}, EXAMPLE)).toBe(16 * 1024 * 1024)
})

test('leaves room for the 413 of the app', () => {
  expect(bodyLimit({}, EXAMPLE)).toBeGreaterThan(LIMITS.bodyBytes)
})

test.each(['', '0', '-1', '1e9', '16 MB'])('%j is told in one line', (limit) => {
  const read = (): unknown => bodyLimit({ FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: limit }, EXAMPLE)
  expect(read).toThrow('FUNCTIONS_REQUEST_BODY_SIZE_LIMIT must be a number of bytes')
})
