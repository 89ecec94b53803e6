import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { HostRequest, HostResponse } from '../../../../tools/local-host/host.ts'
import { serve, type HttpServer } from '../../../../tools/local-host/http-server.ts'

let server: HttpServer | undefined
let seen: HostRequest[]
afterEach(() => server?.close())

async function start(answer: Partial<HostResponse> = {}): Promise<HttpServer> {
  seen = []
  server = await serve(0, async (request) => {
    seen.push(request)
    return { status: 200, headers: {}, body: Buffer.from('body'), ...answer }
  })
  return server
}

/** The whole answer to a request written out; the server is asked to close the connection. */
async function raw(head: string, body = ''): Promise<string> {
  const socket = connect(server?.port ?? 0, '127.0.0.1')
  socket.write(`${head}\r\nhost: localhost\r\nconnection: close\r\n\r\n${body}`)
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
