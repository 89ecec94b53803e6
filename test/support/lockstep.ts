import type { Transport } from './tables.ts'

/** Longer than the app takes from an answer to the requests that follow from it. */
const QUIET_MILLISECONDS = 8

/**
 * Holds every answer until all requests that are under way have theirs, as if each took the same time. What waits for what
 * then shows in the same way in every run: a request that could go out at once never overlaps one that had to wait.
 */
export function inLockstep(): Transport {
  let underWay = 0
  let held: (() => void)[] = []
  let release: NodeJS.Timeout | undefined
  return async (request, next) => {
    clearTimeout(release)
    underWay += 1
    try {
      return await next(request)
    } finally {
      underWay -= 1
      const released = new Promise<void>((resolve) => held.push(resolve))
      if (underWay === 0) {
        release = setTimeout(() => {
          const all = held
          held = []
          for (const resolve of all) resolve()
        }, QUIET_MILLISECONDS)
      }
      await released
    }
  }
}
