import { RestError, type TableClient, type TransactionAction } from '@azure/data-tables'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { bucketOf, counterKey } from '../../lib/storage/keys.ts'
import { DEFAULT_LAYOUTS, type StorageLayout } from '../../lib/storage/layout.ts'
import type { Scope } from '../../lib/storage/port.ts'
import { storableJson } from '../../lib/storage/stored-size.ts'
import { toEntity } from '../../lib/storage/table/entity.ts'
import type { CallCount } from '../../lib/storage/calls.ts'
import { partitionOf } from '../../lib/storage/table/partition.ts'
import type { AdditionalPolicy } from '../../lib/storage/table/policies.ts'
import { openTables, type Tables } from '../../lib/storage/table/tables.ts'

type Policy = Parameters<TableClient['pipeline']['addPolicy']>[0]

/** What stands between the SDK, its retries included, and the service. */
export type Transport = Policy['sendRequest']
export type Request = Parameters<Transport>[0]
export type Response = Awaited<ReturnType<Transport>>

/** The tables, through a transport of one's own, which sees each try of a request. */
export async function tablesThrough(
  connectionString: string,
  sendRequest?: Transport,
  meter?: RequestMeter,
): Promise<Tables> {
  const retryOptions = { maxRetries: 2, retryDelayInMs: 1, maxRetryDelayInMs: 2 }
  const additionalPolicies = meter === undefined ? [] : [meter.policy]
  const tables = await openTables(
    { kind: 'connectionString', connectionString },
    { retryOptions, additionalPolicies },
  )
  if (sendRequest !== undefined) {
    for (const table of [tables.users, tables.groups]) {
      table.pipeline.addPolicy({ name: 'test', sendRequest }, { afterPhase: 'Retry' })
    }
  }
  return tables
}

/** Counts the requests of a test, not how often the SDK sends each. */
export interface RequestMeter {
  readonly policy: AdditionalPolicy
  /** Counts what the work asks of the tables; nothing else must be under way. */
  count<Result>(work: () => Promise<Result>): Promise<CallCount & { readonly result: Result }>
}

/**
 * A meter for tests that name the number of requests. On a machine that is busy for some seconds, Azurite closes
 * connections that the SDK takes for open, so that requests are sent twice; `countCalls` counts both, as it should.
 */
export function requestMeter(): RequestMeter {
  let [calls, roundTrips, inFlight] = [0, 0, 0]
  return {
    policy: {
      position: 'perCall',
      policy: {
        name: 'requestMeter',
        async sendRequest(request, next) {
          calls += 1
          if (inFlight === 0) roundTrips += 1
          inFlight += 1
          try {
            return await next(request)
          } finally {
            inFlight -= 1
          }
        },
      },
    },
    async count(work) {
      ;[calls, roundTrips] = [0, 0]
      const result = await work()
      return { result, calls, roundTrips }
    },
  }
}

/** Whether a request is a transaction. */
export function isTransaction(request: Request): boolean {
  return request.url.includes('$batch')
}

/** So many characters an event may have. */
const EVENT_CHARACTERS = 32_000

/**
 * Adds three rows to each transaction of a change, as large as those of events may be.
 * @returns how many rows each transaction has, those among them; filled as they are sent.
 */
export function withEventRows({ users, groups }: Tables): readonly number[] {
  const sizes: number[] = []
  for (const table of [users, groups]) {
    const send = table.submitTransaction.bind(table)
    table.submitTransaction = async (actions, options) => {
      const [[, { partitionKey, rowKey }] = [undefined, { partitionKey: '', rowKey: '' }]] = actions
      const isChange = rowKey.startsWith('journal:')
      const events = [1, 2, 3].map((n): TransactionAction => {
        const data = '😀'.repeat(EVENT_CHARACTERS / 2)
        return ['create', { partitionKey, rowKey: `todo:${String(n)}:${rowKey}`, data }]
      })
      const all = isChange ? [...actions, ...events] : actions
      sizes.push(all.length)
      return send(all, options)
    }
  }
  return sizes
}

