import { describe, expect, test } from 'vitest'
import { withDefinitions } from '../../../lib/scim/attribute-definition.ts'
import { referencePath, resolvePath } from '../../../lib/scim/attribute-path.ts'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import { listOfResourceTypes, schemaWithUrn } from '../../../lib/scim/discovery.ts'
import type { JsonObject, JsonValue } from '../../../lib/scim/json.ts'
import { likeAttribute } from '../../../lib/scim/likeness.ts'
import { applyPatchAtOnce } from '../../../lib/scim/patch/apply.ts'
import { readPatchAtOnce } from '../../../lib/scim/patch/read.ts'
import type { ResourceType } from '../../../lib/scim/resource-type.ts'
import { uniqueAttributes } from '../../../lib/scim/unique-attributes.ts'
import { MESSAGE, URN } from '../../../lib/scim/urn.ts'
import { aDefinition, SURVEY } from '../../support/definitions.ts'
import { refusalOf, said } from '../../support/refusal.ts'
import { memoryService } from '../../support/service-rig.ts'

const { enterpriseUser: ENTERPRISE, peopleUser: PEOPLE } = URN
const URL = 'https://scim.example/api/scim'

const COST_CENTRE = aDefinition('costCentre', { label: 'Cost centre' })
const SCORE = aDefinition('score', { type: 'integer', schema: SURVEY })
const TYPE = withDefinitions(USER, [
  COST_CENTRE,
  SCORE,
  aDefinition('segment', { schema: SURVEY.toUpperCase() }),
  aDefinition('badge', { unique: true, schema: PEOPLE.toUpperCase() }),
])

function applied(
  resourceType: ResourceType,
  attributes: JsonObject,
  Operations: readonly JsonObject[],
): JsonObject {
  const user = { userName: 'ada', ...attributes }
  const { operations } = readPatchAtOnce(resourceType, { schemas: [MESSAGE.patchOp], Operations })
  const { userName: _, ...others } = applyPatchAtOnce(resourceType, user, operations)
  return others
}

describe('where the attributes are', () => {
  test('in the people extension, or in extensions of their own behind it', () => {
    expect(
      TYPE.extensions.map(({ schema }) => [schema.id, schema.attributes.map(({ name }) => name)]),
    ).toEqual([
      [
        ENTERPRISE,
        ['employeeNumber', 'costCenter', 'organization', 'division', 'department', 'manager'],
      ],
      [
        PEOPLE,
        ['level', 'location', 'gender', 'startDate', 'endDate', 'birthday', 'costCentre', 'badge'],
      ],
      [SURVEY, ['score', 'segment']],
    ])
  })

  test('a type without a people extension, and one without definitions, stay as they are', () => {
    expect(withDefinitions(GROUP, [COST_CENTRE])).toBe(GROUP)
    expect(withDefinitions(USER, [])).toBe(USER)
    expect(USER.extensions[1]?.schema.attributes).toHaveLength(6)
  })

  test('discovery shows them with their characteristics', () => {
    expect(JSON.stringify(listOfResourceTypes([TYPE], URL))).toContain(SURVEY)
    expect(schemaWithUrn([TYPE], URL, SURVEY)).toMatchObject({
      id: SURVEY,
      name: 'peakon',
      attributes: [
        { name: 'score', type: 'integer', description: 'score', uniqueness: 'none' },
        { name: 'segment', type: 'string', caseExact: false },
      ],
    })
    const people = JSON.stringify(schemaWithUrn([TYPE], URL, PEOPLE))
    expect(people).toContain('"description":"Cost centre"')
    expect(uniqueAttributes(TYPE).map(({ path }) => path)).toContain(`${PEOPLE}:badge`)
  })

  test.each([
    [`${PEOPLE}:costCentre`, `${PEOPLE}:costCentre`],
    [`${PEOPLE}.COSTCENTRE`, `${PEOPLE}:costCentre`],
    [`${ENTERPRISE}:costcentre`, `${PEOPLE}:costCentre`],
    [`${ENTERPRISE}.costCentre`, `${PEOPLE}:costCentre`],
    ['costCentre', `${PEOPLE}:costCentre`],
    [`${ENTERPRISE}:costCenter`, `${ENTERPRISE}:costCenter`],
    [`${SURVEY}:score`, `${SURVEY}:score`],
    [`${ENTERPRISE}:score`, `${SURVEY}:score`],
    [`${SURVEY}:costCentre`, undefined],
    [`${PEOPLE}:score`, undefined],
    [`${ENTERPRISE}:level`, undefined],
    [`${ENTERPRISE}:costCentre.x`, undefined],
  ])('%s names %s', (path, canonical) => {
    const target = resolvePath(TYPE, path)
    expect(target?.kind === 'attribute' ? referencePath(target) : undefined).toBe(canonical)
  })

  test.each([
    [`${PEOPLE}:costcentr`, 'costCentre'],
    [`${ENTERPRISE}:segmnt`, 'segment'],
    [`urn:ietf:params:scim:schemas:extension:other:2.0:User:costcentre`, `${PEOPLE}:costCentre`],
    [`urn:ietf:params:scim:schemas:extension:other:2.0:User.scor`, `${SURVEY}:score`],
  ])('for %s one may have meant %s', (path, like) => {
    expect(likeAttribute(TYPE, path)).toBe(like)
  })
})

