import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  formattedDocument,
  readAccount,
  readRequirements,
  vectorsByRequirement,
} from '../../tools/conformance.ts'

const { items } = readRequirements()
const account = readAccount()
const vectors = vectorsByRequirement()

/** The share of the requirements of a level that apply and are met as they stand. */
function metShare(isLevel: (level: string) => boolean): number {
  const applicable = items.filter(
    ({ id, level }) => isLevel(level) && account[id]?.notApplicable === undefined,
  )
  const met = applicable.filter(({ id }) => account[id]?.deviation === undefined)
  return met.length / applicable.length
}

describe('docs/conformance.md', () => {
  test('is what npm run conformance writes', async () => {
    expect(readFileSync('docs/conformance.md', 'utf8')).toBe(await formattedDocument())
  })

  test('has no line of 400 characters', () => {
    const lines = readFileSync('docs/conformance.md', 'utf8').split('\n')
    expect(lines.filter(({ length }) => length >= 400)).toEqual([])
  })

  test('begins with the deviations, each with what is done instead and for whom', () => {
    const [, first = ''] = readFileSync('docs/conformance.md', 'utf8').split(/^## /m)
    const told = [...first.matchAll(/^### Requirement (\d+)$/gm)].map(([, id]) => Number(id))
    const deviating = items.filter(({ id }) => account[id]?.deviation !== undefined)
    expect(told).toEqual(deviating.map(({ id }) => id))
    expect(first.match(/^\*\*Instead:\*\* \S/gm)).toHaveLength(told.length)
    expect(first.match(/^\*\*For:\*\* (?!undefined)\S/gm)).toHaveLength(told.length)
  })

  test('has an item for each of the 513 requirements', () => {
    const numbers = [...readFileSync('docs/conformance.md', 'utf8').matchAll(/^- \*\*(\d+)\*\* /gm)]
    expect(numbers.map(([, number]) => Number(number))).toEqual(
      Array.from({ length: 513 }, (_, index) => index + 1),
    )
  })

  test.each(items)('$id ($level, $clause) has a proof or a reason', ({ id }) => {
    const { tests = [], notApplicable } = account[id] ?? {}
    const proofs = [...tests, ...(vectors.get(id) ?? [])]
    expect(proofs.length > 0 || notApplicable !== undefined).toBe(true)
  })

  test.each(
    Object.entries(account).flatMap(([id, { tests = [] }]) => tests.map((each) => [id, each])),
  )('%s is proved by a test that exists: %s', (_, reference = '') => {
    const [path = '', title = ''] = reference.split('#')
    expect(existsSync(path)).toBe(true)
    expect(title).not.toBe('')
    expect(readFileSync(path, 'utf8')).toContain(title)
  })

  test('the vectors that the account names are there', () => {
    const texts = Object.values(account).flatMap(({ deviation, choice }) => [deviation, choice])
    const named = [...texts.join('\n').matchAll(/`(clients\/[^`]+)`/g)].map(([, path]) => path)
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((path) => !existsSync(`test/conformance/${path}.json`))).toEqual([])
  })

  test('nothing in the account is empty or about a requirement that there is not', () => {
    const known = new Set(items.map(({ id }) => String(id)))
    expect(Object.keys(account).filter((id) => !known.has(id))).toEqual([])
    const empty = Object.entries(account).filter(
      ([, entry]) =>
        Object.keys(entry).length === 0 ||
        Object.values(entry).some((value) => value?.length === 0),
    )
    expect(empty).toEqual([])
  })

  test('a requirement that does not apply has no proof', () => {
    const both = items.filter(
      ({ id }) => account[id]?.notApplicable !== undefined && vectors.has(id),
    )
    expect(both.map(({ id }) => id)).toEqual([])
  })

  test('of the SHOULDs that apply at least 95 % are met', () => {
    expect(metShare((level) => level.startsWith('SHOULD'))).toBeGreaterThanOrEqual(0.95)
  })

  test('of the MUSTs that apply at least 97 % are met to the letter, the others are told', () => {
    expect(metShare((level) => level.startsWith('MUST'))).toBeGreaterThanOrEqual(0.97)
  })
})
