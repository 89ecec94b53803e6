import {
  listOfResourceTypes,
  listOfSchemas,
  resourceTypeNamed,
  schemaWithUrn,
  serviceProviderConfig,
} from '../scim/discovery.ts'
import { ScimError } from '../scim/errors.ts'
import type { JsonObject } from '../scim/json.ts'
import type { PublicOperation, ScimRequest, ScimResult } from './context.ts'

/** `GET /ServiceProviderConfig` (RFC 7644 §4). */
export const readServiceProviderConfig: PublicOperation = ({ baseUrl, authentication }) =>
  ok(serviceProviderConfig(baseUrl, authentication))

/** `GET /ResourceTypes` (RFC 7644 §4). */
export const listResourceTypes: PublicOperation = ({ resourceTypes, baseUrl }, request) => {
  refuseFilter(request)
  return ok(listOfResourceTypes(resourceTypes, baseUrl))
}

/** `GET /ResourceTypes/{name}` (RFC 7644 §4). */
export const readResourceType: PublicOperation = ({ resourceTypes, baseUrl }, { id }) =>
  ok(resourceTypeNamed(resourceTypes, baseUrl, id))

/** `GET /Schemas` (RFC 7644 §4). */
export const listSchemas: PublicOperation = ({ resourceTypes, baseUrl }, request) => {
  refuseFilter(request)
  return ok(listOfSchemas(resourceTypes, baseUrl))
}

/** `GET /Schemas/{urn}` (RFC 7644 §4). */
export const readSchema: PublicOperation = ({ resourceTypes, baseUrl }, { id }) =>
  ok(schemaWithUrn(resourceTypes, baseUrl, id))

/** RFC 7644 §4: sorting and paging are ignored on discovery, a filter is 403. */
function refuseFilter(request: ScimRequest): void {
  if (request.query.has('filter')) {
    throw new ScimError('forbidden', 'This list cannot be filtered (RFC 7644 §4).')
  }
}

function ok(body: JsonObject): ScimResult {
  return { status: 200, body }
}
