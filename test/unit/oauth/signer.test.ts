import { beforeEach, describe, expect, test } from 'vitest'
import { createSigner, rotateSigningKey } from '../../../lib/oauth/signer.ts'
import type { SigningKey } from '../../../lib/oauth/signing-key.ts'
import { memoryTenantStore } from '../../../lib/storage/memory/tenants.ts'
import type { TenantStore } from '../../../lib/storage/tenant-port.ts'
import { memoryKeySource, type MemoryKeySource } from '../../support/jwt.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = Date.parse('2026-11-22T08:00:00Z')

let at: number
let source: MemoryKeySource
let store: TenantStore
let signing: () => Promise<SigningKey>

beforeEach(() => {
  at = START
  source = memoryKeySource()
  store = memoryTenantStore()
  signing = anInstance()
})

function anInstance(): typeof signing {
  return createSigner({ source, store, onPublished: () => undefined, now: () => new Date(at) })
}

async function kid(of = signing): Promise<string> {
  return (await of()).kid
}

async function published(): Promise<readonly [kid: string, retired: number | undefined][]> {
  return (await store.accessKeys()).map(({ kid: id, retired }) => [
    id,
    retired === undefined ? undefined : Date.parse(retired) - START,
  ])
}

test('the first key is made, published, and signs at once', async () => {
  const id = await kid()
  expect(await published()).toEqual([[id, undefined]])
  expect(JSON.stringify(await store.accessKeys())).not.toContain('"d"')
})

test('the keys are looked up once in five minutes', async () => {
  let looks = 0
  const counted = createSigner({
    source: {
      ...source,
      keys: async () => {
        looks += 1
        return source.keys()
      },
    },
    store,
    onPublished: () => undefined,
    now: () => new Date(at),
  })
  await Promise.all([counted(), counted()])
  for (; at < START + 5 * MINUTE; at += 1000) await counted()
  expect(looks).toBe(1)
  await counted()
  expect(looks).toBe(2)
})

test('a failure is not remembered', async () => {
  const keys = source.keys
  let down = true
  const failing = createSigner({
    source: {
      ...source,
      keys: async () => {
        if (down) throw new Error('the vault is down')
        return keys()
      },
    },
    store,
    onPublished: () => undefined,
    now: () => new Date(at),
  })
  await expect(failing()).rejects.toThrow('down')
  down = false
  expect(await kid(failing)).toBe(source.all[0]?.kid)
})

describe('a rotation', () => {
  test('lets the new key sign when it has been published for ten minutes, on every instance', async () => {
    const old = await kid()
    const other = anInstance()
    at += MINUTE
    const rotated = await rotateSigningKey(source, store, new Date(at))
    expect(rotated.signsFrom).toEqual(new Date(at + 10 * MINUTE))
    const rotatedAt = at
    for (; at < rotatedAt + 10 * MINUTE; at += MINUTE) {
      expect(await kid()).toBe(old)
      expect(await kid(other)).toBe(old)
    }
    at += 5 * MINUTE
    expect(await kid()).toBe(rotated.kid)
    expect(await kid(other)).toBe(rotated.kid)
  })

  test('retires the old key when all that it has signed has expired', async () => {
    const old = await kid()
    at += MINUTE
    const rotated = await rotateSigningKey(source, store, new Date(at))
    expect(rotated.othersUntil).toEqual(new Date(at + 7 * HOUR))
    expect(await published()).toEqual([
      [old, 7 * HOUR + MINUTE],
      [rotated.kid, undefined],
    ])
  })

  test('that died before the key was published goes on by itself', async () => {
    const old = await kid()
    const added = await source.add()
    expect(await published()).toEqual([[old, undefined]])
    at += 5 * MINUTE
    expect(await kid()).toBe(old)
    expect(await published()).toEqual([
      [old, 7 * HOUR + 5 * MINUTE],
      [added.kid, undefined],
    ])
    at += 10 * MINUTE
    expect(await kid()).toBe(added.kid)
  })

  test('twice in a row leaves the key that signs now good', async () => {
    const old = await kid()
    await rotateSigningKey(source, store, new Date(at))
    at += MINUTE
    await rotateSigningKey(source, store, new Date(at))
    at += 5 * MINUTE
    expect(await kid()).toBe(old)
    at += 10 * MINUTE
    expect(await kid()).toBe(source.all[2]?.kid)
  })
})

test('of keys that were there before the app only the newest is published', async () => {
  await source.add()
  const newest = await source.add()
  expect(await kid()).toBe(newest.kid)
  expect(await published()).toEqual([[newest.kid, undefined]])
})

test('a key that retires before its tokens would expire signs nothing', async () => {
  const old = await kid()
  await store.retireAccessKey(old, new Date(START + 6 * HOUR).toISOString())
  at += 5 * MINUTE
  await expect(signing()).rejects.toThrow('has been retired; rotate the keys')
  const rotated = await rotateSigningKey(source, store, new Date(at))
  expect(await kid()).toBe(rotated.kid)
})
