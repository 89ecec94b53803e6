import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyData } from '../../../../tools/local-host/data-directory.ts'

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
