import { IncomingMessage, METHODS } from 'node:http'
import type { Socket } from 'node:net'

const REQUEST_LINE = /^([!#$%&'*+.^_`|~\w-]+) (\S+) HTTP\/(1\.[01])$/
const HEADER = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/

/**
 * The request that Node.js's parser stopped at for its method: it knows a list of methods, all in upper case, while
 * Kestrel takes any and reads `get` as GET.
 * @returns undefined when it stopped for something else, or the request is not whole in what it had read.
 */
export function requestOfUnknownMethod(error: Error, socket: Socket): IncomingMessage | undefined {
  const packet = packetOf(error)
  if (packet === undefined) return undefined
  const end = Math.max(0, packet.indexOf('\r\n\r\n'))
  const [requestLine = '', ...lines] = packet.toString('latin1', 0, end).split('\r\n')
  const [, method = '', target, version = ''] = REQUEST_LINE.exec(requestLine) ?? []
  const headers = lines.flatMap((line) => HEADER.exec(line)?.slice(1, 3) ?? [])
  // What begins with a known method was read: the one that was not comes behind it.
  if (target === undefined || METHODS.includes(method)) return undefined
  if (headers.length !== lines.length * 2) return undefined
  const request = new IncomingMessage(socket)
  request.method = method
  request.url = target
  request.httpVersion = version
  request.rawHeaders = headers
  request.headers = byName(headers)
  const body = packet.subarray(end + 4)
  if (Number(request.headers['content-length'] ?? 0) !== body.length) return undefined
  request.push(body)
  request.push(null)
  request.complete = true
  return request
}

/** What was read when a method stopped the parser. */
function packetOf(error: Error): Buffer | undefined {
  if (!('code' in error) || error.code !== 'HPE_INVALID_METHOD') return undefined
  return 'rawPacket' in error && Buffer.isBuffer(error.rawPacket) ? error.rawPacket : undefined
}

function byName(rawHeaders: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>()
  for (const [at, name] of rawHeaders.entries()) {
    if (at % 2 === 0) headers.set(name.toLowerCase(), rawHeaders[at + 1] ?? '')
  }
  return Object.fromEntries(headers)
}
