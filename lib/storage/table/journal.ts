import type { TransactionAction } from '@azure/data-tables'
import { ScimError, unavailable } from '../../scim/errors.ts'
import { factsOf, type JournalFacts } from '../journal-entry.ts'
import { journalKey } from '../keys.ts'
import type { MemberChange } from '../member-parts.ts'
import type { Change } from '../port.ts'
import { callStorage, storageStatus } from './failure.ts'
import { GIVEN_UP, toGivenUpEntry, toJournalEntry } from './journal-row.ts'
import { readRow, type Partition } from './partition.ts'
import { text } from './row.ts'
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
  /** The change as the journal is told of it with these rows: position, version and request are the same for all attempts. */
  readonly told?: () => Change
  /** The members that these rows move. */
  readonly moving?: () => readonly MemberChange[]
  /** The result when they are written. */
  readonly committed: Result
  /** The same where the journal tells it, and no answer: another attempt may have been the one; `committed` when absent. */
  readonly decided?: Result
  /** The result of a change that was given up before, by one who did the same. */
  readonly givenUp?: Result
  /**
   * Finds out from what is stored why they were not.
   * @param refusal undefined when there was nothing to write.
   */
  readonly explain: (refusal: Refusal | undefined) => Promise<Explained<Result>>
}

/** What an attempt came to. */
export type Explained<Result> = Attempt<Result> & {
  /**
   * The same transaction could be committed all the same, if others changed what it was refused for. A refusal that is
   * thrown always could.
   */
  readonly isReversible?: boolean
}

/**
 * Commits a change exactly once, however often its transaction is sent: the journal's row, which stands first in it, cannot
 * be inserted twice. After an ambiguous outcome that row decides, whatever others have done to the other rows since.
 * @throws ScimError `unavailable`, and what `explain` throws.
 */
export async function commitOnce<Result>(
  partition: Partition,
  change: Change,
  commit: Commit<Result>,
): Promise<Result> {
  const { rows, committed, decided = committed, explain } = commit
  let isAmbiguous = false
  return untilDecided(partition.deadline, change.position, async (): Promise<Attempt<Result>> => {
    const made = await rows()
    const outcome = await write(partition, factsNow(commit, change), made)
    if (outcome?.committed === true) return { result: committed }
    // What is not known of one attempt is not known behind it either: it may arrive late.
    isAmbiguous ||= outcome?.isAmbiguous === true
    const mayBeDecided = isAmbiguous || outcome?.row === 0
    const decision = mayBeDecided ? await decisionOn(partition, change) : undefined
    if (decision !== undefined) return { result: resultOf(commit, decision) }
    if (!isAmbiguous) return explain(outcome)
    return (await explainedLate(partition, change, explain(outcome))) ?? { result: decided }
  })
}

/** What the journal is told of a change with the rows that were made last. */
function factsNow<Result>({ told, moving }: Commit<Result>, change: Change): JournalFacts {
  return factsOf(told?.() ?? change, moving?.())
}

function resultOf<Result>(
  { committed, decided = committed, givenUp }: Commit<Result>,
  decision: Decision,
): Result {
  return decision === 'committed' ? decided : (givenUp ?? refuseAgain())
}

/**
 * What was found, unless the change arrived while it was looked for: then that is its own work, and undefined. What was
 * sent may still be under way: where it could be committed later, it is kept from it before anybody is told.
 */
async function explainedLate<Result>(
  partition: Partition,
  change: Change,
  explaining: Promise<Explained<Result>>,
): Promise<Attempt<Result> | undefined> {
  const { attempt, error } = await explaining.then(
    (found) => ({ attempt: found, error: undefined }),
    (thrown: unknown) => ({ attempt: undefined, error: thrown }),
  )
  if (attempt !== undefined && 'again' in attempt) return attempt
  const isReversible = attempt === undefined ? isRefusal(error) : attempt.isReversible === true
  const decision = isReversible
    ? await giveUp(partition, change)
    : await decisionOn(partition, change)
  if (decision === 'committed') return undefined
  if (attempt === undefined) throw error
  return attempt
}

function isRefusal(error: unknown): boolean {
  return error instanceof ScimError && error.kind !== 'unavailable'
}

async function write(
  partition: Partition,
  facts: JournalFacts,
  rows: readonly TransactionAction[],
): Promise<Outcome | undefined> {
  if (rows.length > CHANGE_ROWS) {
    throw new RangeError(`a change of ${rows.length} rows; at most ${CHANGE_ROWS} are possible`)
  }
  if (rows.length === 0) return undefined
  return submit(partition, [['create', toJournalEntry(partition, facts)], ...rows])
}

/** Whether a change is in the journal. @throws ScimError `unavailable` when another has its position. */
export async function isCommitted(partition: Partition, change: Change): Promise<boolean> {
  return (await decisionOn(partition, change)) === 'committed'
}

/** Whom a change that was committed is about, as the journal has it: of several attempts one was. */
export async function committedSubject(
  partition: Partition,
  { position, note }: Change,
): Promise<string> {
  const row = await readRow(partition, journalKey(position), ['subject'])
  return row === undefined ? note.subject : text(row, 'subject')
}

/** What the journal says of a change. */
type Decision = 'committed' | 'given up'

/**
 * What became of a change; undefined while nothing has.
 * @throws ScimError `unavailable` when another has its position: the next request makes a new one.
 */
async function decisionOn(partition: Partition, change: Change): Promise<Decision | undefined> {
  const columns = ['version', 'request', 'operation']
  const row = await readRow(partition, journalKey(change.position), columns)
  if (row === undefined) return undefined
  const isOurs = row['version'] === change.stamp.version && row['request'] === change.requestId
  if (!isOurs) return refuseAgain()
  return row['operation'] === GIVEN_UP ? 'given up' : 'committed'
}

/** Sees to it that a change that is not committed never will be, whatever of it is still under way. */
async function giveUp(partition: Partition, change: Change): Promise<Decision> {
  const { table, deadline } = partition
  const entry = toGivenUpEntry(partition, change)
  try {
    await callStorage(deadline, (abortSignal) => table.createEntity(entry, { abortSignal }))
    return 'given up'
  } catch (error) {
    if (storageStatus(error) !== 409) throw error
    return (await decisionOn(partition, change)) ?? 'given up'
  }
}

function refuseAgain(): never {
  throw unavailable('Another change has the same place in the journal. Try again.')
}
