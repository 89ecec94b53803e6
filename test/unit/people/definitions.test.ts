import { describe, expect, test } from 'vitest'
import {
  changedDefinition,
  newDefinition,
  type Declared,
  type NewDefinition,
} from '../../../lib/people/definitions.ts'
import { defaultResourceTypes, USER } from '../../../lib/scim/default-resource-types.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { aDefinition, SURVEY } from '../../support/definitions.ts'
import { refusalOf, said } from '../../support/refusal.ts'

const NOTHING: Declared = { resourceType: USER, definitions: [] }

async function refused(given: NewDefinition, declared: Declared = NOTHING): Promise<string> {
  return said(await refusalOf(() => newDefinition(given, declared)))
}

/** A URN of an extension that has no other number. */
const urn = (n: number): string => SURVEY.replace('peakon', `survey${n}`)

describe('a new definition', () => {
  test('has what is usual where nothing is said', () => {
    expect(newDefinition({ id: 'costCentre' }, NOTHING)).toEqual(aDefinition('costCentre'))
  })

  test('has what is said, its texts trimmed', () => {
    const given = {
      id: 'score_2-x',
      label: ' Score ',
      description: ' Of the survey ',
      type: 'integer',
      multiValued: true,
      allowedValues: ['1', '2'],
      unique: true,
      indexed: true,
      schema: SURVEY,
    } as const
    expect(newDefinition(given, NOTHING)).toEqual({
      ...given,
      label: 'Score',
      description: 'Of the survey',
    })
  })

  test.each(['1', 'a'.repeat(64), '-', '_x', '2fa'])('%s may be an id', (id) => {
    expect(newDefinition({ id }, NOTHING).id).toBe(id)
  })

  test.each(['', 'a'.repeat(65), 'a b', 'a.b', 'a:b', '$ref', 'größe'])(
    '%j may not',
    async (id) => {
      expect(await refused({ id })).toBe(
        'invalidValue: the id of an attribute must have 1 to 64 characters out of A-Z, a-z, 0-9, _ and -',
      )
    },
  )

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    '%s is what every object has',
    async (id) => {
      expect(await refused({ id })).toBe(
        `invalidValue: the id of an attribute must not be ${id}: every object has a property of that name in JavaScript, which programs would mistake for it`,
      )
    },
  )

  test('is not under the default URN of the people extension where that has another', async () => {
    const own = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User'
    const [resourceType = USER] = defaultResourceTypes(own)
    const declared = { resourceType, definitions: [] }
    expect(await refused({ id: 'shoe', schema: URN.peopleUser.toUpperCase() }, declared)).toMatch(
      `uniqueness: the schema of an attribute must not be ${URN.peopleUser}: that is the people extension by default, which is ${own} here;`,
    )
    expect(newDefinition({ id: 'shoe', schema: own }, declared)).toEqual(aDefinition('shoe'))
  })

  test.each(['seen', 'SEEN'])('%s is a path', async (id) => {
    expect(await refused({ id })).toMatch(/^invalidValue: .* must not be seen: /)
  })

  test.each([
    ['userName', URN.user],
    ['EXTERNALID', URN.user],
    ['schemas', URN.user],
    ['costcenter', URN.enterpriseUser],
    ['managerId', URN.enterpriseUser],
    ['Level', URN.peopleUser],
    ['startDate', URN.peopleUser],
  ])('%s is an attribute of all', async (id, schema) => {
    expect(await refused({ id })).toBe(
      `uniqueness: every tenant has the attribute ${id}, in ${schema}`,
    )
  })

  test('an id is taken once, whatever its case and schema', async () => {
    const declared = { ...NOTHING, definitions: [aDefinition('costCentre')] }
    expect(await refused({ id: 'CostCentre', schema: SURVEY }, declared)).toBe(
      'uniqueness: the attribute costCentre is declared already; names ignore case',
    )
  })

  test('there are a hundred at most', async () => {
    const definitions = Array.from({ length: 100 }, (_, i) => aDefinition(`a${i}`))
    expect(await refused({ id: 'b' }, { ...NOTHING, definitions })).toBe(
      'invalidValue: a tenant may declare at most 100 attributes',
    )
    expect(newDefinition({ id: 'b' }, { ...NOTHING, definitions: definitions.slice(1) }).id).toBe(
      'b',
    )
  })

  test('they are under ten URNs at most, that of people among them', async () => {
    const own = Array.from({ length: 9 }, (_, i) => aDefinition(`a${i}`, { schema: urn(i) }))
    const declared = { ...NOTHING, definitions: [...own, aDefinition('x')] }
    expect(await refused({ id: 'b', schema: urn(10) }, declared)).toBe(
      "invalidValue: a tenant's attributes may be under at most 10 URNs",
    )
    expect(newDefinition({ id: 'b', schema: urn(3) }, declared).schema).toBe(urn(3))
    expect(newDefinition({ id: 'b' }, declared)).not.toHaveProperty('schema')
    const tenth = { ...NOTHING, definitions: own }
    expect(newDefinition({ id: 'b', schema: urn(10) }, tenth).schema).toBe(urn(10))
  })

  test('the URN of people is not kept, and one that is there keeps its spelling', () => {
    expect(
      newDefinition({ id: 'a', schema: URN.peopleUser.toUpperCase() }, NOTHING),
    ).not.toHaveProperty('schema')
    const declared = { ...NOTHING, definitions: [aDefinition('a', { schema: SURVEY })] }
    expect(newDefinition({ id: 'b', schema: SURVEY.toUpperCase() }, declared).schema).toBe(SURVEY)
  })

  test.each([URN.user, URN.enterpriseUser, 'people', SURVEY.replace(':User', ':Group')])(
    'it is not under %s',
    async (schema) => {
      expect(await refused({ id: 'a', schema })).toMatch(
        /^invalidValue: the schema of an attribute must /,
      )
    },
  )

  test.each<[Partial<NewDefinition>, string]>([
    [{ label: '' }, 'the label of an attribute must not be empty'],
    [
      { label: 'a\nb' },
      'the label of an attribute must have at most 100 characters, all of them printable',
    ],
    [
      { label: 'a'.repeat(101) },
      'the label of an attribute must have at most 100 characters, all of them printable',
    ],
    [
      { description: 'a'.repeat(501) },
      'the description of an attribute must have at most 500 characters, all of them printable',
    ],
    [
      { type: 'boolean', allowedValues: ['true'] },
      'only attributes of the types string, integer, decimal have allowedValues, not boolean',
    ],
  ])('%j is refused', async (given, told) => {
    expect(await refused({ id: 'a', ...given })).toBe(`invalidValue: ${told}`)
  })
})

