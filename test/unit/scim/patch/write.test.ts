import { describe, expect, test } from 'vitest'
import { resolvePath, type ResolvedAttribute } from '../../../../lib/scim/attribute-path.ts'
import type { JsonObject, JsonValue } from '../../../../lib/scim/json.ts'
import type { OperationName } from '../../../../lib/scim/patch-operation.ts'
import { writeAttribute } from '../../../../lib/scim/patch/write.ts'
import { ENTERPRISE, frozen, GUARDED_URN, GUARDED_USER } from '../../../support/patching.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'

function reference(path: string): ResolvedAttribute {
  const found = resolvePath(GUARDED_USER, path)
  if (found?.kind !== 'attribute') throw new Error(`${path} is no attribute.`)
  return found
}

const BEFORE: JsonObject = frozen({ userName: 'b', title: 'T', [ENTERPRISE]: { department: 'D' } })

function written(path: string, value?: JsonValue, op: OperationName = 'replace'): JsonObject {
  return writeAttribute(op, BEFORE, reference(path), value)
}

describe('an attribute that is written', () => {
  test.each<[string, JsonValue | undefined, JsonObject]>([
    ['title', 'U', { ...BEFORE, title: 'U' }],
    ['title', undefined, { userName: 'b', [ENTERPRISE]: { department: 'D' } }],
    ['nickName', 'N', { ...BEFORE, nickName: 'N' }],
    [
      `${ENTERPRISE}:division`,
      'V',
      { ...BEFORE, [ENTERPRISE]: { department: 'D', division: 'V' } },
    ],
    [`${ENTERPRISE}:department`, undefined, { userName: 'b', title: 'T' }],
    [`${GUARDED_URN}:grade`, 'A', { ...BEFORE, [GUARDED_URN]: { grade: 'A' } }],
  ])('%s: %j', (path, value, after) => {
    expect(written(path, value)).toEqual(after)
  })

  test.each<[string, JsonValue | undefined]>([
    ['title', 'T'],
    ['nickName', undefined],
    [`${ENTERPRISE}:division`, undefined],
    ['password', 'secret'],
  ])('%s: %j changes nothing', (path, value) => {
    expect(written(path, value)).toBe(BEFORE)
  })

  test.each<[OperationName, RegExp]>([
    ['remove', saying('mutability', /userName is required and cannot be removed/)],
    ['replace', saying('invalidValue', /userName is required and must not be empty/)],
  ])('%s of what is required is refused', async (op, expected) => {
    expect(said(await refusalOf(() => written('userName', undefined, op)))).toMatch(expected)
  })

  test('once, when it is immutable', async () => {
    const path = `${GUARDED_URN}:origin`
    const once = written(path, 'o', 'add')
    const again = (value?: JsonValue): JsonObject =>
      writeAttribute('replace', once, reference(path), value)
    expect(again('o')).toBe(once)
    expect(said(await refusalOf(() => again('p')))).toMatch(
      saying('mutability', /origin is immutable/),
    )
    expect(said(await refusalOf(() => again()))).toMatch(
      saying('mutability', /origin is immutable/),
    )
  })
})
