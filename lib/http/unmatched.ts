import { ScimError } from '../scim/errors.ts'
import type { Steps } from './endpoint.ts'
import { checkMethod, SCIM_PATH } from './routes.ts'
import { authenticated } from './steps.ts'

/** A version directly behind the Tenant URL (RFC 7644 §3.13): further on it may be part of an id. */
const VERSIONED = new RegExp(`^${SCIM_PATH}/v\\d+(?:/|$)`, 'i')

/** The steps for everything that no function serves; a credential that is sent must be good. */
export const unmatchedSteps: Steps = async (exchange) => {
  const { request, url, notes } = exchange
  notes.isAstray()
  if (request.headers.has('authorization')) await authenticated(exchange)
  throw unmatched(request.method, url.pathname)
}

/**
 * 405 with `Allow` for a known path, else 404. The Functions host itself would answer both with a bare 404.
 * @throws ScimError `methodNotAllowed`.
 */
export function unmatched(method: string, path: string): ScimError {
  checkMethod(method, path)
  if (VERSIONED.test(path)) {
    // RFC 7644 §3.13.
    return new ScimError('invalidVers', `The Tenant URL ends in ${SCIM_PATH}, without a version.`)
  }
  return new ScimError(
    'notFound',
    `There is nothing at this path. The Tenant URL ends in ${SCIM_PATH}; below it are /Users, /Groups, /Schemas, /ResourceTypes and /ServiceProviderConfig.`,
  )
}
