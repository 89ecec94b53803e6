import { HttpRequest, InvocationContext, type HttpResponseInit } from '@azure/functions'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { endpoint, type HandlerRuntime } from '../../../lib/http/endpoint.ts'
import { tenantSteps } from '../../../lib/http/steps.ts'
import { createRuntime } from '../../../lib/runtime.ts'
import { DEFAULT_RESOURCE_TYPES, USER } from '../../../lib/scim/default-resource-types.ts'
import { ScimError } from '../../../lib/scim/errors.ts'
import { MESSAGE } from '../../../lib/scim/urn.ts'
import { Streamed } from '../../../lib/service/answer.ts'
import type { TenantOperation } from '../../../lib/service/context.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'

const INVOCATION = 'b5f2a5b1-7f5b-4c1e-8e62-5d8f0a3c9e11'
const SECRET = 'row userName:ada@example.com of the table'

function appWith(changes: Partial<HandlerRuntime> = {}): HandlerRuntime {
  return {
    ...createRuntime(memoryStores()),
    authenticate: async () => ({
      tenantId: 'acme',
      credentialId: 'token',
      credentialKind: 'federated',
      partitionKey: 'acme_1',
      signingKey: 'key',
      resourceTypes: DEFAULT_RESOURCE_TYPES,
      settings: {},
    }),
    ...changes,
  }
}

/** Runs an operation behind the pipeline; what is logged comes beside the answer, as `level message`. */
async function run(
  operation: TenantOperation,
  runtime: () => Promise<HandlerRuntime> = async () => appWith(),
): Promise<{ answer: HttpResponseInit; log: readonly string[] }> {
  const log: string[] = []
  const context = new InvocationContext({
    invocationId: INVOCATION,
    functionName: 'users-list',
    logHandler: (level, ...messages) => log.push(`${level} ${messages.map(String).join(' ')}`),
  })
  const request = new HttpRequest({
    method: 'GET',
    url: 'http://scim.example/api/scim/Users?filter=userName%20eq%20%22ada%22',
    headers: { authorization: 'Bearer scim_acme_secret', 'x-forwarded-host': 'evil.example' },
    params: {},
  })
  const answer = await endpoint(runtime, tenantSteps(operation))(request, context)
  if (answer === undefined || !('status' in answer)) throw new Error('there is no answer')
  return { answer, log }
}

function bodyOf({ body }: HttpResponseInit): unknown {
  if (typeof body !== 'string') throw new Error('the body is no text')
  return JSON.parse(body)
}

async function* breakingOff(): AsyncGenerator<readonly string[]> {
  yield ['a']
  throw new TypeError(SECRET)
}

async function failing(): Promise<never> {
  throw new TypeError(SECRET)
}

describe('a failure of ours', () => {
  test.each<[string, TenantOperation, () => Promise<HandlerRuntime>]>([
    ['in the operation', failing, async () => appWith()],
    [
      'in the authentication',
      async () => ({ status: 204 }),
      async () => appWith({ authenticate: failing }),
    ],
    ['while the app is built', async () => ({ status: 204 }), failing],
    [
      'while the answer is made',
      async () => ({ status: 200, body: { Resources: new Streamed(breakingOff()) } }),
      async () => appWith(),
    ],
  ])('%s is a 500 that tells where to look, and nothing else', async (_, operation, runtime) => {
    const { answer, log } = await run(operation, runtime)
    expect(answer.status).toBe(500)
    expect(answer.headers).toMatchObject({ 'content-type': 'application/scim+json; charset=utf-8' })
    expect(bodyOf(answer)).toEqual({
      schemas: [MESSAGE.error],
      status: '500',
      detail: `Something failed on our side. The log has it under ${INVOCATION}.`,
    })
    expect(log).toHaveLength(2)
    expect(log[0]).toMatch(/^error .*"event":"failure".*TypeError.*frames/)
    expect(log[1]).toMatch(/^information .*"status":500.*"error":"internal"/)
    expect(log.join()).not.toContain('ada@example.com')
  })

  test('of the storage is a 503, and is logged as a failure', async () => {
    const { answer, log } = await run(() => {
      throw new ScimError('unavailable', 'The storage does not answer.', {
        headers: { 'retry-after': '5' },
      })
    })
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    expect(log.filter((line) => line.includes('"event":"failure"'))).toHaveLength(1)
  })
})

describe('a refusal', () => {
  test('is answered as it is, and is no failure', async () => {
    const { answer, log } = await run(() => {
      throw new ScimError('invalidFilter', 'No.')
    })
    expect(answer.status).toBe(400)
    expect(bodyOf(answer)).toMatchObject({ scimType: 'invalidFilter', detail: 'No.' })
    expect(log).toHaveLength(1)
  })

  test('of the credential ends the request before anything is done', async () => {
    let ran = false
    const { answer } = await run(
      async () => {
        ran = true
        return { status: 204 }
      },
      async () =>
        appWith({
          authenticate: async () => {
            throw new ScimError('unauthorized', 'Who?')
          },
        }),
    )
    expect(answer.status).toBe(401)
    expect(ran).toBe(false)
  })
})

describe('the log', () => {
  test('has a line with the tenant, and neither token nor query', async () => {
    const { log } = await run(async () => ({ status: 204 }))
    expect(log).toHaveLength(1)
    expect(log[0]).toMatch(
      /"operation":"users-list".*"method":"GET".*"status":204.*"tenant":"acme"/,
    )
    expect(log[0]).not.toMatch(/ada|secret|Bearer|filter/)
  })

  test('has who came with what, and what it cost in storage calls and in rounds of them', async () => {
    const app = appWith({
      measure: async (work) => ({ result: await work(), calls: 5, roundTrips: 2 }),
    })
    const { log } = await run(
      async () => ({ status: 204 }),
      async () => app,
    )
    const LINE = z.looseObject({ milliseconds: z.int() })
    const { milliseconds: _, ...line } = LINE.parse(
      JSON.parse(log[0]?.replace('information ', '') ?? ''),
    )
    expect(line).toEqual({
      event: 'scim',
      operation: 'users-list',
      route: '/api/scim/Users',
      method: 'GET',
      status: 204,
      storageCalls: 5,
      roundTrips: 2,
      tenant: 'acme',
      credential: 'token',
      credentialKind: 'federated',
      client: 'other',
    })
  })
})

describe('names that were ignored', () => {
  test('are in the line of the request, once', async () => {
    const { log } = await run(async ({ noteIgnored }) => {
      noteIgnored(USER, ['departmnt', 'urn:foo:bar'])
      noteIgnored(USER, [])
      noteIgnored(USER, ['departmnt', 'ada@example.com'])
      return { status: 200 }
    })
    expect(log).toHaveLength(1)
    expect(log[0]).toContain('"ignored":["departmnt (department?)","urn:foo:bar","and 1 more"]')
    expect(log[0]).not.toContain('ada')
  })

  test('are not there where none were', async () => {
    const { log } = await run(async ({ noteIgnored }) => {
      noteIgnored(USER, [])
      return { status: 200 }
    })
    expect(log[0]).not.toContain('ignored')
  })
})

test('the Tenant URL is the setting, else the URL that was called, whatever is forwarded', async () => {
  const urls: string[] = []
  const note: TenantOperation = async ({ baseUrl }) => {
    urls.push(baseUrl)
    return { status: 204 }
  }
  await run(note)
  await run(note, async () => appWith({ publicBaseUrl: 'https://public.example/api/scim' }))
  expect(urls).toEqual(['http://scim.example/api/scim', 'https://public.example/api/scim'])
})
