import { describe, expect, test } from 'vitest'
import { withDefinitions } from '../../../lib/scim/attribute-definition.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import type { IndexedWith } from '../../../lib/scim/resource.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { changedEntries, indexedWith, keysOfAll } from '../../../lib/storage/index-changes.ts'
import { indexEntries } from '../../../lib/storage/index-entries.ts'
import { DEFAULT_LAYOUTS, layoutOf } from '../../../lib/storage/layout.ts'
import { aDefinition } from '../../support/definitions.ts'

const LAYOUT = layoutOf(DEFAULT_LAYOUTS, USER)
const LATER = ['manager', 'level', 'familyName', 'givenName']
const BADGE = aDefinition('badge', { unique: true })
const SHIRT = aDefinition('shirt', { indexed: true, multiValued: true })
const TYPE = withDefinitions(USER, [BADGE, SHIRT])

const own = (values: JsonObject): JsonObject => ({ [URN.peopleUser]: values })

const shirts = (count: number): JsonObject =>
  own({ shirt: Array.from({ length: count }, (_, n) => `s${String(n)}`) })

const EIGHT = 'a b c d e f g h'.split(' ')

const emails = (count: number): JsonObject => ({
  emails: Array.from({ length: count }, (_, n) => ({ value: `${String(count)} ${String(n)}` })),
})

interface Keys {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly indexed: IndexedWith
}

function changes(
  before: JsonObject,
  after: JsonObject,
  indexed?: IndexedWith,
  resourceType = TYPE,
): Keys {
  const read = { id: '1', attributes: before, ...(indexed === undefined ? {} : { indexed }) }
  const result = changedEntries(LAYOUT, resourceType, read, after)
  return {
    added: result.added.map(({ index, value }) => `${index.name}=${value}`),
    removed: result.removed,
    indexed: result.indexed,
  }
}

const written = (attributes: JsonObject): IndexedWith =>
  indexedWith(LAYOUT, '1', indexEntries(LAYOUT, TYPE, attributes))

describe('a user of before an index', () => {
  const old = { userName: 'a', name: { familyName: 'Jensen' } }

  test('is in it after the next change, whatever that is about', () => {
    expect(changes(old, { ...old, title: 'x' })).toEqual({
      added: ['familyName=jensen'],
      removed: [],
      indexed: { names: LATER, declared: {} },
    })
  })

  test('has no row there that a change, or a deletion, could remove', () => {
    expect(changes(old, { userName: 'a', name: { familyName: 'Lovelace' } })).toMatchObject({
      added: ['familyName=lovelace'],
      removed: [],
    })
    const user = { id: '1', attributes: old }
    expect(keysOfAll(LAYOUT, TYPE, user)).toEqual(['userName:a'])
    const indexed = { names: LATER, declared: {} }
    expect(keysOfAll(LAYOUT, TYPE, { ...user, indexed })).toEqual([
      'userName:a',
      'familyName:jensen:1',
    ])
  })

  test('has its row removed once it has one', () => {
    const indexed = { names: LATER, declared: {} }
    expect(changes(old, { userName: 'a' }, indexed)).toMatchObject({
      added: [],
      removed: ['familyName:jensen:1'],
    })
  })
})

