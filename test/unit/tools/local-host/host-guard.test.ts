import { app } from '@azure/functions'
import { describe, expect, test } from 'vitest'
import type { Host } from '../../../../tools/local-host/host.ts'
import type { HostKeys } from '../../../../tools/local-host/host-keys.ts'
import { sampleHost, send } from '../../../support/sample-host.ts'

const KEYS = {
  master: 'the master key',
  host: 'the host key',
  functions: { guarded: 'a key of its own' },
}

/** The host with one function of each level, and these keys. */
function guardedHost(keys: HostKeys | undefined = KEYS): Promise<Host> {
  return sampleHost(
    () => {
      for (const authLevel of ['anonymous', 'function', 'admin'] as const) {
        app.http(authLevel === 'function' ? 'guarded' : authLevel, {
          route: `x-${authLevel}`,
          authLevel,
          handler: (request) => ({ body: `${authLevel} ${request.query.get('code') ?? ''}` }),
        })
      }
    },
    'api',
    keys === undefined ? {} : { keys },
  )
}

describe('keys', () => {
  const UNAUTHORIZED = { status: 401, headers: {}, body: new Uint8Array() }

  test.each([
    ['no key', {}, '', 401, 401],
    ['a wrong key', { 'x-functions-key': 'wrong' }, '', 401, 401],
    ['a wrong code', {}, '?code=wrong', 401, 401],
    ['the host key', { 'x-functions-key': 'the host key' }, '', 200, 401],
    ['the host key as code', {}, '?code=the%20host%20key', 200, 401],
    ['its own key', { 'x-functions-key': 'a key of its own' }, '', 200, 401],
    ['the master key', { 'x-functions-key': 'the master key' }, '', 200, 200],
    ['the master key as code', {}, '?Code=the+master+key', 200, 200],
    ['a wrong key before a right code', { 'x-functions-key': 'x' }, '?code=the+host+key', 401, 401],
    ['a bearer token', { authorization: 'Bearer the master key' }, '', 401, 401],
  ])('%s', async (_case, headers, query, ofFunction, ofAdmin) => {
    const host = await guardedHost()
    const answers = await Promise.all(
      ['anonymous', 'function', 'admin'].map((level) =>
        send(host, 'GET', `/api/x-${level}${query}`, { headers }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, ofFunction, ofAdmin])
    const refused = answers.filter(({ status }) => status === 401)
    expect(refused).toEqual(refused.map(() => UNAUTHORIZED))
  })

  test('a host without keys has what wants one closed', async () => {
    const host = await sampleHost(() =>
      app.http('guarded', { authLevel: 'function', handler: () => ({ body: 'open' }) }),
    )
    for (const target of ['/api/guarded', '/api/guarded?code=', '/api/guarded?code=undefined']) {
      expect(await send(host, 'GET', target)).toEqual(UNAUTHORIZED)
    }
  })

  test('a generic HTTP trigger that says nothing wants one', async () => {
    const host = await sampleHost(() =>
      app.generic('plain', {
        trigger: { type: 'httpTrigger', name: 'request', methods: ['GET'] },
        handler: () => ({ body: 'open' }),
      }),
    )
    expect(await send(host, 'GET', '/api/plain')).toEqual(UNAUTHORIZED)
  })

  test('another method, another path: no function, and no key is asked for', async () => {
    const host = await guardedHost()
    expect((await send(host, 'DELETE', '/api/x-function')).status).toBe(404)
    expect((await send(host, 'GET', '/api/x-functions')).status).toBe(404)
  })
})
