import { app, type HttpMethod, type HttpRequest } from '@azure/functions'
import { describe, expect, test } from 'vitest'
import { logged, sampleHost, send, textOf } from '../../../support/sample-host.ts'

/** Registers a function that answers with its name. */
function named(name: string, route: string, methods: HttpMethod[] = ['GET']): void {
  app.http(name, { route, methods, handler: () => ({ body: name }) })
}

function parts({ query, params, headers }: HttpRequest): unknown {
  return [Object.fromEntries(query), params, headers.get('If-Match')]
}

function bodyText(request: HttpRequest): Promise<string> {
  return request.text()
}

/** Registers a function that answers with what it sees. */
function mirror(see: (request: HttpRequest) => unknown): void {
  app.http('mirror', {
    route: 'mirror/{id?}',
    methods: ['GET', 'POST', 'PUT', 'HEAD'],
    handler: async (request) => ({ jsonBody: await see(request) }),
  })
}

async function seen(
  see: (request: HttpRequest) => unknown,
  ...[method, target, more]: [string, string, Parameters<typeof send>[3]?]
): Promise<unknown> {
  const response = await send(await sampleHost(() => mirror(see)), method, target, more)
  return JSON.parse(textOf(response))
}

/** What the client gets when the only function has this handler. */
async function answering(
  handler: () => unknown,
  method = 'GET',
): Promise<{ status: number; headers: Readonly<Record<string, string>>; text: string }> {
  const host = await sampleHost(() =>
    app.generic('answer', {
      trigger: {
        type: 'httpTrigger',
        name: 'request',
        route: 'a',
        methods: ['GET', 'HEAD'],
        authLevel: 'anonymous',
      },
      return: { type: 'http', name: '$return' },
      handler,
    }),
  )
  const response = await send(host, method, '/api/a')
  return { status: response.status, headers: response.headers, text: textOf(response) }
}

describe('which function answers', () => {
  test('the first by name, whatever is more specific or was registered first', async () => {
    const host = await sampleHost(() => {
      named('z-search', 'Users/.search')
      named('Users-one', 'Users/{id}')
    })
    expect(textOf(await send(host, 'GET', '/api/Users/.search'))).toBe('Users-one')
  })

  test('names are compared without case, as upper case, by code unit', async () => {
    const host = await sampleHost(() => {
      for (const [at, name] of ['b_', 'ba', 'B-', 'A9', 'a', 'aZ'].entries()) named(name, `r${at}`)
    })
    expect(host.routes.map((route) => route.function.metadata.name)).toEqual([
      'a',
      'A9',
      'aZ',
      'B-',
      'ba',
      'b_',
    ])
  })

  test('the method is part of the route: a later function may have it', async () => {
    const host = await sampleHost(() => {
      named('a-get', 'Users/{id}')
      named('b-search', 'Users/.search', ['POST'])
    })
    expect(textOf(await send(host, 'POST', '/api/Users/.search'))).toBe('b-search')
  })

  test.each([
    ['another path', 'GET', '/api/Groups'],
    ['another method on a known path: never 405', 'DELETE', '/api/Users'],
    ['HEAD where GET alone is listed', 'HEAD', '/api/Users'],
    ['no prefix', 'GET', '/Users'],
    ['the prefix alone', 'GET', '/api'],
  ])('404 without a body: %s', async (_case, method, target) => {
    const response = await send(await sampleHost(() => named('users', 'Users')), method, target)
    expect(response).toEqual({ status: 404, headers: {}, body: new Uint8Array() })
  })

  test('without methods GET and POST, without a route the name', async () => {
    const host = await sampleHost(() => app.http('plain', { handler: () => ({ body: 'here' }) }))
    expect(textOf(await send(host, 'GET', '/api/plain'))).toBe('here')
    expect(textOf(await send(host, 'POST', '/api/plain'))).toBe('here')
    expect((await send(host, 'PUT', '/api/plain')).status).toBe(404)
  })

  test('an empty prefix', async () => {
    const host = await sampleHost(() => named('users', 'Users'), '')
    expect(textOf(await send(host, 'GET', '/users'))).toBe('users')
  })

  test.each([
    ['GET', '/', 200, { 'content-type': 'text/html' }, /^<!doctype html>/],
    ['HEAD', '/', 200, { 'content-type': 'text/html' }, /^$/],
    ['GET', '/admin/host/status', 401, { 'www-authenticate': 'Bearer' }, /^$/],
    ['POST', '/Runtime/webhooks/x', 401, { 'www-authenticate': 'Bearer' }, /^$/],
    ['GET', '/administrators', 404, {}, /^$/],
  ])("the host's own answer to %s %s", async (method, target, status, headers, text) => {
    const host = await sampleHost(() => named('plain', 'plain'))
    const response = await send(host, method, target)
    expect(response).toMatchObject({ status, headers })
    expect(textOf(response)).toMatch(text)
  })

  test('400 for a target without a path, 404 for the whole server', async () => {
    const host = await sampleHost(() => named('users', 'Users'))
    expect((await send(host, 'GET', 'Users')).status).toBe(400)
    expect((await send(host, 'OPTIONS', '*')).status).toBe(404)
  })
})

