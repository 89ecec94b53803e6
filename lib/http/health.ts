import type { HttpHandler, InvocationContext } from '@azure/functions'
import { logFailure, logMissingTables } from './log.ts'
import type { RuntimeSource } from './endpoint.ts'

/** How long an answer is repeated, so that nobody can make the endpoint ask its storage by asking for its health. */
const KEPT_MILLISECONDS = 5_000
/** A storage that takes longer is as good as none; the answer is to be there within three seconds. */
const LONGEST_READ_MILLISECONDS = 2_500

interface Answer {
  /** When it was asked for. */
  readonly asked: number
  readonly healthy: Promise<boolean>
}

/**
 * Answers 200 when the app's settings are complete, all its tables are there and can be read, else 503, within three
 * seconds; it names no tenant. All who ask within five seconds share one look.
 */
export function healthHandler(runtime: RuntimeSource): HttpHandler {
  let known: Answer | undefined
  return async (_request, context) => {
    const now = performance.now()
    if (known === undefined || now - known.asked > KEPT_MILLISECONDS) {
      known = { asked: now, healthy: isHealthy(runtime, context) }
    }
    const healthy = await known.healthy
    return {
      status: healthy ? 200 : 503,
      headers: { 'cache-control': 'no-store', ...(healthy ? {} : { 'retry-after': '5' }) },
      jsonBody: { status: healthy ? 'healthy' : 'unhealthy' },
    }
  }
}

async function isHealthy(runtime: RuntimeSource, context: InvocationContext): Promise<boolean> {
  try {
    const app = await runtime()
    const missing = await app.missingTables(LONGEST_READ_MILLISECONDS)
    if (missing.length > 0) logMissingTables(context, missing)
    return missing.length === 0
  } catch (error) {
    logFailure(context, error)
    return false
  }
}
