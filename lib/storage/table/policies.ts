import { RestError, type TableServiceClientOptions } from '@azure/data-tables'
import { count, type KindOf } from '../../telemetry/metrics.ts'
import { countedCall } from '../calls.ts'

/** Something that the SDK does with every request; `perRetry` comes behind its retries. */
export type AdditionalPolicy = NonNullable<TableServiceClientOptions['additionalPolicies']>[number]

/** Counts requests, each repetition too (lib/storage/calls.ts). */
export const COUNT_CALLS: AdditionalPolicy = {
  position: 'perRetry',
  policy: {
    name: 'countCalls',
    sendRequest: (request, next) => countedCall(() => next(request)),
  },
}

type StorageRequest = Parameters<AdditionalPolicy['policy']['sendRequest']>[0]
type StorageAnswer = Awaited<ReturnType<AdditionalPolicy['policy']['sendRequest']>>

/** How a try ended that may be made again. */
type FailedTry = KindOf<'storage.retries'>

/** Counts requests that are throttled, and those that are made again, by how the try before ended. */
export function countRetries(): AdditionalPolicy {
  // The SDK sends the same request object again.
  const failedTries = new WeakMap<StorageRequest, FailedTry>()
  return {
    position: 'perRetry',
    policy: {
      name: 'countRetries',
      async sendRequest(request, next) {
        const before = failedTries.get(request)
        if (before !== undefined) count('storage.retries', before)
        try {
          const answer = await next(request)
          if (answer.status >= 400) failedTries.set(request, failureIn(answer))
          return answer
        } catch (error) {
          failedTries.set(request, 'unanswered')
          throw error
        }
      },
    },
  }
}

/** Azure throttles with 503 `ServerBusy`, and with 500 `OperationTimedOut` when a partition is too slow. */
function failureIn({ status, bodyAsText }: StorageAnswer): FailedTry {
  const isBusy = status === 503 || status === 429
  if (isBusy) count('storage.throttles', 'busy')
  else if (bodyAsText?.includes('OperationTimedOut') === true) {
    count('storage.throttles', 'timed out')
  }
  return isBusy ? 'busy' : 'failed'
}

/**
 * Gives up on a request that is not answered in time, as if the connection had broken, so that the SDK repeats it: by
 * itself it waits for ever. The service works on a request for 5 s as a rule.
 */
export function tryTimeout(milliseconds: number): AdditionalPolicy {
  return {
    position: 'perRetry',
    policy: {
      name: 'tryTimeout',
      async sendRequest(request, next) {
        request.timeout = milliseconds
        try {
          return await next(request)
        } catch (error) {
          const timedOut = error instanceof Error && error.name === 'AbortError'
          if (!timedOut || request.abortSignal?.aborted === true) throw error
          throw new RestError(`no answer within ${milliseconds} ms`, { code: 'ETIMEDOUT', request })
        }
      },
    },
  }
}
