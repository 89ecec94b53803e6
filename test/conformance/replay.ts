import { isObject, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import { checkAnswer, type Answer } from './answer.ts'
import { equals, includes, valuesAt } from './matching.ts'
import type { Expectation, Step, Vector, VectorRequest } from './vector.ts'

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

type Names = Map<string, JsonValue>

/**
 * Plays one exchange.
 *
 * @throws Error that names the request and every difference, when an answer is not as the vector says
 */
export async function replay(endpoint: Endpoint, vector: Vector): Promise<void> {
  const names: Names = new Map([['baseUrl', endpoint.baseUrl]])
  for (const setup of vector.setup) await play(endpoint, names, setup)

  const requests = [vector.request, ...vector.parallel].map((request) => fill(request, names))
  const answers = await Promise.all(requests.map(async (request) => send(endpoint, request)))
  answers.forEach((answer, index) => {
    const request = requests[index] ?? vector.request
    check(endpoint, request, answer, fill(vector.expect, names))
    if (index === 0) remember(names, vector.request, request, answer)
  })
  checkTally(vector, answers)

  for (const step of [...vector.verify, ...vector.then]) await play(endpoint, names, step)
}

async function play(endpoint: Endpoint, names: Names, step: Step): Promise<void> {
  const request = fill<VectorRequest>(
    {
      method: step.method,
      path: step.path,
      headers: step.headers,
      body: step.body,
      bodyText: step.bodyText,
    },
    names,
  )
  const answer = await send(endpoint, request)
  check(endpoint, request, answer, step.expect && fill(step.expect, names))
  remember(names, step, request, answer)
}

async function send(endpoint: Endpoint, request: VectorRequest): Promise<Answer> {
  const body =
    request.bodyText ?? (request.body === undefined ? undefined : JSON.stringify(request.body))
  const headers: Record<string, string | null> = {
    authorization: `Bearer ${endpoint.token}`,
    ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
  }
  for (const [name, value] of Object.entries(request.headers ?? {}))
    headers[name.toLowerCase()] = value
  return endpoint.send({
    method: request.method,
    path: request.path,
    headers: Object.fromEntries(
      Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null),
    ),
    ...(body === undefined ? {} : { body }),
  })
}

function check(
  endpoint: Endpoint,
  request: VectorRequest,
  answer: Answer,
  expect: Expectation | undefined,
): void {
  const body = parseBody(answer)
  const problems = [
    ...checkAnswer(answer, body, endpoint.baseUrl),
    ...(expect === undefined ? checkSuccess(answer) : checkExpectation(answer, body, expect)),
  ]
  if (problems.length === 0) return
  throw new Error(
    [
      `${request.method} ${request.path} ${JSON.stringify(request.body ?? request.bodyText ?? '')}`,
      ...problems.map((problem) => `  - ${problem}`),
      `  answer: ${answer.status} ${JSON.stringify(answer.headers)} ${answer.body}`,
    ].join('\n'),
  )
}

function parseBody({ body }: Answer): JsonValue | undefined {
  return body === '' ? undefined : (JSON.parse(body) as JsonValue)
}

function checkSuccess({ status }: Answer): readonly string[] {
  return status >= 200 && status < 300 ? [] : [`status is ${status}, not 2xx`]
}

function checkExpectation(
  answer: Answer,
  body: JsonValue | undefined,
  expect: Expectation,
): readonly string[] {
  const statuses = [expect.status].flat()
  const problems = statuses.includes(answer.status)
    ? []
    : [`status is ${answer.status}, not ${statuses.join(' or ')}`]
  problems.push(...checkHeaders(answer, expect))
  if (answer.status === 204 && statuses.includes(204)) return problems
  return [...problems, ...checkParts(body, expect), ...checkPlaces(body, expect)]
}

