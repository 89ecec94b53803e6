import { describe, expect, test } from 'vitest'
import type { JsonValue } from '../../../../lib/scim/json.ts'
import { readPatchAtOnce } from '../../../../lib/scim/patch/read.ts'
import { USER } from '../../../../lib/scim/default-resource-types.ts'
import { URN } from '../../../../lib/scim/urn.ts'
import { ENTERPRISE } from '../../../support/patching.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'

function named(...operations: readonly JsonValue[]): readonly string[] {
  return [...readPatchAtOnce(USER, { Operations: operations }).named]
}

describe('the paths that a PATCH names', () => {
  test.each<[name: string, operation: JsonValue, paths: readonly string[]]>([
    ['a path', { op: 'replace', path: 'TITLE', value: 'T' }, ['title']],
    ['a part', { op: 'add', path: 'name.givenName', value: 'G' }, ['name.givenName']],
    ['a filter', { op: 'add', path: 'emails[type eq "work"].value', value: 'w' }, ['emails.value']],
    ['remove', { op: 'remove', path: 'title' }, ['title']],
    [
      'keys',
      { op: 'add', value: { Title: 'T', 'name.givenName': 'G' } },
      ['title', 'name.givenName'],
    ],
    ['the core container', { op: 'add', value: { [URN.user]: { title: 'T' } } }, ['title']],
    [
      'an extension by key',
      { op: 'add', value: { [ENTERPRISE]: { Department: 'D' } } },
      [`${ENTERPRISE}:department`],
    ],
    [
      'an extension by path',
      { op: 'add', path: ENTERPRISE, value: { department: 'D' } },
      [`${ENTERPRISE}:department`],
    ],
    ['an extension that is removed', { op: 'remove', path: ENTERPRISE }, [ENTERPRISE]],
    ['what is unknown', { op: 'add', value: { bogus: 1, id: '7' } }, []],
    ['an unknown URN', { op: 'add', path: 'urn:example:x:y', value: 1 }, []],
  ])('%s', (_, operation, paths) => {
    expect(named(operation)).toEqual(paths)
  })

  test('all operations count, each path once', () => {
    const title = { op: 'replace', path: 'title', value: 'T' }
    expect(named(title, title, { op: 'remove', path: 'nickName' })).toEqual(['title', 'nickName'])
  })

  test('a path that names nothing is refused as in the PATCH itself', async () => {
    expect(said(await refusalOf(() => named({ op: 'remove', path: 'bogus' })))).toMatch(
      saying('invalidPath', /bogus/),
    )
  })
})

test('an operation of many paths counts as many', async () => {
  const value: Record<string, string> = {}
  for (let n = 0; n < 1001; n += 1) value[`emails[type eq "t${n}"].value`] = `${n}@x`
  const operation = { op: 'add', value }
  expect(said(await refusalOf(() => named(operation)))).toMatch(
    saying('invalidValue', /at most 1000 operations, 1001 came/),
  )
})
