import { describe, expect, test } from 'vitest'
import { factsOf } from '../../../../lib/storage/journal-entry.ts'
import { MAX_PROPERTY_LENGTH } from '../../../../lib/storage/stored-size.ts'
import {
  toChangeEntry,
  toGivenUpEntry,
  toJournalEntry,
} from '../../../../lib/storage/table/journal-row.ts'
import { toRefusalEntry } from '../../../../lib/storage/table/refusal-row.ts'
import type { JournalNote } from '../../../../lib/storage/port.ts'
import type { Entity } from '../../../../lib/storage/table/row.ts'
import { aChange } from '../../../support/changes.ts'

const PARTITION = { partitionKey: 'acme_1' }

function rowOf(note: Partial<JournalNote>, moved: readonly string[] = []): Entity {
  const made = aChange('members')
  const change = { ...made, note: { ...made.note, ...note } }
  const moving = moved.map((value) => ({ member: { value, type: 'User' }, to: 'present' }) as const)
  return toJournalEntry(PARTITION, factsOf(change, moving))
}

describe('the row of a change', () => {
  test('can be searched by name, by member, and by that there are several', () => {
    expect(rowOf({ name: 'Ada Ödön' })).toMatchObject({ name: 'Ada Ödön', find: 'ada ödön' })
    expect(rowOf({}, ['a'])).toMatchObject({ member: 'a', moved: 'added' })
    expect(rowOf({}, ['a'])).not.toHaveProperty('added')
    const several = rowOf({}, ['a', 'b'])
    expect(several).toMatchObject({ many: true, added: '["a","b"]' })
    expect(several).not.toHaveProperty('member')
  })

  test('has no column for what it does not have', () => {
    const columns = Object.keys(rowOf({ changed: [], ignored: [] })).toSorted()
    const keys = ['partitionKey', 'rowKey']
    const facts = ['actor', 'at', 'operation', 'request', 'subject', 'type', 'version']
    expect(columns).toEqual([...keys, ...facts].toSorted())
  })

  test('has as many of a list as fit', () => {
    const ignored = Array.from({ length: 400 }, (_, n) => String(n).padEnd(100, 'x'))
    const row = rowOf({ ignored })
    const kept = row['ignored']
    expect(typeof kept === 'string' && kept.length).toBeLessThanOrEqual(MAX_PROPERTY_LENGTH)
    expect(toChangeEntry(row, 'users')?.ignored).toEqual(ignored.slice(0, 310))
  })

  test('of one that was given up tells nothing of it', () => {
    const row = toGivenUpEntry(PARTITION, aChange('create'))
    expect(Object.keys(row)).toHaveLength(6)
    expect(toChangeEntry(row, 'users')).toBeUndefined()
  })

  test('from before there were authors is none', () => {
    const { actor: _, ...row } = rowOf({})
    expect(toChangeEntry(row, 'users')).toBeUndefined()
  })

  test('whose names were taken has none', () => {
    const row = { ...rowOf({ name: 'Ada', externalId: 'e' }), name: '', externalId: '', find: '' }
    const entry = toChangeEntry(row, 'users')
    expect(entry).not.toHaveProperty('name')
    expect(entry).not.toHaveProperty('externalId')
  })
})

test('a row of refusals that nobody here wrote is none', () => {
  const row = { rowKey: 'journal:8204226399876-r0123abcd', operation: 'refused', actor: 'x' }
  expect(toRefusalEntry(row)).toBeUndefined()
  expect(toRefusalEntry({ ...row, status: 409 })).toBeUndefined()
})
