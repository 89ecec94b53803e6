import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** What came back over a socket. */
export interface RawAnswer {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Without its framing. */
  readonly body: string
}

/**
 * Sends these bytes as they are, and reads until the server closes the connection.
 * @throws Error when it does not, or answers nothing that is HTTP
 */
export async function exchange(
  port: number,
  parts: readonly Uint8Array[],
  waitMilliseconds: number,
): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1')
  const received: Buffer[] = []
  socket.on('data', (chunk: Buffer) => received.push(chunk))
  // A server that refuses a long body may reset the connection while it is still sent.
  socket.on('error', () => socket.destroy())
  const closed = new Promise((resolve) => socket.once('close', resolve))
  for (const part of parts) socket.write(part)
  const isLate = await Promise.race([
    closed.then(() => false),
    pause(waitMilliseconds, true, { ref: false }),
  ])
  socket.destroy()
  if (isLate) throw new Error(`the connection is still open after ${waitMilliseconds} ms`)
  return parseAnswer(Buffer.concat(received).toString('latin1'))
}

function parseAnswer(text: string): RawAnswer {
  const [head = '', ...rest] = text.replace(/^HTTP\/1\.1 100 [^]*?\r\n\r\n/, '').split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(statusLine) ?? []
  if (status === undefined) throw new Error(`no HTTP answer, but ${JSON.stringify(text)}`)
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const framed = rest.join('\r\n\r\n')
  const isChunked = headers['transfer-encoding'] === 'chunked'
  return { status: Number(status), headers, body: isChunked ? withoutChunks(framed) : framed }
}

function withoutChunks(framed: string): string {
  let body = ''
  let rest = framed
  for (;;) {
    const end = rest.indexOf('\r\n')
    const length = Number.parseInt(rest.slice(0, Math.max(0, end)), 16)
    if (!(length > 0)) return body
    body += rest.slice(end + 2, end + 2 + length)
    rest = rest.slice(end + 2 + length + 2)
  }
}
