import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { HostRequest, HostResponse } from './host.ts'

/** `ScriptConstants.DefaultMaxRequestBodySize`. */
const MAX_BODY_BYTES = 104_857_600
/** Kestrel's defaults: request line in bytes, all headers in bytes, number of headers. */
const MAX_REQUEST_LINE = 8_192
const MAX_HEADER_BYTES = 32_768
const MAX_HEADERS = 100
/** Node.js measures request line and headers together; what it refuses itself is far over both limits above. */
const NODE_MAX_HEADER_BYTES = 131_072

export interface HttpServer {
  readonly port: number
  /** Ends it at once, connections included. */
  close(): Promise<void>
}

/**
 * Serves on loopback, IPv4 and where there is one IPv6: `localhost` may mean either. Requests outside Kestrel's limits
 * do not reach `handle`.
 * @param port 0: any free one
 * @throws Error with code `EADDRINUSE` when the port is taken
 */
export async function serve(
  port: number,
  handle: (request: HostRequest) => Promise<HostResponse>,
): Promise<HttpServer> {
  const ipv4 = await listen(port, '127.0.0.1', handle)
  const chosen = portOf(ipv4)
  const servers = [ipv4]
  try {
    servers.push(await listen(chosen, '::1', handle))
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
  handle: (request: HostRequest) => Promise<HostResponse>,
): Promise<Server> {
  const server = createServer({ maxHeaderSize: NODE_MAX_HEADER_BYTES }, (request, response) => {
    answer(request, response, handle).catch(() => request.destroy())
  })
  server.listen(port, address)
  await once(server, 'listening')
  return server
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
  handle: (request: HostRequest) => Promise<HostResponse>,
): Promise<void> {
  const refused = refusal(request)
  if (refused !== undefined) {
    write(response, { status: refused, headers: { connection: 'close' }, body: Buffer.alloc(0) })
    return
  }
  const body = await readBody(request)
  const { method = '', url: target = '' } = request
  write(response, await handle({ method, target, headers: joinHeaders(request), body }))
}

/** The status with which the web server itself answers. Over the body limit that is 500, not 413 (host #10519). */
function refusal(request: IncomingMessage): number | undefined {
  const { method = '', url = '', httpVersion, rawHeaders, headers } = request
  if (`${method} ${url} HTTP/${httpVersion}\r\n`.length > MAX_REQUEST_LINE) return 414
  const headerBytes = rawHeaders.reduce((sum, text) => sum + text.length + 2, 0)
  if (headerBytes > MAX_HEADER_BYTES || rawHeaders.length / 2 > MAX_HEADERS) return 431
  return Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES ? 500 : undefined
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
