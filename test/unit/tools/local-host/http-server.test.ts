import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { HostRequest, HostResponse } from '../../../../tools/local-host/host.ts'
import { serve, type HttpServer } from '../../../../tools/local-host/http-server.ts'

let server: HttpServer | undefined
let seen: HostRequest[]
afterEach(() => server?.close())

async function start(
  answer: Partial<HostResponse> = {},
  maxBodyBytes?: number,
): Promise<HttpServer> {
  seen = []
  const handle = async (request: HostRequest): Promise<HostResponse> => {
    seen.push(request)
    return { status: 200, headers: {}, body: Buffer.from('body'), ...answer }
  }
  server = await serve(0, handle, maxBodyBytes)
  return server
}

/** The whole answer to a request written out; the server is asked to close the connection. */
function raw(head: string, body = ''): Promise<string> {
  return exchange(`${head}\r\nhost: localhost\r\nconnection: close\r\n\r\n${body}`)
}

/** The whole answer to these bytes, until the server closes the connection. */
async function exchange(bytes: string): Promise<string> {
  const socket = connect(server?.port ?? 0, '127.0.0.1')
  socket.write(Buffer.from(bytes, 'latin1'))
  let text = ''
  socket.on('data', (chunk) => (text += chunk.toString()))
  await once(socket, 'close')
  return text
}

/** A request line of so many bytes, its end included. */
const line = (length: number): string => `GET /${'a'.repeat(length - 16)} HTTP/1.1`

const statusOf = (answer: string): string => answer.slice(9, 12)

describe('a request', () => {
  test('goes through as it came: method, target, headers, body', async () => {
    await start()
    await raw('PATCH /api/a%2Fb?c=d HTTP/1.1\r\nIf-Match: W/"1"\r\ncontent-length: 3', '{"a')
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      method: 'PATCH',
      target: '/api/a%2Fb?c=d',
      headers: { 'if-match': 'W/"1"' },
    })
    expect(Buffer.from(seen[0]?.body ?? []).toString()).toBe('{"a')
  })

  test('joins repeated headers with a comma, whichever they are', async () => {
    await start()
    await raw('GET / HTTP/1.1\r\nX-A: 1\r\nx-a: 2\r\nAuthorization: one\r\nauthorization: two')
    expect(seen[0]?.headers).toMatchObject({ 'x-a': '1,2', authorization: 'one,two' })
  })

  test('loses a chunked body and keeps its header', async () => {
    await start()
    const answer = await raw(
      'POST / HTTP/1.1\r\ntransfer-encoding: chunked',
      '4\r\nlost\r\n0\r\n\r\n',
    )
    expect(statusOf(answer)).toBe('200')
    expect(seen[0]?.headers).toMatchObject({ 'transfer-encoding': 'chunked' })
    expect(seen[0]?.body).toHaveLength(0)
  })
})

describe("Kestrel's limits", () => {
  test.each([
    ['a request line of 8192 bytes', () => line(8192), '200'],
    ['a longer one', () => line(8193), '414'],
    ['32 KB of headers', () => `GET / HTTP/1.1\r\nx: ${'a'.repeat(32_000)}`, '200'],
    ['more of them', () => `GET / HTTP/1.1\r\nx: ${'a'.repeat(33_000)}`, '431'],
    ['98 headers and two', () => `GET / HTTP/1.1${'\r\nx: 1'.repeat(98)}`, '200'],
    ['99 headers and two', () => `GET / HTTP/1.1${'\r\nx: 1'.repeat(99)}`, '431'],
    ['a body over 100 MB', () => 'POST / HTTP/1.1\r\ncontent-length: 104857601', '500'],
  ])('%s', async (_case, head, status) => {
    await start()
    expect(statusOf(await raw(head()))).toBe(status)
    expect(seen).toHaveLength(status === '200' ? 1 : 0)
  })
})

describe('a limit for bodies', () => {
  test('lets through what has just that length', async () => {
    await start({}, 10)
    expect(statusOf(await raw('POST / HTTP/1.1\r\ncontent-length: 10', '0123456789'))).toBe('200')
    expect(seen[0]?.body).toHaveLength(10)
  })

  test('answers one byte more with a bare 500 and closes the connection', async () => {
    await start({}, 10)
    const keepAlive = 'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 11\r\n\r\n'
    const answer = await exchange(`${keepAlive}01234567890`)
    expect(statusOf(answer)).toBe('500')
    expect(answer).toMatch(/\r\nconnection: close\r\n/i)
    expect(answer).toMatch(/\r\ncontent-length: 0\r\n[^]*\r\n\r\n$/)
    expect(seen).toEqual([])
  })

  test('does not hold for chunked bodies, which are lost', async () => {
    await start({}, 10)
    const chunks = 'b\r\n01234567890\r\n0\r\n\r\n'
    expect(statusOf(await raw('POST / HTTP/1.1\r\ntransfer-encoding: chunked', chunks))).toBe('200')
  })
})

