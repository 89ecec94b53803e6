import { describe, expect, test } from 'vitest'
import { resolvePath } from '../../../../lib/scim/attribute-path.ts'
import type { JsonValue } from '../../../../lib/scim/json.ts'
import type { OperationName } from '../../../../lib/scim/patch-operation.ts'
import {
  assigning,
  assignsNothing,
  changed,
  unassigning,
  type Change,
} from '../../../../lib/scim/patch/change.ts'
import type { AttributeTarget } from '../../../../lib/scim/patch/resolved-operation.ts'
import { GUARDED_URN, GUARDED_USER } from '../../../support/patching.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'

function target(path: string): AttributeTarget {
  const reference = resolvePath(GUARDED_USER, path)
  if (reference?.kind !== 'attribute') throw new Error(`${path} is no attribute.`)
  return { kind: 'attribute', reference, filter: undefined }
}

/** The values of sub-attributes by their names. */
function shown(change: Change): unknown {
  if (change.kind === 'whole') return change.value
  return Object.fromEntries([...change.values].map(([{ name }, value]) => [name, value ?? null]))
}

describe('a change that assigns', () => {
  test.each<[string, JsonValue, unknown]>([
    ['title', 'T', 'T'],
    ['title', null, undefined],
    ['title', '', undefined],
    ['title', ['T'], 'T'],
    ['active', 'True', true],
    ['name', { givenName: 'G', FAMILYNAME: '' }, { givenName: 'G', familyName: null }],
    ['name', {}, undefined],
    ['name.givenName', 'G', { givenName: 'G' }],
    ['name.givenName', null, { givenName: null }],
    ['emails', [{ value: 'a' }], { value: 'a' }],
    ['manager', 'm', { value: 'm' }],
    ['manager', { value: 'm', $ref: 'x', displayName: 'D', bogus: 1 }, { value: 'm' }],
    [`${GUARDED_URN}:badge.pin`, '1234', {}],
  ])('%s, %j', (path, value, expected) => {
    expect(shown(assigning(target(path), value))).toEqual(expected)
  })

  test.each<[string, JsonValue, RegExp]>([
    ['name', { givenName: 'G', GivenName: 'H' }, saying('invalidSyntax', /name\.givenName/)],
    ['name', 'x', saying('invalidValue', /name must be an object/)],
    ['manager', { $ref: '../Users/1' }, saying('invalidValue', /manager\.value is missing/)],
    ['active', 'maybe', saying('invalidValue', /active must be true or false/)],
  ])('%s, %j is refused', async (path, value, expected) => {
    expect(said(await refusalOf(() => assigning(target(path), value)))).toMatch(expected)
  })

  test('nothing, when all that it names is empty', () => {
    expect(assignsNothing(assigning(target('title'), null))).toBe(true)
    expect(assignsNothing(assigning(target('name'), { givenName: '' }))).toBe(true)
    expect(assignsNothing(assigning(target('name'), { givenName: 'G' }))).toBe(false)
  })
})

function after(
  path: string,
  before: JsonValue | undefined,
  value: JsonValue,
  op: OperationName = 'replace',
): JsonValue | undefined {
  return changed(op, target(path), before, assigning(target(path), value))
}

describe('one value after a change', () => {
  test('keeps the sub-attributes that are not named, in the order of the schema', () => {
    const value = after('name', { givenName: 'G' }, { familyName: 'F', formatted: 'G F' })
    expect(value).toEqual({ formatted: 'G F', familyName: 'F', givenName: 'G' })
    expect(Object.keys(value ?? {})).toEqual(['formatted', 'familyName', 'givenName'])
  })

  test('is none when nothing is left', () => {
    expect(after('name.givenName', { givenName: 'G' }, null)).toBeUndefined()
    expect(changed('remove', target('name'), { givenName: 'G' }, unassigning(target('name')))).toBe(
      undefined,
    )
  })

  test('loses display with its value', () => {
    const before = { value: 'a', display: 'A', type: 'work' }
    expect(after('emails.value', before, '')).toEqual({ type: 'work' })
    expect(after('emails.value', before, 'b')).toEqual({ ...before, value: 'b' })
  })

  test.each<[OperationName, string, JsonValue, RegExp]>([
    ['replace', 'badge.serial', '2', saying('mutability', /badge\.serial is immutable/)],
    ['replace', 'badge', { serial: '' }, saying('mutability', /badge\.serial is immutable/)],
    ['remove', 'badge', null, saying('mutability', /badge\.serial is immutable/)],
    ['replace', 'rooms.number', null, saying('invalidValue', /rooms\.number is required/)],
    ['remove', 'rooms.number', null, saying('mutability', /rooms\.number is required/)],
  ])('%s of %s: %j is refused', async (op, name, value, expected) => {
    const before = { serial: '1', number: 1 }
    const path = `${GUARDED_URN}:${name}`
    const change = op === 'remove' ? unassigning(target(path)) : assigning(target(path), value)
    expect(said(await refusalOf(() => changed(op, target(path), before, change)))).toMatch(expected)
  })
})
