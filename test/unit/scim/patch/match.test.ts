import { describe, expect, test } from 'vitest'
import type { JsonValue } from '../../../../lib/scim/json.ts'
import { assigning, unassigning } from '../../../../lib/scim/patch/change.ts'
import { Comparisons } from '../../../../lib/scim/patch/comparisons.ts'
import { changeMatching } from '../../../../lib/scim/patch/match.ts'
import { resolvePatchPath } from '../../../../lib/scim/patch/path.ts'
import type { AttributeTarget } from '../../../../lib/scim/patch/resolved-operation.ts'
import { frozen } from '../../../support/patching.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'
import { TYPED_URN, TYPED_USER } from '../../../support/typed-attributes.ts'

const EMAILS = frozen([
  { value: 'w@x', type: 'work' },
  { value: 'h@x', type: 'home' },
])

function target(path: string): AttributeTarget {
  const found = resolvePatchPath(TYPED_USER, path)
  if (found.kind !== 'attribute') throw new Error(`${path} is no attribute.`)
  return found
}

function replaced(path: string, value: JsonValue, current?: JsonValue): JsonValue | undefined {
  const change = assigning(target(path), value)
  return changeMatching('replace', target(path), current, change, new Comparisons())
}

describe('elements that match', () => {
  test('are changed, the others stay', () => {
    expect(replaced('emails[type eq "work"].value', 'n@x', EMAILS)).toEqual([
      { value: 'n@x', type: 'work' },
      EMAILS[1],
    ])
  })

  test('are all of them without a filter', () => {
    expect(replaced('emails.display', 'D', EMAILS)).toEqual(
      EMAILS.map((element) => ({ ...element, display: 'D' })),
    )
  })

  test('are taken away', () => {
    const path = 'emails[type eq "work"]'
    const comparisons = new Comparisons()
    const change = unassigning(target(path))
    expect(changeMatching('remove', target(path), EMAILS, change, comparisons)).toEqual([EMAILS[1]])
  })
})

describe('where none matches', () => {
  test.each<[path: string, value: JsonValue, made: JsonValue]>([
    ['emails[type eq "other"].value', 'o@x', { value: 'o@x', type: 'other' }],
    [
      'emails[type eq "OTHER" and primary eq "True"].value',
      'o@x',
      { value: 'o@x', type: 'other', primary: true },
    ],
    ['emails[value eq "o@x"]', { display: 'O' }, { value: 'o@x', display: 'O' }],
    ['emails[type eq "other"]', [{ value: 'o@x' }], { value: 'o@x', type: 'other' }],
  ])('%s makes the element that the filter describes', (path, value, made) => {
    expect(replaced(path, value, EMAILS)).toEqual([...EMAILS, made])
  })

  test('a simple value is made too', () => {
    expect(replaced(`${TYPED_URN}:tags[value eq "a"]`, 'b', ['c'])).toEqual(['c', 'b'])
  })

  test('the first element is made without a filter', () => {
    expect(replaced('emails.value', 'a@x')).toEqual([{ value: 'a@x' }])
  })

  test('clearing changes nothing', () => {
    expect(replaced('emails[type eq "other"].value', '', EMAILS)).toBe(EMAILS)
  })

  test.each([
    ['emails[type ne "work" and type ne "home"].value', 'x'],
    ['emails[type eq "other" or type eq "fax"].value', 'x'],
    ['emails[not (type pr)].value', 'x'],
    ['emails[type eq "a" and type eq "b"].value', 'x'],
    ['emails[value sw "o"]', { type: 'other' }],
  ])('%s describes no element', async (path, value) => {
    expect(said(await refusalOf(() => replaced(path, value, EMAILS)))).toMatch(
      saying('noTarget', /No value of emails matches.*eq conditions joined by "and"/),
    )
  })
})