describe('values', () => {
  const LEVELS = ['Junior', 'Senior', 'Größer', 'd', 'e', 'f', 'g']
  const typed = withDefinitions(USER, [
    aDefinition('text'),
    aDefinition('whole', { type: 'integer' }),
    aDefinition('part', { type: 'decimal' }),
    aDefinition('flag', { type: 'boolean' }),
    aDefinition('moment', { type: 'dateTime' }),
    aDefinition('link', { type: 'reference' }),
    aDefinition('tags', { multiValued: true }),
    aDefinition('grade', { allowedValues: LEVELS }),
    aDefinition('grades', { allowedValues: ['A', 'B'], multiValued: true }),
    aDefinition('stars', { type: 'integer', allowedValues: ['1', '2'] }),
    aDefinition('scores', { type: 'integer', multiValued: true }),
    aDefinition('rate', { type: 'decimal', allowedValues: ['0.5', '1.0'] }),
  ])

  test.each<[string, JsonValue, JsonValue | undefined]>([
    ['text', 'a', 'a'],
    ['text', ['a'], 'a'],
    ['whole', 5, 5],
    ['part', 1.5, 1.5],
    ['flag', 'True', true],
    ['moment', '2026-01-31T09:00:00Z', '2026-01-31T09:00:00Z'],
    ['link', 'https://example.com/a', 'https://example.com/a'],
    ['tags', ['a', 'b', 'A'], ['a', 'b']],
    ['tags', 'a', ['a']],
    ['grade', 'SENIOR', 'Senior'],
    ['grades', ['a', 'B'], ['A', 'B']],
    ['stars', 2, 2],
    ['rate', 1, 1],
    ['whole', '5', 5],
    ['whole', ' -12 ', -12],
    ['whole', [{ value: '5' }], 5],
    ['whole', '1e3', 1000],
    ['part', '0.8', 0.8],
    ['part', '', undefined],
    ['stars', '2', 2],
    ['rate', '1.00', 1],
    ['scores', ['1', 2, '1'], [1, 2]],
    ['scores', '3', [3]],
  ])('%s takes %j', async (id, value, came) => {
    const answer = await memoryService(typed).create({
      userName: 'ada',
      [`${ENTERPRISE}:${id}`]: value,
    })
    expect(answer[PEOPLE]).toEqual(came === undefined ? undefined : { [id]: came })
  })

  test.each<[string, JsonValue, string]>([
    ['whole', 'x', 'must be a whole number; "x" came.'],
    ['whole', '05', 'must be a whole number; "05" came.'],
    ['whole', '0x10', 'must be a whole number; "0x10" came.'],
    [
      'whole',
      '1.5',
      'must be an integer without a fraction, between -(2^53 - 1) and 2^53 - 1; the number 1.5 came.',
    ],
    ['part', '1,5', 'must be a number; "1,5" came.'],
    ['part', '1e999', 'must be a number; "1e999" came.'],
    ['part', true, 'must be a number; the boolean true came.'],
    ['stars', '3', 'must be one of 1, 2; the number 3 came.'],
    [
      'moment',
      '2026-01-31',
      'must be a date and time such as 2008-01-23T04:56:22Z; "2026-01-31" came.',
    ],
    ['text', { a: 1 }, 'must be a string; an object came.'],
    [
      'grade',
      'Master',
      'must be one of "Junior", "Senior", "Größer", "d", "e" and 2 more; "Master" came.',
    ],
    ['stars', 3, 'must be one of 1, 2; the number 3 came.'],
  ])('%s does not take %j', async (id, value, told) => {
    const body = { userName: 'ada', [`${ENTERPRISE}.${id}`]: value }
    const refusal = await refusalOf(() => memoryService(typed).create(body))
    expect(said(refusal)).toBe(`invalidValue: ${PEOPLE}:${id} ${told}`)
  })

  test('of several allowed ones each is checked', async () => {
    const body = { userName: 'ada', [PEOPLE]: { grades: ['A', 'C'] } }
    const refusal = await refusalOf(() => memoryService(typed).create(body))
    expect(said(refusal)).toBe(
      `invalidValue: ${PEOPLE}:grades[1] must be one of "A", "B"; "C" came.`,
    )
  })

  test('that were allowed before may stay', async () => {
    const service = memoryService(typed)
    const { id } = await service.create({ userName: 'ada', [PEOPLE]: { grade: 'Junior' } })
    const patched = await service.patch(id, [{ op: 'replace', path: `${PEOPLE}:text`, value: 'x' }])
    expect(patched[PEOPLE]).toEqual({ text: 'x', grade: 'Junior' })
  })

  test('that were allowed before are let be in every form, and no others', async () => {
    const before = withDefinitions(USER, [
      aDefinition('grade'),
      aDefinition('grades', { multiValued: true }),
      aDefinition('stars', { type: 'integer' }),
    ])
    const own = { grade: 'Junior', grades: ['A', 'B', 'C'], stars: 4 }
    const old = await memoryService(before).create({ userName: 'ada', [PEOPLE]: own })
    expect(old[PEOPLE]).toEqual(own)
    const narrowed = withDefinitions(USER, [
      aDefinition('grade', { allowedValues: ['Senior'] }),
      aDefinition('grades', { allowedValues: ['A'], multiValued: true }),
      aDefinition('stars', { type: 'integer', allowedValues: ['1'] }),
    ])
    const path = (name: string): string => `${PEOPLE}:${name}`
    const kept = applied(narrowed, { [PEOPLE]: own }, [
      { op: 'replace', path: path('grade'), value: 'junior' },
      { op: 'replace', value: { [path('stars')]: '4', [PEOPLE]: { grades: ['C', 'A', 'B'] } } },
    ])
    expect(kept).toEqual({ [PEOPLE]: { grade: 'junior', grades: ['C', 'A', 'B'], stars: 4 } })
    const removed = { op: 'remove', path: path('grades'), value: ['b'] }
    expect(applied(narrowed, { [PEOPLE]: own }, [removed])).toMatchObject({
      [PEOPLE]: { grades: ['A', 'C'] },
    })
    for (const [name, value, told] of [
      ['grade', 'Trainee', `${path('grade')} must be one of "Senior"; "Trainee" came.`],
      ['grades', ['A', 'D'], `${path('grades')}[1] must be one of "A"; "D" came.`],
      ['stars', 3, `${path('stars')} must be one of 1; the number 3 came.`],
    ] as const) {
      const operation = { op: 'replace', path: path(name), value }
      const refusal = await refusalOf(() => applied(narrowed, { [PEOPLE]: own }, [operation]))
      expect(said(refusal)).toBe(`invalidValue: Operation 1: ${told}`)
    }
  })

  test('that are unique are taken once, whatever their case', async () => {
    const service = memoryService(TYPE)
    await service.create({ userName: 'ada', [PEOPLE]: { badge: 'B-1' } })
    const body = { userName: 'bob', [ENTERPRISE]: { badge: 'b-1' } }
    expect(said(await refusalOf(() => service.create(body)))).toMatch(
      /^uniqueness: Another User has this \S+:badge: id /,
    )
  })
})
