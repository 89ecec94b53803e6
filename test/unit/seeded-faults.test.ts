import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { RETURN_FAULTS } from '../support/history/return-faults.ts'
import { faulty, SEEDED_FAULTS } from '../support/history/seeded-faults.ts'

test.each([...SEEDED_FAULTS, ...RETURN_FAULTS])('$name can be made of the code', (fault) => {
  const source = readFileSync(
    new URL(`../../lib/storage/table/${fault.file}`, import.meta.url),
    'utf8',
  )
  expect(faulty(source, fault)).not.toBe(source)
})
