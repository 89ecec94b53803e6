import { describe, expect, test } from 'vitest'
import { tenantDomain } from '../../../lib/manage/tenant-domain.ts'
import { ATTRIBUTE_LIST, PROBLEM } from '../../../lib/manage/answers.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { isArray, isObject, type JsonObject } from '../../../lib/scim/json.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { SURVEY } from '../../support/definitions.ts'
import { manageClient, NOW, type ManageAnswer } from '../../support/manage-client.ts'

const { peopleUser: PEOPLE, enterpriseUser: ENTERPRISE } = URN
const ALL = 'tenants/acme/attributes'

/** A tenant with so many users. */
async function acme(users = 0): Promise<ReturnType<typeof manageClient>> {
  const { tenants } = memoryStores()
  const domain = tenantDomain(tenants, USER, async () => ({ users, groups: 0 }))
  const client = manageClient({ domain })
  await client.send('POST', 'tenants', { body: { id: 'acme' } })
  return client
}

/** A problem in one line, and the members that it names. */
function problemOf({ status, json }: ManageAnswer): readonly [string, ...(string | undefined)[]] {
  const { type, detail, errors = [] } = PROBLEM.parse(json)
  const kind = type.replace('urn:scim-endpoint:problem:', '')
  return [`${status} ${kind}: ${detail}`, ...errors.map(({ pointer }) => pointer)]
}

function itemsOf({ json }: ManageAnswer): readonly JsonObject[] {
  const { items } = json
  return isArray(items) ? items.filter(isObject) : []
}

describe('attributes', () => {
  test('are declared, read, changed, removed and declared again', async () => {
    const { send } = await acme()
    const body = { id: 'costCentre', label: ' Cost centre ', allowedValues: ['1', '2'] }
    const declared = await send('POST', ALL, { body })
    expect(declared.status).toBe(201)
    expect(declared.headers['location']).toBe('/api/manage/tenants/acme/attributes/costCentre')
    expect(declared.json).toEqual({
      id: 'costCentre',
      label: 'Cost centre',
      type: 'string',
      multiValued: false,
      allowedValues: ['1', '2'],
      unique: false,
      indexed: false,
      schema: PEOPLE,
      state: 'active',
      created: NOW.toISOString(),
      targets: {
        target: `${PEOPLE}:costCentre`,
        olderTarget: `${PEOPLE}.costCentre`,
        alsoTaken: [`${ENTERPRISE}:costCentre`, `${ENTERPRISE}.costCentre`],
      },
    })
    const one = `${ALL}/costcentre`
    const read = await send('GET', one)
    expect(read.json).toEqual(declared.json)
    expect(read.headers['etag']).toBe(declared.headers['etag'])
    const { etag = '' } = read.headers
    expect((await send('GET', one, { headers: { 'if-none-match': etag } })).status).toBe(304)
    const change = { label: 'CC', description: 'Whose money', allowedValues: [], unique: true }
    const changed = await send('PATCH', one, {
      body: { ...change, type: 'string', schema: PEOPLE },
    })
    const index = { complete: false, clashes: [] }
    expect(changed.json).toEqual({ ...declared.json, ...change, index })
    const cleared = await send('PATCH', one, { body: { description: null, unique: false } })
    expect(cleared.json).toEqual({ ...declared.json, label: 'CC', allowedValues: [] })
    const removed = await send('DELETE', one)
    const gone = { ...cleared.json, state: 'removed', removed: NOW.toISOString() }
    expect(removed.json).toEqual(gone)
    expect((await send('GET', one)).json).toEqual(gone)
    const purging = await send('DELETE', `${one}?purge=true`)
    expect(purging.json).toEqual({ ...gone, state: 'purging' })
  })

  test('tell what identity providers cannot send', async () => {
    const { send } = await acme()
    const body = { id: 'skills', multiValued: true, schema: SURVEY }
    const { json } = await send('POST', ALL, { body })
    expect(json).toMatchObject({ schema: SURVEY, targets: { target: `${SURVEY}:skills` } })
    expect(JSON.stringify(json['targets'])).toContain('one simple value')
  })

  test('are listed page by page, oldest first', async () => {
    const { send } = await acme()
    for (const id of ['one', 'two', 'three']) await send('POST', ALL, { body: { id } })
    await send('DELETE', `${ALL}/one`)
    const first = await send('GET', `${ALL}?count=2`)
    const { nextCursor } = ATTRIBUTE_LIST.parse(first.json)
    const second = await send('GET', `${ALL}?count=2&cursor=${nextCursor ?? ''}`)
    const ids = [...itemsOf(first), ...itemsOf(second)].map(({ id }) => id)
    expect(ids).toEqual(['one', 'three', 'two'])
    expect(second.json).not.toHaveProperty('nextCursor')
  })

  test('come back as they were; another type has to be purged first', async () => {
    const { send } = await acme()
    await send('POST', ALL, { body: { id: 'shoe', type: 'integer' } })
    await send('DELETE', `${ALL}/shoe`)
    const other = await send('POST', ALL, { body: { id: 'shoe' } })
    expect(problemOf(other)).toEqual([
      expect.stringMatching(/^409 not-possible: values of a removed attribute shoe .* purge it/),
      '#/type',
    ])
    const changing = await send('PATCH', `${ALL}/shoe`, { body: { label: 'x' } })
    expect(problemOf(changing)[0]).toMatch(/^409 not-possible: That attribute is removed/)
    const again = await send('POST', ALL, { body: { id: 'shoe', type: 'integer' } })
    expect(again.json).toMatchObject({ state: 'active' })
    await send('DELETE', `${ALL}/shoe?purge=true`)
    const early = await send('POST', ALL, { body: { id: 'shoe', type: 'integer' } })
    expect(problemOf(early)).toEqual([
      expect.stringMatching(/^409 not-possible: what users have of that attribute is being/),
      '#/id',
    ])
  })

  test('are those of one tenant', async () => {
    const { send } = await acme()
    await send('POST', 'tenants', { body: { id: 'other' } })
    await send('POST', ALL, { body: { id: 'shoe' } })
    expect(itemsOf(await send('GET', 'tenants/other/attributes'))).toEqual([])
    expect((await send('GET', 'tenants/other/attributes/shoe')).status).toBe(404)
    expect((await send('POST', 'tenants/other/attributes', { body: { id: 'shoe' } })).status).toBe(
      201,
    )
  })
})

