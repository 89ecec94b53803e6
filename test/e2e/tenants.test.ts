import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRuntime } from '../../lib/runtime.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import {
  formatSecretToken,
  newSecret,
  parseSecretToken,
  type SecretTokenParts,
} from '../../lib/tenants/secret-token.ts'
import { CREDENTIAL_CACHE_SECONDS, setTenantStatus } from '../../lib/tenants/tenants.ts'
import { issueToken, revokeToken } from '../../lib/tenants/tokens.ts'
import {
  listOf,
  startTableApp,
  textOf,
  type Client,
  type TableAnswer,
  type TableApp,
} from '../support/table-app.ts'

/** Seconds that the app's clock for credentials is ahead. */
let ahead = 0
let app: TableApp

const now = (): Date => new Date(Date.now() + ahead * 1000)

beforeAll(async () => {
  app = await startTableApp({
    adjust: (runtime, stores) => ({
      ...runtime,
      authenticate: createRuntime(stores, { now }).authenticate,
    }),
  })
})

afterAll(() => app.stop())

/** Whatever is cached now is too old. */
function letCachePass(): void {
  ahead += CREDENTIAL_CACHE_SECONDS + 1
}

async function create(
  client: Client,
  path: '/Users' | '/Groups',
  attributes: JsonObject,
): Promise<string> {
  const schemas = [path === '/Users' ? URN.user : URN.group]
  const answer = await client.send('POST', path, { schemas, ...attributes })
  expect(answer).toMatchObject({ status: 201 })
  return textOf(answer.body, 'id')
}

/** A client with a token of its own, for a tenant that is created when it is missing. */
async function tokenOf(tenantId: string, expires?: Date): Promise<[Client, SecretTokenParts]> {
  await app.client(tenantId)
  const { tenants } = app.stores
  const { secretToken } = await issueToken(tenants, tenantId, {
    now: now(),
    ...(expires === undefined ? {} : { expires }),
  })
  const parts = parseSecretToken(secretToken)
  if (typeof parts === 'string') throw new Error(parts)
  return [app.clientWith(secretToken), parts]
}

/** All that a client can tell answers apart by. */
function visible({ status, headers, text }: TableAnswer): unknown {
  const own = [...headers].filter(([name]) => name !== 'date' && !name.startsWith('x-test-'))
  return { status, headers: own, text }
}

describe('two tenants', () => {
  let a: Client
  let b: Client
  let userOfA: string
  let groupOfA: string
  let userOfB: string

  beforeAll(async () => {
    a = await app.client('a')
    b = await app.client('b')
    userOfA = await create(a, '/Users', { userName: 'same@example.com', externalId: 'same' })
    groupOfA = await create(a, '/Groups', {
      displayName: 'Same',
      members: [{ value: userOfA }],
    })
    userOfB = await create(b, '/Users', { userName: 'same@example.com', externalId: 'same' })
  })

  const replaceOperations = [{ op: 'replace', path: 'displayName', value: 'Taken over' }]

  test.each<[string, '/Users' | '/Groups', JsonObject | undefined]>([
    ['GET', '/Users', undefined],
    ['HEAD', '/Users', undefined],
    ['PUT', '/Users', { schemas: [URN.user], userName: 'taken-over@example.com' }],
    ['PATCH', '/Users', { schemas: [MESSAGE.patchOp], Operations: replaceOperations }],
    ['DELETE', '/Users', undefined],
    ['GET', '/Groups', undefined],
    ['HEAD', '/Groups', undefined],
    ['PUT', '/Groups', { schemas: [URN.group], displayName: 'Taken over' }],
    ['PATCH', '/Groups', { schemas: [MESSAGE.patchOp], Operations: replaceOperations }],
    [
      'PATCH',
      '/Groups',
      {
        schemas: [MESSAGE.patchOp],
        Operations: [{ op: 'add', path: 'members', value: [{ value: randomUUID() }] }],
      },
    ],
    ['DELETE', '/Groups', undefined],
  ])('%s %s of an id of the other is that of an id of nobody', async (method, path, body) => {
    const id = path === '/Users' ? userOfA : groupOfA
    const before = await a.send('GET', `${path}/${id}`)
    const theirs = await b.send(method, `${path}/${id}`, body)
    const nobodys = await b.send(method, `${path}/${randomUUID()}`, body)
    expect(theirs.status).toBe(404)
    expect(visible(theirs)).toEqual(visible(nobodys))
    expect(visible(await a.send('GET', `${path}/${id}`))).toEqual(visible(before))
  })

  test.each([
    ['all users', '/Users'],
    ['all groups', '/Groups'],
    ['all resources', ''],
    ['an index', `/Users?filter=${encodeURIComponent('userName eq "same@example.com"')}`],
    ['a shared index', `/Users?filter=${encodeURIComponent('externalId eq "same"')}`],
    ['a scan', `/Users?filter=${encodeURIComponent('userName co "same"')}`],
    ['a sorted list', '/Users?sortBy=userName'],
    ['a page by cursor', '/Users?cursor'],
    ['count=0', '/Users?count=0'],
  ])('%s: each sees its own only', async (_, path) => {
    for (const [client, theirs] of [
      [a, [userOfB]],
      [b, [userOfA, groupOfA]],
    ] as const) {
      const answer = await client.send('GET', path)
      expect(answer.status).toBe(200)
      expect(theirs.filter((id) => answer.text.includes(id))).toEqual([])
      const total = answer.body['totalResults']
      expect(total).toBe(await expectedTotal(client, path))
    }
  })

  /** A has a user and a group, B a user. */
  async function expectedTotal(client: Client, path: string): Promise<number> {
    const groups = client === a ? 1 : 0
    if (path === '') return 1 + groups
    return path.startsWith('/Users') ? 1 : groups
  }

  test('a filter for an id, a member or a group of the other finds nothing', async () => {
    for (const [path, filter] of [
      ['/Users', `id eq "${userOfA}"`],
      ['/Users', `groups.value eq "${groupOfA}"`],
      ['/Groups', `members.value eq "${userOfA}"`],
      ['/Groups', `id eq "${groupOfA}"`],
    ] as const) {
      const query = `${path}?filter=${encodeURIComponent(filter)}`
      expect((await a.send('GET', query)).body).toMatchObject({ totalResults: 1 })
      expect((await b.send('GET', query)).body).toMatchObject({ totalResults: 0, Resources: [] })
      const search = { schemas: [MESSAGE.searchRequest], filter }
      const found = await b.send('POST', `${path}/.search`, search)
      expect(found.body).toMatchObject({ totalResults: 0 })
    }
  })

  test('a cursor of the other is none', async () => {
    await create(a, '/Users', { userName: 'second@example.com' })
    const page = await a.send('GET', '/Users?cursor&count=1')
    const cursor = textOf(page.body, 'nextCursor')
    const again = await b.send('GET', `/Users?cursor=${cursor}`)
    expect(again.status).toBe(400)
    expect(again.body).toMatchObject({ scimType: 'invalidCursor' })
    expect((await a.send('GET', `/Users?cursor=${cursor}`)).status).toBe(200)
  })

  test('operations in a bulk request do not reach the other', async () => {
    const before = await a.send('GET', `/Users/${userOfA}`)
    const patch = { schemas: [MESSAGE.patchOp], Operations: replaceOperations }
    const { status, body } = await b.send('POST', '/Bulk', {
      schemas: [MESSAGE.bulkRequest],
      Operations: [
        { method: 'PATCH', path: `/Users/${userOfA}`, data: patch },
        {
          method: 'PUT',
          path: `/Groups/${groupOfA}`,
          data: { schemas: [URN.group], displayName: 'x' },
        },
        { method: 'DELETE', path: `/Users/${userOfA}` },
        { method: 'DELETE', path: `/Groups/${groupOfA}` },
      ],
    })
    expect(status).toBe(200)
    expect(listOf(body, 'Operations').map((operation) => operation['status'])).toEqual([
      '404',
      '404',
      '404',
      '404',
    ])
    expect(visible(await a.send('GET', `/Users/${userOfA}`))).toEqual(visible(before))
  })

  test('a member id of the other tells nothing about it', async () => {
    const group = await create(b, '/Groups', {
      displayName: 'Same',
      members: [{ value: userOfA }],
    })
    const shown = await a.send('GET', `/Users/${userOfA}`)
    expect(listOf(shown.body, 'groups').map(({ value }) => value)).toEqual([groupOfA])
    const members = listOf((await b.send('GET', `/Groups/${group}`)).body, 'members')
    expect(members.map(({ value, display }) => [value, display])).toEqual([[userOfA, undefined]])
  })
})