describe('what would not load on Azure stops the start', () => {
  test.each<[string, () => void]>([
    ['function "1a" would not load: a name is', () => named('1a', 'x')],
    ['function "a.b" would not load: a name is', () => named('a.b', 'x')],
    ['function "Host" would not load: a name is', () => named('Host', 'x')],
    [`function "a${'b'.repeat(128)}" would not load`, () => named(`a${'b'.repeat(128)}`, 'x')],
    ['the route "administrators" starts with a reserved word', () => named('a', 'administrators')],
    ['the route "Runtime/x" starts with a reserved word', () => named('a', 'Runtime/x')],
    ['unknown constraint "uuid"', () => named('a', '{id:uuid}')],
    [
      'function "b" would not load: "a" has the same route and method',
      () => {
        named('b', 'users', ['PUT', 'GET'])
        named('a', 'Users', ['GET'])
      },
    ],
    [
      'the name is taken',
      () => {
        named('Same', 'a')
        named('same', 'b')
      },
    ],
    [
      'the local host runs HTTP triggers and timers only',
      () => app.storageQueue('poll', { queueName: 'q', connection: '', handler: () => undefined }),
    ],
    [
      'function "poll" would not load: the schedule "5 minutes" is neither',
      () => app.timer('poll', { schedule: '5 minutes', handler: () => undefined }),
    ],
    [
      'function "a" would not load: the authLevel "system" is none of the three',
      () =>
        app.generic('a', {
          trigger: { type: 'httpTrigger', name: 'request', authLevel: 'system' },
          handler: () => undefined,
        }),
    ],
    ['no function is registered', () => undefined],
  ])('%s', async (reason, register) => {
    await expect(sampleHost(register)).rejects.toThrow(reason)
  })

  test('all of them are named', async () => {
    const start = sampleHost(() => {
      named('1a', 'x')
      named('b', 'admin')
    })
    await expect(start).rejects.toThrow(/"1a" would not load: .*\n.*"b" would not load: /)
  })

  test('the same route with other methods may be', async () => {
    const host = await sampleHost(() => {
      named('b', 'users', ['PUT'])
      named('a', 'Users', ['GET'])
    })
    expect(textOf(await send(host, 'PUT', '/api/Users'))).toBe('b')
  })
})

describe('what a function sees', () => {
  test('the body', async () => {
    const body = '{"a":"ü"}'
    expect(await seen((request) => request.text(), 'POST', '/api/mirror', { body })).toBe(body)
  })

  test('an empty body when it came chunked', async () => {
    const headers = { 'transfer-encoding': 'chunked' }
    expect(await seen(bodyText, 'POST', '/api/mirror', { headers, body: 'lost' })).toBe('')
  })

  test('no body with GET', async () => {
    expect(await seen(bodyText, 'GET', '/api/mirror', { body: 'dropped' })).toBe('')
    expect(logged.join('\n')).toContain('Discarding the body')
  })

  test('the URL: host as called, path encoded again, query as it came', async () => {
    const target = '/api/mirror/a%3Ab%20c?A=1&a=%22x%22'
    expect(await seen((request) => request.url, 'GET', target)).toBe(
      'http://localhost:7071/api/mirror/a:b%20c?A=1&a=%22x%22',
    )
  })

  test('the query merged, params decoded, headers by lower-case names', async () => {
    const headers = { 'if-match': 'W/"1"' }
    expect(await seen(parts, 'GET', '/api/mirror/a%2Fb?A=1&a=2', { headers })).toEqual([
      { A: '1,2' },
      { id: 'a%2Fb' },
      'W/"1"',
    ])
  })
})

