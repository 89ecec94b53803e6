import { beforeEach, describe, expect, test } from 'vitest'
import { isArray, isObject, type JsonObject } from '../../lib/scim/json.ts'
import { URN } from '../../lib/scim/urn.ts'
import { SURVEY } from '../support/definitions.ts'
import {
  errorAnswer,
  memoryApp,
  textOf,
  type MemoryApp,
  type SendAs,
} from '../support/memory-app.ts'

/** Attributes that are declared by the manage API, as SCIM has them afterwards: all goes through the host. */

const { peopleUser: PEOPLE, enterpriseUser: ENTERPRISE } = URN
const KEYS = { master: 'the master key', host: 'the host key' }
const SECOND = 1000
const DAY = 24 * 60 * 60 * SECOND
/** Until no instance remembers what was before, and until no request can still run that did. */
const LIVE = 30 * SECOND
const SETTLED = 180 * SECOND

let app: MemoryApp
let at: number
let send: SendAs

beforeEach(async () => {
  at = Date.parse('2026-11-27T14:00:00.000Z')
  app = await memoryApp({ keys: KEYS, runtime: { now: () => new Date(at), notesActivity: true } })
  send = (await app.tenant('contoso')).send
})

async function manage(
  method: string,
  path: string,
  body?: JsonObject,
): Promise<{ readonly status: number; readonly json: JsonObject }> {
  const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body))
  const answer = await app.host.handle({
    method,
    target: `/api/manage/${path}`,
    headers: {
      host: 'localhost:7071',
      'x-functions-key': KEYS.host,
      'content-length': String(bytes.length),
      ...(bytes.length === 0 ? {} : { 'content-type': 'application/json' }),
    },
    body: bytes,
  })
  const json: unknown = JSON.parse(Buffer.from(answer.body).toString())
  return { status: answer.status, json: isObject(json) ? json : {} }
}

async function declare(tenant: string, body: JsonObject): Promise<void> {
  expect((await manage('POST', `tenants/${tenant}/attributes`, body)).status).toBe(201)
}

async function create(userName: string, people: JsonObject): Promise<string> {
  const body = { schemas: [URN.user], userName, [PEOPLE]: people }
  const created = await send('POST', '/Users', { body })
  expect(created.status).toBe(201)
  return textOf(created, 'id')
}

async function peopleOf(id: string): Promise<unknown> {
  return (await send('GET', `/Users/${id}`)).json[PEOPLE]
}

async function schemas(as = send): Promise<string> {
  return (await as('GET', '/Schemas')).text
}

async function maintain(): Promise<JsonObject> {
  return (await manage('POST', 'maintenance')).json
}

function newestIn({ items }: JsonObject): unknown {
  return isArray(items) ? items[0] : undefined
}

const ONE = 'tenants/contoso/attributes/costCentre'

test('a declaration is live within 30 s, and so are its change and its removal', async () => {
  expect(await schemas()).not.toContain('costCentre')
  await declare('contoso', { id: 'costCentre' })
  at += LIVE
  expect(await schemas()).toContain('costCentre')
  const id = await create('ada', { costCentre: '4711' })
  expect(await peopleOf(id)).toEqual({ costCentre: '4711' })
  const found = await send(
    'GET',
    `/Users?filter=${encodeURIComponent(`${ENTERPRISE}.costCentre eq "4711"`)}`,
  )
  expect(found.json['totalResults']).toBe(1)
  await manage('PATCH', ONE, { allowedValues: ['4711', '4712'] })
  at += LIVE
  const wrong = await send('POST', '/Users', {
    body: { schemas: [URN.user], userName: 'bob', [`${PEOPLE}:costCentre`]: '4713' },
  })
  expect(errorAnswer(wrong)).toMatch(
    /^400 invalidValue: .*:costCentre must be one of "4711", "4712"; "4713" came/,
  )
  await manage('DELETE', ONE)
  at += LIVE
  expect(await schemas()).not.toContain('costCentre')
  expect(await peopleOf(id)).toBeUndefined()
  await declare('contoso', { id: 'costCentre' })
  at += LIVE
  expect(await peopleOf(id)).toEqual({ costCentre: '4711' })
})

test('attributes/seen is a path of its own', async () => {
  await declare('contoso', { id: 'seeing' })
  const { status, json } = await manage('GET', 'tenants/contoso/attributes/seen')
  expect([status, Object.keys(json)]).toEqual([200, ['since', 'items', 'more', 'warnings']])
  expect((await manage('GET', 'tenants/contoso/attributes/seeing')).json['id']).toBe('seeing')
})

