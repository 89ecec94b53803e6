import { describe, expect, test } from 'vitest'
import { defaultResourceTypes, USER } from '../../../../lib/scim/default-resource-types.ts'
import { listOfResourceTypes, schemaWithUrn } from '../../../../lib/scim/discovery.ts'
import type { JsonObject, JsonValue } from '../../../../lib/scim/json.ts'
import { compareBy, parseSort } from '../../../../lib/scim/sort.ts'
import { URN } from '../../../../lib/scim/urn.ts'
import { refusalOf, said } from '../../../support/refusal.ts'
import { memoryService } from '../../../support/service-rig.ts'

const PEOPLE = URN.peopleUser
const DATES = ['startDate', 'endDate', 'birthday']

function person(values: JsonObject, userName = 'ada'): JsonObject {
  return { schemas: [URN.user], userName, [PEOPLE]: values }
}

const RIGHT = 'must be a date such as 2026-01-31, or a date and time such as 2026-01-31T09:00:00Z'

describe('dates', () => {
  test.each(
    DATES.flatMap((name) =>
      [
        '2026-01-31',
        '2024-02-29',
        '2026-01-31T09:00:00Z',
        '2026-01-31T09:00:00.123+02:00',
        '2026-01-31T09:00:00',
      ].map((value) => [name, value]),
    ),
  )('%s is kept as it was sent: %s', async (name, value) => {
    const service = memoryService(USER)
    const { id } = await service.create(person({ [name]: value }))
    expect(await service.get(id)).toMatchObject({ [PEOPLE]: { [name]: value } })
  })

  test.each<[JsonValue, string]>([
    ['2026-02-29', `${RIGHT}; "2026-02-29" came.`],
    ['31.01.2026', `${RIGHT}; "31.01.2026" came.`],
    ['1/31/2026 12:00:00 AM', `${RIGHT}; a string of 21 characters came.`],
    ['2026-1-31', `${RIGHT}; "2026-1-31" came.`],
    ['2026-01-31 ', `${RIGHT}; "2026-01-31 " came.`],
    ['20260131', `${RIGHT}; "20260131" came.`],
    ['2026-01-31T25:00:00Z', `${RIGHT}; "2026-01-31T25:00:00Z" came.`],
    [
      20_260_131,
      'must be a string with a date such as "2026-01-31", or with a date and time; the number 20260131 came.',
    ],
  ])('%j is none', async (startDate, told) => {
    const refusal = await refusalOf(() => memoryService(USER).create(person({ startDate })))
    expect(said(refusal)).toBe(`invalidValue: ${PEOPLE}:startDate ${told}`)
  })

  const PEOPLE_BY_DATE = [
    ['a', '2025-12-31T23:30:00-02:00'],
    ['b', '2026-01-01'],
    ['c', '2026-01-01T08:00:00+02:00'],
    ['d', '2026-02-01'],
  ] as const

  test.each([
    ['eq "2026-01-01"', ['b']],
    ['eq "2026-01-01T00:00:00Z"', ['b']],
    ['eq "2026-01-01T01:30:00Z"', ['a']],
    ['ne "2026-01-01"', ['a', 'c', 'd', 'none']],
    ['gt "2026-01-01"', ['a', 'c', 'd']],
    ['ge "2026-01-01"', ['a', 'b', 'c', 'd']],
    ['lt "2026-01-01T02:00:00Z"', ['a', 'b']],
    ['le "2026-01-01T06:00:00Z"', ['a', 'b', 'c']],
    ['sw "2026-01"', ['b', 'c']],
    ['co "T08:"', ['c']],
    ['ew "-01"', ['b', 'd']],
    ['pr', ['a', 'b', 'c', 'd']],
    ['eq null', ['none']],
  ])('are compared as instants, and their parts as text: %s', async (condition, found) => {
    const service = memoryService(USER)
    for (const [name, startDate] of PEOPLE_BY_DATE)
      await service.create(person({ startDate }, name))
    await service.create(person({}, 'none'))
    expect(await service.find(`${PEOPLE}:startDate ${condition}`)).toEqual(found)
  })

  test('are compared with nothing else', async () => {
    const find = (): unknown => memoryService(USER).find(`${PEOPLE}:startDate gt "soon"`)
    expect(said(await refusalOf(find))).toBe(
      `invalidFilter: "${PEOPLE}:startDate" is compared with a date such as "2026-01-31", or a dateTime such as "2026-01-31T09:00:00Z"; the filter has "soon" (character 1).`,
    )
  })

  test('are sorted as instants', () => {
    const sort = parseSort(USER, { sortBy: `${PEOPLE}:startDate` })
    if (sort === undefined) throw new Error('There is no order.')
    const people = PEOPLE_BY_DATE.map(([userName, startDate]) => person({ startDate }, userName))
    const order = people.toReversed().toSorted(compareBy(sort.by, sort.descending))
    expect(order.map(({ userName }) => userName)).toEqual(['b', 'a', 'c', 'd'])
  })
})

