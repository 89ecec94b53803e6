import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { MESSAGE } from '../../lib/scim/urn.ts'
import { exchange, type RawAnswer } from './raw-exchange.ts'
import { type RunningApp, startApp } from './running-app.ts'

/** The headers that were recorded. */
const HEADERS = ['content-type', 'cache-control', 'www-authenticate', 'allow'] as const

const ANSWER = z.strictObject({
  status: z.int(),
  headers: z.partialRecord(z.enum(HEADERS), z.string()),
  body: z.enum(['JSON', 'SCIM error', 'page', 'empty']),
})

type Answer = z.infer<typeof ANSWER>

/** What the Azure Functions host (4.1037.0) answers to a request, byte by byte. */
const EXCHANGES = z
  .array(
    z.strictObject({
      name: z.string(),
      request: z.union([
        z.string(),
        z.strictObject({ method: z.string(), target: z.string(), blankBodyBytes: z.int() }),
      ]),
      answer: ANSWER,
      /** Why another answer is expected than was recorded. */
      note: z.string().optional(),
    }),
  )
  .parse(JSON.parse(readFileSync(new URL('host-exchanges.json', import.meta.url), 'utf8')))

type Exchange = (typeof EXCHANGES)[number]

const BAD_REQUEST: Answer = { status: 400, headers: {}, body: 'empty' }

/** Where the local host answers otherwise, and why. */
const EXCEPTIONS: Readonly<Record<string, { answer: Answer; reason: string }>> = {
  'HTTP/1.0 no Host': {
    answer: BAD_REQUEST,
    reason: "the mistake is not the server's, and so no 500",
  },
  'HTTP/1.0 no Host scim': {
    answer: BAD_REQUEST,
    reason: "the mistake is not the server's, and so no 500",
  },
}

const RESOURCE = z.looseObject({ schemas: z.array(z.string()).optional() })

/** The host's own limit for bodies, which the recording had. */
const BODY_BYTES = 104_857_600
const WAIT_MILLISECONDS = 20_000

let app: RunningApp
beforeAll(async () => {
  app = await startApp({ FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: String(BODY_BYTES) })
})
afterAll(() => app.stop())

async function answerTo({ request }: Exchange): Promise<Answer> {
  const { host, port } = new URL(app.baseUrl)
  const filled = (text: string): Buffer =>
    Buffer.from(
      text
        .replaceAll('{{host}}', host)
        .replaceAll('{{token}}', app.token)
        .replaceAll('{{unique}}', String(Date.now()))
        .replaceAll(/\{\{a\*(\d+)\}\}/g, (_, count: string) => 'a'.repeat(Number(count))),
      'latin1',
    )
  const parts =
    typeof request === 'string'
      ? [filled(request)]
      : [filled(headOf(request)), Buffer.alloc(request.blankBodyBytes, ' ')]
  return told(await exchange(Number(port), parts, WAIT_MILLISECONDS))
}

function headOf(request: Exclude<Exchange['request'], string>): string {
  const lines = [
    `${request.method} ${request.target} HTTP/1.1`,
    'Host: {{host}}',
    'Connection: close',
    'Authorization: Bearer {{token}}',
    'Content-Type: application/scim+json',
    `Content-Length: ${request.blankBodyBytes}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** As much of an answer as was recorded. */
function told({ status, headers, body }: RawAnswer): Answer {
  const recorded = HEADERS.filter((name) => headers[name] !== undefined)
  return {
    status,
    headers: Object.fromEntries(recorded.map((name) => [name, headers[name]])),
    body: kindOf(body),
  }
}

function kindOf(body: string): Answer['body'] {
  if (body === '') return 'empty'
  if (body.startsWith('<')) return 'page'
  const { schemas } = RESOURCE.parse(JSON.parse(body))
  return schemas?.includes(MESSAGE.error) === true ? 'SCIM error' : 'JSON'
}

describe('as the Azure Functions host answers', () => {
  const alike = EXCHANGES.filter(({ name }) => !Object.hasOwn(EXCEPTIONS, name))

  test.each(alike)('$name', async (each) => {
    expect(await answerTo(each)).toEqual(each.answer)
  })
})

describe('otherwise than the Azure Functions host answers', () => {
  const exceptions = Object.entries(EXCEPTIONS)

  test('ten at most', () => {
    expect(EXCHANGES).toHaveLength(125)
    expect(exceptions.length).toBeLessThanOrEqual(10)
  })

  test.each(exceptions)('%s', async (name, { answer }) => {
    const [recorded, ...others] = EXCHANGES.filter((each) => each.name === name)
    if (recorded === undefined || others.length > 0)
      throw new Error(`"${name}" is not recorded once`)
    expect(await answerTo(recorded)).toEqual(answer)
    expect(answer).not.toEqual(recorded.answer)
  })
})
