import type { TransactionAction } from '@azure/data-tables'
import { unavailable } from '../../scim/errors.ts'
import { journalKey } from '../keys.ts'
import type { Change } from '../port.ts'
import type { Entity } from './entity.ts'
import { readRow, type Partition } from './partition.ts'
import {
  MAX_ROWS,
  submit,
  untilDecided,
  type Attempt,
  type Outcome,
  type Refusal,
} from './transaction.ts'

/** Rows that are kept free in each transaction of a change: for events, one for each of three receivers. */
const EVENT_ROWS = 3

/** Rows that a change can write in one transaction beside that of the journal. */
const CHANGE_ROWS = MAX_ROWS - 1 - EVENT_ROWS

/** What a change writes, and what it comes to. */
export interface Commit<Result> {
  /** The rows, made for each attempt; none when there is nothing to write. */
  readonly rows: () => Promise<readonly TransactionAction[]> | readonly TransactionAction[]
  /** The result when they are written. */
  readonly committed: Result
  /**
   * Finds out from what is stored why they were not.
   * @param refusal undefined when there was nothing to write.
   */
  readonly explain: (refusal: Refusal | undefined) => Promise<Attempt<Result>>
}

/**
 * Commits a change exactly once, however often its transaction is sent: the journal's row, which stands first in it, cannot
 * be inserted twice. After an ambiguous outcome that row decides, whatever others have done to the other rows since.
 * @throws ScimError `unavailable`, and what `explain` throws.
 */
export async function commitOnce<Result>(
  partition: Partition,
  change: Change,
  { rows, committed, explain }: Commit<Result>,
): Promise<Result> {
  const isCommitted = async (): Promise<boolean> => isInJournal(partition, change)
  let isAmbiguous = false
  return untilDecided(partition.deadline, change.position, async (): Promise<Attempt<Result>> => {
    const outcome = await write(partition, change, await rows())
    if (outcome?.committed === true) return { result: committed }
    // What is not known of one attempt is not known behind it either: it may arrive late.
    isAmbiguous ||= outcome?.isAmbiguous === true
    const mayBeCommitted = isAmbiguous || outcome?.row === 0
    if (mayBeCommitted && (await isCommitted())) return { result: committed }
    if (!isAmbiguous) return explain(outcome)
    return (await explainedLate(explain(outcome), isCommitted)) ?? { result: committed }
  })
}

/** What was found, unless the change arrived while it was looked for: then that is its own work, and undefined. */
async function explainedLate<Result>(
  explaining: Promise<Attempt<Result>>,
  isCommitted: () => Promise<boolean>,
): Promise<Attempt<Result> | undefined> {
  try {
    const attempt = await explaining
    return 'again' in attempt || !(await isCommitted()) ? attempt : undefined
  } catch (error) {
    if (await isCommitted()) return undefined
    throw error
  }
}

async function write(
  partition: Partition,
  change: Change,
  rows: readonly TransactionAction[],
): Promise<Outcome | undefined> {
  if (rows.length > CHANGE_ROWS) {
    throw new RangeError(`a change of ${rows.length} rows; at most ${CHANGE_ROWS} are possible`)
  }
  if (rows.length === 0) return undefined
  return submit(partition, [['create', toJournalEntry(partition, change)], ...rows])
}

function toJournalEntry({ partitionKey }: Partition, change: Change): Entity {
  return {
    partitionKey,
    rowKey: journalKey(change.position),
    at: change.stamp.lastModified,
    version: change.stamp.version,
    operation: change.operation,
    request: change.requestId,
  }
}

/**
 * Whether a change was committed.
 * @throws ScimError `unavailable` when another has its position: the next request makes a new one.
 */
async function isInJournal(partition: Partition, change: Change): Promise<boolean> {
  const columns = ['version', 'request']
  const row = await readRow(partition, journalKey(change.position), columns)
  if (row === undefined) return false
  if (row['version'] === change.stamp.version && row['request'] === change.requestId) return true
  throw unavailable('Another change has the same place in the journal. Try again.')
}
