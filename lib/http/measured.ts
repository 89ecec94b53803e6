import type { HttpRequest, HttpResponseInit } from '@azure/functions'
import type { HandlerRuntime, RuntimeSource } from './endpoint.ts'
import type { RequestCost } from './log.ts'

/**
 * An answer, and what it cost for its line in the log.
 * @param refuse answers for the error when the app cannot be had at all.
 */
export async function measured(
  runtime: RuntimeSource,
  { method }: HttpRequest,
  answer: (app: HandlerRuntime) => Promise<HttpResponseInit>,
  refuse: (error: unknown) => HttpResponseInit,
): Promise<{ readonly result: HttpResponseInit; readonly cost: RequestCost }> {
  const started = performance.now()
  const { result, calls, roundTrips } = await runtime().then(
    (app) => app.measure(() => answer(app)),
    (error: unknown) => ({ result: refuse(error), calls: 0, roundTrips: 0 }),
  )
  const milliseconds = Math.round(performance.now() - started)
  const { status = 200 } = result
  const cost = { method, status, milliseconds, storageCalls: calls, roundTrips }
  return { result, cost }
}