test('an id that is not declared is left out, and the activity tells which one was meant', async () => {
  await declare('contoso', { id: 'costCentre' })
  at += LIVE
  const id = await create('ada', { costCenter: '4711', level: 'Senior' })
  expect(await peopleOf(id)).toEqual({ level: 'Senior' })
  const { json } = await manage('GET', 'tenants/contoso/activity?subject=ada')
  expect(newestIn(json)).toMatchObject({
    reason: 'attributesIgnored',
    ignored: [`${PEOPLE}:costCenter (costCentre?)`],
  })
})

describe('a purge', () => {
  test('takes the values out, when no request can still write them', async () => {
    await declare('contoso', { id: 'costCentre' })
    await declare('contoso', { id: 'badge', unique: true, schema: SURVEY })
    await declare('contoso', { id: 'shoe' })
    at += LIVE
    const ada = await create('ada', { costCentre: '4711', shoe: '42', level: 'Senior' })
    const badge = { op: 'add', path: `${SURVEY}:badge`, value: 'B-1' }
    const patch = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [badge],
    }
    expect((await send('PATCH', `/Users/${ada}`, { body: patch })).status).toBe(200)
    const bob = await create('bob', { shoe: '43' })
    const before = (await send('GET', `/Users/${bob}`)).headers['etag']
    await manage('DELETE', `${ONE}?purge=true`)
    await manage('DELETE', 'tenants/contoso/attributes/badge?purge=true')
    at += LIVE
    await maintain()
    expect((await manage('GET', ONE)).json['state']).toBe('purging')
    at += SETTLED
    expect((await maintain())['failures']).toBe(0)
    expect((await manage('GET', ONE)).status).toBe(404)
    expect(await peopleOf(ada)).toEqual({ level: 'Senior', shoe: '42' })
    expect((await send('GET', `/Users/${bob}`)).headers['etag']).toBe(before)
    await declare('contoso', { id: 'costCentre', type: 'integer' })
    await declare('contoso', { id: 'badge', unique: true, schema: SURVEY })
    at += LIVE
    expect(await peopleOf(ada)).toEqual({ level: 'Senior', shoe: '42' })
    const again = { ...badge, value: 'B-1' }
    const body = { ...patch, Operations: [again] }
    expect((await send('PATCH', `/Users/${bob}`, { body })).status).toBe(200)
    const { json } = await manage('GET', 'tenants/contoso/activity?subject=ada')
    expect(newestIn(json)).toMatchObject({
      action: 'change user',
      by: { actor: 'system' },
      cleared: [`${PEOPLE}:costCentre`, `${SURVEY}:badge`],
    })
  })

  test('comes by itself when the activity of the removal is', async () => {
    await declare('contoso', { id: 'costCentre' })
    at += LIVE
    const ada = await create('ada', { costCentre: '4711' })
    await manage('DELETE', ONE)
    at += 89 * DAY
    await maintain()
    expect((await manage('GET', ONE)).json['state']).toBe('removed')
    at += 2 * DAY
    await maintain()
    expect((await manage('GET', ONE)).status).toBe(404)
    await declare('contoso', { id: 'costCentre' })
    at += LIVE
    expect(await peopleOf(ada)).toBeUndefined()
  })
})

test('nor is it forgotten where nothing else came: equal requests share an entry', async () => {
  const id = await create('ada', { level: 'Senior' })
  const patch = async (path: string, value: string): Promise<void> => {
    const Operations = [{ op: 'Add', path, value }]
    const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }
    expect((await send('PATCH', `/Users/${id}`, { body })).status).toBe(200)
  }
  const newest = async (): Promise<unknown> => {
    const { json } = await manage('GET', `tenants/contoso/activity?subject=${id}`)
    return newestIn(json)
  }
  await patch(`${PEOPLE}:level`, 'Senior')
  expect(await newest()).toMatchObject({ action: 'create user' })
  at += SECOND
  await patch(`${PEOPLE}:lavel`, 'Junior')
  at += 10 * SECOND
  await patch(`${PEOPLE}:lavel`, 'Junior')
  expect(await newest()).toMatchObject({
    reason: 'attributesIgnored',
    resource: { type: 'User', id, name: 'ada' },
    status: 200,
    count: 2,
    detail: `Nothing was changed; ignored: ${PEOPLE}:lavel (level?)`,
  })
  at += SECOND
  const value = { op: 'Add', value: { [PEOPLE]: { level: 'Junior', lavel: 'x' } } }
  const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [value] }
  await send('PATCH', `/Users/${id}`, { body })
  expect(await newest()).toMatchObject({
    outcome: 'changed',
    reason: 'attributesIgnored',
    ignored: [`${PEOPLE}:lavel (level?)`],
  })
})

