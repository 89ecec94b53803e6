import { describe, expect, test } from 'vitest'
import { ScimError } from '../../../../lib/scim/errors.ts'
import { LIMITS } from '../../../../lib/scim/limits.ts'
import type { JsonObject } from '../../../../lib/scim/json.ts'
import type { StoredResource } from '../../../../lib/scim/resource.ts'
import { GROUP, USER } from '../../../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../../../lib/scim/resource-type.ts'
import { MAX_PROPERTY_LENGTH } from '../../../../lib/storage/stored-size.ts'
import {
  fromDeletionMark,
  fromEntity,
  isTombstone,
  toDeletionMark,
  toEntity,
  toTombstone,
} from '../../../../lib/storage/table/entity.ts'
import type { Entity } from '../../../../lib/storage/table/row.ts'
import { DEFAULT_LAYOUTS } from '../../../../lib/storage/layout.ts'
import { partitionOf, type Partition } from '../../../../lib/storage/table/partition.ts'
import { openTables } from '../../../../lib/storage/table/tables.ts'
import { deletion, scopeOf } from '../../../support/changes.ts'

const tables = await openTables({
  kind: 'connectionString',
  connectionString: 'UseDevelopmentStorage=true',
})

const partition = (resourceType: ResourceType): Partition =>
  partitionOf(tables, DEFAULT_LAYOUTS, scopeOf('acme'), resourceType)

function resource(attributes: JsonObject): StoredResource {
  const created = '2026-01-01T00:00:00.000Z'
  return { id: '1', version: 'v1', created, lastModified: created, attributes }
}

function write(attributes: JsonObject, resourceType: ResourceType = USER): Entity {
  const json = JSON.stringify(attributes)
  return toEntity(partition(resourceType), resource(attributes), json)
}

describe('toEntity', () => {
  test('has the columns that filters and names are read from', () => {
    expect(write({ userName: 'a', active: false, displayName: 'A' })).toEqual({
      partitionKey: 'acme',
      rowKey: 'user:1',
      id: '1',
      version: 'v1',
      created: '2026-01-01T00:00:00.000Z',
      lastModified: '2026-01-01T00:00:00.000Z',
      active: false,
      json0: '{"userName":"a","active":false,"displayName":"A"}',
    })
    const group = write({ displayName: 'Team', active: true }, GROUP)
    expect(group).toMatchObject({ rowKey: 'group:1', displayName: 'Team' })
    expect(Object.keys(group)).not.toContain('active')
  })

  test.each([
    ['x', MAX_PROPERTY_LENGTH * 2],
    ['😀', MAX_PROPERTY_LENGTH],
    ['\u0000', 20_000],
    ['\uD83D', 20_000],
    ['"', 100_000],
    ['例', LIMITS.resourceCharacters - 100],
  ])('splits %j × %i so that it can be sent and read back', (unit, times) => {
    for (const shift of ['', 'y']) {
      const attributes = { title: shift + unit.repeat(times) }
      const entity = write(attributes)
      for (const value of Object.values(entity)) {
        expect(String(value).length).toBeLessThanOrEqual(MAX_PROPERTY_LENGTH)
        expect(String(value)).not.toMatch(/\p{Surrogate}/u)
      }
      expect(fromEntity(USER, { ...entity, etag: 'e' })?.attributes).toEqual(attributes)
    }
  })

  test('of the largest resource is within what Azure takes', () => {
    const displayName = '例'.repeat(MAX_PROPERTY_LENGTH)
    const entity = write(
      { displayName, externalId: 'x'.repeat(LIMITS.resourceCharacters - 32_040) },
      GROUP,
    )
    // 8 bytes for each property, its name and its text at two bytes a unit (Azure's documented formula).
    const bytes = Object.entries(entity).reduce(
      (sum, [name, value]) => sum + 12 + 2 * (name.length + String(value).length),
      4,
    )
    expect(String(entity['json0']).length).toBe(MAX_PROPERTY_LENGTH)
    expect(bytes).toBeLessThan(1024 * 1024)
    expect(bytes).toBeGreaterThan(1_000_000)
    expect(Object.keys(entity).length).toBeLessThan(252)
    // In a transaction each unit takes three bytes at most, besides 99 small rows.
    expect(Buffer.byteLength(JSON.stringify(entity))).toBeLessThan(2 * 1024 * 1024)
  })

  test('refuses a name that fits into no column', () => {
    const displayName = 'x'.repeat(MAX_PROPERTY_LENGTH + 1)
    expect(() => write({ displayName }, GROUP)).toThrow(ScimError)
    expect(() => write({ displayName }, GROUP)).toThrow(
      'displayName has 32001 characters; at most 32000',
    )
  })
})

describe('fromEntity', () => {
  test('gives back the resource, with the row as its revision', () => {
    const attributes = { userName: 'a' }
    expect(fromEntity(USER, { ...write(attributes), etag: 'W/"1"' })).toEqual({
      ...resource(attributes),
      revision: 'W/"1"',
      characters: 16,
    })
  })

  test('gives nothing for what is left of a deleted resource', () => {
    const tombstone = toTombstone(partition(USER), '1', deletion())
    expect(tombstone).toMatchObject({ rowKey: 'user:1', deleted: true })
    expect(isTombstone(tombstone)).toBe(true)
    expect(fromEntity(USER, tombstone)).toBeUndefined()
  })

  test('the mark of a deletion keeps the change', () => {
    const change = deletion()
    const mark = toDeletionMark(partition(USER), '1', change)
    expect(mark.rowKey).toBe('deleted:1')
    expect(fromDeletionMark(mark)).toEqual({ id: '1', change })
  })

  test('the mark of a deletion keeps who has asked for it, and what it is about', () => {
    const author = { actor: 'credential:abcdefghij01', client: 'entra' }
    const note = { type: 'User', subject: '1', name: 'ada', externalId: 'x' }
    const change = { ...deletion(), author, note }
    expect(fromDeletionMark(toDeletionMark(partition(USER), '1', change)).change).toEqual(change)
  })

  test('a mark from before there were authors is nobody’s', () => {
    const { position, stamp, requestId: request } = deletion()
    const { version, lastModified: at } = stamp
    const row = { rowKey: 'deleted:1', id: '1', position, version, at, request }
    expect(fromDeletionMark(row).change).toMatchObject({
      author: { actor: 'system' },
      note: { type: '', subject: '1' },
    })
  })

  test.each([
    [{ json0: '[]' }, 'no object'],
    [{ json0: 'null' }, 'no object'],
    [{ json0: '{' }, 'JSON'],
    [{ json0: undefined }, 'JSON'],
    [{ version: 1 }, 'version'],
  ])('refuses a row that nobody here wrote: %j', (columns, words) => {
    expect(() => fromEntity(USER, { ...write({}), etag: 'e', ...columns })).toThrow(words)
  })
})
