import { RestError } from '@azure/data-tables'
import { ScimError } from '../../scim/errors.ts'

/** What @azure/identity throws when no token for the storage is to be had. */
const NO_IDENTITY = new Set([
  'AggregateAuthenticationError',
  'AuthenticationError',
  'CredentialUnavailableError',
])

/**
 * Runs one call of the tables' SDK, which has its own repetitions.
 * @throws ScimError `unavailable` when the service could not be reached, failed, or was too busy; any other error as
 *   it comes.
 */
export async function callStorage<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (!isOutage(error)) throw error
    throw new ScimError('unavailable', 'the storage is not available; try again', { cause: error })
  }
}

/**
 * The HTTP status the tables answered with; undefined for any other error. Decide on it alone: the places where the
 * SDK keeps the error code differ between single operations and transactions.
 */
export function storageStatus(error: unknown): number | undefined {
  return error instanceof RestError ? error.statusCode : undefined
}

function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (!(error instanceof RestError)) return NO_IDENTITY.has(error.name)
  const status = error.statusCode
  return status === undefined || status === 408 || status === 429 || status >= 500
}
