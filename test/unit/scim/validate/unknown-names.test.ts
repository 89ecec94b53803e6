import { describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../../../lib/scim/default-resource-types.ts'
import type { JsonObject, JsonValue } from '../../../../lib/scim/json.ts'
import { URN } from '../../../../lib/scim/urn.ts'
import { canonicalReplacement, canonicalResource } from '../../../../lib/scim/validate/resource.ts'
import { ENTERPRISE, patched } from '../../../support/patching.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'

const user = (body: JsonObject): JsonObject => canonicalResource(USER, { userName: 'u', ...body })

describe('a value of which nothing would be left is refused, and says why', () => {
  test.each<[JsonObject, RegExp]>([
    [{ name: { first: 'a' } }, /name has no sub-attribute "first", and .*it has formatted, family/],
    [{ name: { first: 'a', last: 'b' } }, /name has no sub-attribute "first" and 1 more/],
    [{ name: { first: null } }, /"first"/],
    [{ name: { givenName: '', first: 'a' } }, /"first"/],
    [{ name: [{ first: 'a' }] }, /"first"/],
    [{ emails: [{ value: 'a' }, { address: 'b' }] }, /emails\[1\].*"address"/],
    [{ emails: [{ type: 'work', primary: true, address: 'b' }] }, /emails\[0\].*"address"/],
    [{ emails: { address: 'b' } }, /emails has no sub-attribute "address"/],
    [{ [ENTERPRISE]: { manager: { id: '1' } } }, /manager.*"id"/],
    [{ manager: { id: '1', $ref: '' } }, /manager.*"id"/],
    [{ 'name.first': 'a' }, /name has no sub-attribute "first"/],
    [{ [`${URN.user}:name.first`]: 'a' }, /name has no sub-attribute "first"/],
    [{ [ENTERPRISE]: { 'manager.id': 'a' } }, /manager has no sub-attribute "id"/],
  ])('%j', async (body, detail) => {
    expect(said(await refusalOf(() => user(body)))).toMatch(saying('invalidValue', detail))
    const patches: readonly JsonValue[] = ['add', 'replace'].map((op) => ({ op, value: body }))
    for (const operation of patches) {
      expect(said(await refusalOf(() => patched(USER, { userName: 'u' }, operation)))).toMatch(
        saying('invalidValue', detail),
      )
    }
  })

  test('what the client wrote is not logged', () => {
    expect(() => user({ name: { secret: 'a' } })).toThrow(/name has no sub-attribute "…"/)
  })
})

describe('what is unknown is left out', () => {
  test.each<[JsonObject, JsonObject]>([
    [{ name: { first: 'a', givenName: 'b' } }, { name: { givenName: 'b' } }],
    [{ name: { givenName: null, first: '' } }, {}],
    [{ name: {} }, {}],
    [{ emails: [{ type: 'work', value: '' }] }, {}],
    [{ emails: [{ type: 'work' }, 'a'] }, { emails: [{ value: 'a' }] }],
    [{ emails: [{ value: 'a', address: 'b' }] }, { emails: [{ value: 'a' }] }],
    [{ emails: [{ display: 'a', address: 'b' }] }, { emails: [{ display: 'a' }] }],
    [{ manager: { displayName: 'Boss', id: '1' } }, {}],
    [{ 'name.first': 'a', 'name.givenName': 'b' }, { name: { givenName: 'b' } }],
    [{ 'name.first': 'a', name: { givenName: 'b' } }, { name: { givenName: 'b' } }],
    [{ 'name.first': null }, {}],
    [{ 'title.x': 'a', 'meta.x': 'b', 'unknown.x': 'c', unknown: { x: 'd' } }, {}],
    [{ [ENTERPRISE]: { unknown: 'a' }, 'urn:x': { a: 'b' } }, {}],
  ])('%j', (body, after) => {
    expect(user(body)).toEqual({ userName: 'u', ...after })
    const operation = { op: 'replace', value: body }
    expect(patched(USER, { userName: 'u' }, operation)).toEqual({ userName: 'u', ...after })
  })
})

const replacement = (body: JsonObject): JsonObject =>
  canonicalReplacement(USER, { userName: 'u', ...body })

describe('a value of which nothing is left', () => {
  const emails = [{ value: 'a' }]

  test.each<[JsonValue]>([
    [[{ type: 'work' }]],
    [{ type: 'work', primary: true }],
    [[{ type: 'work' }, null]],
    [''],
    [['']],
    [[null]],
    [[{}]],
    [[[]]],
    [['{}']],
    [['{"type":"work"}']],
    ['[{"type":"work"}]'],
  ])('of several is refused where it would take them away: %j', async (value) => {
    const kind = saying('invalidValue', /emails has no value that is not empty/)
    expect(said(await refusalOf(() => replacement({ emails: value })))).toMatch(kind)
    for (const op of ['add', 'replace', 'remove']) {
      const operation = { op, path: 'emails', value }
      const patch = (): JsonObject => patched(USER, { userName: 'u', emails }, operation)
      expect(said(await refusalOf(patch))).toMatch(kind)
    }
    // A new user has nothing that could be lost: a client's serializer leaves out what is null.
    expect(user({ emails: value })).toEqual({ userName: 'u' })
  })

  test.each<[JsonValue]>([
    [null],
    [[]],
    [{}],
    ['[]'],
    [[{ value: '', type: 'work' }]],
    [[{ value: null }]],
  ])('says that there is none: %j', (value) => {
    expect(replacement({ emails: value })).toEqual({ userName: 'u' })
    const operation = { op: 'replace', path: 'emails', value }
    expect(patched(USER, { userName: 'u', emails }, operation)).toEqual({ userName: 'u' })
  })

  test.each<[string, JsonValue]>([
    ['name', ''],
    ['name', [null]],
    ['name', [{}]],
    ['name', [[]]],
    ['manager', [null]],
    ['manager', ['{}']],
    ['manager', ['']],
  ])('of one is refused in the same way: %s %j', async (name, value) => {
    const kind = saying('invalidValue', /has no (value|id) that is not empty/)
    expect(said(await refusalOf(() => replacement({ [name]: value })))).toMatch(kind)
    const before = {
      userName: 'u',
      name: { givenName: 'a' },
      [ENTERPRISE]: { manager: { value: 'm' } },
    }
    for (const op of ['add', 'replace']) {
      const patch = (): JsonObject => patched(USER, before, { op, path: name, value })
      expect(said(await refusalOf(patch))).toMatch(kind)
    }
  })

  test('an extension is no text, which would take all of it away', async () => {
    const before = { userName: 'u', [ENTERPRISE]: { department: 'd' } }
    const kind = saying('invalidValue', /must be an object/)
    expect(said(await refusalOf(() => replacement({ [ENTERPRISE]: '' })))).toMatch(kind)
    for (const operation of [
      { op: 'replace', path: ENTERPRISE, value: '' },
      { op: 'replace', value: { [ENTERPRISE]: '' } },
    ]) {
      expect(said(await refusalOf(() => patched(USER, before, operation)))).toMatch(kind)
    }
  })

  test.each<[JsonValue]>([[[null]], [[{}]], [[[]]], [['{}']], ['[null]'], [[{}, null]]])(
    'of a group is refused where it would empty it: %j',
    async (members) => {
      const body = { displayName: 'G', members }
      const kind = saying('invalidValue', /members has no id that is not empty/)
      expect(said(await refusalOf(() => canonicalReplacement(GROUP, body)))).toMatch(kind)
      expect(canonicalResource(GROUP, body)).toEqual({ displayName: 'G' })
    },
  )
})

describe('an empty id names nobody', () => {
  test.each<[JsonValue]>([[''], [['']], [[{ value: '' }]], [[{}, { value: '' }]], [{ value: '' }]])(
    'in %j all are empty, which is refused',
    async (members) => {
      const body = { displayName: 'G', members }
      expect(said(await refusalOf(() => canonicalResource(GROUP, body)))).toMatch(
        saying('invalidValue', /members has no id that is not empty.*null or an empty array/),
      )
    },
  )

  test.each<[JsonValue]>([[null], [[]], [{}], [[{}]], [[null]], ['[]'], ['{}']])(
    '%j is empty itself, which is meant',
    (members) => {
      expect(canonicalResource(GROUP, { displayName: 'G', members })).toEqual({ displayName: 'G' })
    },
  )

  test('beside others it is left out', () => {
    const members = [{ value: '' }, 'a', '']
    expect(canonicalResource(GROUP, { displayName: 'G', members })).toEqual({
      displayName: 'G',
      members: [{ value: 'a' }],
    })
  })
})

describe('an id is kept as it is', () => {
  test.each(['{"value":"a"}', '["a"]', '{}', 'a\u0000b'])('%j is none', async (value) => {
    const kind = saying('invalidValue', /value must be the id of a resource as it is/)
    const body = { displayName: 'G', members: [{ value }] }
    expect(said(await refusalOf(() => canonicalResource(GROUP, body)))).toMatch(kind)
    expect(said(await refusalOf(() => user({ manager: { value } })))).toMatch(kind)
    const operation = { op: 'replace', path: 'manager.value', value }
    expect(said(await refusalOf(() => patched(USER, { userName: 'u' }, operation)))).toMatch(kind)
  })

  test('but for white space at its ends', () => {
    expect(canonicalResource(GROUP, { displayName: 'G', members: [' a\n'] })).toEqual({
      displayName: 'G',
      members: [{ value: 'a' }],
    })
  })
})
