import { HttpRequest, InvocationContext, type HttpResponseInit } from '@azure/functions'
import { expect, test } from 'vitest'
import type { HandlerRuntime, RuntimeSource } from '../../../lib/http/endpoint.ts'
import { healthHandler } from '../../../lib/http/health.ts'
import { createRuntime } from '../../../lib/runtime.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'

/** Asks once; what is logged comes beside the answer, as `level message`. */
async function ask(
  runtime: RuntimeSource,
): Promise<{ readonly answer: HttpResponseInit; readonly log: readonly string[] }> {
  const log: string[] = []
  const context = new InvocationContext({
    functionName: 'health',
    logHandler: (level, ...messages) => log.push(`${level} ${messages.map(String).join(' ')}`),
  })
  const request = new HttpRequest({ method: 'GET', url: 'http://scim.example/api/health' })
  const answer = await healthHandler(runtime)(request, context)
  if (answer === undefined || !('status' in answer)) throw new Error('there is no answer')
  return { answer, log }
}

const withTables =
  (missingTables: HandlerRuntime['missingTables']): RuntimeSource =>
  async () => ({ ...createRuntime(memoryStores()), missingTables })

const HEALTHY = { status: 200, jsonBody: { status: 'healthy' } }
const UNHEALTHY = {
  status: 503,
  headers: { 'retry-after': '5', 'cache-control': 'no-store' },
  jsonBody: { status: 'unhealthy' },
}

test('it is healthy where no table is missing', async () => {
  const { answer, log } = await ask(withTables(async () => []))
  expect(answer).toMatchObject(HEALTHY)
  expect(answer.headers).not.toHaveProperty('retry-after')
  expect(log).toEqual([])
})

test('it is unhealthy where one is, and the log says which; the answer does not', async () => {
  const { answer, log } = await ask(withTables(async () => ['users', 'groups']))
  expect(answer).toEqual(UNHEALTHY)
  expect(log).toEqual([
    'error {"event":"missingTables","operation":"health","tables":["users","groups"]}',
  ])
})

test('it is unhealthy where the settings are wrong', async () => {
  const { answer, log } = await ask(() => Promise.reject(new TypeError('wrong')))
  expect(answer).toEqual(UNHEALTHY)
  expect(log).toEqual([expect.stringMatching(/"event":"failure","operation":"health".*TypeError/)])
})

test('it is unhealthy within three seconds where the storage never answers', async () => {
  const hanging = createRuntime({
    ...memoryStores(),
    missingTables: () => new Promise<never>(() => {}),
  })
  const began = performance.now()
  const { answer, log } = await ask(async () => hanging)
  expect(performance.now() - began).toBeLessThan(3_000)
  expect(answer).toEqual(UNHEALTHY)
  expect(log).toEqual([expect.stringContaining('"event":"failure","operation":"health"')])
})

test('all who ask within five seconds share one look', async () => {
  let looks = 0
  const app = createRuntime({
    ...memoryStores(),
    missingTables: async () => {
      looks += 1
      return []
    },
  })
  const handler = healthHandler(async () => app)
  const request = new HttpRequest({ method: 'GET', url: 'http://scim.example/api/health' })
  const asked = Array.from({ length: 20 }, async () => handler(request, new InvocationContext()))
  for (const answer of await Promise.all(asked)) expect(answer).toMatchObject(HEALTHY)
  expect(looks).toBe(1)
})
