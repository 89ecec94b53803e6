import { expect, test } from 'vitest'
import { LIMITS } from '../../../../lib/scim/limits.ts'
import { parsePatch } from '../../../../lib/scim/patch/parse.ts'
import { MESSAGE } from '../../../../lib/scim/urn.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'

const title = { op: 'replace', path: 'title', value: 'Boss' }

test('operations keep their order and are numbered from 1', () => {
  const body = {
    schemas: [MESSAGE.patchOp],
    Operations: [
      { op: 'add', value: { title: 'Boss' } },
      { op: 'remove', path: 'nickName' },
      { op: 'replace', path: 'active', value: false },
    ],
  }
  expect(parsePatch(body)).toStrictEqual([
    { op: 'add', value: { title: 'Boss' }, index: 1 },
    { op: 'remove', path: 'nickName', index: 2 },
    { op: 'replace', path: 'active', value: false, index: 3 },
  ])
})

test.each(['Replace', 'REPLACE', 'replace'])('op %s is replace', (op) => {
  expect(parsePatch({ Operations: [{ ...title, op }] })).toStrictEqual([{ ...title, index: 1 }])
})

test.each([
  ['names in another case', { operations: [{ Op: 'Replace', PATH: 'title', Value: 'Boss' }] }],
  ['stray members', { Operations: [{ ...title, name: 'addMember', constructor: null }], id: 'x' }],
  ['schemas missing', { Operations: [title] }],
  ['schemas null', { schemas: null, Operations: [title] }],
  ['schemas empty', { schemas: [], Operations: [title] }],
  ['schemas in another case', { schemas: [MESSAGE.patchOp.toUpperCase()], Operations: [title] }],
  ['schemas unknown', { schemas: ['urn:x'], Operations: [title] }],
  ['schemas with others', { schemas: ['urn:x', MESSAGE.patchOp], Operations: [title] }],
  ['schemas as a bare string', { schemas: MESSAGE.patchOp, Operations: [title] }],
])('%s: accepted', (_, body) => {
  expect(parsePatch(body)).toStrictEqual([{ ...title, index: 1 }])
})

test.each([[null], [undefined], ['']])('path %j means the resource itself', (path) => {
  const [operation] = parsePatch({ Operations: [{ op: 'add', path, value: {} }] })
  expect(operation).toStrictEqual({ op: 'add', value: {}, index: 1 })
})

test.each([[null], [''], [false], [0], [[]]])('value %j is a value', (value) => {
  const [operation] = parsePatch({ Operations: [{ op: 'replace', path: 'title', value }] })
  expect(operation).toStrictEqual({ op: 'replace', path: 'title', value, index: 1 })
})

test('no operations are no change', () => {
  expect(parsePatch({ schemas: [MESSAGE.patchOp], Operations: [] })).toEqual([])
})

test.each([
  ['no object', 'x', 'invalidSyntax', /body must be a JSON object, not a string/],
  ['no body', undefined, 'invalidSyntax', /body must be a JSON object/],
  ['an array', [title], 'invalidSyntax', /not an array/],
  [
    'another message',
    { schemas: [MESSAGE.bulkRequest], Operations: [] },
    'invalidSyntax',
    /schemas.*PatchOp/,
  ],
  ['schemas no text', { schemas: [7], Operations: [] }, 'invalidSyntax', /schemas.*PatchOp/],
  ['no Operations', {}, 'invalidSyntax', /Operations must be an array.*missing/],
  ['an object', { Operations: title }, 'invalidSyntax', /Operations.*an object came/],
  ['Operations null', { Operations: null }, 'invalidSyntax', /Operations.*null came/],
  [
    'no operation',
    { Operations: [title, 'x'] },
    'invalidSyntax',
    /Operation 2: .*must be an object/,
  ],
  ['no op', { Operations: [{ path: 'title' }] }, 'invalidSyntax', /Operation 1: op.*it is missing/],
  [
    'unknown op',
    { Operations: [title, { op: 'move' }] },
    'invalidSyntax',
    /Operation 2: op.*"move"/,
  ],
  ['op no text', { Operations: [{ op: 1 }] }, 'invalidSyntax', /Operation 1: op.*a number came/],
  ['path no text', { Operations: [{ ...title, path: 1 }] }, 'invalidPath', /Operation 1: path/],
  [
    'add, no value',
    { Operations: [{ op: 'add', path: 'title' }] },
    'invalidValue',
    /Operation 1: add needs a value/,
  ],
  [
    'replace, no value',
    { Operations: [{ op: 'replace' }] },
    'invalidValue',
    /Operation 1: replace needs/,
  ],
])('%s: refused', async (_, body, kind, detail) => {
  expect(said(await refusalOf(() => parsePatch(body)))).toMatch(saying(kind, detail))
})

test('the name of an unknown op is quoted in part', async () => {
  const error = said(await refusalOf(() => parsePatch({ Operations: [{ op: 'x'.repeat(500) }] })))
  expect(error.length).toBeLessThan(100)
})

/** A body with as many operations. */
function many(length: number): unknown {
  return { Operations: Array.from({ length }, () => title) }
}

test('as many operations as the limit, no more', async () => {
  expect(parsePatch(many(LIMITS.patchOperations))).toHaveLength(LIMITS.patchOperations)
  expect(said(await refusalOf(() => parsePatch(many(LIMITS.patchOperations + 1))))).toMatch(
    saying('invalidValue', /at most 1000 operations, 1001 came/),
  )
})

test('a name in two spellings is refused, in the message and in an operation', async () => {
  const ofMessage = await refusalOf(() => parsePatch({ Operations: [title], operations: [] }))
  expect(said(ofMessage)).toBe('invalidSyntax: operations is given twice.')
  const ofOperation = await refusalOf(() => parsePatch({ Operations: [{ ...title, Op: 'add' }] }))
  expect(said(ofOperation)).toMatch(/^invalidSyntax: .*Op is given twice/)
})
