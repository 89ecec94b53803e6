import { Readable } from 'node:stream'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