test('all values that an attribute may have can be sent in any script, and escaped', async () => {
  const { send } = await acme()
  const allowedValues = Array.from({ length: 200 }, (_, n) =>
    `${String(n)}${'値'.repeat(200)}`.slice(0, 200),
  )
  const body = {
    id: 'grade',
    label: '値'.repeat(100),
    description: '値'.repeat(500),
    allowedValues,
  }
  const declared = await send('POST', ALL, { body })
  expect([declared.status, declared.json['allowedValues']]).toEqual([201, allowedValues])
  const escaped = JSON.stringify({ allowedValues }).replaceAll('値', String.raw`\u5024`)
  const changed = await send('PATCH', `${ALL}/grade`, { body: escaped })
  expect([changed.status, changed.json['allowedValues']]).toEqual([200, allowedValues])
  const larger = await send('POST', ALL, { body: ' '.repeat(262_145) })
  expect(problemOf(larger)[0]).toContain('413 payload-too-large: The body is larger than 262144')
})

describe('what is wrong with an attribute is said of its member', () => {
  test.each([
    [{}, '400 invalid-request: id is missing: it must have 1 to 64 characters', '#/id'],
    [{ id: 'a b' }, '400 invalid-request: id must have 1 to 64 characters', '#/id'],
    [{ id: 'seen' }, '400 invalid-request: the id of an attribute must not be seen', '#/id'],
    [{ id: 'LEVEL' }, '409 taken: every tenant has the attribute LEVEL', '#/id'],
    [{ id: 'shoe' }, '409 taken: the attribute Shoe is declared already', '#/id'],
    [{ id: 'x', label: '' }, '400 invalid-request: label must have 1 to 100', '#/label'],
    [{ id: 'x', type: 'complex' }, '400 invalid-request: type must be one of string', '#/type'],
    [{ id: 'x', multiValued: 1 }, '400 invalid-request: multiValued must be true', '#/multiValued'],
    [{ id: 'x', unique: 'no' }, '400 invalid-request: unique must be true or false', '#/unique'],
    [{ id: 'x', schema: 'x' }, '400 invalid-request: the schema of an attribute must', '#/schema'],
    [
      { id: 'x', schema: ENTERPRISE },
      '400 invalid-request: the schema of an attribute must not be read as the URN of another',
      '#/schema',
    ],
    [
      { id: 'x', allowedValues: ['a', 'A'] },
      '400 invalid-request: allowedValues[1] is there twice',
      '#/allowedValues',
    ],
    [
      { id: 'x', type: 'boolean', allowedValues: ['true'] },
      '400 invalid-request: only attributes of the types',
      '#/allowedValues',
    ],
    [
      { id: 'x', allowedValues: [1] },
      '400 invalid-request: allowedValues.0 must be a text, not 1',
      '#/allowedValues/0',
    ],
    [{ id: 'x', colour: 'red' }, '400 invalid-request: colour is not known here', '#/colour'],
  ])('%j', async (body, expected, pointer) => {
    const { send } = await acme()
    await send('POST', ALL, { body: { id: 'Shoe' } })
    const [problem, ...pointers] = problemOf(await send('POST', ALL, { body }))
    expect(problem).toContain(expected)
    expect(pointers).toEqual([pointer])
    expect(itemsOf(await send('GET', ALL))).toHaveLength(1)
  })

  test.each([
    [{ type: 'integer' }, '#/type'],
    [{ multiValued: true }, '#/multiValued'],
    [{ schema: SURVEY }, '#/schema'],
    [{ id: 'other' }, '#/id'],
  ])('%j never comes later', async (body, pointer) => {
    const { send } = await acme()
    await send('POST', ALL, { body: { id: 'shoe' } })
    const [problem, ...pointers] = problemOf(await send('PATCH', `${ALL}/shoe`, { body }))
    expect(problem).toMatch(/^409 not-possible: the \w+ of an attribute never changes/)
    expect(pointers).toEqual([pointer])
  })

  test('a parameter', async () => {
    const { send } = await acme()
    const answer = await send('DELETE', `${ALL}/shoe?purge=yes`)
    expect(answer.json['errors']).toEqual([
      { parameter: 'purge', detail: 'must be true or false, not "yes"' },
    ])
  })
})

