import { RestError } from '@azure/data-tables'
import { ScimError, unavailable } from '../../scim/errors.ts'
import { checkDeadline, inTime, tooLate, type Deadline } from '../deadline.ts'

/** What @azure/identity throws when no token for the storage is to be had. */
const NO_IDENTITY = new Set([
  'AggregateAuthenticationError',
  'AuthenticationError',
  'CredentialUnavailableError',
])

/**
 * Runs one call of the tables' SDK, which has its own repetitions.
 * @param call hands the signal to the SDK: it aborts when the deadline passes.
 * @throws ScimError `unavailable` when the service could not be reached, failed, or was too busy, when a table is missing
 *   (see `isMissingTable`), and when the deadline has passed; any other error as it comes.
 */
export async function callStorage<Result>(
  deadline: Deadline,
  call: (abortSignal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  checkDeadline(deadline)
  try {
    // The SDK waits for a token of its identity however long that takes.
    return await inTime(deadline, call(deadline.signal))
  } catch (error) {
    if (isAborted(error, deadline)) throw tooLate(error)
    // It answers 404 as a row that is missing does: nobody must be told that everybody is gone.
    if (saysTableNotFound(error)) throw unavailable('A table of the storage is missing.', error)
    if (!isOutage(error)) throw error
    throw unavailable('The storage is not available at the moment. Try again.', error)
  }
}

/**
 * The HTTP status the tables answered with; undefined for any other error. Decide on it alone: the places where the
 * SDK keeps the error code differ between single operations and transactions.
 */
export function storageStatus(error: unknown): number | undefined {
  return error instanceof RestError ? error.statusCode : undefined
}

/** Whether `callStorage` failed because the table is not there. */
export function isMissingTable(error: unknown): boolean {
  return error instanceof ScimError && saysTableNotFound(error.cause)
}

/** The SDK keeps the service's code in one place for single operations, in another for transactions, and in the text of both. */
function saysTableNotFound(error: unknown): boolean {
  return (
    storageStatus(error) === 404 &&
    error instanceof Error &&
    error.message.includes('TableNotFound')
  )
}

function isAborted(error: unknown, { signal }: Deadline): boolean {
  return signal.aborted && error instanceof Error && error.name === 'AbortError'
}

function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (!(error instanceof RestError)) return NO_IDENTITY.has(error.name)
  const status = error.statusCode
  return status === undefined || status === 408 || status === 429 || status >= 500
}