test('an extension that Entra never lists in schemas is kept once its attribute is declared (ENT-URN-04)', async () => {
  const schema = 'urn:ietf:params:scim:schemas:extension:CustomExtensionName:2.0:User'
  const id = await create('ent-urn-04@contoso.example', {})
  const patch = async (): Promise<unknown> => {
    const Operations = [{ op: 'Add', path: `${schema}:tag`, value: '701984' }]
    const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }
    const { status } = await send('PATCH', `/Users/${id}`, { body })
    expect([200, 204]).toContain(status)
    return (await send('GET', `/Users/${id}`)).json[schema]
  }
  expect(await patch()).toBeUndefined()
  await declare('contoso', { id: 'tag', schema })
  at += LIVE
  expect(await patch()).toEqual({ tag: '701984' })
})

const patchOf = (...Operations: readonly JsonObject[]): { readonly body: JsonObject } => ({
  body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations },
})

test.each([{ unique: true }, { indexed: true }])(
  'an index over more values than a request may set (%j) keeps nothing else from being changed',
  async (change) => {
    await declare('contoso', { id: 'skills', multiValued: true })
    at += LIVE
    const skills = Array.from({ length: 12 }, (_, n) => `s${String(n)}`)
    const id = await create('ada', { skills })
    await manage('PATCH', 'tenants/contoso/attributes/skills', change)
    at += LIVE
    const user = { schemas: [URN.user], userName: 'ada', [PEOPLE]: { skills } }
    const statusOf = async (method: string, options: { readonly body: JsonObject }) =>
      (await send(method, `/Users/${id}`, options)).status
    for (let run = 0; run < 3; run += 1) {
      const active = { op: 'replace', path: 'active', value: run === 1 }
      expect(await statusOf('PATCH', patchOf(active))).toBe(200)
      expect(await statusOf('PUT', { body: { ...user, title: String(run) } })).toBe(200)
      at += SETTLED
      expect((await maintain())['failures']).toBe(0)
    }
    const path = `${PEOPLE}:skills`
    const filter = encodeURIComponent(`${path} eq "S11"`)
    expect((await send('GET', `/Users?filter=${filter}`)).json['totalResults']).toBe(1)
    const other = await send('PATCH', `/Users/${id}`, patchOf({ op: 'add', path, value: ['x'] }))
    expect(errorAnswer(other)).toContain('skills have 13 values together; at most 7 values')
    const fewer = { op: 'remove', path, value: ['s11'] }
    expect(await statusOf('PATCH', patchOf(fewer))).toBe(200)
    expect((await send('GET', `/Users?filter=${filter}`)).json['totalResults']).toBe(0)
  },
)

test('a value that is allowed no more stays where it is, also by what was read and is sent again', async () => {
  await declare('contoso', { id: 'costCentre' })
  at += LIVE
  const id = await create('ada', { costCentre: '4711' })
  await manage('PATCH', ONE, { allowedValues: ['4712'] })
  at += LIVE
  const { json } = await send('GET', `/Users/${id}`)
  const again = await send('PUT', `/Users/${id}`, { body: { ...json, title: 'x' } })
  expect([again.status, again.json['title'], again.json[PEOPLE]]).toEqual([
    200,
    'x',
    { costCentre: '4711' },
  ])
  const path = `${ENTERPRISE}.costCentre`
  const same = await send('PATCH', `/Users/${id}`, patchOf({ op: 'add', path, value: '4711' }))
  expect(same.status).toBe(200)
  const told = /costCentre must be one of "4712"; "4710" came/
  const wrong = { ...json, [PEOPLE]: { costCentre: '4710' } }
  expect(errorAnswer(await send('PUT', `/Users/${id}`, { body: wrong }))).toMatch(told)
  const other = patchOf({ op: 'add', path, value: '4710' })
  expect(errorAnswer(await send('PATCH', `/Users/${id}`, other))).toMatch(told)
  const right = patchOf({ op: 'add', path, value: '4712' })
  expect((await send('PATCH', `/Users/${id}`, right)).status).toBe(200)
  expect(errorAnswer(await send('PUT', `/Users/${id}`, { body: json }))).toMatch(/"4711" came/)
})