describe('attributes that a tenant has declared', () => {
  const before = { userName: 'a', ...own({ badge: 'B1', shirt: ['L', 'XL'] }) }
  const badge = 'unique:people=3Abadge'
  const shirt = 'values:people=3Ashirt'

  test('are noted with the keys of their rows', () => {
    expect(written(before).declared).toEqual({
      [badge]: [`${badge}:b1`],
      [shirt]: [`${shirt}:l:1`, `${shirt}:xl:1`],
    })
  })

  test('have the rows replaced that change', () => {
    const after = { userName: 'a', ...own({ badge: 'B2', shirt: ['XL'] }) }
    expect(changes(before, after, written(before))).toEqual({
      added: [`${badge}=b2`],
      removed: [`${badge}:b1`, `${shirt}:l:1`],
      indexed: written(after),
    })
    expect(changes(before, { ...before, title: 'x' }, written(before))).toEqual({
      added: [],
      removed: [],
      indexed: written(before),
    })
  })

  test('of before the index are written with the next change, but for what another may have', () => {
    expect(changes(before, { ...before, title: 'x' })).toEqual({
      added: [`${shirt}=l`, `${shirt}=xl`],
      removed: [],
      indexed: { names: LATER, declared: { [shirt]: [`${shirt}:l:1`, `${shirt}:xl:1`] } },
    })
    const moved = { userName: 'a', ...own({ badge: 'B2' }) }
    expect(changes(before, moved)).toMatchObject({ added: [`${badge}=b2`], removed: [] })
  })

  test('that the type does not know keep their rows', () => {
    const hidden = { userName: 'a' }
    expect(changes(hidden, { ...hidden, title: 'x' }, written(before), USER)).toEqual({
      added: [],
      removed: [],
      indexed: written(before),
    })
    const user = { id: '1', attributes: hidden, indexed: written(before) }
    expect(keysOfAll(LAYOUT, USER, user)).toEqual([
      'userName:a',
      `${badge}:b1`,
      `${shirt}:l:1`,
      `${shirt}:xl:1`,
    ])
  })

  test('that are indexed no more lose their rows', () => {
    const plain = withDefinitions(USER, [aDefinition('badge'), SHIRT])
    const after = { ...before, title: 'x' }
    const { removed, indexed } = changes(before, after, written(before), plain)
    expect(removed).toEqual([`${badge}:b1`])
    expect(Object.keys(indexed.declared)).toEqual([shirt])
  })

  test('may have seven values, each counted once', () => {
    expect(() => changes({}, shirts(8))).toThrow(/shirt have 8 values together; at most 7 values/)
    const both = withDefinitions(USER, [
      { ...SHIRT, unique: true, index: { written: ['unique', 'values'], complete: false } },
    ])
    expect(changes({}, shirts(7), undefined, both).added).toHaveLength(14)
    expect(() => changes({}, shirts(8), undefined, both)).toThrow('8 values together')
  })

  test('that are more than seven already keep nothing else from being changed', () => {
    const old = shirts(31)
    const nothing = { added: [], removed: [], indexed: { names: LATER, declared: {} } }
    expect(changes(old, { ...old, active: false })).toEqual(nothing)
    const upper = own({ shirt: Array.from({ length: 31 }, (_, n) => `S${String(n)}`) })
    expect(changes(old, upper)).toEqual(nothing)
    const noted = written(shirts(12))
    expect(changes(shirts(12), { ...shirts(12), title: 'x' }, noted)).toEqual({
      added: [],
      removed: [],
      indexed: noted,
    })
    expect(changes(shirts(12), shirts(10), noted)).toEqual({
      added: [],
      removed: [`${shirt}:s10:1`, `${shirt}:s11:1`],
      indexed: written(shirts(10)),
    })
    expect(changes(shirts(12), shirts(7)).added).toHaveLength(7)
    expect(() => changes(shirts(12), own({ shirt: EIGHT }), noted)).toThrow('8 values')
    const more = own({ shirt: EIGHT, badge: 'B' })
    expect(() => changes(own({ shirt: EIGHT }), more)).toThrow('9 values together')
  })

  test('whose holder becomes inactive are noted anew where they are noted', () => {
    const after = { ...before, active: false }
    const indexed = written(before)
    const renoted = (read: IndexedWith): readonly string[] => {
      const user = { id: '1', attributes: before, indexed: read }
      return changedEntries(LAYOUT, TYPE, user, after).renoted.map(({ index }) => index.name)
    }
    expect(renoted(indexed)).toEqual(['userName', badge])
    expect(renoted({ ...indexed, declared: {} })).toEqual(['userName'])
  })

  test('that were removed may leave so many rows', () => {
    const keys = Array.from({ length: 31 }, (_, n) => `values:people=3Aold:${String(n)}:1`)
    const indexed = { names: LATER, declared: { 'values:people=3Aold': keys } }
    expect(() => changes({}, { title: 'x' }, indexed)).toThrow('still being taken out')
    const fewer = { names: LATER, declared: { 'values:people=3Aold': keys.slice(1) } }
    expect(changes({}, { title: 'x' }, fewer).indexed).toEqual(fewer)
  })
})

test('more e-mails than can be kept, of before there was a limit, keep no name from being changed', () => {
  const old = { ...emails(50), userName: 'a' }
  const noted = written(old)
  expect(changes(old, { ...old, active: false }, noted)).toMatchObject({ added: [], removed: [] })
  expect(changes(old, { ...old, userName: 'b' }, noted)).toMatchObject({ added: ['userName=b'] })
  const more = { ...old, externalId: '1' }
  expect(() => changes(old, more, noted)).toThrow('52 values together; at most 44 can be kept')
})

test('more rows than a transaction has are refused', () => {
  expect(changes(emails(49), emails(44), written({})).removed).toHaveLength(49)
  expect(() => changes(emails(50), emails(44), written({}))).toThrow(
    /94 values .* at most 93 can. Do it in two steps/,
  )
})
