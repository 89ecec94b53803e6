import { StartError } from '../local-host/lifetime.ts'

/** Pipelines stop a step by a signal, and give it a few seconds: what was begun is taken back in them. */
export function stoppedBySignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => controller.abort(new StartError(`stopped by ${name}`)))
  }
  return controller.signal
}
