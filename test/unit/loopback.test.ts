import { expect, test } from 'vitest'
import { isLoopback } from '../../lib/loopback.ts'

test.each([
  ['http://localhost:7071/api/scim', true],
  ['https://localhost', true],
  ['http://127.0.0.1:10002/devstoreaccount1', true],
  ['http://[::1]:10002', true],
  ['http://localhost.example.com', false],
  ['http://localhost@evil.example', false],
  ['http://127.0.0.2', false],
  ['ftp://localhost', false],
  ['localhost', false],
  ['', false],
])('%s: %s', (url, expected) => {
  expect(isLoopback(url)).toBe(expected)
})
