import type { TransactionAction } from '@azure/data-tables'
import { unavailable } from '../../scim/errors.ts'
import { journalKey } from '../keys.ts'
import type { Change } from '../port.ts'
import type { Entity } from './entity.ts'
import { readRow, type Partition } from './partition.ts'
import { MAX_ROWS, submit, type Outcome } from './transaction.ts'

/** Rows that are kept free in each transaction of a change: for events, one for each of three receivers. */
const EVENT_ROWS = 3

/** Rows that a change can write in one transaction beside that of the journal. */
export const CHANGE_ROWS = MAX_ROWS - 1 - EVENT_ROWS

/** Writes the rows of a change, all or none, and the journal's with them. */
export type Commit = (actions: readonly TransactionAction[]) => Promise<Outcome>

/**
 * Commits a change exactly once, however often its transaction is sent: the journal's row cannot be inserted twice. After
 * an ambiguous outcome that row decides, whatever others have done to the other rows since.
 */
export function journaled(partition: Partition, change: Change): Commit {
  const entry = toJournalEntry(partition, change)
  let isAmbiguous = false
  return async (actions) => {
    if (actions.length > CHANGE_ROWS) {
      throw new RangeError(
        `a change of ${actions.length} rows; at most ${CHANGE_ROWS} are possible`,
      )
    }
    const outcome = await submit(partition, [['create', entry], ...actions])
    if (outcome.committed) return outcome
    // What is not known of one attempt is not known behind it either: it may arrive late.
    isAmbiguous ||= outcome.isAmbiguous
    const mayBeCommitted = isAmbiguous || outcome.row === 0
    if (mayBeCommitted && (await isInJournal(partition, change))) return { committed: true }
    return { ...outcome, isAmbiguous }
  }
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
