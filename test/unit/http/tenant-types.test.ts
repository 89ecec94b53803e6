import { HttpRequest, InvocationContext } from '@azure/functions'
import { beforeAll, expect, test } from 'vitest'
import { endpoint } from '../../../lib/http/endpoint.ts'
import { publicSteps, tenantSteps, verbSteps } from '../../../lib/http/steps.ts'
import { createRuntime } from '../../../lib/runtime.ts'
import { attribute, type Schema } from '../../../lib/scim/attribute.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../../lib/scim/default-resource-types.ts'
import { isObject, type JsonObject } from '../../../lib/scim/json.ts'
import { withExtensions } from '../../../lib/scim/resource-type.ts'
import { MESSAGE, URN } from '../../../lib/scim/urn.ts'
import { bulk } from '../../../lib/service/bulk.ts'
import { create } from '../../../lib/service/create.ts'
import { listSchemas, readSchema } from '../../../lib/service/discovery.ts'
import { list } from '../../../lib/service/list.ts'
import { listAll } from '../../../lib/service/root.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { createTenant } from '../../../lib/tenants/tenants.ts'
import { issueToken } from '../../../lib/tenants/tokens.ts'

/** Two tenants of one app: `own` has an extension of its own, `plain` has none. */

const OWN: Schema = {
  id: 'urn:example:own:User',
  name: 'Own',
  description: 'Of one tenant',
  attributes: [
    attribute({ name: 'badge', description: 'A number', uniqueness: 'server' }),
    attribute({ name: 'colour', description: 'A colour' }),
  ],
}

const stores = memoryStores()
const tokens = new Map<string, string>()
const app = createRuntime(stores, {
  resourceTypesOf: ({ id }) =>
    DEFAULT_RESOURCE_TYPES.map((type) =>
      id === 'own' && type.name === 'User'
        ? withExtensions(type, [{ schema: OWN, required: false }])
        : type,
    ),
})

beforeAll(async () => {
  for (const id of ['own', 'plain']) {
    const now = new Date()
    await createTenant(stores.tenants, { id, now })
    tokens.set(id, (await issueToken(stores.tenants, id, { now })).secretToken)
  }
})

type Handler = ReturnType<typeof endpoint>

/** Sends a request to one handler; without a tenant it has no credential. */
async function send(
  handler: Handler,
  tenant: string | undefined,
  {
    method = 'GET',
    query = '',
    body,
    id,
  }: Readonly<{
    method?: string
    query?: string
    body?: JsonObject
    id?: string
  }> = {},
): Promise<{ status: number; body: JsonObject }> {
  const request = new HttpRequest({
    method,
    url: `https://scim.example/api/scim/Users${query}`,
    headers: {
      'content-type': 'application/scim+json',
      ...(tenant === undefined ? {} : { authorization: `Bearer ${tokens.get(tenant)}` }),
    },
    ...(body === undefined ? {} : { body: { string: JSON.stringify(body) } }),
    params: id === undefined ? {} : { id },
  })
  const invocation = new InvocationContext({ functionName: 'test', logHandler: () => {} })
  const answer = await handler(request, invocation)
  if (answer === undefined || !('status' in answer)) throw new Error('There is no answer.')
  return { status: answer.status ?? 200, body: parsed(answer.body) }
}

function parsed(body: unknown): JsonObject {
  const text = body instanceof Uint8Array ? Buffer.from(body).toString() : body
  const value: unknown = typeof text === 'string' ? JSON.parse(text) : undefined
  if (!isObject(value)) throw new Error('The answer is no JSON object.')
  return value
}

const runtime = async (): Promise<typeof app> => app
const user = (userName: string, badge: string): JsonObject => ({
  schemas: [URN.user, OWN.id],
  userName,
  [OWN.id]: { badge, colour: 'green' },
})

test('/Schemas with a credential shows what that tenant has, without one what all have', async () => {
  const ids = async (tenant?: string): Promise<string> => {
    const { body } = await send(endpoint(runtime, publicSteps(listSchemas)), tenant)
    return JSON.stringify(body)
  }
  expect(await ids('own')).toContain(OWN.id)
  expect(await ids('plain')).not.toContain(OWN.id)
  expect(await ids()).not.toContain(OWN.id)
  const one = endpoint(runtime, publicSteps(readSchema))
  expect(await send(one, 'own', { id: OWN.id })).toMatchObject({ status: 200 })
  expect(await send(one, 'plain', { id: OWN.id })).toMatchObject({ status: 404 })
})

test('a bulk and the root know the tenant’s attributes, and nobody else’s do', async () => {
  const Operations = [
    { method: 'POST', path: '/Users', bulkId: '1', data: user('bulk', 'B-1') },
    { method: 'POST', path: '/Users', bulkId: '2', data: user('taken', 'b-1') },
  ]
  const body = { schemas: [MESSAGE.bulkRequest], Operations }
  const done = await send(endpoint(runtime, tenantSteps(bulk)), 'own', { method: 'POST', body })
  expect(done.body).toMatchObject({
    Operations: [{ status: '201' }, { status: '409', response: { scimType: 'uniqueness' } }],
  })
  const query = `?filter=${encodeURIComponent(`${OWN.id}:badge eq "b-1"`)}`
  const root = endpoint(runtime, tenantSteps(listAll))
  expect((await send(root, 'own', { query })).body).toMatchObject({
    totalResults: 1,
    Resources: [{ userName: 'bulk', [OWN.id]: { badge: 'B-1', colour: 'green' } }],
  })
  expect((await send(root, 'plain', { query })).status).toBe(400)
})

test('an attribute that one tenant declares is ignored for another', async () => {
  const post = endpoint(runtime, verbSteps(create, 'User'))
  const answer = await send(post, 'plain', { method: 'POST', body: user('a', '1') })
  expect(answer.status).toBe(201)
  expect(answer.body).not.toHaveProperty(OWN.id)
})

test('a resource type that the tenant does not have is not there', async () => {
  const answer = await send(endpoint(runtime, verbSteps(list, 'Device')), 'plain')
  expect(answer).toMatchObject({
    status: 404,
    body: { detail: 'This tenant has no resource type Device.' },
  })
})
