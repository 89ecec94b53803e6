import { beforeAll, describe, expect, test } from 'vitest'
import { isArray, isObject, type JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import {
  BASE_URL,
  memoryApp,
  textOf,
  type MemoryAnswer,
  type SendAs,
} from '../support/memory-app.ts'

/** RFC 7644 §6, checklist 53, 400 to 402 and 430: what one tenant has, another cannot tell from what is not there. */

/** Tenant A has the data, B asks for it. */
let asA: SendAs
let asB: SendAs
const ids = { user: '', other: '', group: '', outer: '' }
/** Everything A has, to see that B changed nothing. */
let before: JsonObject

const NAME = 'secret-name@a.example'

async function idOf(created: Promise<MemoryAnswer>): Promise<string> {
  return textOf(await created, 'id')
}

const user = (userName: string, more: JsonObject = {}): { body: JsonObject } => ({
  body: { schemas: [URN.user], userName, ...more },
})
const group = (displayName: string, ...members: readonly string[]): { body: JsonObject } => ({
  body: { schemas: [URN.group], displayName, members: members.map((value) => ({ value })) },
})
const patch = (...operations: readonly JsonObject[]): { body: JsonObject } => ({
  body: { schemas: [MESSAGE.patchOp], Operations: operations },
})
const bulk = (...operations: readonly JsonObject[]): { body: JsonObject } => ({
  body: { schemas: [MESSAGE.bulkRequest], Operations: operations },
})
const query = (filter: string): string => `?filter=${encodeURIComponent(filter)}`

async function everything(send: SendAs): Promise<JsonObject> {
  const { json } = await send('GET', '?count=1000&sortBy=id')
  return json
}

beforeAll(async () => {
  const { tenant } = await memoryApp()
  asA = (await tenant('tenant-a')).send
  asB = (await tenant('tenant-b')).send
  const details = {
    externalId: 'shared-external-id',
    title: 'secret-title',
    emails: [{ value: NAME, type: 'work' }],
    [URN.enterpriseUser]: { employeeNumber: 'secret-number' },
  }
  ids.user = await idOf(asA('POST', '/Users', user(NAME, details)))
  ids.other = await idOf(asA('POST', '/Users', user('secret-other@a.example')))
  ids.group = await idOf(asA('POST', '/Groups', group('Secret group', ids.user, ids.other)))
  ids.outer = await idOf(asA('POST', '/Groups', group('Secret outer', ids.group)))
  before = await everything(asA)
})

/** What must never be in an answer to B, unless B sent it. */
const SECRETS = /secret-|Secret /

test('A has something to be found', () => {
  expect(before['totalResults']).toBe(4)
})

describe('reading by id', () => {
  const unknown = { user: '00000000-0000-4000-8000-000000000000' }

  test.each([
    ['GET', '/Users/', 'user'],
    ['HEAD', '/Users/', 'user'],
    ['GET', '/Groups/', 'group'],
    ['GET', '/Groups/', 'user'],
    ['GET', '/Users/', 'group'],
  ] as const)('%s %s<%s of A> is answered as any unknown id', async (method, path, which) => {
    const asked = await asB(method, `${path}${ids[which]}`)
    const nobody = await asB(method, `${path}${unknown.user}`)
    expect(asked.status).toBe(404)
    expect(asked).toEqual(nobody)
  })

  test('a condition tells nothing either', async () => {
    const { headers } = await asA('GET', `/Users/${ids.user}`)
    for (const condition of ['*', headers['etag'] ?? '']) {
      const answer = await asB('GET', `/Users/${ids.user}`, {
        headers: { 'if-none-match': condition },
      })
      expect(answer.status).toBe(404)
    }
  })
})

describe('writing by id', () => {
  test.each<[string, () => string, { body?: unknown }]>([
    ['PUT', () => `/Users/${ids.user}`, user('b@b.example')],
    ['PATCH', () => `/Users/${ids.user}`, patch({ op: 'replace', path: 'title', value: 'x' })],
    ['DELETE', () => `/Users/${ids.user}`, {}],
    ['PUT', () => `/Groups/${ids.group}`, group('B')],
    ['PATCH', () => `/Groups/${ids.group}`, patch({ op: 'remove', path: 'members' })],
    ['PATCH', () => `/Groups/${ids.group}`, patch({ op: 'add', path: 'members', value: 'b' })],
    ['DELETE', () => `/Groups/${ids.group}`, {}],
  ])('%s %s is 404 and changes nothing', async (method, path, options) => {
    const { status, text } = await asB(method, path(), options)
    expect(status).toBe(404)
    expect(text).not.toMatch(SECRETS)
    await expect(everything(asA)).resolves.toEqual(before)
  })
})

describe('queries', () => {
  const filters: readonly [string, () => string][] = [
    ['/Users', () => `userName eq "${NAME}"`],
    ['/Users', () => `id eq "${ids.user}"`],
    ['/Users', () => 'userName sw "secret"'],
    ['/Users', () => 'userName pr'],
    ['/Users', () => 'externalId eq "shared-external-id"'],
    ['/Users', () => `emails.value eq "${NAME}"`],
    ['/Users', () => `emails[type eq "work" and value eq "${NAME}"]`],
    ['/Users', () => `${URN.enterpriseUser}:employeeNumber eq "secret-number"`],
    ['/Users', () => 'title eq "secret-title"'],
    ['/Users', () => `groups.value eq "${ids.group}"`],
    ['/Users', () => `id eq "${ids.user}" and groups eq "${ids.group}"`],
    ['/Users', () => `not (userName eq "x")`],
    ['/Groups', () => 'displayName eq "Secret group"'],
    ['/Groups', () => `members.value eq "${ids.user}"`],
    ['/Groups', () => `id eq "${ids.group}" and members eq "${ids.user}"`],
    ['/Groups', () => `members[value eq "${ids.group}"]`],
    ['/Groups', () => `members.$ref eq "${BASE_URL}/Users/${ids.user}"`],
    ['', () => `id eq "${ids.user}" or id eq "${ids.group}"`],
    ['', () => 'meta.created gt "2000-01-01T00:00:00Z"'],
  ]

  test.each(filters)(
    '%s: a filter that finds something for A finds nothing for B',
    async (path, filter) => {
      const found = await asA('GET', `${path}${query(filter())}`)
      expect([found.status, Number(found.json['totalResults'])]).not.toEqual([200, 0])
      const { status, json } = await asB('GET', `${path}${query(filter())}`)
      expect(status).toBe(200)
      expect(json).toMatchObject({ totalResults: 0, Resources: [] })
    },
  )

  test.each(filters)('%s: nor by .search, sorted, or by cursor', async (path, filter) => {
    for (const more of [{}, { sortBy: 'displayName' }, { cursor: '' }, { count: 0 }]) {
      const body = { schemas: [MESSAGE.searchRequest], filter: filter(), ...more }
      const { status, json } = await asB('POST', `${path}/.search`, { body })
      expect(status).toBe(200)
      expect(json).toMatchObject({ totalResults: 0, Resources: [] })
    }
  })

  test.each([
    '/Users',
    '/Groups',
    '',
    '/Users?sortBy=userName',
    '/Groups?cursor=',
    '?startIndex=2',
  ])('a list without a filter is empty: %s', async (path) => {
    const { json } = await asB('GET', path)
    expect(json).toMatchObject({ totalResults: 0, Resources: [] })
  })
})

describe('cursors', () => {
  test.each([
    ['/Users', '?count=1'],
    ['/Groups', '?count=1'],
    ['/Users', '?count=1&sortBy=userName'],
    ['', '?count=1'],
  ])("A's cursor is none for B, and answered as garbage is: %s%s", async (path, parameters) => {
    const first = await asA('GET', `${path}${parameters}&cursor=`)
    const cursor = textOf(first, 'nextCursor')
    const next = await asA('GET', `${path}${parameters}&cursor=${cursor}`)
    expect(next.status).toBe(200)
    const stolen = await asB('GET', `${path}${parameters}&cursor=${cursor}`)
    const garbage = await asB('GET', `${path}${parameters}&cursor=garbage`)
    expect(stolen.json).toMatchObject({ status: '400', scimType: 'invalidCursor' })
    expect(stolen).toEqual(garbage)
  })
})

describe('bulk', () => {
  test('operations on the ids of A are 404 and change nothing', async () => {
    const { json, text } = await asB(
      'POST',
      '/Bulk',
      bulk(
        { method: 'PUT', path: `/Users/${ids.user}`, data: user('bulk@b.example').body },
        {
          method: 'PATCH',
          path: `/Groups/${ids.group}`,
          data: patch({ op: 'remove', path: 'members' }).body,
        },
        { method: 'DELETE', path: `/Users/${ids.user}` },
        { method: 'DELETE', path: `/Groups/${ids.group}` },
      ),
    )
    const operations = json['Operations']
    const statuses = isArray(operations)
      ? operations.map((each) => (isObject(each) ? each['status'] : each))
      : []
    expect(statuses).toEqual(['404', '404', '404', '404'])
    expect(text).not.toMatch(SECRETS)
    await expect(everything(asA)).resolves.toEqual(before)
  })
})

describe('the same names and ids', () => {
  test('are free for B, and each sees its own only', async () => {
    const mine = await idOf(asB('POST', '/Users', user(NAME, { externalId: 'shared-external-id' })))
    const myGroup = await idOf(asB('POST', '/Groups', group('Secret group', ids.user, mine)))
    const byName = await asB('GET', `/Users${query('externalId eq "shared-external-id"')}`)
    expect(byName.json).toMatchObject({ totalResults: 1, Resources: [{ id: mine }] })
    const found = await asA('GET', `/Users${query('externalId eq "shared-external-id"')}`)
    expect(found.json).toMatchObject({ totalResults: 1, Resources: [{ id: ids.user }] })

    // A member with the id of A's user says nothing about that user, to neither.
    const { json: groupOfB } = await asB('GET', `/Groups/${myGroup}`)
    expect(groupOfB['members']).toHaveLength(2)
    const foreign = await asB('GET', `/Groups${query(`members.value eq "${ids.user}"`)}`)
    expect(foreign.json).toMatchObject({ totalResults: 1, Resources: [{ id: myGroup }] })
    await expect(asB('GET', `/Users/${ids.user}`)).resolves.toMatchObject({ status: 404 })
    await expect(everything(asA)).resolves.toEqual(before)

    // B's deletes take nothing of A along.
    await asB('DELETE', `/Groups/${myGroup}`)
    await asB('DELETE', `/Users/${mine}`)
    await expect(everything(asA)).resolves.toEqual(before)
    await expect(asB('GET', '')).resolves.toMatchObject({ json: { totalResults: 0 } })
  })
})

describe('the tenant comes from the credential and from nowhere else', () => {
  test.each<[string, string, Record<string, string>]>([
    ['a query parameter', '/Users?tenant=tenant-a&tenantId=tenant-a', {}],
    ['a header', '/Users', { 'x-tenant-id': 'tenant-a', 'x-ms-client-principal-id': 'tenant-a' }],
    ['another host', '/Users', { host: 'tenant-a.example' }],
  ])('%s is not asked', async (_, path, headers) => {
    const { json } = await asB('GET', path, { headers })
    expect(json).toMatchObject({ totalResults: 0 })
  })

  test('a path is no tenant', async () => {
    const { status } = await asB('GET', '/tenant-a/Users')
    expect(status).toBe(404)
  })

  test('a body is no tenant', async () => {
    const created = await asB('POST', '/Users', user('body@b.example', { tenantId: 'tenant-a' }))
    expect(created.status).toBe(201)
    await expect(everything(asA)).resolves.toEqual(before)
    await asB('DELETE', `/Users/${textOf(created, 'id')}`)
  })
})
