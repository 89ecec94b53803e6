import fc from 'fast-check'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import { URN } from '../../lib/scim/urn.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import type { HostRequest } from '../../tools/local-host/host.ts'
import { exchange, problemsOf, type Exchange } from './fuzz-answers.ts'
import type { Body, Encoding } from './fuzz-bodies.ts'
import { effectProblems, isWrite } from './fuzz-effects.ts'
import { fuzzEndpoint, type FuzzEndpoint, type FuzzStorage } from './fuzz-endpoint.ts'
import { KnownNames, latin1, withinJson } from './fuzz-names.ts'
import { anyRequest, TOKEN, type FuzzRequest } from './fuzz-requests.ts'

/** Requests that one endpoint gets one after the other, at most. */
const SEQUENCE_LENGTH = 120

/** How long a sequence may take, before it counts as one that never ends. */
const SEQUENCE_MILLISECONDS = 60_000

/** What was done. */
export interface Report {
  requests: number
  readonly statuses: Map<number, number>
  readonly scimTypes: Map<string, number>
  slowest: { milliseconds: number; request: string }
}

/** How long, and where to start. */
export interface FuzzOptions {
  readonly seed: number
  /** Of a counterexample, as its message tells it. */
  readonly path?: string
  /** Sequences of requests. */
  readonly runs?: number
  readonly milliseconds?: number
  /** Where each sequence is repeated, with nothing stored; the answers must be those that come from memory. */
  readonly newStorage?: () => FuzzStorage
}

/**
 * Sends generated requests to the running functions.
 * @throws Error that names the seed and the shortest sequence found that breaks a rule
 */
export async function fuzz(options: FuzzOptions): Promise<Report> {
  const { seed, path, runs, milliseconds, newStorage } = options
  const report: Report = {
    requests: 0,
    statuses: new Map(),
    scimTypes: new Map(),
    slowest: { milliseconds: 0, request: '' },
  }
  const sequence = fc.array(anyRequest, { minLength: 1, maxLength: SEQUENCE_LENGTH, size: 'max' })
  await fc.assert(
    fc.asyncProperty(sequence, async (requests) => {
      const expected = await play(inMemory(), requests)
      const exchanges = newStorage === undefined ? expected : await play(newStorage(), requests)
      for (const done of exchanges.slice(SETUP.length)) count(report, done)
      if (exchanges !== expected) compareAnswers(expected, exchanges)
    }),
    {
      seed,
      ...(path === undefined ? {} : { path }),
      numRuns: runs ?? 2 ** 31 - 1,
      timeout: SEQUENCE_MILLISECONDS,
      ...(milliseconds === undefined
        ? {}
        : { interruptAfterTimeLimit: milliseconds, markInterruptAsFailure: false }),
    },
  )
  return report
}

function inMemory(): FuzzStorage {
  return { stores: memoryStores(), tenantId: 'fuzz', longest: 1000 }
}

/** The same requests for all: something to work on. */
const SETUP: readonly FuzzRequest[] = [
  create('Users', {
    schemas: [URN.user],
    userName: 'ann',
    externalId: 'x1',
    name: { givenName: 'Ann' },
    emails: [{ value: 'ann@example.com', type: 'work', primary: true }],
  }),
  create('Users', {
    schemas: [URN.user],
    userName: 'bob',
    displayName: 'Bob',
    active: false,
    [URN.enterpriseUser]: { employeeNumber: '1', manager: { value: '~u0~' } },
  }),
  create('Groups', {
    schemas: [URN.group],
    displayName: 'Team',
    members: [{ value: '~u0~' }, { value: '~u1~' }],
  }),
  create('Groups', {
    schemas: [URN.group],
    displayName: 'All',
    members: [{ value: '~g0~', type: 'Group' }],
  }),
]

function create(endpoint: string, body: JsonObject): FuzzRequest {
  return {
    method: 'POST',
    target: `/api/scim/${endpoint}`,
    headers: { authorization: `Bearer ${TOKEN}` },
    body: { text: JSON.stringify(body), encoding: 'utf8' },
    hoursLater: 0,
  }
}

async function play(
  storage: FuzzStorage,
  requests: readonly FuzzRequest[],
): Promise<readonly Exchange[]> {
  const endpoint = await fuzzEndpoint(storage)
  const names = new KnownNames(endpoint.secretToken)
  const exchanges: Exchange[] = []
  let stored = ''
  // To read everything back after each write takes as long as all else: every fourth sequence is watched so.
  const isWatched = requests.length % 4 === 0
  for (const request of [...SETUP, ...requests]) {
    endpoint.passHours(request.hoursLater)
    const done = await send(endpoint, filled(request, names))
    if (isWatched && isWrite(done.request)) stored = await checkEffect(endpoint, done, stored)
    else if (isWatched && done.request.method === 'POST') stored = await allStored(endpoint)
    names.remember(done.request.target, done.body)
    exchanges.push(done)
  }
  await checkStored(endpoint)
  return exchanges
}

/** @returns all that is stored after the write, as text. */
async function checkEffect(
  endpoint: FuzzEndpoint,
  done: Exchange,
  before: string,
): Promise<string> {
  const after = await allStored(endpoint)
  const location = done.answer.headers['location']
  const path = location === undefined ? undefined : /\/api\/scim(\/.*)$/.exec(location)?.[1]
  const { body } = path === undefined ? {} : await call(endpoint, 'GET', path)
  const problems = effectProblems(done, before, after, isObject(body) ? body : undefined)
  if (problems.length > 0) throw new Error(describe(done, problems))
  return after
}

