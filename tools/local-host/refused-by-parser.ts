import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

const REQUEST_LINE = /^([!#$%&'*+.^_`|~\w-]+) ([!-~]+) HTTP\/(\d\.\d)$/
const HEADER = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/
/** Kestrel takes a line feed alone for the end of a line, too. */
const LINE_END = /\r?\n/
const HEAD_END = /\r?\n\r?\n/

interface Head {
  readonly method: string
  readonly target: string
  readonly version: string
  /** Names and values by turns. */
  readonly rawHeaders: readonly string[]
  /** Of the head with the empty line behind it. */
  readonly bytes: number
}

/**
 * The request that Node.js's parser stopped at, and Kestrel does not: another method than those in a list (Kestrel reads
 * `get` as GET), lines that end without CR, control characters in a header, a length beside `chunked`. Another version
 * than 1.0 and 1.1 is for the server to refuse.
 * @returns undefined when Kestrel refuses it too, or the request is not whole in what the parser had read.
 */
export function requestRefusedByParser(error: Error, socket: Socket): IncomingMessage | undefined {
  const packet = packetOf(error)
  const head = packet && headOf(packet)
  // When it stopped behind the first head, that request was read.
  if (packet === undefined || head === undefined || stoppedAt(error) >= head.bytes) return undefined
  const body = bodyOf(head, packet)
  if (body === undefined) return undefined
  const request = new IncomingMessage(socket)
  request.method = head.method
  request.url = head.target
  request.httpVersion = head.version
  request.rawHeaders = withoutLengthOfChunked(head.rawHeaders)
  request.headers = byName(request.rawHeaders)
  request.push(body)
  request.push(null)
  request.complete = true
  return request
}

/** What was read when something stopped the parser. */
function packetOf(error: Error): Buffer | undefined {
  return 'rawPacket' in error && Buffer.isBuffer(error.rawPacket) ? error.rawPacket : undefined
}

function stoppedAt(error: Error): number {
  return 'bytesParsed' in error ? Number(error.bytesParsed) : 0
}

function headOf(packet: Buffer): Head | undefined {
  const text = packet.toString('latin1')
  const end = HEAD_END.exec(text)
  if (end === null) return undefined
  const [requestLine = '', ...lines] = text.slice(0, end.index).split(LINE_END)
  const [, method = '', target, version = ''] = REQUEST_LINE.exec(requestLine) ?? []
  const rawHeaders = lines.flatMap((line) => HEADER.exec(line)?.slice(1, 3) ?? [])
  if (target === undefined || rawHeaders.length !== lines.length * 2) return undefined
  if (rawHeaders.some((value) => value.includes('\0'))) return undefined
  return { method, target, version, rawHeaders, bytes: end.index + end[0].length }
}

/** What follows the head, if that is the body as it was declared. The host drops a chunked one, however it looks. */
function bodyOf({ rawHeaders, bytes }: Head, packet: Buffer): Buffer | undefined {
  const rest = packet.subarray(bytes)
  const codings = valuesOf(rawHeaders, 'transfer-encoding').join(',')
  if (codings !== '') return /(?:^|,)[ \t]*chunked$/i.test(codings) ? Buffer.alloc(0) : undefined
  const [length = '0', ...others] = valuesOf(rawHeaders, 'content-length')
  const isDeclared = others.length === 0 && /^\d+$/.test(length) && Number(length) === rest.length
  return isDeclared ? rest : undefined
}

/** The coding overrides a length, which then is not that of the body (RFC 9112 §6.3). */
function withoutLengthOfChunked(rawHeaders: readonly string[]): string[] {
  if (valuesOf(rawHeaders, 'transfer-encoding').length === 0) return [...rawHeaders]
  const isLength = (at: number): boolean => rawHeaders[at]?.toLowerCase() === 'content-length'
  return rawHeaders.filter((_, at) => !isLength(at - (at % 2)))
}

function valuesOf(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)
}

function byName(rawHeaders: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>()
  for (const [at, name] of rawHeaders.entries()) {
    if (at % 2 === 0) headers.set(name.toLowerCase(), rawHeaders[at + 1] ?? '')
  }
  return Object.fromEntries(headers)
}
