import { describe, expect, test } from 'vitest'
import { attribute, findAttribute, type Attribute } from '../../../../lib/scim/attribute.ts'
import {
  bareValue,
  displayNameAsDisplay,
  emptyAsUnassigned,
  referenceIdAsValue,
  singleElementArray,
  stringBoolean,
  tolerantValue,
} from '../../../../lib/scim/clients/values.ts'
import type { JsonValue } from '../../../../lib/scim/json.ts'
import { ENTERPRISE_USER_SCHEMA } from '../../../../lib/scim/schema/enterprise-user.ts'
import { GROUP_SCHEMA } from '../../../../lib/scim/schema/group.ts'
import { USER_SCHEMA } from '../../../../lib/scim/schema/user.ts'

function named(name: string): Attribute {
  for (const { attributes } of [USER_SCHEMA, ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA]) {
    const found = findAttribute(attributes, name)
    if (found !== undefined) return found
  }
  throw new Error(`no attribute ${name}`)
}

type Row = [attribute: string, written: JsonValue, meant: JsonValue]

describe('singleElementArray', () => {
  test.each<Row>([
    ['title', ['Engineer'], 'Engineer'],
    ['title', [{ value: 'Engineer' }], 'Engineer'],
    ['title', [null], null],
    ['title', ['a', 'b'], ['a', 'b']],
    ['title', [], []],
    ['title', [{ $ref: null, value: 'a', display: 'A', type: 'b', primary: true }], 'a'],
    ['active', [{ $ref: null, value: 'False' }], 'False'],
    ['title', [{ value: 'a', other: 'b' }], { value: 'a', other: 'b' }],
    ['title', [{ $ref: null }], { $ref: null }],
    ['title', { value: 'Engineer' }, { value: 'Engineer' }],
    ['title', [['a']], ['a']],
    ['manager', [{ value: '1' }], { value: '1' }],
    ['name', [{ givenName: 'A' }], { givenName: 'A' }],
    ['name', [{}, {}], [{}, {}]],
    ['emails', [{ value: 'a' }], [{ value: 'a' }]],
  ])('%s: %j is %j', (name, written, meant) => {
    expect(singleElementArray(named(name), written)).toEqual(meant)
  })
})

describe('emptyAsUnassigned', () => {
  test.each<Row>([
    ['title', '', null],
    ['active', '', null],
    ['manager', {}, null],
    ['title', ' ', ' '],
    ['manager', { value: '' }, { value: '' }],
    ['emails', [], []],
  ])('%s: %j is %j', (name, written, meant) => {
    expect(emptyAsUnassigned(named(name), written)).toEqual(meant)
  })
})

describe('stringBoolean', () => {
  test.each<Row>([
    ['active', 'True', true],
    ['active', 'False', false],
    ['active', 'fALSE', false],
    ['active', 'yes', 'yes'],
    ['active', '1', '1'],
    ['active', ' true', ' true'],
    ['active', 1, 1],
    ['title', 'True', 'True'],
  ])('%s: %j is %j', (name, written, meant) => {
    expect(stringBoolean(named(name), written)).toEqual(meant)
  })
})

describe('bareValue', () => {
  test.each<Row>([
    ['manager', '26118915', { value: '26118915' }],
    ['members', '26118915', { value: '26118915' }],
    ['manager', 26118915, 26118915],
    ['manager', { value: '1' }, { value: '1' }],
    ['emails', 'a@b.example', { value: 'a@b.example' }],
    ['roles', 'ADMIN', { value: 'ADMIN' }],
    ['addresses', 'Main Street 1', { formatted: 'Main Street 1' }],
    ['name', 'Anna', 'Anna'],
    ['title', 'Engineer', 'Engineer'],
  ])('%s: %j is %j', (name, written, meant) => {
    expect(bareValue(named(name), written)).toEqual(meant)
  })
})

describe('displayNameAsDisplay', () => {
  test.each<Row>([
    ['roles', { displayName: 'Admin', value: 'a' }, { value: 'a', display: 'Admin' }],
    ['roles', { displayName: 'x', Display: 'y' }, { displayName: 'x', Display: 'y' }],
    ['members', { displayName: 'x', value: '1' }, { value: '1', display: 'x' }],
    ['manager', { displayName: 'x', value: '1' }, { displayName: 'x', value: '1' }],
    ['addresses', { displayName: 'x' }, { displayName: 'x' }],
    ['title', { displayName: 'x' }, { displayName: 'x' }],
  ])('%s: %j is %j', (name, written, meant) => {
    expect(displayNameAsDisplay(named(name), written)).toEqual(meant)
  })
})

describe('referenceIdAsValue', () => {
  test.each<Row>([
    ['manager', { managerId: '1' }, { value: '1' }],
    ['manager', { MANAGERID: '1', displayName: 'A' }, { displayName: 'A', value: '1' }],
    ['manager', { managerId: '1', Value: '2' }, { managerId: '1', Value: '2' }],
    ['members', { membersId: '1' }, { value: '1' }],
    ['emails', { emailsId: '1' }, { emailsId: '1' }],
    ['title', { titleId: '1' }, { titleId: '1' }],
    ['manager', '1', '1'],
  ])('%s: %j is %j', (name, written, meant) => {
    expect(referenceIdAsValue(named(name), written)).toEqual(meant)
  })
})

describe('tolerantValue', () => {
  test.each<Row>([
    ['manager', ['26118915'], { value: '26118915' }],
    ['manager', [''], null],
    ['manager', '', null],
    ['active', ['True'], true],
    ['title', [{ value: '' }], null],
    // RFC 7643 §2.3.1: what is no string stays none, and is refused.
    ['userName', 123, 123],
    ['userName', true, true],
  ])('%s: %j is %j', (name, written, meant) => {
    expect(tolerantValue(named(name), written, name)).toEqual(meant)
  })

  test('a number in a string stays one for an integer attribute', () => {
    const level = attribute({ name: 'level', type: 'integer', description: '' })
    expect(tolerantValue(level, '5', 'level')).toBe('5')
  })
})