function requestOf(target: string, host: string): string {
  return `GET ${target} HTTP/1.1\r\n${host}\r\nconnection: close\r\n\r\n`
}

describe('a Host', () => {
  test.each(['localhost', 'scim.example:7071', '127.0.0.1', '[::1]:80', 'a_b-c.example'])(
    'may be %s',
    async (host) => {
      await start()
      expect(statusOf(await exchange(requestOf('/', `host: ${host}`)))).toBe('200')
      expect(seen[0]?.headers).toMatchObject({ host })
    },
  )

  test.each([
    ['with a space', '/', 'host: a b'],
    ['with a user', '/', 'host: user:pw@a.example'],
    ['with a path', '/', 'host: a.example/api/health?'],
    ['with a backslash', '/', 'host: a.example\\x'],
    ['with a port that is no number', '/', 'host: a.example:http'],
    ['with a port beyond 65535', '/', 'host: a.example:99999'],
    ['that is empty', '/', 'host:'],
    ['that is missing', '/', 'x: 1'],
    ['that comes twice', '/', 'host: a.example\r\nhost: a.example'],
    ['that the target contradicts', 'http://b.example/', 'host: a.example'],
  ])('%s is 400 with an empty body', async (_case, target, host) => {
    await start()
    const answer = await exchange(requestOf(target, host))
    expect(statusOf(answer)).toBe('400')
    expect(answer.endsWith('\r\n\r\n')).toBe(true)
    expect(seen).toEqual([])
  })

  test('may stand in the target, too', async () => {
    await start()
    const answer = await exchange(requestOf('http://A.example/b', 'host: a.example'))
    expect(statusOf(answer)).toBe('200')
  })

  test.each(['GET / HTTP/1.0\r\n\r\n', 'GET /\r\n\r\n', 'get / HTTP/1.1\r\nx: 1\r\n\r\n'])(
    'is needed, and its lack never a failure of the server: %j',
    async (bytes) => {
      await start()
      expect(statusOf(await exchange(bytes))).toBe('400')
      expect(seen).toEqual([])
    },
  )
})

