import type { Lifetime } from './lifetime.ts'

/**
 * `npm run dev` sets it for the processes that it starts one after the other: the connection string of the Azurite that
 * outlives them, empty when none is needed.
 */
export const KEPT_AZURITE = 'LOCAL_HOST_KEPT_AZURITE'

/** What such a process tells when it serves. */
export interface Serving {
  readonly port: number
  /** How to reach it. */
  readonly text: string
}

/** Says how to reach the app. Under `npm run dev` that is told to it, which says it once. */
export function showServing(serving: Serving): void {
  if (hasParent()) process.send?.(serving)
  else console.log(serving.text)
}

/** Under `npm run dev` this process ends when it is let go, or when that one has ended. */
export function endWithParent(lifetime: Lifetime): void {
  if (hasParent()) process.once('disconnect', () => void lifetime.end(0))
}

function hasParent(): boolean {
  return process.env[KEPT_AZURITE] !== undefined && process.connected
}
