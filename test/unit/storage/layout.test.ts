import { describe, expect, test } from 'vitest'
import { attribute } from '../../../lib/scim/attribute.ts'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import { withExtensions, type ResourceType } from '../../../lib/scim/resource-type.ts'
import {
  DEFAULT_LAYOUTS,
  distinctLayouts,
  groupLayout,
  indexesOf,
  layoutOf,
  type StorageLayout,
} from '../../../lib/storage/layout.ts'

const USERS = layoutOf(DEFAULT_LAYOUTS, USER)

describe('layoutOf', () => {
  test('knows users and groups', () => {
    expect(USERS).toMatchObject({ table: 'users', family: 'user', prefix: '' })
    expect(layoutOf(DEFAULT_LAYOUTS, GROUP)).toMatchObject({ table: 'groups', guarded: true })
  })

  test('does not file a type among another', () => {
    expect(() => layoutOf(DEFAULT_LAYOUTS, { name: 'Device' })).toThrow('Device')
  })
})

describe('groupLayout', () => {
  test('is the one that is guarded', () => {
    expect(groupLayout(DEFAULT_LAYOUTS).resourceType).toBe('Group')
    expect(() => groupLayout([USERS])).toThrow(TypeError)
    expect(() => groupLayout([...DEFAULT_LAYOUTS, { ...USERS, guarded: true }])).toThrow(TypeError)
  })
})

describe('distinctLayouts', () => {
  const device: StorageLayout = {
    ...USERS,
    resourceType: 'Device',
    family: 'device',
    prefix: 'device.',
  }

  test('lets types be kept beside each other', () => {
    expect(distinctLayouts([...DEFAULT_LAYOUTS, device])).toHaveLength(3)
    expect(distinctLayouts([...DEFAULT_LAYOUTS, { ...device, table: 'groups' }])).toHaveLength(3)
  })

  test.each<Partial<StorageLayout>>([
    { family: 'user' },
    { prefix: '' },
    { resourceType: 'User' },
    { resourceType: 'Group' },
  ])('refuses one that would mix with another: %j', (same) => {
    expect(() => distinctLayouts([...DEFAULT_LAYOUTS, { ...device, ...same }])).toThrow(TypeError)
  })
})

describe('indexesOf', () => {
  test('has the unique attributes of extensions and of complex attributes', () => {
    const unique = { description: '', uniqueness: 'server' } as const
    const extension = {
      id: 'urn:example:a',
      name: 'A',
      description: '',
      attributes: [
        attribute({ name: 'badge', ...unique }),
        attribute({ name: 'plain', description: '' }),
        attribute({ name: 'made', mutability: 'readOnly', ...unique }),
        attribute({
          name: 'cards',
          description: '',
          type: 'complex',
          multiValued: true,
          subAttributes: [attribute({ name: 'number', ...unique })],
        }),
        attribute({
          name: 'keys',
          type: 'complex',
          multiValued: true,
          subAttributes: [attribute({ name: 'value', description: '' })],
          ...unique,
        }),
      ],
    }
    const resourceType = withExtensions(USER, [{ schema: extension, required: false }])
    const indexes = indexesOf(USERS, resourceType)
    expect(indexes.filter((index) => index.unique).map(({ path }) => path)).toEqual([
      'userName',
      'urn:example:a:badge',
      'urn:example:a:cards.number',
      'urn:example:a:keys.value',
    ])
    expect(new Set(indexes.map(({ name }) => name)).size).toBe(indexes.length)
    expect(indexesOf(USERS, resourceType)).toBe(indexes)
    expect(indexesOf(USERS, USER).map(({ name }) => name)).toEqual([
      'userName',
      'externalId',
      'email',
      'employeeNumber',
      'manager',
      'level',
      'familyName',
      'givenName',
    ])
  })

  test('of a complex attribute without a value are a mistake', () => {
    const name = attribute({
      name: 'origin',
      description: '',
      type: 'complex',
      uniqueness: 'server',
      subAttributes: [attribute({ name: 'city', description: '' })],
    })
    const { schema } = USER
    const odd: ResourceType = {
      ...USER,
      schema: { ...schema, attributes: [...schema.attributes, name] },
    }
    expect(() => indexesOf(USERS, odd)).toThrow('origin')
  })

  test('of an attribute that does not exist are a mistake', () => {
    const layout = { ...USERS, indexes: { nothing: 'nothing' } }
    expect(() => indexesOf(layout, USER)).toThrow('nothing')
  })
})