describe('what the parser of Node.js refuses', () => {
  test.each(['get', 'Post', 'FOO', 'M-SEARCHES'])('the method %s goes through', async (method) => {
    await start({ status: 404, body: Buffer.alloc(0) })
    const answer = await raw(`${method} /a?b=c HTTP/1.1\r\nX-A:  1 \r\ncontent-length: 4`, 'body')
    expect(statusOf(answer)).toBe('404')
    expect(answer).toContain('content-length: 0')
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ method, target: '/a?b=c', headers: { 'x-a': '1' } })
    expect(Buffer.from(seen[0]?.body ?? []).toString()).toBe('body')
  })

  test.each([
    ['lines that end without CR', 'GET / HTTP/1.1\nhost: a\nx: 1\n\n', { x: '1' }],
    ['some that do', 'GET / HTTP/1.1\r\nhost: a\nx: 1\r\n\r\n', { x: '1' }],
    [
      'a control character in a header',
      'GET / HTTP/1.1\r\nhost: a\r\nx: a\u0001b\r\n\r\n',
      { x: 'a\u0001b' },
    ],
  ])('%s: goes through', async (_case, bytes, headers) => {
    await start()
    expect(statusOf(await exchange(bytes))).toBe('200')
    expect(seen).toEqual([
      { method: 'GET', target: '/', headers: { host: 'a', ...headers }, body: Buffer.alloc(0) },
    ])
  })

  test.each([
    'content-length: 5\r\ntransfer-encoding: chunked',
    'transfer-encoding: gzip, chunked\r\ncontent-length: 99999999999',
  ])('of %j the coding counts, and the body is lost', async (headers) => {
    await start()
    expect(statusOf(await raw(`POST / HTTP/1.1\r\n${headers}`, '4\r\nlost\r\n0\r\n\r\n'))).toBe(
      '200',
    )
    expect(seen).toHaveLength(1)
    expect(seen[0]?.headers['transfer-encoding']).toMatch(/chunked$/)
    expect(seen[0]?.headers).not.toHaveProperty('content-length')
    expect(seen[0]?.body).toHaveLength(0)
  })

  test.each(['1.2', '2.0', '3.1'])('HTTP/%s is 505 with an empty body', async (version) => {
    await start()
    const answer = await exchange(`GET / HTTP/${version}\r\nhost: a\r\nconnection: close\r\n\r\n`)
    expect(statusOf(answer)).toBe('505')
    expect(answer.endsWith('\r\n\r\n')).toBe(true)
    expect(seen).toEqual([])
  })

  test('what was read before is not answered again', async () => {
    await start()
    const first = 'GET /first HTTP/1.1\r\nhost: a\r\n\r\n'
    await exchange(`${first}GET /second HTTP/1.1\r\nhost: a\r\nx: a\u0001b\r\n\r\n`)
    expect(seen.map(({ target }) => target)).toEqual(['/first'])
  })

  test('such a method is held to the same limits', async () => {
    await start()
    expect(statusOf(await exchange('get / HTTP/1.1\r\nhost: a b\r\n\r\n'))).toBe('400')
    expect(seen).toEqual([])
  })

  test.each([
    ['no request', 'hello\r\n\r\n'],
    [
      'an unknown method without its body',
      'FOO / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n',
    ],
    ['an unknown method with a wrong header', 'FOO / HTTP/1.1\r\nhost: a\r\nx y: 1\r\n\r\n'],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nhost: a\r\nx: a\u0000b\r\n\r\n'],
    ['a folded header', 'GET / HTTP/1.1\r\nhost: a\r\nx: a\r\n b\r\n\r\n'],
    ['a space before a colon', 'GET / HTTP/1.1\r\nhost: a\r\nx : a\r\n\r\n'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\n1',
    ],
    ['a length that is no number', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n'],
    [
      'another coding than chunked beside a length',
      'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\ncontent-length: 1\r\n\r\n1',
    ],
    ['a letter outside of ASCII in the target', 'GET /\u00e9 HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['a space in the target', 'GET /a b HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n\r\n'],
    [
      'a letter outside of ASCII in a header',
      'GET / HTTP/1.1\r\nhost: a\r\nx: \u00e9\r\nconnection: close\r\n\r\n',
    ],
  ])('%s is 400 with an empty body, and the end of the connection', async (_case, bytes) => {
    await start()
    const answer = await exchange(bytes)
    expect(statusOf(answer)).toBe('400')
    expect(answer).toMatch(/\r\ncontent-length: 0\r\n/i)
    expect(answer.endsWith('\r\n\r\n')).toBe(true)
    expect(seen).toEqual([])
  })
})

describe('an answer', () => {
  test('is chunked when it has a body and no length', async () => {
    await start({ status: 201, headers: { etag: 'W/"1"' } })
    const answer = await raw('GET / HTTP/1.1')
    expect(answer).toMatch(/^HTTP\/1\.1 201 Created\r\netag: W\/"1"\r\n/)
    expect(answer).toContain('Transfer-Encoding: chunked')
    expect(answer).toContain('\r\n\r\n4\r\nbody\r\n0\r\n')
  })

  test.each([
    ['GET', 404, true],
    ['GET', 204, false],
    ['HEAD', 200, false],
  ])('to %s with status %i and no body has the length 0: %s', async (method, status, hasLength) => {
    await start({ status, body: Buffer.alloc(0) })
    const answer = await raw(`${method} / HTTP/1.1`)
    expect(statusOf(answer)).toBe(String(status))
    expect(answer.includes('content-length: 0')).toBe(hasLength)
    expect(answer.endsWith('\r\n\r\n')).toBe(true)
  })
})

test('serves IPv6 loopback on the same port, where there is one', async () => {
  const { port } = await start()
  const probe = createServer()
  const hasIpv6 = await new Promise((resolve) => {
    probe
      .once('error', () => resolve(false))
      .listen(0, '::1', () => probe.close(() => resolve(true)))
  })
  const answers = await fetch(`http://[::1]:${port}/`).then(
    () => true,
    () => false,
  )
  expect(answers).toBe(hasIpv6)
})

test('says that a port is taken', async () => {
  const { port } = await start()
  await expect(serve(port, () => Promise.reject(new Error('unused')))).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})

test('close ends connections that wait', async () => {
  const running = await start()
  const socket = connect(running.port, '127.0.0.1')
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  await running.close()
  await expect(closed).resolves.toEqual([false])
  server = undefined
})
