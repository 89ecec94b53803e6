import { isObject, type JsonValue } from '../../lib/scim/json.ts'
import { checkAnswer, type Answer } from './answer.ts'
import { checkExpectation } from './expectation.ts'
import { equals } from './matching.ts'
import { fill, remember, type Names } from './names.ts'
import {
  EXPECTATION,
  REQUEST,
  type Expectation,
  type Step,
  type Vector,
  type VectorRequest,
} from './vector.ts'

/** A request as it goes over the wire: `path` is what follows the Tenant URL. */
export interface WireRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** A running endpoint with one tenant. */
export interface Endpoint {
  /** The Tenant URL, without a slash at the end. */
  readonly baseUrl: string
  /** The Secret Token. */
  readonly token: string
  send(request: WireRequest): Promise<Answer>
}

/**
 * Plays one exchange.
 *
 * @throws Error that names the request and every difference, when an answer is not as the vector says
 */
export async function replay(endpoint: Endpoint, vector: Vector): Promise<void> {
  const names: Names = new Map([
    ['baseUrl', endpoint.baseUrl],
    ['token', endpoint.token],
  ])
  for (const setup of vector.setup) await play(endpoint, names, setup)
  await playTogether(endpoint, names, vector)
  for (const step of [...vector.verify, ...vector.next]) await play(endpoint, names, step)
}

async function play(endpoint: Endpoint, names: Names, step: Step): Promise<void> {
  const { bind, expect, ...asWritten } = step
  const request = fill(REQUEST, asWritten, names)
  const answer = await send(endpoint, request)
  const body = parseBody(answer)
  check(endpoint, request, answer, body, expect && fill(EXPECTATION, expect, names))
  remember(names, bind, answer.headers, body)
}

/** The vector's own request, and those that go out at the same instant. */
async function playTogether(endpoint: Endpoint, names: Names, vector: Vector): Promise<void> {
  const { bind, ...asWritten } = vector.request
  const requests = [asWritten, ...vector.parallel].map((each) => fill(REQUEST, each, names))
  const exchanges = await Promise.all(
    requests.map(async (request) => ({ request, answer: await send(endpoint, request) })),
  )
  const expect = fill(EXPECTATION, vector.expect, names)
  for (const { request, answer } of exchanges) {
    check(endpoint, request, answer, parseBody(answer), expect)
  }
  const [first] = exchanges
  if (first !== undefined) remember(names, bind, first.answer.headers, parseBody(first.answer))
  checkTally(
    vector,
    exchanges.map(({ answer }) => answer.status),
  )
}

function checkTally({ tally }: Vector, statuses: readonly number[]): void {
  if (tally === undefined) return
  const came: Record<string, number> = {}
  for (const status of statuses) came[status] = (came[status] ?? 0) + 1
  if (!equals(came, tally))
    throw new Error(`the statuses are ${JSON.stringify(came)}, not ${JSON.stringify(tally)}`)
}

async function send(endpoint: Endpoint, request: VectorRequest): Promise<Answer> {
  const { method, path, bodyText, body: json } = request
  const body = bodyText ?? (json === undefined ? undefined : JSON.stringify(json))
  const headers = new Map<string, string | null>([
    ['authorization', `Bearer ${endpoint.token}`],
    ['content-type', body === undefined ? null : 'application/scim+json'],
  ])
  for (const [name, value] of Object.entries(request.headers ?? {}))
    headers.set(name.toLowerCase(), value)
  return endpoint.send({
    method,
    path,
    headers: Object.fromEntries(
      [...headers].filter((entry): entry is [string, string] => entry[1] !== null),
    ),
    ...(body === undefined ? {} : { body }),
  })
}

function check(
  endpoint: Endpoint,
  request: VectorRequest,
  answer: Answer,
  body: JsonValue | undefined,
  expect: Expectation = { status: SUCCESS },
): void {
  const problems = [
    ...checkAnswer(answer, body, endpoint.baseUrl),
    ...checkExpectation(answer, body, expect),
  ]
  if (problems.length === 0) return
  throw new Error(
    [
      `${request.method} ${request.path} ${request.bodyText ?? JSON.stringify(request.body ?? '')}`,
      ...problems.map((problem) => `  - ${problem}`),
      `  answer: ${answer.status} ${JSON.stringify(answer.headers)} ${answer.body}`,
    ].join('\n'),
  )
}

/** What a set-up request may be answered with. */
const SUCCESS = [200, 201, 204]

/** What is no object is taken for null: no answer of SCIM is. */
function parseBody({ body }: Answer): JsonValue | undefined {
  if (body === '') return undefined
  const value: unknown = JSON.parse(body)
  return isObject(value) ? value : null
}
