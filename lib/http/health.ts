import type { HttpHandler } from '@azure/functions'
import { logFailure } from './log.ts'
import type { RuntimeSource } from './endpoint.ts'

/** How long an answer is repeated, so that nobody can make the endpoint ask its storage by asking for its health. */
const KEPT_MILLISECONDS = 5_000

/** Answers 200 when the app's settings are complete and its tables can be read, else 503; it names no tenant. */
export function healthHandler(runtime: RuntimeSource): HttpHandler {
  let known: { readonly until: number; readonly healthy: boolean } | undefined
  return async (_request, context) => {
    const now = performance.now()
    if (known === undefined || known.until < now) {
      const healthy = await isReachable(runtime, (error) => logFailure(context, error))
      known = { until: now + KEPT_MILLISECONDS, healthy }
    }
    return {
      status: known.healthy ? 200 : 503,
      headers: { 'cache-control': 'no-store' },
      jsonBody: { status: known.healthy ? 'healthy' : 'unhealthy' },
    }
  }
}

async function isReachable(
  runtime: RuntimeSource,
  report: (error: unknown) => void,
): Promise<boolean> {
  try {
    const app = await runtime()
    await app.readStorage()
    return true
  } catch (error) {
    report(error)
    return false
  }
}
