import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { checkAnswer } from '../conformance/answer.ts'
import { valuesAt } from '../conformance/matching.ts'
import { startApp, type RunningApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp()
})

afterAll(() => app.stop())

interface Answered {
  readonly status: number
  readonly body: JsonObject
}

/** Sends what Entra sends: no Accept, no User-Agent, bodies as SCIM JSON. Every answer is checked as SCIM. */
async function send(
  method: string,
  path: string,
  body?: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const answer = await app.send({
    method,
    path,
    headers: {
      authorization: `Bearer ${app.token}`,
      ADSCIMVersion: '6.0',
      ...headers,
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json; charset=utf-8' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const parsed: unknown = answer.body === '' ? undefined : JSON.parse(answer.body)
  const json = isObject(parsed) ? parsed : undefined
  expect(checkAnswer(answer, json, app.baseUrl), `${method} ${path}`).toEqual([])
  return { status: answer.status, body: json ?? {} }
}

function create(attributes: JsonObject): Promise<Answered> {
  return send('POST', '/Users', { schemas: [URN.user], ...attributes })
}

function patch(path: string, ...Operations: readonly JsonObject[]): Promise<Answered> {
  return send('PATCH', path, { schemas: [MESSAGE.patchOp], Operations })
}

/** Entra's lookup by the matching attribute. */
function find(userName: string): Promise<Answered> {
  return send('GET', `/Users?filter=userName+eq+%22${encodeURIComponent(userName)}%22`)
}

async function createdId(attributes: JsonObject): Promise<string> {
  const { status, body } = await create(attributes)
  expect(status).toBe(201)
  return textAt(body, '/id')
}

async function totalOfUsers(): Promise<number> {
  return Number((await send('GET', '/Users?count=0')).body['totalResults'])
}

/** How often each status came. */
function tally(answers: readonly Answered[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** The strings at a JSON pointer, in order. */
function textsAt(body: JsonObject, pointer: string): readonly string[] {
  return valuesAt(body, pointer)
    .filter((value) => typeof value === 'string')
    .toSorted((a, b) => (a < b ? -1 : 1))
}

function textAt(body: JsonObject, pointer: string): string {
  const [text] = textsAt(body, pointer)
  if (text === undefined) throw new Error(`there is no ${pointer}`)
  return text
}

describe('the life of a user in Entra', () => {
  const USER_NAME = 'joy.young@contoso.example'
  const RENAMED = 'joy.cooper@contoso.example'
  let path = ''

  test('Test Connection looks for a user that cannot exist', async () => {
    const { status, body } = await find(randomUUID())
    expect(status).toBe(200)
    expect(body).toMatchObject({ totalResults: 0, Resources: [] })
  })

  test('the user is not there, and is created', async () => {
    expect((await find(USER_NAME)).body['totalResults']).toBe(0)
    const { status, body } = await create({
      schemas: [URN.user, URN.enterpriseUser],
      externalId: 'jyoung',
      userName: USER_NAME,
      active: true,
      addresses: null,
      displayName: 'Joy Young',
      emails: [{ type: 'work', value: USER_NAME, primary: true }],
      meta: { resourceType: 'User' },
      name: { familyName: 'Young', givenName: 'Joy' },
      phoneNumbers: null,
      title: null,
      [URN.enterpriseUser]: { department: 'Sales', manager: null },
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({ userName: USER_NAME, active: true, displayName: 'Joy Young' })
    path = `/Users/${textAt(body, '/id')}`
  })

  test('the user is found, whatever the case', async () => {
    for (const userName of [USER_NAME, USER_NAME.toUpperCase()]) {
      const { body } = await find(userName)
      expect(body).toMatchObject({ totalResults: 1, Resources: [{ userName: USER_NAME }] })
    }
  })

  test('changes arrive with and without the compatibility flag', async () => {
    const verbose = await patch(
      path,
      { op: 'Replace', path: 'displayName', value: 'Joy Cooper' },
      { op: 'Replace', path: 'emails[type eq "work"].value', value: RENAMED },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+1 201 555 0123' },
      { op: 'Add', path: 'addresses[type eq "work"].locality', value: 'Redmond' },
      { op: 'Add', path: 'addresses[type eq "work"].country', value: 'United States' },
      { op: 'Add', path: `${URN.enterpriseUser}:manager`, value: randomUUID() },
    )
    expect(verbose.status).toBe(200)
    const flat = await patch(`${path}?aadOptscim062020`, {
      op: 'replace',
      value: {
        title: 'Head of Sales',
        'name.familyName': 'Cooper',
        [`${URN.enterpriseUser}:employeeNumber`]: '701984',
      },
    })
    expect(flat.body).toMatchObject({
      displayName: 'Joy Cooper',
      title: 'Head of Sales',
      name: { givenName: 'Joy', familyName: 'Cooper' },
      emails: [{ type: 'work', value: RENAMED, primary: true }],
      phoneNumbers: [{ type: 'mobile', value: '+1 201 555 0123' }],
      addresses: [{ type: 'work', locality: 'Redmond', country: 'United States' }],
      [URN.enterpriseUser]: { department: 'Sales', employeeNumber: '701984' },
    })
  })

  test('the user is renamed, and the old name is free at once', async () => {
    expect((await patch(path, { op: 'Replace', path: 'userName', value: RENAMED })).status).toBe(
      200,
    )
    expect((await find(USER_NAME)).body['totalResults']).toBe(0)
    expect((await find(RENAMED)).body['totalResults']).toBe(1)
    expect((await create({ userName: USER_NAME })).status).toBe(201)
    expect((await create({ userName: RENAMED.toUpperCase() })).status).toBe(409)
  })

  test('the user is disabled, still found, and enabled again', async () => {
    const before = (await send('GET', path)).body
    await patch(path, { op: 'Replace', path: 'active', value: 'False' })
    expect((await find(RENAMED)).body).toMatchObject({ Resources: [{ active: false }] })
    await patch(path, { op: 'Replace', path: 'active', value: 'True' })
    const { body } = await send('GET', path)
    expect(body['active']).toBe(true)
    expect(textAt(body, '/meta/created')).toBe(textAt(before, '/meta/created'))
    expect(Date.parse(textAt(body, '/meta/lastModified'))).toBeGreaterThan(
      Date.parse(textAt(before, '/meta/lastModified')),
    )
  })

  test('the user is deleted, and every trace is gone', async () => {
    expect((await send('DELETE', path)).status).toBe(204)
    expect((await send('GET', path)).status).toBe(404)
    expect((await send('DELETE', path)).status).toBe(404)
    expect((await patch(path, { op: 'Replace', path: 'active', value: 'True' })).status).toBe(404)
    expect((await find(RENAMED)).body['totalResults']).toBe(0)
    expect((await create({ userName: RENAMED })).status).toBe(201)
  })
})

describe('races within a tenant', () => {
  test('of 100 creates with one userName one wins', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        create({ userName: n % 2 === 0 ? 'twin@contoso.example' : 'TWIN@contoso.example' }),
      ),
    )
    expect(tally(answers)).toEqual({ 201: 1, 409: 99 })
    const { body } = await find('twin@contoso.example')
    expect(body['totalResults']).toBe(1)
    expect(valuesAt(body, '/Resources/*')).toHaveLength(1)
  })

  test('50 changes of one user at once all survive', async () => {
    const id = await createdId({ userName: 'busy@contoso.example' })
    const numbers = Array.from({ length: 50 }, (_, n) => `+1 201 555 ${1000 + n}`)
    const answers = await Promise.all(
      numbers.map((value, n) =>
        patch(`/Users/${id}`, {
          op: 'Add',
          path: `phoneNumbers[type eq "line${n}"].value`,
          value,
        }),
      ),
    )
    expect(tally(answers)).toEqual({ 200: 50 })
    const { body } = await send('GET', `/Users/${id}`)
    expect(textsAt(body, '/phoneNumbers/*/value')).toEqual(numbers)
  })

  test('of changes under one version one wins', async () => {
    const id = await createdId({ userName: 'versioned@contoso.example' })
    const version = textAt((await send('GET', `/Users/${id}`)).body, '/meta/version')
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        send(
          'PATCH',
          `/Users/${id}`,
          {
            schemas: [MESSAGE.patchOp],
            Operations: [{ op: 'replace', path: 'title', value: `title ${n}` }],
          },
          { 'if-match': version },
        ),
      ),
    )
    expect(tally(answers)).toEqual({ 200: 1, 412: 9 })
  })

  test('of 20 renames to one name one wins, and the others keep theirs', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, n) => createdId({ userName: `racer${n}@contoso.example` })),
    )
    const answers = await Promise.all(
      ids.map((id) =>
        patch(`/Users/${id}`, { op: 'Replace', path: 'userName', value: 'winner@contoso.example' }),
      ),
    )
    expect(tally(answers)).toEqual({ 200: 1, 409: 19 })
    const left = await send('GET', '/Users?filter=userName+sw+%22racer%22&count=0')
    expect(left.body['totalResults']).toBe(19)
  })

  test('creates and deletes at once leave an exact total', async () => {
    const before = await totalOfUsers()
    const ids = await Promise.all(
      Array.from({ length: 30 }, (_, n) => createdId({ userName: `brief${n}@contoso.example` })),
    )
    expect(await totalOfUsers()).toBe(before + 30)
    await Promise.all([
      ...ids.slice(0, 20).map((id) => send('DELETE', `/Users/${id}`)),
      ...Array.from({ length: 10 }, (_, n) => create({ userName: `later${n}@contoso.example` })),
    ])
    expect(await totalOfUsers()).toBe(before + 20)
  })
})
