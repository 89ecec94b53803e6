import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'

/** An exchange of a client, such as `ENT-OP-01`; standards (`SHA-256`, `CRC-32`) are written the same way. */
const CLIENT_ID = /\b(?!(?:BCP|CRC|ISO|RFC|SHA|UAX|UTF)-)[A-Z]{2,5}(?:-[A-Z]+)*-\d{2,3}\b/g

const SOURCES = [...globSync('lib/**/*.ts'), ...globSync('test/**/*.ts'), ...globSync('docs/*.md')]

const vectors = new Set(
  globSync('test/conformance/clients/*/*.json').map((file) => basename(file, '.json')),
)

/** The ids in the files, each with the files that name it. */
function named(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const ids = new Map<string, string[]>()
  for (const file of files) {
    for (const [id] of readFileSync(file, 'utf8').matchAll(CLIENT_ID)) {
      ids.set(id, [...(ids.get(id) ?? []), file])
    }
  }
  return ids
}

test('each exchange of a client that the code, the tests and the documents name has its vector', () => {
  const ids = named(SOURCES.filter((file) => file !== 'test/unit/client-ids.test.ts'))
  expect(ids.size).toBeGreaterThan(25)
  expect([...ids].filter(([id]) => !vectors.has(id.toLowerCase()))).toEqual([])
})
