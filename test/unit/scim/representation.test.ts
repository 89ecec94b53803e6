import { describe, expect, test } from 'vitest'
import { attribute } from '../../../lib/scim/attribute.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { locationOf, toRepresentation, withLocations } from '../../../lib/scim/representation.ts'
import { DEFAULT_RESOURCE_TYPES, GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import { withExtensions } from '../../../lib/scim/resource-type.ts'
import { URN } from '../../../lib/scim/urn.ts'

const BASE = 'https://example.com/api/scim'

const stamp = {
  version: 'v1',
  created: '2026-01-01T00:00:00.000Z',
  lastModified: '2026-01-02T00:00:00.000Z',
}

describe('toRepresentation', () => {
  test('answers a user whole, in schema order', () => {
    const attributes = {
      [URN.enterpriseUser]: { manager: { value: 'm1' }, department: 'D' },
      active: true,
      userName: 'bjensen',
      externalId: 'E1',
    }
    const representation = toRepresentation(USER, { id: 'u1', attributes, ...stamp })
    expect(representation).toStrictEqual({
      schemas: [URN.user, URN.enterpriseUser],
      id: 'u1',
      externalId: 'E1',
      userName: 'bjensen',
      active: true,
      [URN.enterpriseUser]: { department: 'D', manager: { value: 'm1' } },
      meta: {
        resourceType: 'User',
        created: stamp.created,
        lastModified: stamp.lastModified,
        version: 'W/"v1"',
      },
    })
    expect(Object.keys(representation)).toEqual([
      'schemas',
      'id',
      'externalId',
      'userName',
      'active',
      URN.enterpriseUser,
      'meta',
    ])
  })

  test('invents no externalId, and lists no extension without data', () => {
    const representation = toRepresentation(USER, {
      id: 'u1',
      attributes: { userName: 'a', [URN.enterpriseUser]: {} },
      ...stamp,
    })
    expect(representation['schemas']).toEqual([URN.user])
    expect(representation).not.toHaveProperty('externalId')
    expect(representation).not.toHaveProperty([URN.enterpriseUser])
  })

  test('leaves out what the schemas do not know any more', () => {
    const schema = {
      id: 'urn:example:tenant:2.0:User',
      name: 'Tenant',
      description: 'Tenant',
      attributes: [attribute({ name: 'level', type: 'integer', description: 'level' })],
    }
    const type = withExtensions(USER, [{ schema, required: false }])
    const attributes = {
      userName: 'a',
      old: 1,
      [schema.id]: { level: 3, old: 1 },
      'urn:x': { a: 1 },
    }
    const stored = { id: 'u1', attributes, ...stamp }
    const now = toRepresentation(type, stored)
    expect(now['schemas']).toEqual([URN.user, schema.id])
    expect(now[schema.id]).toEqual({ level: 3 })
    expect(now).not.toHaveProperty('old')
    expect(now).not.toHaveProperty('urn:x')
    expect(toRepresentation(USER, stored)).not.toHaveProperty([schema.id])
  })

  test("has a group's members where they are given, not among the stored fields", () => {
    const attributes = { displayName: 'Sales', members: [{ value: 'u1', type: 'User' }] }
    const stored = { id: 'g1', attributes, revision: 'store', ...stamp }
    const representation = toRepresentation(GROUP, stored)
    expect(representation['members']).toEqual([{ value: 'u1', type: 'User' }])
    expect(representation['meta']).toHaveProperty('resourceType', 'Group')
    expect(JSON.stringify(representation)).not.toContain('store')
  })
})

describe('locationOf', () => {
  test.each([
    ['2819c223', '/Users/2819c223'],
    ['a b/c?d#e', '/Users/a%20b%2Fc%3Fd%23e'],
    ['josé', '/Users/jos%C3%A9'],
    ['half\uD800', '/Users/half%EF%BF%BD'],
  ])('the id %j is encoded', (id, path) => {
    expect(locationOf(USER, BASE, id)).toBe(`${BASE}${path}`)
  })

  test('a group is at its own endpoint', () => {
    expect(locationOf(GROUP, BASE, 'g1')).toBe(`${BASE}/Groups/g1`)
  })
})

describe('withLocations', () => {
  test('adds meta.location and keeps the rest', () => {
    const bare = toRepresentation(USER, { id: 'u1', attributes: { userName: 'a' }, ...stamp })
    const located = withLocations(DEFAULT_RESOURCE_TYPES, USER, bare, BASE)
    expect(located['meta']).toEqual({
      resourceType: 'User',
      created: stamp.created,
      lastModified: stamp.lastModified,
      version: 'W/"v1"',
      location: `${BASE}/Users/u1`,
    })
    expect({ ...located, meta: bare['meta'] }).toEqual(bare)
    expect(bare['meta']).not.toHaveProperty('location')
  })

  test.each<[string, JsonObject, JsonObject]>([
    ['a user', { value: 'u1', type: 'User' }, { $ref: `${BASE}/Users/u1` }],
    ['a group', { value: 'g1', type: 'Group' }, { $ref: `${BASE}/Groups/g1` }],
    ['of unknown type', { value: 'x' }, { $ref: `${BASE}/Users/x` }],
    ['of another type', { value: 'x', type: 'Device' }, { $ref: `${BASE}/Users/x` }],
    ['without an id', { display: 'x' }, {}],
  ])('a member that is %s', (_, member, added) => {
    const located = withLocations(
      DEFAULT_RESOURCE_TYPES,
      GROUP,
      { id: 'g1', members: [member] },
      BASE,
    )
    expect(located['members']).toEqual([{ ...member, ...added }])
  })

  test("a user's groups and manager have their $ref, links to the outside keep theirs", () => {
    const located = withLocations(
      DEFAULT_RESOURCE_TYPES,
      USER,
      {
        id: 'u1',
        photos: [{ value: 'https://example.com/p.png' }],
        groups: [{ value: 'g1', display: 'Sales', type: 'direct' }],
        [URN.enterpriseUser]: { department: 'D', manager: { value: 'm1' } },
      },
      BASE,
    )
    expect(located).toEqual({
      id: 'u1',
      photos: [{ value: 'https://example.com/p.png' }],
      groups: [{ value: 'g1', display: 'Sales', type: 'direct', $ref: `${BASE}/Groups/g1` }],
      [URN.enterpriseUser]: {
        department: 'D',
        manager: { value: 'm1', $ref: `${BASE}/Users/m1` },
      },
    })
  })
})
