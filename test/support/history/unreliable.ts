import { setTimeout as pause } from 'node:timers/promises'
import { RestError, type TableServiceClientOptions } from '@azure/data-tables'
import { ResponseHeaders } from '../table-service/headers.ts'
import type { Request, Response } from '../tables.ts'
import { below, oneOf, weighted, type Random } from './random.ts'

type HttpClient = NonNullable<TableServiceClientOptions['httpClient']>

/** Whether calls fail, which can be switched, and how many there were while they did. */
export interface Weather {
  isFair: boolean
  calls: number
  failed: number
  /** Of 100 calls so many fail; FAULTS_PERCENT when absent. */
  readonly percent?: number
}

interface Call {
  readonly request: Request
  /** Has the service carry it out. */
  readonly send: () => Promise<Response>
  readonly random: Random
}

/** How a call goes wrong. */
type Fault = (call: Call) => Promise<Response>

const FAULTS_PERCENT = 20

/** Each in one of these ways. */
const FAULTS: readonly (readonly [weight: number, fault: Fault])[] = [
  [6, refused],
  [3, broken],
  [5, answerLost],
  [3, answeredLate],
  [3, arrivingLate],
]

/** Longer than the app waits for one try, and than a request may take. */
const LATE_MILLISECONDS = 25_000

/** A network between the app and the service on which calls take their time and, unless the weather is fair, fail. */
export function unreliable(
  service: HttpClient,
  { random, weather }: { readonly random: Random; readonly weather: Weather },
): HttpClient {
  return {
    sendRequest: async (request) => {
      const call = { request, random, send: async () => service.sendRequest(request) }
      const { percent = FAULTS_PERCENT } = weather
      const fails = !weather.isFair && below(random, 100) < percent
      if (!weather.isFair) weather.calls += 1
      if (fails) weather.failed += 1
      const fault = fails ? weighted(random, FAULTS) : answered
      return inTime(request, fault(call))
    },
  }
}

/** The caller gives up at the end of its time, or when it is told to; the call goes on. */
async function inTime(
  { timeout, abortSignal }: Request,
  answer: Promise<Response>,
): Promise<Response> {
  answer.catch(() => undefined)
  const over = new AbortController()
  const giveUp = over.abort.bind(over)
  const givenUp = new Promise<never>((_, reject) => {
    over.signal.addEventListener('abort', () => {
      reject(Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' }))
    })
  })
  if (abortSignal?.aborted === true) giveUp()
  abortSignal?.addEventListener('abort', giveUp)
  const timer = timeout > 0 ? setTimeout(giveUp, timeout) : undefined
  try {
    return await Promise.race([answer, givenUp])
  } finally {
    clearTimeout(timer)
    abortSignal?.removeEventListener('abort', giveUp)
  }
}

async function answered({ send, random }: Call): Promise<Response> {
  await pause(1 + below(random, 10))
  const response = await send()
  await pause(1 + below(random, 10))
  return response
}

/** The service is too busy, and has done nothing. */
async function refused({ request, random }: Call): Promise<Response> {
  await pause(1 + below(random, 10))
  const status = oneOf(random, [500, 503, 503, 503, 429]) ?? 503
  return { request, status, headers: new ResponseHeaders({}), bodyAsText: '' }
}

/** The connection breaks before the call arrives. */
async function broken(call: Call): Promise<Response> {
  await pause(1 + below(call.random, 10))
  throw lost(call)
}

async function answerLost(call: Call): Promise<Response> {
  await pause(1 + below(call.random, 10))
  await call.send()
  await pause(1 + below(call.random, 10))
  throw lost(call)
}

async function answeredLate({ send, random }: Call): Promise<Response> {
  await pause(1 + below(random, 10))
  const response = await send()
  await pause(below(random, LATE_MILLISECONDS))
  return response
}

/** The service takes its time, or the connection breaks and what was sent arrives all the same. */
async function arrivingLate(call: Call): Promise<Response> {
  const { send, random } = call
  const arrival = pause(below(random, LATE_MILLISECONDS)).then(send)
  if (below(random, 2) === 0) return arrival
  arrival.catch(() => undefined)
  await pause(1 + below(random, 10))
  throw lost(call)
}

/** The SDK sends again after the first of these, and gives up at the second. */
function lost({ request, random }: Call): RestError {
  const code = below(random, 8) === 0 ? 'EPIPE' : 'ECONNRESET'
  return new RestError('socket hang up', { code, request })
}