describe('a Secret Token', () => {
  test('that is revoked is refused when the cache has passed, others of the tenant are not', async () => {
    const [client, { tokenId }] = await tokenOf('revoking')
    const other = await app.client('revoking')
    expect((await client.send('GET', '/Users')).status).toBe(200)
    await revokeToken(app.stores.tenants, 'revoking', tokenId, now())
    letCachePass()
    const refused = await client.send('GET', '/Users')
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/)
    expect(refused.body).toMatchObject({ schemas: [MESSAGE.error], status: '401' })
    expect((await other.send('GET', '/Users')).status).toBe(200)
  })

  test('that has expired says so, without waiting for the cache', async () => {
    const expires = new Date(now().getTime() + 10_000)
    const [client] = await tokenOf('expiring', expires)
    expect((await client.send('GET', '/Users')).status).toBe(200)
    ahead += 11
    const refused = await client.send('GET', '/Users')
    expect(refused.status).toBe(401)
    expect(refused.body['detail']).toContain(`expired at ${expires.toISOString()}`)
  })

  test('of a disabled tenant is 403 until the tenant is enabled', async () => {
    const [client] = await tokenOf('disabling')
    const { tenants } = app.stores
    expect((await client.send('GET', '/Users')).status).toBe(200)
    for (const [status, expected] of [
      ['disabled', 403],
      ['enabled', 200],
    ] as const) {
      await setTenantStatus(tenants, 'disabling', status)
      letCachePass()
      const answer = await client.send('POST', '/Users/.search', {
        schemas: [MESSAGE.searchRequest],
      })
      expect(answer.status).toBe(expected)
    }
  })

  test('of an unknown tenant, unknown, with a wrong secret and revoked: the same answer', async () => {
    const [client, parts] = await tokenOf('known')
    await revokeToken(app.stores.tenants, 'known', parts.tokenId, now())
    const [, others] = await tokenOf('known')
    const refused = await Promise.all(
      [
        formatSecretToken({ ...others, tenantId: 'nobody' }),
        formatSecretToken({ ...others, tokenId: 'abcdefghijkl' }),
        formatSecretToken({ ...others, secret: newSecret() }),
        client.secretToken,
      ].map((token) => app.clientWith(token).send('GET', '/Users')),
    )
    expect(refused[0]?.status).toBe(401)
    for (const answer of refused) expect(visible(answer)).toEqual(visible(refused[0] ?? answer))
    // Nor does a known tenant cost another number of reads.
    expect(new Set(refused.map(({ calls }) => calls)).size).toBe(1)
  })
})
