import { HttpRequest, InvocationContext } from '@azure/functions'
import { beforeEach, describe, expect, test } from 'vitest'
import { endpoint, type HandlerRuntime } from '../../../lib/http/endpoint.ts'
import { verbSteps } from '../../../lib/http/steps.ts'
import { createRuntime } from '../../../lib/runtime.ts'
import { isObject, type JsonObject } from '../../../lib/scim/json.ts'
import { LIMITS } from '../../../lib/scim/limits.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { list } from '../../../lib/service/list.ts'
import { journalPosition } from '../../../lib/storage/journal-position.ts'
import { NO_DEADLINE } from '../../../lib/storage/deadline.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { SYSTEM } from '../../../lib/storage/port.ts'
import {
  CREDENTIAL_CACHE_SECONDS,
  createTenant,
  setTenantStatus,
} from '../../../lib/tenants/tenants.ts'
import { issueToken, revokeToken } from '../../../lib/tenants/tokens.ts'

const stores = memoryStores()
const { tenants } = stores

/** Where the clock of all instances stands, in milliseconds. */
let clock = Date.UTC(2026, 0, 1, 12, 0, 0, 999)
let tenantId = ''
let tokenId = ''
let secretToken = ''
let tenantCount = 0

const now = (): Date => new Date(clock)

/** An instance of the app; all of them have the stores in common, and nothing else. */
function anInstance(): HandlerRuntime {
  return createRuntime(stores, { now })
}

async function page(
  runtime: HandlerRuntime,
  query: string,
  authorization: string | undefined = `Bearer ${secretToken}`,
): Promise<{ status: number; body: JsonObject }> {
  const request = new HttpRequest({
    method: 'GET',
    url: `http://scim.example/api/scim/Users?${query}`,
    headers: authorization === '' ? {} : { authorization },
    params: {},
  })
  const context = new InvocationContext({ functionName: 'users-list', logHandler: () => {} })
  const answer = await endpoint(async () => runtime, verbSteps(list, 'User'))(request, context)
  if (answer === undefined || !('status' in answer)) throw new Error('there is no answer')
  const bytes = answer.body instanceof Uint8Array ? answer.body : Buffer.from('')
  const text = typeof answer.body === 'string' ? answer.body : Buffer.from(bytes).toString()
  const body: unknown = JSON.parse(text)
  return { status: answer.status ?? 0, body: isObject(body) ? body : {} }
}

/** The query for the second page. */
async function secondPage(runtime: HandlerRuntime): Promise<string> {
  const { body } = await page(runtime, 'cursor&count=2')
  const { nextCursor } = body
  if (typeof nextCursor !== 'string') throw new Error('there is no next page')
  return `count=2&cursor=${nextCursor}`
}

let app: HandlerRuntime

beforeEach(async () => {
  tenantCount += 1
  tenantId = `tenant-${tenantCount}`
  const { partitionKey } = await createTenant(tenants, { id: tenantId, now: now() })
  const issued = await issueToken(tenants, tenantId, { now: now() })
  tokenId = issued.token.id
  secretToken = issued.secretToken
  app = anInstance()
  for (const name of ['a', 'b', 'c']) {
    const created = now().toISOString()
    const { service } = app
    const resource = { id: service.newId(USER), created, attributes: { userName: name } }
    await service.store.create({ partitionKey, deadline: NO_DEADLINE }, USER, resource, {
      position: journalPosition(created, service.random),
      stamp: { version: service.newVersion(), lastModified: created },
      operation: 'create',
      requestId: 'test',
      author: SYSTEM,
      note: { type: 'User', subject: 'someone' },
    })
  }
})

describe('the age of a cursor (RFC 9865 §2.1, §4)', () => {
  test('it is good for cursorTimeout seconds at least', async () => {
    const query = await secondPage(app)
    clock += LIMITS.cursorSeconds * 1000
    expect(await page(app, query)).toMatchObject({ status: 200, body: { itemsPerPage: 1 } })
  })

  test('a second later it has expired', async () => {
    const query = await secondPage(app)
    clock += (LIMITS.cursorSeconds + 1) * 1000
    expect(await page(app, query)).toMatchObject({
      status: 400,
      body: { scimType: 'expiredCursor', detail: expect.stringContaining('3600') as unknown },
    })
  })

  test('the age counts from the page that had it', async () => {
    const first = await secondPage(app)
    clock += LIMITS.cursorSeconds * 900
    const again = await secondPage(app)
    clock += LIMITS.cursorSeconds * 900
    expect((await page(app, first)).status).toBe(400)
    expect((await page(app, again)).status).toBe(200)
  })
})

describe('a cursor opens nothing by itself (RFC 9865 §5.2)', () => {
  test('without a credential, and with a wrong one, the page is 401', async () => {
    const query = await secondPage(app)
    for (const authorization of ['', 'Bearer wrong', `Bearer ${secretToken}x`]) {
      expect((await page(app, query, authorization)).status).toBe(401)
    }
  })

  test('the next page is 401 when the token is revoked', async () => {
    const query = await secondPage(app)
    await revokeToken(tenants, tenantId, tokenId, now())
    clock += (CREDENTIAL_CACHE_SECONDS + 1) * 1000
    expect((await page(app, query)).status).toBe(401)
  })

  test('the next page is 403 when the tenant is disabled', async () => {
    const query = await secondPage(app)
    await setTenantStatus(tenants, tenantId, 'disabled')
    clock += (CREDENTIAL_CACHE_SECONDS + 1) * 1000
    expect((await page(app, query)).status).toBe(403)
  })
})

test('nothing is kept for a cursor: any instance goes on from it (RFC 9865 §5.3)', async () => {
  const query = await secondPage(app)
  const there = await page(anInstance(), query)
  expect(there).toMatchObject({ status: 200, body: { itemsPerPage: 1 } })
  expect(there).toEqual(await page(app, query))
})
