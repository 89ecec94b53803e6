import { describe, expect, test } from 'vitest'
import { withDefinitions } from '../../../lib/scim/attribute-definition.ts'
import { resolvePath } from '../../../lib/scim/attribute-path.ts'
import { defaultResourceTypes, GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import type { ResourceType } from '../../../lib/scim/resource-type.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { indexesOf, DEFAULT_LAYOUTS, layoutOf } from '../../../lib/storage/layout.ts'
import { fromStored, storedPath, toStored } from '../../../lib/storage/stored-attributes.ts'
import { aDefinition, SURVEY } from '../../support/definitions.ts'

const { enterpriseUser: ENTERPRISE, peopleUser: PEOPLE } = URN
const OURS = 'urn:ietf:params:scim:schemas:extension:northwind:2.0:User'
const [RENAMED = USER] = defaultResourceTypes(OURS)

const definitions = [
  aDefinition('costCentre'),
  aDefinition('badge', { unique: true }),
  aDefinition('score', { type: 'integer', schema: SURVEY }),
]
const DECLARED = withDefinitions(USER, definitions)

const ATTRIBUTES = {
  userName: 'ada',
  active: true,
  [ENTERPRISE]: { department: 'x' },
  [PEOPLE]: { level: '1', costCentre: '4711' },
  [SURVEY]: { score: 5 },
}

const STORED = {
  userName: 'ada',
  active: true,
  [ENTERPRISE]: { department: 'x' },
  people: { level: '1', costCentre: '4711', score: 5 },
}

/** As a change of other attributes by a type would leave it. */
function rewritten(type: ResourceType, stored: JsonObject): JsonObject {
  const content = fromStored(type, stored)
  return toStored(type, { ...content, attributes: { ...content.attributes, title: 'y' } })
}

describe('what is kept', () => {
  test('has the people extension and all that a tenant has declared under a neutral key', () => {
    expect(toStored(DECLARED, { attributes: ATTRIBUTES })).toEqual(STORED)
    expect(fromStored(DECLARED, STORED)).toEqual({ attributes: ATTRIBUTES })
  })

  test('is read under another URN when the setting has changed', () => {
    const type = withDefinitions(RENAMED, definitions)
    const { [PEOPLE]: content, ...others } = ATTRIBUTES
    expect(fromStored(type, STORED)).toEqual({ attributes: { ...others, [OURS]: content } })
    expect(rewritten(type, STORED)).toEqual({ ...STORED, title: 'y' })
  })

  test('is right, too, when the URN of people becomes that of a tenant’s own extension', () => {
    const [surveyed = USER] = defaultResourceTypes(SURVEY)
    const type = withDefinitions(surveyed, definitions)
    expect(fromStored(type, STORED).attributes).toMatchObject({
      [SURVEY]: { level: '1', costCentre: '4711', score: 5 },
    })
  })

  test.each([
    ['a user without any of it', USER, { userName: 'ada', emails: [{ value: 'a' }] }],
    [
      'one with the enterprise extension',
      DECLARED,
      { userName: 'ada', [ENTERPRISE]: { division: 'x' } },
    ],
    ['a group', GROUP, { displayName: 'a', externalId: '1' }],
  ] as const)('is what it was before there was such a key: %s', (_, type, attributes) => {
    const content = fromStored(type, attributes)
    expect(content.attributes).toBe(attributes)
    expect(content).not.toHaveProperty('hidden')
    expect(toStored(type, content)).toEqual(attributes)
  })
})

describe('what a resource type does not know', () => {
  test('is hidden, and kept by a change', () => {
    expect(fromStored(USER, STORED)).toEqual({
      attributes: {
        userName: 'ada',
        active: true,
        [ENTERPRISE]: { department: 'x' },
        [PEOPLE]: { level: '1' },
      },
      hidden: { people: { costCentre: '4711', score: 5 } },
    })
    expect(rewritten(USER, STORED)).toEqual({ ...STORED, title: 'y' })
  })

  test('is there again when it is declared again', () => {
    expect(fromStored(DECLARED, rewritten(USER, STORED)).attributes).toEqual({
      ...ATTRIBUTES,
      title: 'y',
    })
  })

  test('stays when all that is known beside it goes', () => {
    const { hidden } = fromStored(USER, STORED)
    const attributes = { userName: 'ada' }
    const stored = toStored(USER, { attributes, ...(hidden === undefined ? {} : { hidden }) })
    expect(stored).toEqual({ userName: 'ada', people: { costCentre: '4711', score: 5 } })
    expect(fromStored(USER, stored)).toEqual({ attributes, hidden })
  })

  test('never takes the place of what is known', () => {
    const content = {
      attributes: ATTRIBUTES,
      hidden: { people: { level: 'old' }, userName: 'old' },
    }
    expect(toStored(DECLARED, content)).toEqual(STORED)
  })

  test.each<[string, JsonObject, JsonObject]>([
    ['an attribute of the resource', { userName: 'ada', mood: 'good' }, { mood: 'good' }],
    ['an extension', { userName: 'ada', 'urn:x:y': { a: 1 } }, { 'urn:x:y': { a: 1 } }],
    [
      'an attribute of an extension',
      { userName: 'ada', [ENTERPRISE]: { mood: 'good' } },
      { [ENTERPRISE]: { mood: 'good' } },
    ],
    ['what is no container', { userName: 'ada', people: 'x' }, { people: 'x' }],
  ])('may be %s', (_, stored, hidden) => {
    expect(fromStored(USER, stored)).toEqual({ attributes: { userName: 'ada' }, hidden })
    expect(rewritten(USER, stored)).toEqual({ ...stored, title: 'y' })
  })
})

test('the names of indexes do not hang on the URN', () => {
  const layout = layoutOf(DEFAULT_LAYOUTS, USER)
  const names = (type: ResourceType): readonly string[] =>
    indexesOf(layout, type).map(({ name }) => name)
  expect(names(withDefinitions(RENAMED, definitions))).toEqual(names(DECLARED))
  expect(names(DECLARED).some((name) => name.includes('badge'))).toBe(true)
  const target = resolvePath(DECLARED, `${ENTERPRISE}:department`)
  expect(target?.kind === 'attribute' && storedPath(target)).toBe(`${ENTERPRISE}:department`)
})
