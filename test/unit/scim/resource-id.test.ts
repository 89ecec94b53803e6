import { describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import { idOf, memberTypeOf } from '../../../lib/scim/resource-id.ts'

const UUID = '2819c223-7f76-453a-919d-413861904646'

describe('the id of a new resource', () => {
  test('is the UUID for what has no members', () => {
    expect(idOf(USER, UUID)).toBe(UUID)
  })

  test('differs in its version alone for what has', () => {
    expect(idOf(GROUP, UUID)).toBe('2819c223-7f76-853a-919d-413861904646')
  })

  test('says what the member is', () => {
    expect([USER, GROUP].map((type) => memberTypeOf(idOf(type, UUID)))).toEqual(['User', 'Group'])
  })
})

test.each([
  '',
  'b',
  UUID.toUpperCase(),
  `${UUID}0`,
  '2819c223-7f76-153a-919d-413861904646',
  '2819c2237f76453a919d413861904646',
])('%s is not an id of ours', (id) => {
  expect(memberTypeOf(id)).toBeUndefined()
})
