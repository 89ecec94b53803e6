import {
  resourceType,
  resourceTypes,
  schema,
  schemas,
  serviceProviderConfig,
} from '../scim/discovery.ts'
import { ScimError } from '../scim/errors.ts'
import type { JsonObject } from '../scim/json.ts'
import type { ScimRequest, ScimResult } from '../service/context.ts'
import { checkMethod, SCIM_PATH } from './routes.ts'
import type { PublicOperation } from './scim-handler.ts'

/** `GET /ServiceProviderConfig` (RFC 7644 §4). */
export const readServiceProviderConfig: PublicOperation = ({ baseUrl }) =>
  ok(serviceProviderConfig(baseUrl))

/** `GET /ResourceTypes` (RFC 7644 §4). */
export const listResourceTypes: PublicOperation = ({ baseUrl }, request) => {
  refuseFilter(request)
  return ok({ ...resourceTypes(baseUrl) })
}

/** `GET /ResourceTypes/{name}` (RFC 7644 §4). */
export const readResourceType: PublicOperation = ({ baseUrl }, { id }) =>
  ok(resourceType(baseUrl, id))

/** `GET /Schemas` (RFC 7644 §4). */
export const listSchemas: PublicOperation = ({ baseUrl }, request) => {
  refuseFilter(request)
  return ok({ ...schemas(baseUrl) })
}

/** `GET /Schemas/{urn}` (RFC 7644 §4). */
export const readSchema: PublicOperation = ({ baseUrl }, { id }) => ok(schema(baseUrl, id))

/** `/Me` (RFC 7644 §3.11): a Secret Token stands for a tenant, not for a user. */
export const refuseMe: PublicOperation = () => {
  throw new ScimError(
    'notImplemented',
    'A Secret Token stands for a tenant, not for a user, so there is no /Me. Use /Users/{id}.',
  )
}

/** A version directly behind the Tenant URL (RFC 7644 §3.13): further on it may be part of an id. */
const VERSIONED = new RegExp(`^${SCIM_PATH}/v\\d+(?:/|$)`, 'i')

/**
 * Everything that no function serves: 405 with `Allow` for a known path, else 404. The Functions host itself would answer
 * both with a bare 404.
 */
export const refuseUnmatched: PublicOperation = ({ method, path }) => {
  checkMethod(method, path)
  if (VERSIONED.test(path)) {
    // RFC 7644 §3.13.
    throw new ScimError('invalidVers', `The Tenant URL ends in ${SCIM_PATH}, without a version.`)
  }
  throw new ScimError(
    'notFound',
    `Nothing is here. The Tenant URL ends in ${SCIM_PATH}; below it are /Users, /Groups, /Schemas, /ResourceTypes and /ServiceProviderConfig.`,
  )
}

/** RFC 7644 §4: sorting and paging are ignored on discovery, a filter is 403. */
function refuseFilter(request: ScimRequest): void {
  if (request.query.has('filter')) {
    throw new ScimError('forbidden', 'This list cannot be filtered (RFC 7644 §4).')
  }
}

function ok(body: JsonObject): ScimResult {
  return { status: 200, body }
}
