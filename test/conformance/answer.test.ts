import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { checkAnswer, type Answer } from './answer.ts'

const BASE = 'https://scim.example/api/scim'
const JSON_TYPE = { 'content-type': 'application/scim+json; charset=utf-8' }
const META = { resourceType: 'User', location: `${BASE}/Users/1`, version: 'W/"1"' }
const USER = { schemas: [URN.user], id: '1', userName: 'a', meta: META }
const CREATED = { ...JSON_TYPE, location: META.location, etag: META.version }
const ERROR = { schemas: [MESSAGE.error], status: '404', detail: 'There is none.' }
const LIST = {
  schemas: [MESSAGE.listResponse],
  totalResults: 1,
  startIndex: 1,
  itemsPerPage: 1,
  Resources: [USER],
}
const DONE = { method: 'POST', bulkId: 'b', status: '201', location: META.location }
const FAILED = { method: 'DELETE', status: '404', location: META.location, response: ERROR }

function bulk(...operations: readonly JsonObject[]): JsonObject {
  return { schemas: [MESSAGE.bulkResponse], Operations: operations }
}

function check(status: number, headers: Answer['headers'], body?: JsonObject): readonly string[] {
  return checkAnswer({ status, headers, body: body ? JSON.stringify(body) : '' }, body, BASE)
}

describe('what is wrong with an answer', () => {
  test.each<[string, number, Answer['headers'], JsonObject | undefined]>([
    ['a created user', 201, CREATED, USER],
    ['a list', 200, JSON_TYPE, LIST],
    ['an error', 404, JSON_TYPE, ERROR],
    ['no content', 204, {}, undefined],
    ['a bulk response', 200, JSON_TYPE, bulk(DONE, FAILED)],
    ['a bulk response without operations', 200, JSON_TYPE, bulk()],
  ])('nothing: %s', (_, status, headers, body) => {
    expect(check(status, headers, body)).toEqual([])
  })

  test.each<[string, number, Answer['headers'], JsonObject | undefined]>([
    ['Content-Type', 200, { 'content-type': 'application/json' }, LIST],
    ['there is no body', 200, JSON_TYPE, undefined],
    ['a 204 has a body', 204, JSON_TYPE, USER],
    ['WWW-Authenticate', 401, JSON_TYPE, { ...ERROR, status: '401' }],
    ['has the schemas', 404, JSON_TYPE, { ...ERROR, schemas: [] }],
    ['has the status', 404, JSON_TYPE, { ...ERROR, status: 404 }],
    ['has the status', 409, JSON_TYPE, ERROR],
    ['no detail', 404, JSON_TYPE, { ...ERROR, detail: ' ' }],
    ['no sentence', 404, JSON_TYPE, { ...ERROR, detail: 'the user is missing; try again' }],
    ['stack trace', 404, JSON_TYPE, { ...ERROR, detail: 'Error at get (lib/get.ts:1)' }],
    ['scimType', 404, JSON_TYPE, { ...ERROR, scimType: 'invalidValue' }],
    ['scimType', 400, JSON_TYPE, { ...ERROR, status: '400', scimType: 'constructor' }],
    ['a 201 has no Location', 201, { ...JSON_TYPE, etag: META.version }, USER],
    ['Location', 201, { ...CREATED, location: `${BASE}/Users/2` }, USER],
    ['ETag', 200, JSON_TYPE, USER],
    ['ETag', 200, { ...CREATED, etag: '"1"' }, { ...USER, meta: { ...META, version: '"1"' } }],
    ['shows a password', 200, CREATED, { ...USER, Password: 'x' }],
    ['is null', 200, CREATED, { ...USER, title: null }],
    ['primaries', 200, CREATED, { ...USER, emails: [{ primary: true }, { primary: true }] }],
    ['schemas names one twice', 200, CREATED, { ...USER, schemas: [URN.user, URN.user] }],
    ['no schemas', 200, CREATED, { ...USER, schemas: [] }],
    ['schemas lacks', 200, CREATED, { ...USER, [URN.enterpriseUser]: { department: 'D' } }],
    ['id is', 200, CREATED, { ...USER, id: '' }],
    ['id is', 200, CREATED, { ...USER, id: 'bulkId:1' }],
    ['meta.location', 200, CREATED, { ...USER, meta: { ...META, location: `${BASE}/Users/1?x` } }],
    ['meta.location', 200, JSON_TYPE, { ...USER, meta: { location: 'https://evil.example/1' } }],
    ['totalResults', 200, JSON_TYPE, { ...LIST, totalResults: '1' }],
    ['totalResults', 200, JSON_TYPE, { ...LIST, totalResults: 0 }],
    ['itemsPerPage', 200, JSON_TYPE, { ...LIST, itemsPerPage: 100 }],
    ['Resources', 200, JSON_TYPE, { ...LIST, Resources: null }],
    ['id is', 200, JSON_TYPE, { ...LIST, Resources: [{ schemas: [URN.user] }] }],
    ['Operations', 200, JSON_TYPE, { ...bulk(), Operations: {} }],
    ['failOnErrors', 200, JSON_TYPE, { ...bulk(DONE), failOnErrors: 1 }],
    ['status of an operation', 200, JSON_TYPE, bulk({ ...DONE, status: 201 })],
    ['no location', 200, JSON_TYPE, bulk({ method: 'DELETE', status: '204' })],
    ['location is', 200, JSON_TYPE, bulk({ ...DONE, location: '/Users/1' })],
    ['version is', 200, JSON_TYPE, bulk({ ...DONE, version: '1' })],
    ['no response', 200, JSON_TYPE, bulk({ ...FAILED, response: null })],
    ['has the status', 200, JSON_TYPE, bulk({ ...FAILED, status: '409' })],
    ['shows a password', 200, JSON_TYPE, bulk({ ...DONE, response: { password: 'x' } })],
  ])('%s (%#)', (problem, status, headers, body) => {
    expect(check(status, headers, body).join('; ')).toContain(problem)
  })
})
