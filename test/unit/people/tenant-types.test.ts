import { expect, test } from 'vitest'
import { tenantTypes } from '../../../lib/people/tenant-types.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../../lib/scim/default-resource-types.ts'
import { aDefinition } from '../../support/definitions.ts'

const typesOf = tenantTypes(DEFAULT_RESOURCE_TYPES)

test('a tenant that has declared nothing has the types of all', () => {
  expect(typesOf([], [])).toBe(DEFAULT_RESOURCE_TYPES)
})

test('the same definitions give the same types, others give others', () => {
  const definitions = [aDefinition('a')]
  const types = typesOf(definitions, [])
  expect(typesOf(definitions, [])).toBe(types)
  expect(typesOf([aDefinition('b')], [])).not.toBe(types)
  expect(types.map(({ name }) => name)).toEqual(['User', 'Group'])
  expect(JSON.stringify(types[0])).toContain('"name":"a"')
  expect(types[1]).toBe(DEFAULT_RESOURCE_TYPES[1])
})

test('indexes that do not have all users make types of their own, once', () => {
  const types = typesOf([], ['level'])
  expect(types[0]?.unfilledIndexes).toEqual(['level'])
  expect(typesOf([], ['level'])).toBe(types)
})