function checkHeaders(answer: Answer, expect: Expectation): readonly string[] {
  const problems: string[] = []
  for (const [name, wanted] of Object.entries(expect.headers ?? {})) {
    const came = answer.headers[name.toLowerCase()]
    if ((came ?? null) !== wanted) problems.push(`${name} is ${came}, not ${wanted}`)
  }
  for (const [name, source] of Object.entries(expect.headersMatch ?? {})) {
    const came = answer.headers[name.toLowerCase()]
    if (!new RegExp(source, 'u').test(came ?? ''))
      problems.push(`${name} is ${came}, not ${source}`)
  }
  return problems
}

function checkParts(body: JsonValue | undefined, expect: Expectation): readonly string[] {
  const wanted: JsonObject = {
    ...expect.bodyIncludes,
    ...(expect.scimType === undefined ? {} : { scimType: expect.scimType }),
  }
  const missing = Object.entries(wanted).filter(
    ([key, value]) => !includes(isObject(body) ? body : {}, { [key]: value }),
  )
  const present = (expect.bodyExcludes ?? []).filter((part) => includes(body, part))
  return [
    ...missing.map(([key, value]) => `the body lacks ${key}: ${JSON.stringify(value)}`),
    ...present.map((part) => `the body has ${JSON.stringify(part)}`),
  ]
}

function checkPlaces(body: JsonValue | undefined, expect: Expectation): readonly string[] {
  const problems: string[] = []
  for (const [place, value] of Object.entries(expect.bodyEquals ?? {})) {
    const came = valuesAt(body, place)
    if (came.length === 0 || !came.every((each) => equals(each, value)))
      problems.push(`${place} is ${JSON.stringify(came)}, not ${JSON.stringify(value)}`)
  }
  for (const place of expect.bodyAbsent ?? []) {
    if (valuesAt(body, place).length > 0) problems.push(`${place} is there`)
  }
  for (const [place, source] of Object.entries(expect.bodyMatches ?? {})) {
    const came = valuesAt(body, place)
    const matches = (each: JsonValue): boolean =>
      typeof each === 'string' && new RegExp(source, 'u').test(each)
    if (came.length === 0 || !came.every(matches))
      problems.push(`${place} is ${JSON.stringify(came)}, not ${source}`)
  }
  for (const [place, count] of Object.entries(expect.bodyCounts ?? {})) {
    const [came] = valuesAt(body, place)
    if (!Array.isArray(came) || came.length !== count)
      problems.push(`${place} has not ${count} elements`)
  }
  return problems
}

function checkTally(vector: Vector, answers: readonly Answer[]): void {
  if (vector.tally === undefined) return
  const came: Record<string, number> = {}
  for (const { status } of answers) came[status] = (came[status] ?? 0) + 1
  if (!equals(came, vector.tally))
    throw new Error(`the statuses are ${JSON.stringify(came)}, not ${JSON.stringify(vector.tally)}`)
}

/** Keeps what the step binds. */
function remember(
  names: Names,
  { bind = {} }: Pick<Step, 'bind'>,
  request: VectorRequest,
  answer: Answer,
): void {
  for (const [name, from] of Object.entries(bind)) {
    const value = from.startsWith('header:')
      ? answer.headers[from.slice('header:'.length).toLowerCase()]
      : valuesAt(parseBody(answer), from)[0]
    if (value === undefined) throw new Error(`${request.method} ${request.path} has no ${from}`)
    names.set(name, value)
  }
}

/** Puts the remembered values where `{{name}}` stands, at any depth. */
function fill<T>(part: T, names: Names): T {
  return JSON.parse(JSON.stringify(part), (_, value: JsonValue) =>
    typeof value === 'string' ? fillText(value, names) : value,
  ) as T
}

function fillText(text: string, names: Names): JsonValue {
  const whole = /^\{\{(\w+)\}\}$/.exec(text)?.[1]
  if (whole !== undefined) return valueOf(names, whole)
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => String(valueOf(names, name)))
}

function valueOf(names: Names, name: string): JsonValue {
  const value = names.get(name)
  if (value === undefined) throw new Error(`nothing is bound to {{${name}}}`)
  return value
}
