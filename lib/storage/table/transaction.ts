import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { RestError, type TransactionAction } from '@azure/data-tables'
import { ScimError } from '../../scim/errors.ts'
import { count, type KindOf } from '../../telemetry/metrics.ts'
import { measureCalls } from '../calls.ts'
import { checkDeadline, type Deadline } from '../deadline.ts'
import { callStorage, storageStatus } from './failure.ts'
import type { RowPartition } from './partition.ts'

/** Rows that Azure takes in one transaction (and each row once). */
export const MAX_ROWS = 100

/** A row that is there already, one that is gone, one that has changed. */
const REFUSED: ReadonlyMap<number | undefined, KindOf<'storage.lostRaces'>> = new Map([
  [409, 'taken'],
  [404, 'gone'],
  [412, 'changed'],
])

/** What became of a transaction, as far as its answer tells. */
export type Outcome = { readonly committed: true } | Refusal

/** A transaction that was refused, or of which nobody knows what became of it. */
export interface Refusal {
  readonly committed: false
  readonly error: unknown
  /**
   * It may have been committed all the same: there was no answer, or an answer was lost and the SDK has sent the
   * transaction again, whose own rows were then in the way.
   */
  readonly isAmbiguous: boolean
  /** The row that was in the way, by its place in the transaction, where the service tells it. */
  readonly row: number | undefined
}

/**
 * Writes rows of one partition, all or none.
 * @throws what no other attempt would change.
 */
export async function submit(
  { table, deadline }: RowPartition,
  actions: readonly TransactionAction[],
): Promise<Outcome> {
  if (actions.length > MAX_ROWS) {
    throw new RangeError(
      `a transaction of ${actions.length} rows; at most ${MAX_ROWS} are possible`,
    )
  }
  count('storage.transactions', sizeOf(actions.length))
  const meter = measureCalls()
  try {
    await meter.run(() =>
      callStorage(deadline, (abortSignal) =>
        table.submitTransaction([...actions], { abortSignal }),
      ),
    )
    return { committed: true }
  } catch (error) {
    const isUnknown = error instanceof ScimError && error.kind === 'unavailable'
    const lost = REFUSED.get(storageStatus(error))
    if (!isUnknown && lost === undefined) throw error
    if (lost !== undefined) count('storage.lostRaces', lost)
    const isAmbiguous = isUnknown || meter.calls > 1
    return { committed: false, error, isAmbiguous, row: refusedRow(error) }
  }
}

function sizeOf(rows: number): KindOf<'storage.transactions'> {
  if (rows === 1) return '1 row'
  if (rows <= 5) return '2-5 rows'
  if (rows <= 20) return '6-20 rows'
  return rows <= 50 ? '21-50 rows' : '51-100 rows'
}

/** The message begins with the number of the operation that failed; other languages' SDKs read it there too. */
function refusedRow(error: unknown): number | undefined {
  const number = error instanceof RestError ? /^(\d{1,3}):/.exec(error.message)?.[1] : undefined
  return number === undefined ? undefined : Number(number)
}

/** What an attempt came to: a result, or the reason why it has to be made again. */
export type Attempt<Result> = { readonly result: Result } | { readonly again: unknown }

const LONGEST_PAUSE_MILLISECONDS = 500

/**
 * Makes attempts until one has a result, with growing pauses in between.
 * @param seed tells the pauses from those of others who try the same.
 * @throws ScimError `unavailable` when the deadline has passed.
 */
export async function untilDecided<Result>(
  deadline: Deadline,
  seed: string,
  attempt: () => Promise<Attempt<Result>>,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    const made = await attempt()
    if ('result' in made) return made.result
    checkDeadline(deadline, made.again)
    await pause(Math.min(pauseAfter(seed, tries), deadline.remaining()))
    checkDeadline(deadline, made.again)
  }
}

function pauseAfter(seed: string, tries: number): number {
  const digest = createHash('sha256').update(`${seed} ${tries}`).digest()
  const longest = Math.min(LONGEST_PAUSE_MILLISECONDS, 10 * 2 ** tries)
  return (digest.readUInt32BE() / 2 ** 32) * longest
}
