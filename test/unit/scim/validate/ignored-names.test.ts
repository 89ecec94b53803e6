import { describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../../../lib/scim/json.ts'
import { readPatchAtOnce } from '../../../../lib/scim/patch/read.ts'
import type { ResourceType } from '../../../../lib/scim/resource-type.ts'
import { URN } from '../../../../lib/scim/urn.ts'
import { ignoredInBody } from '../../../../lib/scim/validate/ignored-names.ts'
import { canonicalResource } from '../../../../lib/scim/validate/resource.ts'

const ENTERPRISE = URN.enterpriseUser
const PEAKON = 'urn:ietf:params:scim:schemas:extension:peakon:2.0:User'

/** What is in a body, and in a PATCH without a path, alike. */
const VALUES: readonly [string, JsonObject, readonly string[]][] = [
  ['nothing unknown', { title: 'x', 'name.givenName': 'y', emails: [{ value: 'a' }] }, []],
  ['an unknown name', { departmnt: 'x', title: 'y' }, ['departmnt']],
  ['an unknown name without a value', { salary: null }, ['salary']],
  [
    'an unknown extension',
    { [PEAKON]: { Gender: 'x', Age: 1 } },
    [`${PEAKON}:Gender`, `${PEAKON}:Age`],
  ],
  ['an unknown extension without anything', { [PEAKON]: {} }, [PEAKON]],
  ['an unknown extension that is no object', { [PEAKON]: 'x' }, [PEAKON]],
  ['an unknown extension by path', { [`${PEAKON}:Gender`]: 'x' }, [`${PEAKON}:Gender`]],
  ['in a known extension', { [ENTERPRISE]: { dept: 'x', division: 'y' } }, [`${ENTERPRISE}:dept`]],
  ['after the URN of an extension', { [`${ENTERPRISE}:dept`]: 'x' }, [`${ENTERPRISE}:dept`]],
  ['in the core container', { [URN.user]: { titel: 'x' } }, [`${URN.user}:titel`]],
  ['an extension that is cleared', { [ENTERPRISE]: null }, []],
  ['in a complex value', { name: { givenName: 'x', first: 'y' } }, ['name.first']],
  ['beside a known dotted key', { 'name.givenName': 'x', 'name.first': 'y' }, ['name.first']],
  [
    'in elements',
    {
      emails: [
        { value: 'a', kind: 'x' },
        { value: 'b', kind: 'y', rank: 1 },
      ],
    },
    ['emails.kind', 'emails.kind', 'emails.rank'],
  ],
  ['in one element without its list', { emails: { value: 'a', kind: 'x' } }, ['emails.kind']],
  [
    'in the manager, in a list of one',
    { [ENTERPRISE]: { manager: [{ value: 'a', office: 'x' }] } },
    [`${ENTERPRISE}:manager.office`],
  ],
  ['a name that is read as another', { roles: [{ value: 'a', displayName: 'x' }] }, []],
  ['the id in a reference by its old name', { [ENTERPRISE]: { manager: { managerId: 'a' } } }, []],
  ['what is readOnly', { id: 'x', groups: [{ value: 'x', foo: 'y' }] }, []],
]

describe('a body', () => {
  test.each(VALUES)('%s', (_, attributes, ignored) => {
    const body = { schemas: [URN.user], userName: 'ada', ...attributes }
    expect(() => canonicalResource(USER, body)).not.toThrow()
    expect(ignoredInBody(USER, body)).toEqual(ignored)
  })

  test('a key with a filter, which no body has', () => {
    const key = 'emails[type eq "work"].value'
    expect(ignoredInBody(USER, { userName: 'ada', [key]: 'x' })).toEqual([key])
  })

  test('that is none', () => {
    expect(ignoredInBody(USER, undefined)).toEqual([])
  })

  test('with many members: the first hundred are looked at', () => {
    const members = Array.from({ length: 101 }, (_, i) => ({ value: `m${i}`, [`n${i}`]: 1 }))
    const ignored = ignoredInBody(GROUP, { members })
    expect(ignored).toHaveLength(100)
    expect(ignored.at(-1)).toBe('members.n99')
  })
})

function ignoredBy(resourceType: ResourceType, operation: JsonObject): readonly string[] {
  return readPatchAtOnce(resourceType, { Operations: [operation] }).ignored
}

describe('a PATCH', () => {
  test.each(VALUES)('without a path: %s', (_, value, ignored) => {
    expect(ignoredBy(USER, { op: 'add', value })).toEqual(ignored)
  })

  test.each<[string, JsonObject, readonly string[]]>([
    ['an unknown URN', { op: 'add', path: `${PEAKON}:Gender`, value: 'x' }, [`${PEAKON}:Gender`]],
    ['an unknown URN that is removed', { op: 'remove', path: `${PEAKON}:G` }, [`${PEAKON}:G`]],
    [
      'an unknown URN with a filter',
      { op: 'add', path: `${PEAKON}:tags[type eq "x"]`, value: 'x' },
      [`${PEAKON}:tags[type eq "x"]`],
    ],
    [
      'the URN of an extension',
      { op: 'add', path: ENTERPRISE, value: { dept: 'x', division: 'y' } },
      [`${ENTERPRISE}:dept`],
    ],
    [
      'the URN of the core schema',
      { op: 'add', path: URN.user, value: { titel: 'x' } },
      [`${URN.user}:titel`],
    ],
    [
      'a complex attribute',
      { op: 'replace', path: 'name', value: { first: 'x', givenName: 'y' } },
      ['name.first'],
    ],
    [
      'the element that a filter chooses',
      { op: 'replace', path: 'emails[type eq "work"]', value: { value: 'x', kind: 'y' } },
      ['emails.kind'],
    ],
    [
      'a key with a filter',
      { op: 'add', value: { 'emails[type eq "work"].value': 'x', 'mails[type eq "x"]': 'y' } },
      ['mails[type eq "x"]'],
    ],
    ['a known path', { op: 'replace', path: 'title', value: 'x' }, []],
    ['a sub-attribute', { op: 'replace', path: 'name.givenName', value: 'x' }, []],
    [
      'the value of a remove',
      { op: 'remove', path: 'emails', value: [{ value: 'a', kind: 'x' }] },
      [],
    ],
    ['a value in its own name', { op: 'add', path: 'title', value: { title: 'x' } }, []],
  ])('%s', (_, operation, ignored) => {
    expect(ignoredBy(USER, operation)).toEqual(ignored)
  })

  test('of members', () => {
    const value = [{ value: 'm', userName: 'ada' }]
    expect(ignoredBy(GROUP, { op: 'add', path: 'members', value })).toEqual(['members.userName'])
  })
})
