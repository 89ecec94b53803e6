import { KeySourceError } from '../../lib/oauth/signing-key.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import { UnreadableRow } from '../../lib/storage/unreadable-row.ts'
import { storageStatus } from '../../lib/storage/table/failure.ts'
import { StartError } from '../local-host/lifetime.ts'
import { Interrupted } from './interruption.ts'
import { type Place, PlaceError } from './place.ts'

/** An error of the tables, with where it was met. */
class StorageError extends Error {
  override readonly name = 'StorageError'
}

/** What the operator can do about an error of the tables; any other error as it is. */
export function inPlace(error: unknown, place: Place): unknown {
  const { tables, source, file } = place
  const where =
    tables.kind === 'identity'
      ? tables.endpoint
      : `the storage named by ${file === undefined ? source : `${source} in ${file}`}`
  const status = storageStatus(error)
  if (status === 401 || status === 403) {
    const right =
      tables.kind === 'identity'
        ? 'your Azure login needs the role Storage Table Data Contributor there, and its firewall must let you in'
        : 'the key or signature in the connection string is not accepted, or keys are switched off there'
    return new StorageError(`${where} refuses: ${right}`, { cause: error })
  }
  if (!(error instanceof ScimError) || error.kind !== 'unavailable') return error
  const { cause } = error
  if (cause instanceof Error && cause.name !== 'RestError') {
    const advice = 'sign in with az login, or set TABLES_CONNECTION_STRING in the environment'
    return new StorageError(`there is no Azure login for ${where}: ${advice}`, { cause: error })
  }
  const hint =
    file === undefined ? '' : '; npm start was killed: start it again, or remove that file'
  return new StorageError(`${where} does not answer (${codeOf(cause)})${hint}`, { cause: error })
}

/** What has come about with a row that nobody can read. */
const BY_HAND =
  'it was changed by hand, or a copy is broken; npm run tenant -- check ID tells all such rows of a tenant'

/** An error in one line; one that nobody foresaw with its stack. */
export function explain(error: unknown): string {
  if (error instanceof ScimError) return error.detail
  if (error instanceof KeySourceError) return error.message
  if (error instanceof StorageError || error instanceof PlaceError) return error.message
  if (error instanceof StartError || error instanceof Interrupted) return error.message
  if (error instanceof UnreadableRow) return `${error.message}: ${BY_HAND}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function codeOf(error: unknown): string {
  const status = storageStatus(error)
  if (status !== undefined) return `HTTP ${String(status)}`
  return error instanceof Error && 'code' in error ? String(error.code) : 'no connection'
}
