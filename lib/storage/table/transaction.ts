import { setTimeout as pause } from 'node:timers/promises'
import type { TransactionAction } from '@azure/data-tables'
import { ScimError } from '../../scim/errors.ts'
import { callStorage, storageStatus } from './failure.ts'
import type { Partition } from './partition.ts'

/** Rows that Azure takes in one transaction (and each row once). */
const MAX_ROWS = 100

/** A row that is there already, one that is gone, one that has changed. */
const REFUSED: ReadonlySet<number | undefined> = new Set([409, 404, 412])

/** What became of a transaction, as far as its answer tells. */
export type Outcome =
  | { readonly committed: true }
  /**
   * Refused, or unknown. Even a refused one may have committed: when its answer is lost the SDK sends it again, and the
   * second time its own rows are in the way. What is stored decides.
   */
  | { readonly committed: false; readonly error: unknown }

/**
 * Writes rows of one partition, all or none.
 * @throws what no other attempt would change.
 */
export async function submit(
  { table }: Partition,
  actions: readonly TransactionAction[],
): Promise<Outcome> {
  if (actions.length > MAX_ROWS) {
    throw new RangeError(
      `a transaction of ${actions.length} rows; at most ${MAX_ROWS} are possible`,
    )
  }
  try {
    await callStorage(() => table.submitTransaction([...actions]))
    return { committed: true }
  } catch (error) {
    const isUnknown = error instanceof ScimError && error.kind === 'unavailable'
    if (isUnknown || REFUSED.has(storageStatus(error))) return { committed: false, error }
    throw error
  }
}

/** What an attempt came to: a result, or the reason why it has to be made again. */
export type Attempt<Result> = { readonly result: Result } | { readonly again: unknown }

const LONGEST_PAUSE_MILLISECONDS = 500

/**
 * Makes attempts until one has a result, with growing random pauses in between.
 * @param patience milliseconds after which no further attempt is made.
 * @throws ScimError `unavailable` when patience is at its end.
 */
export async function untilDecided<Result>(
  attempt: () => Promise<Attempt<Result>>,
  patience: number,
): Promise<Result> {
  const giveUp = Date.now() + patience
  for (let tries = 1; ; tries += 1) {
    const made = await attempt()
    if ('result' in made) return made.result
    if (Date.now() >= giveUp) {
      throw new ScimError('unavailable', 'Too many changes at once. Try again.', {
        cause: made.again,
      })
    }
    await pause(Math.random() * Math.min(LONGEST_PAUSE_MILLISECONDS, 10 * 2 ** tries))
  }
}
