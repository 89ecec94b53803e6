import type { Attribute, Schema } from './attribute.ts'
import { authenticationSchemes, type OfferedAuthentication } from './authentication-scheme.ts'
import { ScimError } from './errors.ts'
import type { JsonObject, JsonValue } from './json.ts'
import { LIMITS } from './limits.ts'
import { listResponse, type ListResponse } from './list.ts'
import type { ResourceType } from './resource-type.ts'
import { RESOURCE_TYPE_SCHEMA } from './schema/resource-type.ts'
import { SCHEMA_SCHEMA } from './schema/schema.ts'
import { SERVICE_PROVIDER_CONFIG_SCHEMA } from './schema/service-provider-config.ts'
import { URN } from './urn.ts'

/** What the endpoint supports, with the limits it keeps (RFC 7643 §5): one JSON object, not a list. */
export function serviceProviderConfig(
  baseUrl: string,
  authentication: OfferedAuthentication = { schemes: ['secretToken'] },
): JsonObject {
  return {
    schemas: [URN.serviceProviderConfig],
    documentationUri: 'https://datatracker.ietf.org/doc/html/rfc7644',
    patch: { supported: true },
    bulk: {
      supported: true,
      maxOperations: LIMITS.bulkOperations,
      maxPayloadSize: LIMITS.bodyBytes,
    },
    filter: { supported: true, maxResults: LIMITS.pageSize },
    // Passwords are accepted and dropped: nothing here authenticates with them.
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: LIMITS.defaultPageSize,
      maxPageSize: LIMITS.pageSize,
      cursorTimeout: LIMITS.cursorSeconds,
    },
    authenticationSchemes: authenticationSchemes(authentication),
    meta: {
      resourceType: 'ServiceProviderConfig',
      location: `${baseUrl}/ServiceProviderConfig`,
    },
  }
}

/** All resource types (RFC 7643 §6) as a list (RFC 7644 §4). */
export function listOfResourceTypes(
  resourceTypes: readonly ResourceType[],
  baseUrl: string,
): ListResponse<readonly JsonObject[]> {
  return listOf(resourceTypes.map((type) => resourceTypeOf(type, baseUrl)))
}

/**
 * One resource type by its name.
 * @throws ScimError `notFound`.
 */
export function resourceTypeNamed(
  resourceTypes: readonly ResourceType[],
  baseUrl: string,
  name: string,
): JsonObject {
  const found = resourceTypes.find((each) => each.name === name)
  if (found === undefined) {
    const names = resourceTypes.map((each) => each.name).join(', ')
    throw new ScimError('notFound', `There is no resource type with this name; there are ${names}.`)
  }
  return resourceTypeOf(found, baseUrl)
}

function resourceTypeOf(type: ResourceType, baseUrl: string): JsonObject {
  return {
    schemas: [URN.resourceType],
    id: type.name,
    name: type.name,
    endpoint: type.endpoint,
    description: type.description,
    schema: type.schema.id,
    schemaExtensions: type.extensions.map((extension) => ({
      schema: extension.schema.id,
      required: extension.required,
    })),
    meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/${type.name}` },
  }
}

/** Every schema that a resource may use (RFC 7643 §7), each once, those of discovery included. */
function schemasOf(resourceTypes: readonly ResourceType[]): readonly Schema[] {
  const all = [
    ...resourceTypes.map((type) => type.schema),
    ...resourceTypes.flatMap((type) => type.extensions.map((extension) => extension.schema)),
    SERVICE_PROVIDER_CONFIG_SCHEMA,
    RESOURCE_TYPE_SCHEMA,
    SCHEMA_SCHEMA,
  ]
  return [...new Set(all)]
}

/** All schemas as a list (RFC 7644 §4). */
export function listOfSchemas(
  resourceTypes: readonly ResourceType[],
  baseUrl: string,
): ListResponse<readonly JsonObject[]> {
  return listOf(schemasOf(resourceTypes).map((each) => schemaOf(each, baseUrl)))
}

/** RFC 7644 §4: discovery ignores paging. */
function listOf(all: readonly JsonObject[]): ListResponse<readonly JsonObject[]> {
  const counts = { totalResults: all.length, startIndex: 1, itemsPerPage: all.length }
  return listResponse(counts, all)
}

/**
 * One schema by its URN, without regard to case.
 * @throws ScimError `notFound`.
 */
export function schemaWithUrn(
  resourceTypes: readonly ResourceType[],
  baseUrl: string,
  urn: string,
): JsonObject {
  const found = schemasOf(resourceTypes).find(({ id }) => id.toLowerCase() === urn.toLowerCase())
  if (found === undefined) {
    throw new ScimError('notFound', 'There is no schema with this URN. See /Schemas.')
  }
  return schemaOf(found, baseUrl)
}

function schemaOf(each: Schema, baseUrl: string): JsonObject {
  return {
    schemas: [URN.schema],
    id: each.id,
    name: each.name,
    description: each.description,
    attributes: each.attributes.map(attributeOf),
    meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${each.id}` },
  }
}

/** RFC 7643 §7; a complex attribute has neither caseExact nor uniqueness (§2.3.8, erratum 6004). */
function attributeOf(attribute: Attribute): JsonObject {
  const { name, type, multiValued, description, required, mutability, returned } = attribute
  const isText = type === 'string' || type === 'reference' || type === 'binary'
  const entries: [string, JsonValue][] = Object.entries({
    name,
    type,
    multiValued,
    description,
    required,
    ...(isText ? { caseExact: attribute.caseExact } : {}),
    mutability,
    returned,
    ...(type === 'complex' ? {} : { uniqueness: attribute.uniqueness }),
    ...(attribute.canonicalValues === undefined
      ? {}
      : { canonicalValues: attribute.canonicalValues }),
    ...(attribute.referenceTypes === undefined ? {} : { referenceTypes: attribute.referenceTypes }),
    ...(type === 'complex' ? { subAttributes: attribute.subAttributes.map(attributeOf) } : {}),
  })
  return Object.fromEntries(entries)
}
