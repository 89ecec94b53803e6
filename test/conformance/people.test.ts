import { beforeAll, describe, expect, test } from 'vitest'
import { tenantTypes } from '../../lib/people/tenant-types.ts'
import type { AttributeDefinition } from '../../lib/scim/attribute-definition.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../lib/scim/default-resource-types.ts'
import { isArray, own, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { aDefinition, SURVEY } from '../support/definitions.ts'
import {
  errorAnswer,
  memoryApp,
  textOf,
  type MemoryAnswer,
  type SendAs,
} from '../support/memory-app.ts'

/**
 * What applications show of people, as Entra ID sends it: each attribute in every form in which it is created, changed,
 * cleared and looked for.
 */

const { enterpriseUser: ENTERPRISE, peopleUser: PEOPLE } = URN

const DECLARED: Readonly<Record<string, readonly AttributeDefinition[]>> = {
  contoso: [
    aDefinition('costCentre'),
    aDefinition('grade', { allowedValues: ['Junior', 'Senior'] }),
    aDefinition('score', { type: 'integer', schema: SURVEY }),
    aDefinition('remote', { type: 'boolean' }),
    aDefinition('skills', { multiValued: true }),
    aDefinition('badge', { unique: true }),
  ],
  fabrikam: [aDefinition('costCentre', { type: 'integer' }), aDefinition('shirt')],
}

const typesOf = tenantTypes(DEFAULT_RESOURCE_TYPES)
const NOTHING: readonly AttributeDefinition[] = []

let sends: Readonly<Record<string, SendAs>> = {}

beforeAll(async () => {
  const app = await memoryApp({
    runtime: { resourceTypesOf: ({ id }) => typesOf(DECLARED[id] ?? NOTHING, []) },
  })
  const ids = ['contoso', 'fabrikam', 'plain']
  const tenants = await Promise.all(
    ids.map(async (id) => [id, (await app.tenant(id)).send] as const),
  )
  sends = Object.fromEntries(tenants)
})

const send: SendAs = (...request) => sendAs('contoso', ...request)

function sendAs(tenant: string, ...request: Parameters<SendAs>): Promise<MemoryAnswer> {
  const its = sends[tenant]
  if (its === undefined) throw new Error(`There is no tenant ${tenant}.`)
  return its(...request)
}

let people = 0

/** A POST as Entra sends it: of schemas it names those of RFC 7643 only. */
async function post(attributes: JsonObject): Promise<MemoryAnswer> {
  people += 1
  const userName = `ada${people}@contoso.example`
  return send('POST', '/Users', {
    body: { schemas: [URN.user, ENTERPRISE], userName, active: true, ...attributes },
  })
}

async function idOf(attributes: JsonObject = {}): Promise<string> {
  return textOf(await post(attributes), 'id')
}

const patch = (id: string, ...Operations: readonly JsonObject[]): Promise<MemoryAnswer> =>
  send('PATCH', `/Users/${id}`, { body: { schemas: [MESSAGE.patchOp], Operations } })

const get = (id: string, query = ''): Promise<MemoryAnswer> => send('GET', `/Users/${id}${query}`)

async function idsWith(filter: string): Promise<readonly string[]> {
  const { json } = await send('GET', `/Users?filter=${encodeURIComponent(filter)}`)
  const { Resources } = json
  const ids = isArray(Resources) ? Resources.map((each) => own(each, 'id')) : []
  return ids.filter((id) => typeof id === 'string')
}

/** An attribute of the table of what applications show. */
interface Line {
  readonly field: string
  /** Where a client maps it to; the first is the canonical one. */
  readonly targets: readonly string[]
  readonly value: JsonValue
  readonly other: JsonValue
  /** Where it stands in an answer. */
  readonly shown: readonly string[]
  /** As it is answered, where that is not as it came. */
  readonly answered?: (value: JsonValue) => JsonValue
  readonly filter: string
}

/** An attribute of an extension, under the URNs behind which it may be mapped. */
function extended(
  field: string,
  urns: readonly string[],
  name: string,
  value: JsonValue,
  other: JsonValue,
): Line {
  const [urn = ''] = urns
  return {
    field,
    targets: urns.flatMap((each) => [`${each}:${name}`, `${each}.${name}`]),
    value,
    other,
    shown: [urn, name],
    filter: `${urn}:${name} eq ${JSON.stringify(value)}`,
  }
}

const OWN = [PEOPLE, ENTERPRISE]

const LINES: readonly Line[] = [
  ...[
    ['First name', 'name.givenName', ['name', 'givenName']],
    ['Last name', 'name.familyName', ['name', 'familyName']],
    ['Position', 'title', ['title']],
  ].map(([field, target, shown]): Line => ({
    field: String(field),
    targets: [String(target), `${URN.user}:${String(target)}`],
    value: `${String(field)} one`,
    other: `${String(field)} two`,
    shown: isArray(shown) ? shown.map(String) : [],
    filter: `${String(target)} eq "${String(field)} one"`,
  })),
  extended('Department', [ENTERPRISE], 'department', 'Sales', 'Research'),
  extended('Division', [ENTERPRISE], 'division', 'East', 'West'),
  extended('Cost center', [ENTERPRISE], 'costCenter', 'C-1', 'C-2'),
  {
    ...extended('Manager', [ENTERPRISE], 'manager', 'the-boss', 'another-boss'),
    shown: [ENTERPRISE, 'manager', 'value'],
  },
  extended('Level', [PEOPLE], 'level', 'Senior', 'Principal'),
  extended('Location', [PEOPLE], 'location', 'Zürich', 'Bern'),
  extended('Gender', [PEOPLE], 'gender', 'female', 'male'),
  extended('Start date', [PEOPLE], 'startDate', '2020-01-31', '2021-02-28T00:00:00Z'),
  extended('End date', [PEOPLE], 'endDate', '2026-12-31T00:00:00Z', '2027-12-31'),
  extended('Birthday', [PEOPLE], 'birthday', '1990-05-17', '1991-06-18'),
  extended('A text of the tenant', OWN, 'costCentre', '4711', '4712'),
  extended('One of some values', OWN, 'grade', 'Junior', 'Senior'),
  extended('A number of an extension of its own', [SURVEY, ENTERPRISE], 'score', 7, 8),
  extended('A boolean', OWN, 'remote', true, false),
]

const cases = LINES.flatMap((line) =>
  line.targets.map((target): [string, string, Line] => [line.field, target, line]),
)

function shownIn({ json }: MemoryAnswer, { shown }: Line): JsonValue | undefined {
  return shown.reduce<JsonValue | undefined>((value, name) => own(value, name), json)
}

/** The URNs of the extensions that an answer has. */
function extensionsOf({ json }: MemoryAnswer): readonly string[] {
  return Object.keys(json).filter((key) => key.startsWith('urn:'))
}

/** What an answer tells of an attribute: the value, and all extensions with what `schemas` says of them. */
function seen(answer: MemoryAnswer, line: Line): unknown {
  if (answer.status >= 300) return answer.text
  const { schemas } = answer.json
  return { value: shownIn(answer, line), extensions: extensionsOf(answer), schemas }
}

/** The value is there, under the one place where it is answered. */
function right({ shown: [urn = ''] }: Line, value: JsonValue | undefined): unknown {
  const extensions = urn.startsWith('urn:') && value !== undefined ? [urn] : []
  return { value, extensions, schemas: [URN.user, ...extensions] }
}

/** A target as a key of a body: inside the container of its URN, where it has one. */
function contained(target: string, value: JsonValue): JsonObject {
  const [, urn, name] = /^(urn:.*:User)[:.](\w+)$/.exec(target) ?? []
  return urn === undefined || name === undefined
    ? { [target]: value }
    : { [urn]: { [name]: value } }
}

describe.each(cases)('%s, mapped to %s', (_, target, line) => {
  const { value, other } = line

  test('is created, in a container or by a key', async () => {
    for (const attributes of [contained(target, value), { [target]: value }]) {
      const created = await post(attributes)
      expect(seen(created, line)).toEqual(right(line, value))
      expect(seen(await get(textOf(created, 'id')), line)).toEqual(right(line, value))
    }
  })

  test('is changed by PATCH with a path, and cleared in every form', async () => {
    const id = await idOf()
    for (const clearing of [
      { op: 'Remove', path: target },
      { op: 'Replace', path: target, value: null },
      { op: 'Replace', path: target, value: '' },
      { op: 'Add', path: target, value: '' },
      { op: 'Replace', value: { [target]: null } },
    ]) {
      expect(seen(await patch(id, { op: 'Add', path: target, value }), line)).toEqual(
        right(line, value),
      )
      expect(seen(await patch(id, { op: 'Replace', path: target, value: other }), line)).toEqual(
        right(line, other),
      )
      expect(seen(await patch(id, clearing), line)).toEqual(right(line, undefined))
      expect(seen(await get(id), line)).toEqual(right(line, undefined))
    }
  })

  test('is changed by PATCH without a path, by a key or in a container', async () => {
    const id = await idOf()
    expect(seen(await patch(id, { op: 'add', value: { [target]: value } }), line)).toEqual(
      right(line, value),
    )
    expect(seen(await patch(id, { op: 'replace', value: contained(target, other) }), line)).toEqual(
      right(line, other),
    )
    const cleared = await patch(id, { op: 'replace', value: contained(target, null) })
    expect(seen(cleared, line)).toEqual(right(line, undefined))
  })

  test('is replaced by PUT, which clears it by null and by its absence', async () => {
    const created = await post({ [target]: value })
    const { userName = '' } = created.json
    const id = textOf(created, 'id')
    const put = (attributes: JsonObject): Promise<MemoryAnswer> =>
      send('PUT', `/Users/${id}`, { body: { schemas: [URN.user], userName, ...attributes } })
    expect(seen(await put(contained(target, other)), line)).toEqual(right(line, other))
    expect(seen(await put({ [target]: null }), line)).toEqual(right(line, undefined))
    expect(seen(await put({ [target]: value }), line)).toEqual(right(line, value))
    expect(seen(await put({}), line)).toEqual(right(line, undefined))
  })

  test('is found by a filter, and chosen by attributes and excludedAttributes', async () => {
    const id = await idOf({ [target]: value })
    const path = line.filter.slice(0, line.filter.indexOf(' eq '))
    expect(await idsWith(line.filter)).toContain(id)
    expect(await idsWith(line.filter.replace(path, target))).toContain(id)
    expect(await idsWith(`${target} pr`)).toContain(id)
    const chosen = await get(id, `?attributes=${encodeURIComponent(target)}`)
    expect(shownIn(chosen, line)).toEqual(value)
    expect(chosen.json).not.toHaveProperty('userName')
    const others = await get(id, `?excludedAttributes=${encodeURIComponent(target)}`)
    expect(shownIn(others, line)).toBeUndefined()
    expect(others.json).toHaveProperty('userName')
    const sorted = await send('GET', `/Users?count=1&sortBy=${encodeURIComponent(target)}`)
    expect(sorted.status).toBe(200)
  })

  test('goes through a bulk', async () => {
    people += 1
    const Operations = [
      {
        method: 'POST',
        path: '/Users',
        bulkId: 'a',
        data: { schemas: [URN.user], userName: `bulk${people}`, ...contained(target, value) },
      },
      {
        method: 'PATCH',
        path: '/Users/bulkId:a',
        data: {
          schemas: [MESSAGE.patchOp],
          Operations: [{ op: 'Replace', path: target, value: other }],
        },
      },
    ]
    const body = { schemas: [MESSAGE.bulkRequest], Operations }
    const { json } = await send('POST', '/Bulk', { body })
    expect(json).toMatchObject({ Operations: [{ status: '201' }, { status: '200' }] })
    const [id] = await idsWith(`userName eq "bulk${people}"`)
    expect(seen(await get(id ?? ''), line)).toEqual(right(line, other))
  })
})

describe('several values', () => {
  const PATH = `${ENTERPRISE}:skills`

  test('are added, removed, chosen by a filter and replaced', async () => {
    const id = await idOf({ [PATH]: ['a', 'b'] })
    const skills = async (operation: JsonObject): Promise<JsonValue | undefined> =>
      own((await patch(id, operation)).json[PEOPLE], 'skills')
    expect(await skills({ op: 'Add', path: PATH, value: ['c'] })).toEqual(['a', 'b', 'c'])
    expect(await skills({ op: 'Remove', path: `${PATH}[value eq "b"]` })).toEqual(['a', 'c'])
    expect(await skills({ op: 'Remove', path: PATH, value: ['c'] })).toEqual(['a'])
    expect(await skills({ op: 'Replace', path: PATH, value: 'x' })).toEqual(['x'])
    expect(await idsWith(`${PATH} eq "X"`)).toEqual([id])
    expect(await skills({ op: 'Remove', path: PATH })).toBeUndefined()
  })
})

describe('one attribute under both URNs', () => {
  const BOTH = { [`${PEOPLE}:costCentre`]: '1', [ENTERPRISE]: { costCentre: '2' } }
  const TWICE = `400 invalidSyntax: ${PEOPLE}:costCentre is given more than once; names ignore case.`

  test('is refused in one body', async () => {
    expect(errorAnswer(await post(BOTH))).toBe(TWICE)
  })

  test('is refused in one operation of a PATCH', async () => {
    const answer = await patch(await idOf(), { op: 'replace', value: BOTH })
    expect(errorAnswer(answer)).toBe(TWICE.replace(': ', ': Operation 1: '))
  })

  test('in several operations is what the last one says', async () => {
    const operations = [`${PEOPLE}:costCentre`, `${ENTERPRISE}.costCentre`].map((path, i) => ({
      op: 'Replace',
      path,
      value: String(i),
    }))
    expect((await patch(await idOf(), ...operations)).json[PEOPLE]).toEqual({ costCentre: '1' })
  })
})

function scoreIn({ json }: MemoryAnswer): JsonValue | undefined {
  return own(own(json, SURVEY) ?? null, 'score')
}

test('a number that is declared may come as text in every shape, and is answered as one', async () => {
  const target = `${ENTERPRISE}:score`
  for (const attributes of [contained(target, '7'), { [target]: '7' }]) {
    expect(scoreIn(await post(attributes))).toBe(7)
  }
  const created = await post({})
  const id = textOf(created, 'id')
  const { userName = '' } = created.json
  for (const [at, operation] of [
    { op: 'Add', path: target },
    { op: 'Replace', path: `${SURVEY}.score` },
  ].entries()) {
    expect(scoreIn(await patch(id, { ...operation, value: String(at) }))).toBe(at)
  }
  expect(scoreIn(await patch(id, { op: 'Replace', path: target, value: [{ value: '3' }] }))).toBe(3)
  expect(scoreIn(await patch(id, { op: 'Add', value: { [target]: '4' } }))).toBe(4)
  expect(scoreIn(await patch(id, { op: 'Add', value: contained(target, ' 5 ') }))).toBe(5)
  const body = { schemas: [URN.user], userName, [target]: '6' }
  expect(scoreIn(await send('PUT', `/Users/${id}`, { body }))).toBe(6)
  expect(await idsWith(`${target} eq "6"`)).toContain(id)
})

describe('what nobody declared', () => {
  const UNKNOWN = SURVEY.replace('peakon', 'CustomExtensionName')
  const KEYS = [
    `${UNKNOWN}:tag`,
    `${UNKNOWN}.tag`,
    `${PEOPLE}:tag`,
    `${ENTERPRISE}.tag`,
    `${SURVEY}:tag`,
  ]

  test.each(KEYS)('%s is ignored in every verb, and the rest goes through', async (key) => {
    const created = await post({ [key]: 'x', ...contained(key, 'x'), title: 'one' })
    expect([created.status, extensionsOf(created), created.json['title']]).toEqual([201, [], 'one'])
    const id = textOf(created, 'id')
    for (const operation of [
      { op: 'Add', path: key, value: '701984' },
      { op: 'Replace', value: { [key]: 'x' } },
      { op: 'Replace', value: contained(key, 'x') },
      { op: 'Remove', path: key },
    ]) {
      const patched = await patch(id, operation, { op: 'Replace', path: 'title', value: 'two' })
      expect([patched.status, extensionsOf(patched), patched.json['title']]).toEqual([
        200,
        [],
        'two',
      ])
    }
  })

  test('of a known attribute is a mistake', async () => {
    const answer = await patch(await idOf(), {
      op: 'Add',
      path: `${ENTERPRISE}:manager.tag`,
      value: 'x',
    })
    expect(errorAnswer(answer)).toMatch(/^400 invalidPath: /)
  })
})

describe('values that cannot be', () => {
  test.each<[string, JsonValue, string]>([
    [
      `${ENTERPRISE}:grade`,
      'Master',
      `${PEOPLE}:grade must be one of "Junior", "Senior"; "Master" came.`,
    ],
    [`${ENTERPRISE}:score`, 'many', `${SURVEY}:score must be a whole number; "many" came.`],
    [
      `${PEOPLE}:startDate`,
      'soon',
      `${PEOPLE}:startDate must be a date such as 2026-01-31, or a date and time such as 2026-01-31T09:00:00Z; "soon" came.`,
    ],
    [
      'photos[type eq "photo"].value',
      'http://photos.contoso.example/ada.jpg',
      'photos.value must be an absolute https URL such as https://example.com/ada.jpg; "http://photos.contos…" came.',
    ],
  ])('%s: %j', async (path, value, told) => {
    const answer = await patch(await idOf(), { op: 'Add', path, value })
    expect(errorAnswer(answer)).toBe(`400 invalidValue: Operation 1: ${told}`)
  })

  test('a unique one that another has', async () => {
    await post({ [`${PEOPLE}:badge`]: 'B-1' })
    expect(errorAnswer(await post({ [`${ENTERPRISE}:badge`]: 'b-1' }))).toMatch(
      /^409 uniqueness: Another User has this \S+:badge: id /,
    )
  })
})

const create = (tenant: string, attributes: JsonObject): Promise<MemoryAnswer> =>
  sendAs(tenant, 'POST', '/Users', {
    body: { schemas: [URN.user], userName: 'ada', ...attributes },
  })

describe('another tenant', () => {
  test('has its own attributes, and nobody else’s', async () => {
    const values = {
      [ENTERPRISE]: { costCentre: 5, shirt: 'M', badge: 'x' },
      [SURVEY]: { score: 1 },
    }
    expect((await create('fabrikam', values)).json).toMatchObject({
      schemas: [URN.user, PEOPLE],
      [PEOPLE]: { costCentre: 5, shirt: 'M' },
    })
    expect((await create('plain', values)).json).toMatchObject({ schemas: [URN.user] })
    const { text } = await sendAs('fabrikam', 'GET', '/Schemas')
    expect(text).toContain('"shirt"')
    expect(text).not.toMatch(/peakon|badge/)
    const filter = encodeURIComponent(`${PEOPLE}:costCentre eq "4711"`)
    expect(errorAnswer(await sendAs('plain', 'GET', `/Users?filter=${filter}`))).toMatch(
      /^400 invalidFilter: /,
    )
  })
})
