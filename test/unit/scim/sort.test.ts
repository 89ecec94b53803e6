import { describe, expect, test } from 'vitest'
import { resolvePath } from '../../../lib/scim/attribute-path.ts'
import { attribute } from '../../../lib/scim/attribute.ts'
import type { JsonObject, JsonValue } from '../../../lib/scim/json.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { withExtensions } from '../../../lib/scim/resource-type.ts'
import { compareBy, parseSort } from '../../../lib/scim/sort.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { refusalOf } from '../../support/refusal.ts'

const EXTENSION = 'urn:example:2.0:User'
const TYPE = withExtensions(USER, [
  {
    required: false,
    schema: {
      id: EXTENSION,
      name: 'Example',
      description: 'Example',
      attributes: [
        attribute({ name: 'level', type: 'integer', description: '' }),
        attribute({ name: 'tags', type: 'string', description: '', multiValued: true }),
      ],
    },
  },
])

/** The positions of the resources in the order of an attribute. */
function order(sortBy: string, resources: readonly JsonObject[], descending = false): number[] {
  const sort = parseSort(TYPE, { sortBy, sortOrder: descending ? 'descending' : 'ascending' })
  if (sort === undefined) throw new Error('no order')
  const compare = compareBy(sort.by, sort.descending)
  return resources
    .map((_, index) => index)
    .toSorted((a, b) => {
      return compare(resources[a] ?? {}, resources[b] ?? {})
    })
}

const emails = (...values: readonly JsonValue[]): JsonObject => ({ emails: values })

describe('compareBy', () => {
  test.each<[string, string, readonly JsonObject[], number[]]>([
    [
      'text without regard to case',
      'userName',
      [{ userName: 'c' }, { userName: 'B' }, { userName: 'a' }],
      [2, 1, 0],
    ],
    [
      'exact text by case',
      'externalId',
      [{ externalId: 'b' }, { externalId: 'B' }, { externalId: 'a' }],
      [1, 2, 0],
    ],
    ['full-width text as half-width', 'userName', [{ userName: 'ｂ' }, { userName: 'A' }], [1, 0]],
    [
      'numbers by value',
      `${EXTENSION}:level`,
      [{ [EXTENSION]: { level: 10 } }, { [EXTENSION]: { level: 9 } }],
      [1, 0],
    ],
    ['false before true', 'active', [{ active: true }, { active: false }], [1, 0]],
    [
      'dateTimes by instant',
      'meta.created',
      [
        { meta: { created: '2026-01-01T10:00:00Z' } },
        { meta: { created: '2026-01-01T10:30:00+01:00' } },
        { meta: { created: '2026-01-01T09:59:59.9Z' } },
      ],
      [1, 2, 0],
    ],
    [
      'a sub-attribute',
      'name.familyName',
      [{ name: { familyName: 'b' } }, { name: { familyName: 'a' } }],
      [1, 0],
    ],
    [
      'an extension attribute',
      `${URN.enterpriseUser}:department`,
      [
        { [URN.enterpriseUser]: { department: 'b' } },
        { [URN.enterpriseUser]: { department: 'a' } },
      ],
      [1, 0],
    ],
    [
      'the primary value',
      'emails.value',
      [emails({ value: 'a' }, { value: 'z', primary: true }), emails({ value: 'b' })],
      [1, 0],
    ],
    [
      'else the first value',
      'emails',
      [emails({ value: 'b' }, { value: 'a' }), emails({ value: 'a', primary: false })],
      [1, 0],
    ],
    [
      'simple values',
      `${EXTENSION}:tags`,
      [{ [EXTENSION]: { tags: ['b', 'a'] } }, { [EXTENSION]: { tags: ['a', 'z'] } }],
      [1, 0],
    ],
    [
      'equal ones as they came',
      'title',
      [{ title: 'a' }, { title: 'A' }, { title: 'a' }],
      [0, 1, 2],
    ],
  ])('orders %s', (_, sortBy, resources, expected) => {
    expect(order(sortBy, resources)).toEqual(expected)
  })

  test.each([
    [false, [1, 3, 0, 2]],
    [true, [0, 2, 3, 1]],
  ])('missing values are last, or first when descending: %s', (descending, expected) => {
    const resources = [{}, { title: 'a' }, { title: [] }, { title: 'b' }]
    expect(order('title', resources, descending)).toEqual(expected)
  })

  test('descending keeps equal ones as they came', () => {
    expect(order('title', [{ title: 'a' }, { title: 'b' }, { title: 'B' }], true)).toEqual([
      1, 2, 0,
    ])
  })

  test('sees own properties only', () => {
    const reference = resolvePath(USER, 'name.familyName')
    if (reference?.kind !== 'attribute') throw new Error('no attribute')
    const inherited: JsonObject = { __proto__: { name: { familyName: 'a' } } }
    expect(compareBy(reference, false)(inherited, { name: { familyName: 'z' } })).toBe(1)
  })
})

describe('parseSort', () => {
  test.each([undefined, ''])('asks for no order without sortBy: %j', (sortBy) => {
    expect(parseSort(USER, sortBy === undefined ? {} : { sortBy })).toBeUndefined()
  })

  test.each([
    ['userName', undefined, 'userName', undefined, false],
    ['USERNAME', 'ascending', 'userName', undefined, false],
    ['userName', '', 'userName', undefined, false],
    ['name.givenName', 'DESCENDING', 'name', 'givenName', true],
    ['emails', 'descending', 'emails', 'value', true],
    ['manager', undefined, 'manager', 'value', false],
    [`${URN.enterpriseUser}:employeeNumber`, undefined, 'employeeNumber', undefined, false],
    ['id', undefined, 'id', undefined, false],
  ])('%s %s', (sortBy, sortOrder, name, subName, descending) => {
    const sort = parseSort(USER, { sortBy, ...(sortOrder === undefined ? {} : { sortOrder }) })
    expect(sort?.by.attribute.name).toBe(name)
    expect(sort?.by.subAttribute?.name).toBe(subName)
    expect(sort?.descending).toBe(descending)
  })

  test.each([
    [{ sortBy: 'nothing' }, 'attribute of a User'],
    [{ sortBy: URN.enterpriseUser }, 'attribute of a User'],
    [{ sortBy: 'name' }, 'sub-attribute of name'],
    [{ sortBy: 'password' }, 'never returned'],
    [{ sortBy: 'groups' }, 'a set has no order'],
    [{ sortBy: 'meta.location' }, 'sort by the id'],
    [{ sortBy: 'groups.value' }, 'a set has no order'],
    [{ sortBy: 'userName', sortOrder: 'up' }, 'sortOrder'],
    [{ sortOrder: 'up' }, 'sortOrder'],
  ])('refuses %j', async (parameters, words) => {
    const error = await refusalOf(() => parseSort(USER, parameters))
    expect(error.kind).toBe('invalidValue')
    expect(error.detail).toContain(words)
  })
})
