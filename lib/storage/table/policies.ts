import { RestError, type TableServiceClientOptions } from '@azure/data-tables'
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