describe('all attributes', () => {
  const VALUES = {
    level: 'Senior',
    location: 'Zürich',
    gender: 'female',
    startDate: '2020-01-01',
    endDate: '2026-12-31T00:00:00Z',
    birthday: '1990-05-17',
  }

  test('are in the answer and in its schemas', async () => {
    const answer = await memoryService(USER).create(person(VALUES))
    expect(answer['schemas']).toEqual([URN.user, PEOPLE])
    expect(answer[PEOPLE]).toEqual(VALUES)
  })

  test.each<[string, JsonObject]>([
    ['at top level', VALUES],
    ['after the URN', Object.fromEntries(entries(VALUES, ':'))],
    ['after the URN and a dot', Object.fromEntries(entries(VALUES, '.'))],
    ['in a container spelt otherwise', { [PEOPLE.toUpperCase()]: VALUES }],
  ])('are taken %s', async (_, attributes) => {
    const service = memoryService(USER)
    const { id } = await service.create({ userName: 'ada' })
    const patched = await service.patch(id, [{ op: 'replace', value: attributes }])
    expect(patched[PEOPLE]).toEqual(VALUES)
    const replaced = await service.replace(id, { userName: 'ada', ...attributes })
    expect(replaced[PEOPLE]).toEqual(VALUES)
  })

  test.each(Object.entries(VALUES))('%s is changed and cleared by a path', async (name, value) => {
    const path = `${PEOPLE}:${name}`
    const service = memoryService(USER)
    const { id } = await service.create({ userName: 'ada' })
    for (const clearing of [
      { op: 'remove', path },
      { op: 'replace', path, value: null },
      { op: 'replace', path, value: '' },
      { op: 'add', value: { [PEOPLE]: { [name]: null } } },
    ]) {
      const changed = await service.patch(id, [{ op: 'add', path, value }])
      expect(changed[PEOPLE]).toEqual({ [name]: value })
      const cleared = await service.patch(id, [clearing])
      expect(cleared).not.toHaveProperty([PEOPLE])
      expect(cleared['schemas']).toEqual([URN.user])
    }
  })
})

function entries(values: JsonObject, mark: string): readonly [string, JsonValue][] {
  return Object.entries(values).map(([name, value]) => [`${PEOPLE}${mark}${name}`, value])
}

describe('the URN', () => {
  const OURS = 'urn:ietf:params:scim:schemas:extension:northwind:2.0:User'
  const types = defaultResourceTypes(OURS)

  test('may be another one', () => {
    const url = 'https://scim.example'
    expect(JSON.stringify(listOfResourceTypes(types, url))).toContain(OURS)
    expect(schemaWithUrn(types, url, OURS)['attributes']).toEqual(
      schemaWithUrn(defaultResourceTypes(), url, PEOPLE)['attributes'],
    )
    expect(() => schemaWithUrn(types, url, PEOPLE)).toThrow('notFound')
  })

  test('is the one under which values are taken and answered', async () => {
    const service = memoryService(types[0] ?? USER)
    const answer = await service.create({
      userName: 'ada',
      [`${OURS}:level`]: '1',
      [PEOPLE]: { gender: 'x' },
    })
    expect(answer).toMatchObject({ schemas: [URN.user, OURS], [OURS]: { level: '1' } })
    expect(answer).not.toHaveProperty([PEOPLE])
  })
})
