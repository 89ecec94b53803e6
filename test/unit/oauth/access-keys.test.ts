import { beforeEach, expect, test } from 'vitest'
import { createAccessKeys, type AccessKeys } from '../../../lib/oauth/access-keys.ts'
import type { AccessKey } from '../../../lib/storage/tenant-port.ts'

const SECOND = 1000
const START = Date.parse('2026-11-22T08:00:00Z')

let at: number
let reads: number
let stored: AccessKey[]
let outage: Error | undefined
let keys: AccessKeys

function key(kid: string, more: Partial<AccessKey> = {}): AccessKey {
  const jwk = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }
  return { kid, jwk, use: 'access', created: new Date(START).toISOString(), ...more }
}

beforeEach(() => {
  at = START
  reads = 0
  outage = undefined
  stored = [key('one')]
  keys = createAccessKeys({
    read: async () => {
      reads += 1
      await Promise.resolve()
      if (outage !== undefined) throw outage
      return stored
    },
    now: () => new Date(at),
  })
})

test('a key is read once in five minutes, and once for all who ask at a time', async () => {
  await Promise.all([keys.find('one'), keys.find('one'), keys.find('one')])
  for (; at < START + 300 * SECOND; at += SECOND) expect(keys.find('one')).toMatchObject({ x: 'x' })
  expect(reads).toBe(1)
  expect(keys.find('one')).toBeInstanceOf(Promise)
})

test('a kid that is never seen costs one read a minute at most', async () => {
  for (let n = 0; at < START + 600 * SECOND; at += SECOND, n += 1) await keys.find(`forged${n}`)
  expect(reads).toBe(10)
})

test('a new key is found within a minute', async () => {
  await keys.find('one')
  stored = [key('one'), key('two')]
  at += 60 * SECOND
  expect(await keys.find('two')).toMatchObject({ kid: 'two', alg: 'ES256' })
})

test('a key verifies until it is retired', async () => {
  stored = [key('one', { retired: new Date(START + 10 * SECOND).toISOString() })]
  expect(await keys.find('one')).toBeDefined()
  at += 10 * SECOND
  expect(await keys.find('one')).toBeUndefined()
  expect(await keys.all()).toEqual([])
})

test.each([
  ['of another type', { kty: 'RSA', n: 'n', e: 'AQAB' }],
  ['on another curve', { kty: 'EC', crv: 'P-384', x: 'x', y: 'y' }],
  ['without a point', { kty: 'EC', crv: 'P-256', x: 'x' }],
])('a key %s, which somebody else has written, is none', async (_case, jwk) => {
  stored = [key('one', { jwk })]
  expect(await keys.find('one')).toBeUndefined()
})

test('of a key nothing but its public part is shown, whatever the row has', async () => {
  stored = [key('one', { jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'private' } })]
  expect(await keys.all()).toEqual([
    { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'one', alg: 'ES256', use: 'sig' },
  ])
})

test('an outage is thrown, and not remembered', async () => {
  outage = new Error('down')
  await expect(keys.find('one')).rejects.toThrow('down')
  outage = undefined
  expect(await keys.find('one')).toBeDefined()
})