describe('values that users may have', () => {
  test('are to be looked through when unique or indexed is switched on', async () => {
    const { send } = await acme(3)
    await send('POST', ALL, { body: { id: 'shoe' } })
    const index = { complete: false, clashes: [] }
    for (const flag of ['indexed', 'unique']) {
      const { status, json } = await send('PATCH', `${ALL}/shoe`, { body: { [flag]: true } })
      expect(status).toBe(200)
      expect(json).toMatchObject({ [flag]: true, index })
    }
    const removed = await send('DELETE', `${ALL}/shoe`)
    expect(removed.json).not.toHaveProperty('index')
    const again = await send('POST', ALL, { body: { id: 'shoe', unique: true } })
    expect(again.json).toMatchObject({ unique: true, index })
  })

  test('are none of an attribute that never was there', async () => {
    const { send } = await acme(3)
    const fresh = await send('POST', ALL, { body: { id: 'badge', unique: true } })
    expect(fresh.json).toMatchObject({ unique: true, index: { complete: true, clashes: [] } })
    const off = await send('PATCH', `${ALL}/badge`, { body: { unique: false } })
    expect(off.json).toMatchObject({ unique: false })
    expect(off.json).not.toHaveProperty('index')
  })
})

describe('limits', () => {
  test('hold when many are declared at the same time', async () => {
    const { send } = await acme()
    const tries = Array.from({ length: 104 }, (_, at) =>
      send('POST', ALL, { body: { id: `a${at}` } }),
    )
    const statuses = (await Promise.all(tries)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(100)
    expect(statuses.filter((status) => status === 400)).toHaveLength(4)
    await send('DELETE', `${ALL}/a0`)
    expect((await send('POST', ALL, { body: { id: 'more' } })).status).toBe(201)
  })

  test('of the same id one is declared', async () => {
    const { send } = await acme()
    const tries = ['shoe', 'SHOE', 'Shoe'].map((id) => send('POST', ALL, { body: { id } }))
    const statuses = (await Promise.all(tries)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(1)
    expect(statuses.filter((status) => status === 409)).toHaveLength(2)
  })

  test('a tenant that is being deleted declares nothing', async () => {
    const { send } = await acme()
    await send('POST', ALL, { body: { id: 'shoe' } })
    await send('DELETE', 'tenants/acme')
    for (const [method, path, body] of [
      ['POST', ALL, { id: 'other' }],
      ['PATCH', `${ALL}/shoe`, { label: 'x' }],
      ['DELETE', `${ALL}/shoe`, undefined],
    ] as const) {
      const answer = await send(method, path, { body })
      expect(problemOf(answer)[0]).toMatch(/^409 not-possible: tenant acme is being deleted/)
    }
  })
})
