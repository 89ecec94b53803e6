import { randomUUID } from 'node:crypto'
import { HttpRequest, InvocationContext, type HttpHandler } from '@azure/functions'
import { expect } from 'vitest'
import type { HandlerRuntime, ManageArrival } from '../../lib/http/endpoint.ts'
import { manageEndpoint, manageUnmatched } from '../../lib/http/manage.ts'
import { PROBLEM } from '../../lib/manage/answers.ts'
import type { ActivitySource } from '../../lib/manage/activity.ts'
import type { ManageDomain } from '../../lib/manage/domain.ts'
import type { Operation } from '../../lib/manage/operation.ts'
import { MANAGE_OPERATIONS } from '../../lib/manage/operations.ts'
import { createRuntime } from '../../lib/runtime.ts'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import type { ChangedBy } from '../../lib/storage/tenant-port.ts'
import { manageDomain } from './manage-domain.ts'

/** What came back: header names in lower case. */
export interface ManageAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly json: JsonObject
}

interface ManageRequestOptions {
  /** Bytes and text go out as they are, all else as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The functions of the manage API on one domain. */
export interface ManageClient {
  readonly domain: ManageDomain
  /** `level message`. */
  readonly log: readonly string[]
  /** Whose changes those of each request would be. */
  readonly authors: readonly ChangedBy[]
  /** Sends a request to the function that has the path, below `/api/manage/`; the answer is as the document says. */
  readonly send: (
    method: string,
    path: string,
    options?: ManageRequestOptions,
  ) => Promise<ManageAnswer>
}

export const NOW = new Date('2026-12-01T12:00:00.000Z')

const ORIGIN = 'https://scim.example'

export function manageClient({
  domain = manageDomain(),
  guard = () => {},
  publicBaseUrl,
  activity,
}: {
  readonly domain?: ManageDomain
  readonly guard?: (arrival: ManageArrival) => void
  readonly publicBaseUrl?: string
  readonly activity?: ActivitySource
} = {}): ManageClient {
  const log: string[] = []
  const authors: ChangedBy[] = []
  const app = createRuntime(memoryStores(), { now: () => NOW })
  const runtime = async (): Promise<HandlerRuntime> => ({
    ...app,
    ...(publicBaseUrl === undefined ? {} : { publicBaseUrl }),
    manage: {
      activity: activity ?? app.manage.activity,
      domainOf: (by) => {
        authors.push(by)
        return domain
      },
      peopleOf: app.manage.peopleOf,
      teamsOf: app.manage.teamsOf,
      guard,
    },
  })
  return {
    domain,
    log,
    authors,
    send: async (method, path, options = {}) => {
      const url = new URL(`${ORIGIN}/api/manage/${path}`)
      const found = matching(method, url.pathname.slice('/api/manage/'.length))
      const name = found?.operation.name
      const handle = name === undefined ? manageUnmatched(runtime) : manageEndpoint(runtime, name)
      const context = new InvocationContext({
        invocationId: randomUUID(),
        functionName: name ?? 'zz-manage-unmatched',
        logHandler: (level, ...messages) => log.push(`${level} ${messages.map(String).join(' ')}`),
      })
      const request = requestOf(method, url, found?.params ?? {}, options)
      const answer = answerOf(await handle(request, context))
      checkAnswer(answer, found?.operation)
      return answer
    },
  }
}

function requestOf(
  method: string,
  url: URL,
  params: Record<string, string>,
  { body, headers = {} }: ManageRequestOptions,
): HttpRequest {
  const bytes = bytesOf(body)
  const type = bytes === undefined ? {} : { 'content-type': 'application/json' }
  return new HttpRequest({
    method,
    url: url.href,
    headers: { host: url.host, ...type, ...headers },
    params,
    ...(bytes === undefined ? {} : { body: { bytes } }),
  })
}

function answerOf(answer: Awaited<ReturnType<HttpHandler>>): ManageAnswer {
  if (answer === undefined || !('status' in answer)) throw new Error('there is no answer')
  const text = typeof answer.body === 'string' ? answer.body : ''
  return {
    status: answer.status ?? 200,
    headers: Object.fromEntries(new Headers(answer.headers)),
    text,
    json: parsed(text),
  }
}

/** The operation that serves a path below `/api/manage/`, and what its path holds. */
export function matching(
  method: string,
  path: string,
): { readonly operation: Operation; readonly params: Record<string, string> } | undefined {
  for (const operation of MANAGE_OPERATIONS) {
    const pattern = operation.path.replace('.', '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')
    const match = new RegExp(`^${pattern}$`).exec(path)
    const isIts = operation.method === (method === 'HEAD' ? 'GET' : method)
    if (match !== null && isIts) {
      const named = Object.entries(match.groups ?? {})
      const params = named.map(([name, value]) => [name, decodeURIComponent(value)] as const)
      return { operation, params: Object.fromEntries(params) }
    }
  }
  return undefined
}

/** Every answer is one that the document has, and no cache may keep it. */
function checkAnswer(answer: ManageAnswer, operation: Operation | undefined): void {
  const { status, headers, text, json } = answer
  expect(headers['cache-control']).toBe('no-store')
  if (status === 304) {
    expect(text).toBe('')
  } else if (status >= 400) {
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8')
    expect(PROBLEM.parse(json)['status']).toBe(status)
  } else {
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
    expect([operation?.status, operation?.statusUnchanged]).toContain(status)
    expect(operation?.answer.safeParse(json).error).toBeUndefined()
    for (const name of operation?.headers ?? []) expect(headers[name.toLowerCase()]).toBeDefined()
  }
}

function bytesOf(body: unknown): Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

function parsed(text: string): JsonObject {
  const value: unknown = text === '' ? {} : JSON.parse(text)
  return isObject(value) ? value : {}
}
