import { describe, expect, test } from 'vitest'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { IgnoredNames } from '../../../lib/scim/ignored-names.ts'
import { URN } from '../../../lib/scim/urn.ts'

function listOf(...names: readonly string[]): readonly string[] {
  const ignored = new IgnoredNames()
  ignored.add(USER, names)
  return ignored.list()
}

describe('names that were ignored are told', () => {
  test.each([
    ['departmnt', 'departmnt (department?)'],
    [`${URN.enterpriseUser}:dept`, `${URN.enterpriseUser}:dept (department?)`],
    ['urn:foo:bar', 'urn:foo:bar'],
    ['emails.kind', 'emails.kind'],
    ['cost_center-2$', 'cost_center-2$'],
    ['emails[type eq "ada@example.com"].value', 'emails[…].value'],
    ['a'.repeat(200), 'a'.repeat(200)],
  ])('%s as %s', (name, told) => {
    expect(listOf(name)).toEqual([told])
  })

  test.each([
    ['ada@example.com'],
    ['Ada Lovelace'],
    ['ada\nlovelace'],
    ['+49 123'],
    ['Ćwikła'],
    ['["ada"]'],
    ['emails]x[type'],
    ['"ada"'],
    [''],
    ['a'.repeat(201)],
  ])('what may be anything is counted only: %j', (name) => {
    expect(listOf(name)).toEqual(['and 1 more'])
    expect(listOf('salary', name, name)).toEqual(['salary', 'and 1 more'])
  })

  test('each once, twenty of them, and how many more there are', () => {
    const names = Array.from({ length: 25 }, (_, i) => `salary${i}`)
    expect(listOf(...names.slice(0, 20))).toEqual(names.slice(0, 20))
    expect(listOf(...names, ...names)).toEqual([...names.slice(0, 20), 'and 5 more'])
  })

  test('those of several operations together', () => {
    const ignored = new IgnoredNames()
    expect(ignored.list()).toEqual([])
    ignored.add(USER, ['salary', 'bonus'])
    ignored.add(USER, ['bonus', 'shares'])
    expect(ignored.list()).toEqual(['salary', 'bonus', 'shares'])
  })
})
