import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type Server,
  ServerResponse,
  STATUS_CODES,
} from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import type { HostRequest, HostResponse } from './host.ts'
import { requestRefusedByParser } from './refused-by-parser.ts'

/** `ScriptConstants.DefaultMaxRequestBodySize`: without FUNCTIONS_REQUEST_BODY_SIZE_LIMIT. */
const MAX_BODY_BYTES = 104_857_600
/** Kestrel's defaults: request line in bytes, all headers in bytes, number of headers. */
const MAX_REQUEST_LINE = 8_192
const MAX_HEADER_BYTES = 32_768
const MAX_HEADERS = 100
/** Kestrel's default: a client that reuses a connection must not find it closed. */
const KEEP_ALIVE_MILLISECONDS = 130_000
/** Node.js measures request line and headers together; what it refuses itself is far over both limits above. */
const NODE_MAX_HEADER_BYTES = 131_072
/** What Kestrel takes for a Host: a name or an address, and a port (`HttpUtilities.ValidateHostHeader`). */
const HOST = /^(?:[\w!$&'()\-.~]+|\[[\da-f:.]+\])(?::\d+)?$/i

/** How long the rest of a request that is refused is read. */
const DRAIN_MILLISECONDS = 2_000

/** Takes note of a request that was refused before it was handled. */
type Tell = (status: number, why: string) => void

/** Why the web server refuses a request, by its status. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'The Host header is missing or wrong, or a byte is not ASCII.',
  414: `The request line is longer than ${MAX_REQUEST_LINE} bytes.`,
  431: `The headers are longer than ${MAX_HEADER_BYTES} bytes, or more than ${MAX_HEADERS}.`,
  500: 'The body is longer than FUNCTIONS_REQUEST_BODY_SIZE_LIMIT.',
  505: 'The HTTP version is not 1.0 or 1.1.',
}

/** Does what the server is for. */
type Handle = (request: HostRequest) => Promise<HostResponse>

export interface HttpServer {
  readonly port: number
  /** Ends it at once, connections included. */
  close(): Promise<void>
}

/**
 * Serves on loopback, IPv4 and where there is one IPv6: `localhost` may mean either. Requests outside Kestrel's limits
 * do not reach `handle`.
 * @param port 0: any free one
 * @param maxBodyBytes FUNCTIONS_REQUEST_BODY_SIZE_LIMIT
 * @param tell gets what was refused without being handled: its status and why
 * @throws Error with code `EADDRINUSE` when the port is taken
 */
export async function serve(
  port: number,
  handle: Handle,
  maxBodyBytes: number = MAX_BODY_BYTES,
  tell: Tell = () => {},
): Promise<HttpServer> {
  const reply = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response, { handle, maxBodyBytes, tell }).catch(() => request.destroy())
  }
  const ipv4 = await listen(port, '127.0.0.1', reply, tell)
  const chosen = portOf(ipv4)
  const servers = [ipv4]
  try {
    servers.push(await listen(chosen, '::1', reply, tell))
  } catch (error) {
    if (!hasNoSuchAddress(error)) {
      await closeAll(servers)
      throw error
    }
  }
  return { port: chosen, close: () => closeAll(servers) }
}

async function listen(
  port: number,
  address: string,
  reply: (request: IncomingMessage, response: ServerResponse) => void,
  tell: Tell,
): Promise<Server> {
  const server = createServer(
    { maxHeaderSize: NODE_MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MILLISECONDS },
    reply,
  )
  server.on('connect', (_request, socket) => refuse(socket, 400, tell))
  server.on('clientError', (error, socket) => {
    const request = socket instanceof Socket ? requestRefusedByParser(error, socket) : undefined
    if (request === undefined) {
      const isLong = 'code' in error && error.code === 'HPE_HEADER_OVERFLOW'
      refuse(socket, isLong ? 431 : 400, tell)
      return
    }
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(request.socket)
    response.once('finish', () => request.socket.end())
    reply(request, response)
  })
  server.listen(port, address)
  await once(server, 'listening')
  return server
}

