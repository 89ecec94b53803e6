import type { HttpHandler } from '@azure/functions'
import { logFailure } from './log.ts'
import type { RuntimeSource } from './endpoint.ts'

/** How long an answer is repeated, so that nobody can make the endpoint ask its storage by asking for its health. */
const KEPT_MILLISECONDS = 5_000
/** A storage that takes longer is as good as none. */
const LONGEST_READ_MILLISECONDS = 3_000

interface Answer {
  /** When it was asked for. */
  readonly asked: number
  readonly healthy: Promise<boolean>
}

/**
 * Answers 200 when the app's settings are complete and its tables can be read within three seconds, else 503; it names no
 * tenant. All who ask within five seconds share one read.
 */
export function healthHandler(runtime: RuntimeSource): HttpHandler {
  let known: Answer | undefined
  return async (_request, context) => {
    const now = performance.now()
    if (known === undefined || now - known.asked > KEPT_MILLISECONDS) {
      const healthy = isReachable(runtime, (error) => logFailure(context, error))
      known = { asked: now, healthy }
    }
    const healthy = await known.healthy
    return {
      status: healthy ? 200 : 503,
      headers: { 'cache-control': 'no-store', ...(healthy ? {} : { 'retry-after': '5' }) },
      jsonBody: { status: healthy ? 'healthy' : 'unhealthy' },
    }
  }
}

async function isReachable(
  runtime: RuntimeSource,
  report: (error: unknown) => void,
): Promise<boolean> {
  try {
    const app = await runtime()
    await app.readStorage(LONGEST_READ_MILLISECONDS)
    return true
  } catch (error) {
    report(error)
    return false
  }
}