/** Carries requests out and loses the answers to the first `times` that are chosen. */
export function losingAnswers(
  choose: (request: Request) => boolean,
  code: 'ECONNRESET' | 'EPIPE',
  times = 1,
): Transport {
  let left = times
  return async (request, next) => {
    const response = await next(request)
    if (left === 0 || !choose(request)) return response
    left -= 1
    throw new RestError('socket hang up', { code, request })
  }
}

/** Does something else just before the first request that is chosen arrives. */
export function before(
  choose: (request: Request) => boolean,
  something: () => Promise<unknown>,
): Transport {
  let done = false
  return async (request, next) => {
    if (!done && choose(request)) {
      done = true
      await something()
    }
    return next(request)
  }
}

/** Does something else just after the first request that is chosen was carried out, then loses the answer to it. */
export function losingAnswerAfter(
  choose: (request: Request) => boolean,
  something: () => Promise<unknown>,
): Transport {
  let done = false
  return async (request, next) => {
    const response = await next(request)
    if (done || !choose(request)) return response
    done = true
    await something()
    throw new RestError('socket hang up', { code: 'ECONNRESET', request })
  }
}

/** Carries the first transaction out and loses all answers to it, however often the SDK sends it. */
export function losingAllAnswers(something: () => Promise<unknown>): Transport {
  let lost: string | undefined
  return async (request, next) => {
    const response = await next(request)
    if (!isTransaction(request)) return response
    if (lost === undefined) {
      lost = request.requestId
      await something()
    }
    if (request.requestId !== lost) return response
    throw new RestError('socket hang up', { code: 'ECONNRESET', request })
  }
}

const NEXT_PARTITION = 'NextPartitionKey'
const NEXT_ROW = 'NextRowKey'
const HEADER_PARTITION = 'x-ms-continuation-nextpartitionkey'
const HEADER_ROW = 'x-ms-continuation-nextrowkey'

/**
 * Answers queries as Azure may: in pages of `size` rows at most, before each of which comes one without any row but with
 * a continuation token.
 */
export function hesitating(size: number): Transport {
  return async (request, next) => {
    const url = new URL(request.url)
    if (request.method !== 'GET' || !url.pathname.endsWith('()')) return next(request)
    const row = url.searchParams.get(NEXT_ROW)
    const hesitates = row?.startsWith('ready:') !== true
    const top = Number(url.searchParams.get('$top') ?? size)
    url.searchParams.set('$top', String(Math.min(size, top)))
    const position = row?.replace(/^ready:/, '') ?? ''
    if (position === '') {
      url.searchParams.delete(NEXT_ROW)
      url.searchParams.delete(NEXT_PARTITION)
    } else {
      url.searchParams.set(NEXT_ROW, position)
    }
    request.url = url.href
    const response = await next(request)
    if (!hesitates || response.status !== 200) return response
    response.bodyAsText = JSON.stringify({ value: [] })
    response.headers.set(HEADER_PARTITION, url.searchParams.get(NEXT_PARTITION) ?? 'any')
    response.headers.set(HEADER_ROW, `ready:${position}`)
    return response
  }
}

/** Writes resources and their counters, without index rows, a hundred at a time: for tests that need many. */
export async function insertMany(
  tables: Tables,
  scope: Scope,
  resourceType: ResourceType,
  resources: readonly StoredResource[],
  layouts: readonly StorageLayout[] = DEFAULT_LAYOUTS,
): Promise<void> {
  const partition = partitionOf(tables, layouts, scope, resourceType)
  const counts = new Map<number, number>()
  for (const { id } of resources) counts.set(bucketOf(id), (counts.get(bucketOf(id)) ?? 0) + 1)
  const rows = [
    ...resources.map((each) => toEntity(partition, each, storableJson(resourceType, each))),
    ...Array.from(counts, ([bucket, count]) => {
      return {
        partitionKey: partition.partitionKey,
        rowKey: counterKey(partition.layout, bucket),
        count,
      }
    }),
  ]
  for (let start = 0; start < rows.length; start += 100) {
    const batch = rows.slice(start, start + 100)
    await partition.table.submitTransaction(batch.map((row) => ['create', row]))
  }
}