describe('a definition whose values are still kept', () => {
  const removed = [aDefinition('score', { type: 'integer', schema: SURVEY })]
  const declared = { ...NOTHING, removed }

  test('is declared again as it was', () => {
    const given = { id: 'score', type: 'integer', schema: SURVEY, label: 'Points' } as const
    expect(newDefinition(given, declared)).toMatchObject(given)
  })

  test.each<[string, NewDefinition]>([
    ['id', { id: 'Score', type: 'integer', schema: SURVEY }],
    ['type', { id: 'score', type: 'string', schema: SURVEY }],
    ['multiValued', { id: 'score', type: 'integer', schema: SURVEY, multiValued: true }],
    ['schema', { id: 'score', type: 'integer' }],
  ])('and with no other %s', async (name, given) => {
    expect(await refused(given, declared)).toBe(
      `mutability: values of a removed attribute score are still kept, whose ${name} is another: purge it, or declare it as it was`,
    )
  })
})

describe('a change', () => {
  const before = aDefinition('score', { type: 'integer', description: 'x', schema: SURVEY })
  const declared = { ...NOTHING, definitions: [before] }

  test('keeps what is not said, and takes what may change', () => {
    expect(changedDefinition(before, {}, declared)).toEqual(before)
    const change = { label: 'Points', allowedValues: ['1'], unique: true, indexed: true } as const
    expect(changedDefinition(before, change, declared)).toEqual({ ...before, ...change })
    expect(changedDefinition(before, { description: '' }, declared)).not.toHaveProperty(
      'description',
    )
  })

  test('may repeat what never changes', () => {
    const { id, type, multiValued } = before
    const change = { id, type, multiValued, schema: SURVEY.toUpperCase() }
    expect(changedDefinition(before, change, declared)).toEqual(before)
    const ofPeople = aDefinition('a')
    expect(changedDefinition(ofPeople, { schema: URN.peopleUser }, NOTHING)).toEqual(ofPeople)
  })

  test.each([
    ['id', { id: 'Score' }],
    ['type', { type: 'string' }],
    ['multiValued', { multiValued: true }],
    ['schema', { schema: urn(1) }],
    ['schema', { schema: URN.peopleUser }],
  ] as const)('of %s is refused', async (name, change) => {
    expect(said(await refusalOf(() => changedDefinition(before, change, declared)))).toBe(
      `mutability: the ${name} of an attribute never changes: declare another one, and remove this one`,
    )
  })

  test('is checked as a new definition is', async () => {
    const change = { allowedValues: ['x'] }
    expect(said(await refusalOf(() => changedDefinition(before, change, declared)))).toMatch(
      /^invalidValue: allowedValues\[0\] must be a whole number/,
    )
  })
})