describe('what a function answers', () => {
  test('status, headers with lower-case names, body', async () => {
    const init = {
      status: 201,
      headers: { ETag: 'W/"1"', 'WWW-Authenticate': 'Bearer' },
      body: 'b',
    }
    expect(await answering(() => init)).toMatchObject({
      status: 201,
      headers: { etag: 'W/"1"', 'www-authenticate': 'Bearer' },
      text: 'b',
    })
  })

  test('HEAD keeps the headers and drops the body', async () => {
    const answer = await answering(() => ({ headers: { etag: 'W/"1"' }, body: 'b' }), 'HEAD')
    expect(answer).toMatchObject({ status: 200, headers: { etag: 'W/"1"' }, text: '' })
  })

  test('nothing is 204', async () => {
    expect(await answering(() => undefined)).toEqual({ status: 204, headers: {}, text: '' })
  })

  test.each<[string, () => unknown]>([
    [
      'throws an Error',
      () => {
        throw new Error('secret')
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret'))],
    ['answers with something else', () => 'text'],
    ['answers with a header that is not ASCII', () => ({ headers: { location: '/ü' } })],
  ])('a function that %s is a bare 500', async (_case, handler) => {
    expect(await answering(handler)).toEqual({ status: 500, headers: {}, text: '' })
    expect(logged.join('\n')).toContain("Executed 'answer' (Failed)")
    expect(logged.join('\n')).not.toContain('secret')
  })

  test('a failure is logged with its name, its code and where it was, and without its message', async () => {
    const failure = Object.assign(new RangeError('secret\nof two lines'), { code: 'E_HUSH' })
    await answering(() => Promise.reject(failure))
    expect(logged.join('\n')).toMatch(/\(Failed\): RangeError E_HUSH\n {4}at /)
    expect(logged.join('\n')).not.toMatch(/secret|of two lines/)
    await answering(() => ({ headers: { location: '/ü' } }))
    expect(logged.join('\n')).toContain('(Failed): header "location" is not ASCII')
  })

  test('a URL that cannot be read is logged without its query', async () => {
    const host = await sampleHost(() => named('users', 'Users'))
    const headers = { host: 'a b' }
    const { status } = await send(host, 'GET', '/api/Users?filter=hush', { headers })
    expect(status).toBe(500)
    expect(logged.join('\n')).toContain("Executed 'users' (Failed): TypeError")
    expect(logged.join('\n')).not.toContain('hush')
  })
})

describe('hooks', () => {
  test('see an invocation in the order of the worker', async () => {
    const order: string[] = []
    const host = await sampleHost(() => {
      app.hook.appStart(() => void order.push('appStart'))
      app.hook.preInvocation((context) => {
        order.push('pre')
        context.hookData['note'] = 'kept'
      })
      app.hook.postInvocation(({ hookData, result }) => {
        order.push(`post ${String(hookData['note'])} ${JSON.stringify(result)}`)
      })
      app.http('a', {
        handler: (_request, context) => {
          order.push('handler')
          context.log('from', context.functionName)
          return { body: 'b' }
        },
      })
    })
    await send(host, 'GET', '/api/a')
    expect(order).toEqual(['appStart', 'pre', 'handler', 'post kept {"body":"b"}'])
    expect(logged).toContain('information user from a')
  })

  test('may replace the handler, the result and the error', async () => {
    const host = await sampleHost(() => {
      app.hook.preInvocation((context) => {
        if (context.invocationContext.functionName !== 'replaced') return
        context.functionHandler = () => ({ body: 'another handler' })
      })
      app.hook.postInvocation((context) => {
        if (context.invocationContext.functionName !== 'rescued') return
        context.error = null
        context.result = { status: 418 }
      })
      app.http('replaced', { handler: () => ({ body: 'own' }) })
      app.http('rescued', { handler: () => Promise.reject(new Error('lost')) })
    })
    expect(textOf(await send(host, 'GET', '/api/replaced'))).toBe('another handler')
    expect((await send(host, 'GET', '/api/rescued')).status).toBe(418)
  })
})
