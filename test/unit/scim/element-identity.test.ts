import { describe, expect, test } from 'vitest'
import { findAttribute, type Attribute } from '../../../lib/scim/attribute.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { hasContent, identityOf } from '../../../lib/scim/element-identity.ts'
import type { JsonObject, JsonValue } from '../../../lib/scim/json.ts'
import { canonicalResource } from '../../../lib/scim/validate/resource.ts'
import { patched } from '../../support/patching.ts'
import { TYPED_URN, TYPED_USER } from '../../support/typed-attributes.ts'

function attributeNamed(name: string): Attribute {
  const schemas = [TYPED_USER.schema, ...TYPED_USER.extensions.map(({ schema }) => schema)]
  const found = schemas.map(({ attributes }) => findAttribute(attributes, name))
  const attribute = found.find((each) => each !== undefined)
  if (attribute === undefined) throw new Error(`There is no ${name}.`)
  return attribute
}

function same(name: string, one: JsonValue, other: JsonValue): boolean {
  const attribute = attributeNamed(name)
  return identityOf(attribute, one) === identityOf(attribute, other)
}

describe('two elements', () => {
  test.each<[string, JsonValue, JsonValue]>([
    ['emails', { value: 'A@x' }, { value: 'a@x', display: 'other' }],
    ['emails', { value: 'a', type: 'work' }, { value: 'A', type: 'WORK', primary: true }],
    ['emails', { value: 'e\u0301' }, { value: '\u00E9' }],
    ['tags', 'A', 'a'],
    ['numbers', 7, 7],
    ['addresses', { locality: 'L' }, { locality: 'L' }],
  ])('of %s are the same: %j, %j', (name, one, other) => {
    expect(same(name, one, other)).toBe(true)
  })

  test.each<[string, JsonValue, JsonValue]>([
    ['emails', { value: 'a', type: 'work' }, { value: 'a' }],
    ['emails', { value: 'a', type: 'work' }, { value: 'a', type: 'home' }],
    ['photos', { value: 'https://x/A' }, { value: 'https://x/a' }],
    ['tags', 'a', 'b'],
    ['numbers', 7, 8],
    ['addresses', { locality: 'L' }, { locality: 'l' }],
  ])('of %s are not: %j, %j', (name, one, other) => {
    expect(same(name, one, other)).toBe(false)
  })
})

test.each<[JsonValue, boolean]>([
  [{ type: 'work', primary: true }, false],
  [{}, false],
  [{ type: 'work', display: 'D' }, true],
  ['a', true],
])('%j says something: %j', (element, expected) => {
  expect(hasContent(element)).toBe(expected)
})

describe.each([
  ['emails', [{ value: 'A@x', type: 'work' }], [{ value: 'a@x', type: 'work' }]],
  ['tags', ['A'], ['a']],
])('a value of %s in another case is the same one', (name, written, again) => {
  const urn = name === 'tags' ? TYPED_URN : undefined
  const inPlace = (values: JsonValue): JsonObject =>
    urn === undefined ? { [name]: values } : { [urn]: { [name]: values } }
  const path = urn === undefined ? name : `${urn}:${name}`
  const before = { userName: 'b', ...inPlace(written) }

  test('in a body', () => {
    const body = { schemas: [USER.schema.id], userName: 'b', ...inPlace([...written, ...again]) }
    expect(canonicalResource(TYPED_USER, body)).toEqual(before)
  })

  test.each(['add', 'replace'])('in the value of %s', (op) => {
    const value = [...written, ...again]
    expect(patched(TYPED_USER, before, { op, path, value })).toEqual(before)
  })

  test('for add, which adds none then', () => {
    const after = patched(TYPED_USER, before, { op: 'add', path, value: again })
    const text = JSON.stringify(after).toLowerCase()
    expect(text).toBe(JSON.stringify(before).toLowerCase())
  })

  test('for remove', () => {
    const after = patched(TYPED_USER, before, { op: 'remove', path, value: again })
    expect(after).toEqual({ userName: 'b' })
  })
})
