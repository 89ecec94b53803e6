import { createPublicKey, verify } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileKeySource } from '../../../lib/oauth/key-file.ts'

let directory: string
let file: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'oauth-keys-'))
  file = join(directory, 'data', 'oauth-keys.json')
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

test('the file is made at the first use, for its owner only, and its key stays', async () => {
  const [made] = await fileKeySource(file).keys()
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const [again, ...more] = await fileKeySource(file).keys()
  expect(again?.kid).toBe(made?.kid)
  expect(more).toEqual([])
  expect(await readdir(join(directory, 'data'))).toEqual(['oauth-keys.json'])
})

test('processes that start at the same time have the same key', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => fileKeySource(file).keys()))
  expect(new Set(all.flat().map(({ kid }) => kid)).size).toBe(1)
})

test('signs as JWS has it, by the key that it shows', async () => {
  const [key] = await fileKeySource(file).keys()
  if (key === undefined) throw new Error('No key.')
  const bytes = Buffer.from('text')
  const open = createPublicKey({ key: key.publicJwk, format: 'jwk' })
  const signature = await key.sign(bytes)
  expect(verify('sha256', bytes, { key: open, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
  expect(key.publicJwk).not.toHaveProperty('d')
})

test('a further key is added behind the others, of which the last are kept', async () => {
  const source = fileKeySource(file)
  await source.keys()
  const added: string[] = []
  for (let n = 0; n < 3; n += 1) added.push((await source.add()).kid)
  expect((await source.keys()).map(({ kid }) => kid)).toEqual(added)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test.each(['', '{"keys":[{"kty":"EC","d":"c2VjcmV0"}]}', '{"keys":[', '[]'])(
  'a file that holds "%s" is named, not quoted, and stays',
  async (text) => {
    await fileKeySource(file).keys()
    await writeFile(file, text)
    const reading = fileKeySource(file).keys()
    await expect(reading).rejects.toThrow(/oauth-keys\.json holds no keys; remove it/)
    await expect(reading).rejects.not.toThrow('c2VjcmV0')
    expect(await readFile(file, 'utf8')).toBe(text)
  },
)
