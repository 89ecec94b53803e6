import { Readable } from 'node:stream'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBackup, receiveBackup, type OpenedBackup } from '../../../tools/tenant/backup-files.ts'
import { refusalOf } from '../../support/refusal.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-files-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function opened(bytes: Buffer): Promise<OpenedBackup> {
  const path = join(folder, 'file')
  await writeFile(path, bytes)
  return openBackup(path)
}

async function lengthOf({ open }: OpenedBackup): Promise<number> {
  let length = 0
  for await (const chunk of open()) length += chunk.length
  return length
}

test('what is compressed to almost nothing ends early', async () => {
  const bomb = await opened(gzipSync(Buffer.alloc(300 * 1_048_576)))
  const { detail } = await refusalOf(() => lengthOf(bomb))
  expect(detail).toMatch(/^the file is compressed to less than 1\/200 of its size/)
  await bomb.close()
})

test('as much as an export is compressed is taken, however much it is', async () => {
  const line = Buffer.from(`${'0123456789abcdef'.repeat(60)}\n`)
  const bytes = Buffer.concat(Array.from({ length: 10 }, () => line))
  const file = await opened(gzipSync(bytes))
  expect(await lengthOf(file)).toBe(bytes.length)
  await file.close()
})

test('what comes in a stream can be read twice', async () => {
  const bytes = gzipSync(Buffer.from('a line\n'))
  const file = await receiveBackup(Readable.from([bytes.subarray(0, 5), bytes.subarray(5)]))
  expect(await lengthOf(file)).toBe(7)
  expect(await lengthOf(file)).toBe(7)
  await file.close()
})

/** Without an end; `taken` tells how much of it was read. */
function endless(bytes: Buffer): { readonly stream: Readable; readonly taken: () => number } {
  let length = 0
  function* all(): Generator<Buffer> {
    for (;;) {
      length += bytes.length
      yield bytes
    }
  }
  return { stream: Readable.from(all(), { highWaterMark: 1 }), taken: () => length }
}

async function kept(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('scim-import-'))
}

describe('a stream', () => {
  const OBJECTS = Buffer.from('{}\n'.repeat(1000))

  test.each([
    ['zeros', Buffer.alloc(3000)],
    ['line feeds', Buffer.alloc(3000, '\n')],
    ['text', Buffer.from('y\n'.repeat(1500))],
  ])('of %s is not kept, as no export begins so', async (_, bytes) => {
    const { stream, taken } = endless(bytes)
    const { detail } = await refusalOf(() => receiveBackup(stream))
    expect(detail).toMatch(/^the file is no tenant that was exported, compressed or not/)
    expect(taken()).toBeLessThan(100 * 3000)
  })

  test('without an end is kept up to a limit, so that no disk is filled', async () => {
    const { stream, taken } = endless(OBJECTS)
    const { detail } = await refusalOf(() => receiveBackup(stream, { most: 1_000_000 }))
    expect(detail).toMatch(/^the file has more than 1,000,000 bytes: give it as a file/)
    expect(taken()).toBeLessThan(2_000_000)
  })

  test('that is interrupted leaves no file', async () => {
    const before = await kept()
    const interruption = new AbortController()
    const { stream, taken } = endless(OBJECTS)
    const receiving = receiveBackup(stream, { signal: interruption.signal })
    while (taken() === 0) await pause(1)
    interruption.abort()
    await expect(receiving).rejects.toThrow(/abort/)
    expect(await kept()).toEqual(before)
  })
})
