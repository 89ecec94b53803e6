import { unavailable, type ScimError } from '../scim/errors.ts'

/** Until when something may take: shared by the retries, transactions and lost races of a request. */
export interface Deadline {
  /** Milliseconds that are left; 0 when it has passed. */
  readonly remaining: () => number
  /** Aborts when it passes: for calls of the storage that are under way. */
  readonly signal: AbortSignal
}

/**
 * A deadline so many milliseconds from now.
 * @param now the clock that decides when it has passed; the signal follows the system's own.
 */
export function deadlineIn(milliseconds: number, now: () => Date): Deadline {
  const end = now().getTime() + milliseconds
  return {
    remaining: () => Math.max(0, end - now().getTime()),
    signal: AbortSignal.timeout(milliseconds),
  }
}

/** For work that no request waits for. */
export const NO_DEADLINE: Deadline = {
  remaining: () => Number.POSITIVE_INFINITY,
  signal: new AbortController().signal,
}

/**
 * Waits for work until the deadline passes, also for such as does not heed its signal.
 * @throws ScimError `unavailable` when it has passed.
 */
export function inTime<Result>({ signal }: Deadline, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(tooLate(signal.reason))
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp)
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}

/** @throws ScimError `unavailable` when it has passed. */
export function checkDeadline(deadline: Deadline, cause?: unknown): void {
  if (deadline.remaining() <= 0) throw tooLate(cause)
}

/** The error for what was not done when its deadline passed. */
export function tooLate(cause: unknown): ScimError {
  return unavailable('The request took too long and was given up. Try again.', cause)
}