async function allStored(endpoint: FuzzEndpoint): Promise<string> {
  const lists = ['Users', 'Groups'].map(async (type) => {
    const { body } = await call(endpoint, 'GET', `/${type}?count=1000`)
    return JSON.stringify(body)
  })
  return (await Promise.all(lists)).join('\n')
}

/** Members that differ from run to run: what is random, and what the clock decides. */
const VARYING = new Set(['version', 'created', 'lastModified', 'nextCursor', 'previousCursor'])

/** An answer without what varies. */
function comparable({ answer, body }: Exchange): string {
  const text = JSON.stringify(body, (name, value: unknown) => (VARYING.has(name) ? '' : value))
  return `${answer.status} ${text}`
}

/** Stores in memory are the reference: all others must make the same answers. */
function compareAnswers(expected: readonly Exchange[], exchanges: readonly Exchange[]): void {
  for (const [index, done] of exchanges.entries()) {
    const reference = expected[index]
    const wanted = reference === undefined ? '' : comparable(reference)
    if (comparable(done) !== wanted) throw new Error(describe(done, [`in memory it is ${wanted}`]))
  }
}

async function send(endpoint: FuzzEndpoint, request: HostRequest): Promise<Exchange> {
  const done = await exchange(endpoint, request)
  const problems = problemsOf(endpoint, done)
  if (problems.length > 0) throw new Error(describe(done, problems))
  return done
}

function filled({ method, target, headers, body }: FuzzRequest, names: KnownNames): HostRequest {
  const bytes = body === undefined ? new Uint8Array() : encoded(body, names)
  const given = Object.entries(headers).map(
    ([name, value]) => [name, names.fill(value, latin1)] as const,
  )
  return {
    method,
    target: names.fill(target, encodeURIComponent),
    headers: {
      host: 'scim.example',
      'content-length': String(bytes.length),
      ...Object.fromEntries(given),
    },
    body: bytes,
  }
}

const ENCODERS: Readonly<Record<Encoding, (text: string) => Uint8Array>> = {
  utf8: (text) => Buffer.from(text),
  bom: (text) => Buffer.from(`\uFEFF${text}`),
  utf16: (text) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  latin1: (text) => Buffer.from(text, 'latin1'),
  cut: (text) => Buffer.from(text).subarray(0, -1),
  stray: (text) => Buffer.concat([Buffer.from(text), Buffer.of(0xff, 0xc0)]),
}

function encoded({ text, encoding }: Body, names: KnownNames): Uint8Array {
  return ENCODERS[encoding](names.fill(text, withinJson))
}

/** Whatever was done before: all that is stored can be listed, read, and sent back as it is without a change. */
async function checkStored(endpoint: FuzzEndpoint): Promise<void> {
  for (const type of ['Users', 'Groups']) {
    const { body: list } = await call(endpoint, 'GET', `/${type}?count=1000`)
    const resources =
      isObject(list) && Array.isArray(list['Resources']) ? list['Resources'].filter(isObject) : []
    if (isObject(list) && list['totalResults'] !== resources.length)
      throw new Error(`the list of all ${type} lacks some`)
    for (const resource of resources.slice(0, 5))
      await checkRoundTrip(endpoint, `/${type}/${idOf(resource)}`, resource)
  }
}

function idOf({ id }: JsonObject): string {
  return typeof id === 'string' ? id : ''
}

async function checkRoundTrip(
  endpoint: FuzzEndpoint,
  path: string,
  listed: JsonObject,
): Promise<void> {
  const read = await call(endpoint, 'GET', path)
  const put = await call(endpoint, 'PUT', path, read.body)
  for (const { answer, body } of [read, put]) {
    if (answer.status !== 200)
      throw new Error(
        describe(read.answer.status === 200 ? put : read, [
          'what was listed cannot be read and sent back',
        ]),
      )
    if (JSON.stringify(body) !== JSON.stringify(listed))
      throw new Error(describe(put, [`it is no longer ${JSON.stringify(listed)}`]))
  }
}

async function call(
  endpoint: FuzzEndpoint,
  method: string,
  path: string,
  body?: unknown,
): Promise<Exchange> {
  const text = body === undefined ? '' : JSON.stringify(body)
  return send(endpoint, {
    method,
    target: `/api/scim${path}`,
    headers: {
      host: 'scim.example',
      authorization: `Bearer ${endpoint.secretToken}`,
      'content-length': String(Buffer.byteLength(text)),
    },
    body: Buffer.from(text),
  })
}

/** Of what is generated: what prepares a sequence does not count. */
function count(report: Report, { request, answer, body, milliseconds }: Exchange): void {
  report.requests += 1
  add(report.statuses, answer.status)
  const scimType = answer.status >= 400 && isObject(body) ? body['scimType'] : undefined
  if (typeof scimType === 'string') add(report.scimTypes, scimType)
  if (milliseconds > report.slowest.milliseconds) {
    report.slowest = { milliseconds, request: `${request.method} ${request.target}`.slice(0, 200) }
  }
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** What went wrong, in a form that can be typed again. */
function describe({ request, answer }: Exchange, problems: readonly string[]): string {
  const sent = Buffer.from(request.body).toString()
  return [
    ...problems,
    `${request.method} ${request.target.slice(0, 500)}`,
    ...Object.entries(request.headers).map(([name, value]) => `${name}: ${value.slice(0, 200)}`),
    sent.length > 4000 ? `${sent.slice(0, 4000)} … (${request.body.length} bytes)` : sent,
    `-> ${answer.status} ${JSON.stringify(answer.headers)} ${answer.body.slice(0, 1000)}`,
  ].join('\n')
}
