import { describe, expect, test } from 'vitest'
import { attribute } from '../../../lib/scim/attribute.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { differenceOf, type Difference } from '../../../lib/scim/difference.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { withExtensions } from '../../../lib/scim/resource-type.ts'
import { URN } from '../../../lib/scim/urn.ts'

const PEOPLE = 'urn:ietf:params:scim:schemas:extension:people:2.0:User'

function withAttributes(count: number, name: (n: number) => string): typeof USER {
  const attributes = Array.from({ length: count }, (_, n) =>
    attribute({
      name: name(n),
      description: 'One of many.',
      type: 'complex',
      subAttributes: ['one', 'other'].map((each) => attribute({ name: each, description: each })),
    }),
  )
  const schema = { id: PEOPLE, name: 'People', description: 'People', attributes }
  return withExtensions(USER, [{ schema, required: false }])
}

const all = (type: typeof USER): JsonObject => ({
  title: 'x',
  [PEOPLE]: Object.fromEntries(
    (type.extensions.at(-1)?.schema.attributes ?? []).map(({ name }) => [name, { one: 'x' }]),
  ),
})

describe('what a change sets and clears', () => {
  test.each<[string, JsonObject, JsonObject, Difference]>([
    ['nothing', { title: 'x' }, { title: 'x' }, { changed: [], cleared: [] }],
    [
      'values of its own',
      { title: 'x', nickName: 'y' },
      { title: 'z', displayName: 'd' },
      { changed: ['displayName', 'title'], cleared: ['nickName'] },
    ],
    [
      'a complex one by its sub-attributes',
      { name: { givenName: 'Ada', middleName: 'x' } },
      { name: { givenName: 'Ada', familyName: 'Lovelace' } },
      { changed: ['name.familyName'], cleared: ['name.middleName'] },
    ],
    [
      'a complex one as a whole by its sub-attributes too',
      { name: { givenName: 'Ada' } },
      {},
      { changed: [], cleared: ['name.givenName'] },
    ],
    [
      'a multi-valued one whole',
      { emails: [{ value: 'a@x.example' }], roles: [{ value: 'x' }] },
      { emails: [{ value: 'a@x.example', type: 'work' }] },
      { changed: ['emails'], cleared: ['roles'] },
    ],
    [
      'what is in an extension',
      { [URN.enterpriseUser]: { department: 'x' } },
      { [URN.enterpriseUser]: { manager: { value: 'm' } } },
      {
        changed: [`${URN.enterpriseUser}:manager.value`],
        cleared: [`${URN.enterpriseUser}:department`],
      },
    ],
    [
      'an extension that goes',
      { [URN.enterpriseUser]: { department: 'x' } },
      {},
      { changed: [], cleared: [`${URN.enterpriseUser}:department`] },
    ],
  ])('%s', (_, before, after, expected) => {
    expect(differenceOf(USER, before, after)).toEqual(expected)
  })

  test('is told by the attributes alone when that would be more than 50 paths', () => {
    const type = withAttributes(30, (n) => `a${n}`)
    const values = (count: number): JsonObject => ({
      [PEOPLE]: Object.fromEntries(
        Array.from({ length: count }, (_, n) => [`a${n}`, { one: 'x', other: 'x' }]),
      ),
    })
    expect(differenceOf(type, {}, values(25)).changed).toHaveLength(50)
    const { changed } = differenceOf(type, {}, values(26))
    expect(changed).toHaveLength(26)
    expect(changed[0]).toBe(`${PEOPLE}:a0`)
    expect(differenceOf(type, values(26), {}).cleared).toHaveLength(26)
  })

  test('is never more than 50 paths, nor more than 4,000 characters', () => {
    const many = withAttributes(60, (n) => `a${n}`)
    const long = withAttributes(20, (n) => `a${n}`.padEnd(300, 'x'))
    expect(differenceOf(many, {}, all(many)).changed).toHaveLength(50)
    const { changed } = differenceOf(long, {}, all(long))
    expect(changed.length).toBeGreaterThan(5)
    expect(changed.join('').length).toBeLessThanOrEqual(4000)
  })
})