/** Answers without a body what is no request, and closes the connection. */
function refuse(socket: Duplex, status: number, tell: Tell): void {
  // A connection that was cut has said nothing.
  if (!socket.writable) {
    socket.destroy()
    return
  }
  tell(status, status === 400 ? 'It is no HTTP request.' : (REASONS[status] ?? ''))
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`
  socket.end(`${head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

/** A machine without IPv6. */
function hasNoSuchAddress(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(async (server) => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }),
  )
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { handle, maxBodyBytes, tell }: { handle: Handle; maxBodyBytes: number; tell: Tell },
): Promise<void> {
  const refused = refusal(request, maxBodyBytes)
  if (refused !== undefined) {
    tell(refused, REASONS[refused] ?? '')
    await Promise.race([drained(request), pause(DRAIN_MILLISECONDS)])
    write(response, { status: refused, headers: { connection: 'close' }, body: Buffer.alloc(0) })
    return
  }
  const body = await readBody(request)
  const { method = '', url: target = '' } = request
  write(response, await handle({ method, target, headers: joinHeaders(request), body }))
}

/** A client that is still sending when the connection is closed may never see the answer. */
async function drained(request: IncomingMessage): Promise<void> {
  request.resume()
  await once(request, 'close')
}

/** The status with which the web server itself answers. Over the body limit that is 500, not 413 (host #10519). */
function refusal(request: IncomingMessage, maxBodyBytes: number): number | undefined {
  const { rawHeaders, headers } = request
  const refused = requestLineRefusal(request)
  if (refused !== undefined) return refused
  const headerBytes = rawHeaders.reduce((sum, text) => sum + text.length + 2, 0)
  if (headerBytes > MAX_HEADER_BYTES || rawHeaders.length / 2 > MAX_HEADERS) return 431
  // oxlint-disable-next-line no-control-regex -- the first characters are what is not looked for
  if (rawHeaders.some((text) => /[^\x00-\x7f]/.test(text))) return 400
  return (
    hostRefusal(request) ??
    (Number(headers['content-length'] ?? 0) > maxBodyBytes ? 500 : undefined)
  )
}

/** For Node.js a line without a version has the version 0.9. */
function requestLineRefusal(request: IncomingMessage): number | undefined {
  const { method = '', url = '', httpVersion } = request
  if (`${method} ${url} HTTP/${httpVersion}\r\n`.length > MAX_REQUEST_LINE) return 414
  if (httpVersion === '1.1' || httpVersion === '1.0') return undefined
  return httpVersion === '0.9' ? 400 : 505
}

/** HTTP/1.0 does without a Host, but nothing here does: the real host fails at such a request. */
function hostRefusal({ url = '', rawHeaders, headers }: IncomingMessage): number | undefined {
  const { host = '' } = headers
  const hosts = rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === 'host')
  if (hosts.length > 1 || !HOST.test(host) || !URL.canParse(`http://${host}`)) return 400
  const [, authority = host] = /^https?:\/\/([^/?#]*)/i.exec(url) ?? []
  return authority.toLowerCase() === host.toLowerCase() ? undefined : 400
}

/** What was declared with a length; a chunked body is read and dropped, since the host passes none on. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  const keep = request.headers['transfer-encoding'] === undefined
  for await (const chunk of request) if (keep && Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function joinHeaders({ rawHeaders }: IncomingMessage): Record<string, string> {
  const joined = new Map<string, string>()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase()
    const value = rawHeaders[at + 1] ?? ''
    const before = joined.get(name)
    joined.set(name, before === undefined ? value : `${before},${value}`)
  }
  return Object.fromEntries(joined)
}

/** As Kestrel sends it: a body without a content-length is chunked, and no body has the length 0. */
function write(response: ServerResponse, { status, headers, body }: HostResponse): void {
  const isBodiless = response.req.method === 'HEAD' || status === 204 || status === 304
  if (body.length > 0) {
    response.writeHead(status, headers).write(body)
  } else {
    response.writeHead(status, isBodiless ? headers : { 'content-length': '0', ...headers })
  }
  response.end()
}
