import { once } from 'node:events'
import { createServer, request, type RequestListener, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { createFetchText, type FetchOptions } from '../../../lib/oauth/fetch-text.ts'

let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** Plain http to this machine, which the app itself never does; all else is as in the app. */
const LOCAL: FetchOptions = {
  request,
  addressesOf: async () => ['127.0.0.1'],
  isAllowed: (address) => address === '127.0.0.1',
  problemOf: () => undefined,
  milliseconds: 300,
}

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port.')
  return `http://keys.example:${address.port}/jwks`
}

test('gets a document, and tells the server nothing of who asks', async () => {
  let headers: unknown
  const url = await serve((incoming, response) => {
    headers = incoming.headers
    response.end('{"keys":[]}')
  })
  expect(await createFetchText(LOCAL)(url)).toBe('{"keys":[]}')
  expect(headers).toEqual({
    host: url.slice('http://'.length, -'/jwks'.length),
    accept: 'application/jwk-set+json, application/json',
    connection: 'keep-alive',
  })
})

test.each<[string, RequestListener, string]>([
  [
    'a redirect',
    (_incoming, response) => response.writeHead(302, { location: 'http://127.0.0.1/x' }).end(),
    'status 302',
  ],
  ['an error', (_incoming, response) => response.writeHead(500).end('down'), 'status 500'],
  [
    'more than 64 KB',
    (_incoming, response) => response.end('x'.repeat(64 * 1024 + 1)),
    'more than 65536 bytes',
  ],
  ['no answer', () => undefined, 'no whole answer in time'],
  [
    'an answer that never ends',
    (_incoming, response) => {
      const drip = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(drip))
    },
    'no whole answer in time',
  ],
  ['a connection that is cut', (incoming) => incoming.socket.destroy(), 'ECONNRESET'],
  [
    'an answer that is cut',
    (_incoming, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('{')
      setTimeout(() => response.destroy(), 20)
    },
    'ECONNRESET',
  ],
])('refuses %s', async (_case, listener, message) => {
  const url = await serve(listener)
  const started = performance.now()
  await expect(createFetchText(LOCAL)(url)).rejects.toThrow(message)
  expect(performance.now() - started).toBeLessThan(2000)
})

test('takes a document of just 64 KB', async () => {
  const url = await serve((_incoming, response) => response.end('x'.repeat(64 * 1024)))
  expect(await createFetchText(LOCAL)(url)).toHaveLength(64 * 1024)
})

test.each([
  ['one that is not public', ['127.0.0.1', '10.0.0.1']],
  ['none at all', []],
])(
  'connects to nothing when of the addresses of the host there is %s',
  async (_case, addresses) => {
    let requests = 0
    const url = await serve((_incoming, response) => {
      requests += 1
      response.end('{}')
    })
    const fetchText = createFetchText({ ...LOCAL, addressesOf: async () => addresses })
    await expect(fetchText(url)).rejects.toThrow(/is not a public one|has no address/)
    expect(requests).toBe(0)
  },
)

test('looks a name up once, and connects to what was checked', async () => {
  let lookUps = 0
  const url = await serve((_incoming, response) => response.end('{}'))
  const addressesOf = async (): Promise<string[]> => {
    lookUps += 1
    return lookUps === 1 ? ['127.0.0.1'] : ['10.0.0.1']
  }
  expect(await createFetchText({ ...LOCAL, addressesOf })(url)).toBe('{}')
  expect(lookUps).toBe(1)
})

test('a name that nobody answers for ends with the time, too', async () => {
  const fetchText = createFetchText({
    ...LOCAL,
    addressesOf: (_host, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('cancelled')))
      }),
  })
  await expect(fetchText('http://keys.example:1/')).rejects.toThrow('no whole answer in time')
})

test.each([
  ['http://idp.example/keys', 'the address must be an https URL'],
  ['https://127.0.0.1/keys', 'the address must have the name of a host, no IP address'],
  ['https://scim.example/keys', 'the address must not lead to this service'],
])('as the app has it, %s is not asked: %s', async (url, message) => {
  const fetchText = createFetchText({ ownHost: 'scim.example', milliseconds: 300 })
  await expect(fetchText(url)).rejects.toThrow(message)
})
