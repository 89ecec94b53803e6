import { EventEmitter, once } from 'node:events'
import { beforeEach, describe, expect, test } from 'vitest'
import { UnreachableKeys } from '../../../lib/oauth/fetch-text.ts'
import { verifyJwt } from '../../../lib/oauth/jwt.ts'
import { createRemoteKeys, type RemoteKeys } from '../../../lib/oauth/remote-keys.ts'
import { signJwt, testKey, type TestKey } from '../../support/jwt.ts'

const ADDRESS = 'https://idp.example/keys'
const MINUTE = 60_000

let at: number
let asked: string[]
let answer: (address: string) => Promise<string>
let keys: RemoteKeys
const first = await testKey('first')
const second = await testKey('second')

function keySet(...all: readonly TestKey[]): string {
  return JSON.stringify({ keys: all.map(({ publicJwk }) => publicJwk) })
}

beforeEach(() => {
  at = Date.parse('2026-11-22T08:00:00Z')
  asked = []
  answer = async () => keySet(first)
  keys = createRemoteKeys({
    fetchText: async (address) => {
      asked.push(address)
      return answer(address)
    },
    now: () => new Date(at),
  })
})

/** Whether a token of the key is verified now. */
async function isVerified(key: TestKey, address = ADDRESS): Promise<boolean> {
  const token = await signJwt(key, { sub: 'x' })
  const found = await keys.at(address, key.kid)
  const verified = await verifyJwt(token, found, { algorithms: ['RS256'], now: new Date(at) })
  return 'claims' in verified
}

test('keys are fetched once an hour', async () => {
  for (; asked.length < 2; at += MINUTE) expect(await isVerified(first)).toBe(true)
  expect(at - Date.parse('2026-11-22T08:00:00Z')).toBe(61 * MINUTE)
})

test('all who ask at the same time wait for one request', async () => {
  await Promise.all(Array.from({ length: 20 }, () => isVerified(first)))
  expect(asked).toHaveLength(1)
})

describe('a key that is not among them', () => {
  test('is looked for again, at most once a minute', async () => {
    await isVerified(first)
    at += MINUTE
    for (let n = 0; n < 10; n += 1) expect(await isVerified(second)).toBe(false)
    expect(asked).toHaveLength(2)
    answer = async () => keySet(first, second)
    at += MINUTE - 1
    expect(await isVerified(second)).toBe(false)
    at += 1
    expect(await isVerified(second)).toBe(true)
    expect(await isVerified(first)).toBe(true)
    expect(asked).toHaveLength(3)
  })

  test('does not keep the others from being used', async () => {
    await isVerified(first)
    at += MINUTE
    answer = async () => {
      throw new UnreachableKeys('down')
    }
    expect(await isVerified(second)).toBe(false)
    expect(await isVerified(first)).toBe(true)
  })
})

describe('an address that does not answer', () => {
  beforeEach(() => {
    answer = async () => {
      throw new UnreachableKeys('down')
    }
  })

  test('is asked once a minute', async () => {
    for (let n = 0; n < 10; n += 1) await expect(isVerified(first)).rejects.toThrow('down')
    expect(asked).toHaveLength(1)
    at += MINUTE
    answer = async () => keySet(first)
    expect(await isVerified(first)).toBe(true)
  })

  test('leaves its keys as they were for a day', async () => {
    answer = async () => keySet(first)
    await isVerified(first)
    answer = async () => {
      throw new UnreachableKeys('down')
    }
    at += 23 * 60 * MINUTE
    expect(await isVerified(first)).toBe(true)
    at += 60 * MINUTE
    await expect(isVerified(first)).rejects.toThrow('down')
  })

  test('delays nobody who asks another', async () => {
    const slow = new EventEmitter()
    answer = async (address) => {
      if (address !== ADDRESS) return keySet(second)
      await once(slow, 'over')
      return keySet(first)
    }
    const waiting = isVerified(first)
    expect(await isVerified(second, 'https://other.example/keys')).toBe(true)
    slow.emit('over')
    expect(await waiting).toBe(true)
  })
})

test.each([
  ['no JSON', '<html>'],
  ['no object', '[]'],
  ['no keys', '{"keys":{}}'],
  ['a key that is none', '{"keys":[null]}'],
  ['a key of no type', '{"keys":[{"kid":"first"}]}'],
  ['too many keys', JSON.stringify({ keys: Array.from({ length: 101 }, () => first.publicJwk) })],
])('a document with %s is no key set', async (_case, text) => {
  answer = async () => text
  await expect(isVerified(first)).rejects.toThrow('it is no JSON Web Key Set')
})

test('a key that cannot be used verifies nothing, and harms no other', async () => {
  const broken = { ...first.publicJwk, kid: 'second', n: '!', e: '' }
  answer = async () => JSON.stringify({ keys: [broken, first.publicJwk] })
  expect(await isVerified(second)).toBe(false)
  expect(await isVerified(first)).toBe(true)
})

test('addresses that were not used for long are forgotten', async () => {
  for (let n = 0; n < 1001; n += 1) await keys.at(`https://idp${n}.example/keys`, 'first')
  asked = []
  await keys.at('https://idp1000.example/keys', 'first')
  expect(asked).toEqual([])
  await keys.at('https://idp0.example/keys', 'first')
  expect(asked).toEqual(['https://idp0.example/keys'])
})
