import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkData, emptyData, makeDirectory } from '../../../../tools/local-host/data-directory.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'data-directory-'))
  writeFileSync(join(directory, '__azurite_db_table__.json'), '{}')
})
afterEach(() => rmSync(directory, { recursive: true }))

test("Azurite's files are removed", async () => {
  writeFileSync(join(directory, '__azurite_db_table__.json~'), '{}')
  await emptyData(directory)
  expect(readdirSync(directory)).toEqual([])
})

test.each(['customers.csv', 'node_modules'])('nothing is removed beside %s', async (name) => {
  mkdirSync(join(directory, name))
  await expect(emptyData(directory)).rejects.toMatchObject({
    name: 'StartError',
    message: `--fresh removes nothing: "${name}" in ${directory} is not Azurite's`,
  })
  expect(readdirSync(directory)).toHaveLength(2)
})

test('a directory that is not there is empty', async () => {
  await expect(emptyData(join(directory, 'none'))).resolves.toBeUndefined()
})

test('a file is no directory', async () => {
  const file = join(directory, '__azurite_db_table__.json')
  await expect(emptyData(file)).rejects.toThrow('ENOTDIR')
})

test.each(['', '{"collections":[', '[]', 'null', '{}', '{"collections":5}'])(
  "Azurite's file with %j is damaged",
  async (text) => {
    const file = join(directory, '__azurite_db_table__.json')
    writeFileSync(file, text)
    await expect(checkData(directory, 'npm start -- --fresh')).rejects.toMatchObject({
      name: 'StartError',
      message: `${file} is damaged; npm start -- --fresh starts with empty data`,
    })
  },
)

test('what Azurite can read, and what it does not read, is no damage', async () => {
  writeFileSync(join(directory, '__azurite_db_table__.json'), '{"collections":[]}')
  writeFileSync(join(directory, '__azurite_db_table__.json~'), '{"coll')
  writeFileSync(join(directory, 'customers.csv'), 'a,b')
  await expect(checkData(directory, 'npm start -- --fresh')).resolves.toBeUndefined()
  await expect(checkData(join(directory, 'none'), '')).resolves.toBeUndefined()
})

test('a directory is made with those above it, by two at once, and stays when it is there', async () => {
  const deep = join(directory, 'a', 'b', 'c')
  await Promise.all([makeDirectory(deep), makeDirectory(deep)])
  expect(statSync(deep).isDirectory()).toBe(true)
  await expect(makeDirectory(deep)).resolves.toBeUndefined()
})

test('a directory below a file cannot be made, nor in its place', async () => {
  const file = join(directory, '__azurite_db_table__.json')
  await expect(makeDirectory(file)).rejects.toThrow('EEXIST')
  await expect(makeDirectory(join(file, 'a'))).rejects.toThrow('ENOTDIR')
})

test.runIf(process.platform === 'linux')(
  'it ends in /proc, where nothing can be made',
  async () => {
    await expect(makeDirectory('/proc/nope/deeper')).rejects.toThrow('ENOENT')
  },
)
