import { describe, expect, test } from 'vitest'
import { findAttribute, type Attribute } from '../../../../lib/scim/attribute.ts'
import { GROUP, USER } from '../../../../lib/scim/default-resource-types.ts'
import type { JsonValue } from '../../../../lib/scim/json.ts'
import { Comparisons } from '../../../../lib/scim/patch/comparisons.ts'
import { valueOfElements, withAdded } from '../../../../lib/scim/patch/elements.ts'
import { frozen } from '../../../support/patching.ts'

function attributeOf(type: typeof USER, name: string): Attribute {
  const found = findAttribute(type.schema.attributes, name)
  if (found === undefined) throw new Error(`There is no ${name}.`)
  return found
}

const EMAILS = attributeOf(USER, 'emails')
const MEMBERS = attributeOf(GROUP, 'members')

function added(
  before: readonly JsonValue[],
  more: readonly JsonValue[],
  attribute = EMAILS,
): readonly [elements: readonly unknown[], selected: readonly number[]] {
  const { elements, selected } = withAdded(
    attribute,
    frozen(before),
    frozen(more),
    new Comparisons(),
  )
  return [elements, [...selected]]
}

describe('elements that are added', () => {
  test('come after those that are there', () => {
    expect(added([{ value: 'a' }], [{ value: 'b' }])).toEqual([
      [{ value: 'a' }, { value: 'b' }],
      [1],
    ])
  })

  test('are merged into the one that is there, in the order of the schema', () => {
    const present = { value: 'a', type: 'work', primary: true }
    const more = { value: 'A', display: 'D', type: 'work' }
    const [[first, ...others], selected] = added([present], [more])
    expect(Object.keys(first ?? {})).toEqual(['value', 'display', 'type', 'primary'])
    expect(first).toEqual({ value: 'A', display: 'D', type: 'work', primary: true })
    expect(others).toEqual([])
    expect(selected).toEqual([0])
  })

  test('leave the one that is there when they say nothing new', () => {
    const present = { value: 'a', display: 'D' }
    const [[first]] = added([present], [{ value: 'a' }])
    expect(first).toBe(present)
  })

  test('do not change what is immutable', () => {
    const [elements] = added(
      [{ value: 'a', display: 'D' }],
      [{ value: 'a', display: 'E' }],
      MEMBERS,
    )
    expect(elements).toEqual([{ value: 'a', display: 'D' }])
  })

  test('are added once when they come twice', () => {
    expect(added([], [{ value: 'a' }, { value: 'A', type: 'work' }, { value: 'a' }])).toEqual([
      [{ value: 'a' }, { value: 'A', type: 'work' }],
      [0, 1],
    ])
  })
})

function value(
  before: readonly JsonValue[],
  elements: readonly (JsonValue | undefined)[],
  ...selected: readonly number[]
): JsonValue | undefined {
  const changed = { elements, selected: new Set(selected) }
  return valueOfElements(EMAILS, before, changed, new Comparisons())
}

describe('the value of elements', () => {
  test('is none without elements', () => {
    expect(value([{ value: 'a' }], [undefined])).toBeUndefined()
  })

  test('has none that was taken away', () => {
    const [a, b] = [{ value: 'a' }, { value: 'b' }]
    expect(value([a, b], [undefined, b])).toEqual([b])
  })

  test('has the first of two that became the same', () => {
    const before = [
      { value: 'a', type: 'work' },
      { value: 'a', type: 'home' },
    ]
    const elements = [before[0], { value: 'A', type: 'work', display: 'D' }]
    expect(value(before, elements, 1)).toEqual([before[0]])
  })

  test('has the primary one of two that became the same', () => {
    const before = [{ value: 'a' }, { value: 'b', primary: true }]
    const elements = [{ value: 'a' }, { value: 'A', primary: true }]
    expect(value(before, elements, 1)).toEqual([{ value: 'A', primary: true }])
  })

  test.each<[string, number[], number]>([
    ['the one that the operation made primary', [1], 1],
    ['the one that was, of several that the operation is about', [0, 1], 0],
    ['the first, when the operation is about others', [2], 0],
  ])('has one primary: %s', (_, selected, winner) => {
    const before = [{ value: 'a', primary: true }, { value: 'b' }, { value: 'c' }]
    const elements = [{ value: 'a', primary: true }, { value: 'b', primary: true }, { value: 'c' }]
    const expected = elements.map((element, i) =>
      'primary' in element ? { ...element, primary: i === winner } : element,
    )
    expect(value(before, elements, ...selected)).toEqual(expected)
  })

  test('takes no element with labels only for the primary one', () => {
    const elements = [
      { value: 'a', primary: true },
      { type: 'work', primary: true },
    ]
    expect(value([], elements, 0, 1)).toEqual(elements)
  })
})
