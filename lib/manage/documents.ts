import * as z from 'zod'
import { isObject, type JsonObject, type JsonValue } from '../scim/json.ts'
import {
  ACTIVITY,
  ACTIVITY_ENTRY,
  CONNECTIONS,
  HEALTH,
  SEEN_ATTRIBUTES,
  STATISTICS_ANSWER,
} from './activity-answers.ts'
import {
  ATTRIBUTE,
  ATTRIBUTE_LIST,
  CREATED_CREDENTIAL,
  CREDENTIAL,
  CREDENTIAL_LIST,
  MAINTENANCE_REPORT,
  PROBLEM,
  ROTATED_CREDENTIAL,
  TENANT,
  TENANT_LIST,
  TENANT_SUMMARY,
} from './answers.ts'
import {
  ATTRIBUTE_PATCH,
  CREDENTIAL_PATCH,
  NEW_ATTRIBUTE,
  NEW_CREDENTIAL,
  NEW_TENANT,
  ROTATION,
  TENANT_PATCH,
} from './bodies.ts'
import type { Operation } from './operation.ts'
import { DELETED_PERSON, PEOPLE_LIST, PERSON, PERSON_PATCH, SIGN_IN } from './people-answers.ts'
import { PROBLEMS, type ProblemKind } from './problem.ts'
import { TENANT_SETTINGS } from '../tenants/settings.ts'

/** Schemas that have a name in the document; all others stand where they are used. */
const NAMED: Readonly<Record<string, z.ZodType>> = {
  NewTenant: NEW_TENANT,
  TenantPatch: TENANT_PATCH,
  NewCredential: NEW_CREDENTIAL,
  CredentialPatch: CREDENTIAL_PATCH,
  Rotation: ROTATION,
  NewAttribute: NEW_ATTRIBUTE,
  AttributePatch: ATTRIBUTE_PATCH,
  Tenant: TENANT,
  TenantSummary: TENANT_SUMMARY,
  TenantList: TENANT_LIST,
  Credential: CREDENTIAL,
  CreatedCredential: CREATED_CREDENTIAL,
  RotatedCredential: ROTATED_CREDENTIAL,
  CredentialList: CREDENTIAL_LIST,
  Attribute: ATTRIBUTE,
  AttributeList: ATTRIBUTE_LIST,
  Person: PERSON,
  PersonPatch: PERSON_PATCH,
  PeopleList: PEOPLE_LIST,
  SignIn: SIGN_IN,
  DeletedPerson: DELETED_PERSON,
  MaintenanceReport: MAINTENANCE_REPORT,
  ActivityEntry: ACTIVITY_ENTRY,
  Activity: ACTIVITY,
  Health: HEALTH,
  Statistics: STATISTICS_ANSWER,
  Connections: CONNECTIONS,
  SeenAttributes: SEEN_ATTRIBUTES,
  Problem: PROBLEM,
}

/** Problems of every operation. */
const ALWAYS: readonly ProblemKind[] = ['invalid-request', 'forbidden', 'internal', 'unavailable']

/** Problems of an operation that reads a body. */
const OF_A_BODY: readonly ProblemKind[] = [
  'length-required',
  'payload-too-large',
  'unsupported-media-type',
]

/** Media types of a request body: a PATCH has both. */
const MERGE_PATCH = 'application/merge-patch+json'
const JSON_TYPE = 'application/json'

const PROBLEM_TYPE = 'application/problem+json'

/** Media types that the body of an operation may have; none: it has no body. */
export function mediaTypesOf({ method }: Pick<Operation, 'method'>): readonly string[] {
  if (method === 'PATCH') return [MERGE_PATCH, JSON_TYPE]
  return method === 'POST' ? [JSON_TYPE] : []
}

/** JSON Schema of the tenant settings. */
export function settingsSchema(): JsonObject {
  return plainSchema(TENANT_SETTINGS, 'input')
}

/** The OpenAPI 3.1 document of the operations. */
export function openApiDocument(operations: readonly Operation[]): JsonObject {
  const paths = new Map<string, JsonObject>()
  for (const operation of operations) {
    const path = `/${operation.path}`
    const item = {
      ...paths.get(path),
      [operation.method.toLowerCase()]: operationObject(operation),
    }
    paths.set(path, item)
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Manage API',
      version: '1.0.0',
      description:
        'Tenants of the SCIM endpoint, their credentials, attributes and people, for the vendor’s own application. Within a version members and operations are only added: ignore those that you do not know. Where there is GET there is HEAD.',
    },
    servers: [{ url: '/api/manage' }],
    security: [{ header: [] }, { query: [] }],
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        header: { type: 'apiKey', in: 'header', name: 'x-functions-key' },
        query: { type: 'apiKey', in: 'query', name: 'code' },
      },
      parameters: PARAMETERS,
      schemas: namedSchemas(),
    },
  }
}

const PARAMETERS: JsonObject = {
  id: pathParameter('id', 'The tenant’s id.'),
  credentialId: pathParameter('credentialId', 'The credential’s id.'),
  attributeId: pathParameter('attributeId', 'The attribute’s id, in any case.'),
  personId: pathParameter('personId', 'The person’s id.'),
  teamId: pathParameter('teamId', 'The team’s id.'),
  levelName: pathParameter(
    'levelName',
    'The level’s name, in any case; one with "/" or "%2F" is 400, and "." or ".." cannot be sent.',
  ),
  actor: headerParameter(
    'X-Actor',
    'Who of the vendor does it: up to 100 printable characters for the log, which nobody verifies.',
  ),
  ifMatch: headerParameter('If-Match', 'The ETag of what is to be changed; another one is 412.'),
  ifNoneMatch: headerParameter(
    'If-None-Match',
    'The ETag of what is known: then the answer is 304.',
  ),
}

function pathParameter(name: string, description: string): JsonObject {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } }
}

function headerParameter(name: string, description: string): JsonObject {
  return { name, in: 'header', description, schema: { type: 'string' } }
}

function operationObject(operation: Operation): JsonObject {
  const { name, summary, body, bodyMayBeAbsent = false } = operation
  const types = mediaTypesOf(operation)
  const content = types.map((type) => [type, { schema: schemaOf(body, 'input') }] as const)
  const requestBody = { required: !bodyMayBeAbsent, content: Object.fromEntries(content) }
  return {
    operationId: name,
    summary,
    parameters: parametersOf(operation),
    ...(types.length === 0 ? {} : { requestBody }),
    responses: responsesOf(operation),
  }
}

function parametersOf(operation: Operation): readonly JsonValue[] {
  const { path, query, method, headers, takesIfMatch = false } = operation
  const names = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
    'actor',
    ...(takesIfMatch ? ['ifMatch'] : []),
    ...(method === 'GET' && headers.includes('ETag') ? ['ifNoneMatch'] : []),
  ]
  const { properties } = plainSchema(query, 'output')
  const inQuery = Object.entries(isObject(properties) ? properties : {}).map(([name, schema]) => {
    return { name, in: 'query', schema }
  })
  return [...names.map((name) => ({ $ref: `#/components/parameters/${name}` })), ...inQuery]
}

function responsesOf(operation: Operation): JsonObject {
  const { status, statusUnchanged, answer, headers, method, takesIfMatch = false } = operation
  const names: readonly string[] = [...headers, 'Cache-Control']
  const told = names.map((name) => [name, { schema: { type: 'string' } }] as const)
  const kinds: readonly ProblemKind[] = [
    ...ALWAYS,
    ...operation.problems,
    ...(takesIfMatch || method === 'POST' ? (['precondition-failed'] as const) : []),
    ...(mediaTypesOf(operation).length > 0 ? OF_A_BODY : []),
  ]
  const statuses = [...new Set(kinds.map((kind) => PROBLEMS[kind].status))]
  const done = {
    headers: Object.fromEntries(told),
    content: { [JSON_TYPE]: { schema: schemaOf(answer, 'output') } },
  }
  return {
    ...(statusUnchanged === undefined
      ? {}
      : { [String(statusUnchanged)]: { description: 'It was so already', ...done } }),
    [String(status)]: { description: DESCRIPTIONS[status], ...done },
    ...(method === 'GET' && headers.includes('ETag')
      ? { '304': { description: 'As it is known already' } }
      : {}),
    '401': { description: 'No function key, or a wrong one: the body is empty' },
    ...Object.fromEntries(statuses.map((each) => [String(each), problemResponse(each, kinds)])),
  }
}

const DESCRIPTIONS = { 200: 'Done', 201: 'Created', 202: 'Begun' } as const

function problemResponse(status: number, kinds: readonly ProblemKind[]): JsonObject {
  const titles = kinds.filter((kind) => PROBLEMS[kind].status === status)
  return {
    description: titles.map((kind) => `\`${kind}\`: ${PROBLEMS[kind].title}`).join('; '),
    content: { [PROBLEM_TYPE]: { schema: { $ref: placeOf('Problem') } } },
  }
}

type Direction = 'input' | 'output'

function schemaOf(schema: z.ZodType | undefined, direction: Direction): JsonValue {
  const named = Object.entries(NAMED).find(([, each]) => each === schema)
  if (named !== undefined) return { $ref: placeOf(named[0]) }
  return schema === undefined ? {} : plainSchema(schema, direction)
}

/** Answers may get more members, so nothing there says that there are none; that nobody changes them goes without saying. */
function open(schema: z.core.JSONSchema.BaseSchema): void {
  delete schema.readOnly
  if (schema.additionalProperties === false) delete schema.additionalProperties
}

function plainSchema(schema: z.ZodType, direction: Direction): JsonObject {
  const made = z.toJSONSchema(schema, {
    io: direction,
    override: ({ jsonSchema }) => {
      if (direction === 'output') open(jsonSchema)
    },
  })
  return withoutNames(JSON.parse(JSON.stringify(made)))
}

function placeOf(id: string): string {
  return `#/components/schemas/${id}`
}

function namedSchemas(): JsonObject {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id })
  const requests = new Set<z.ZodType>([
    NEW_TENANT,
    TENANT_PATCH,
    NEW_CREDENTIAL,
    CREDENTIAL_PATCH,
    ROTATION,
    NEW_ATTRIBUTE,
    ATTRIBUTE_PATCH,
    PERSON_PATCH,
  ])
  const [asInput, asOutput] = (['input', 'output'] as const).map(
    (io) =>
      z.toJSONSchema(registry, {
        uri: placeOf,
        io,
        override: ({ jsonSchema }) => {
          if (io === 'output') open(jsonSchema)
        },
      }).schemas,
  )
  const entries = Object.entries(NAMED).map(([id, schema]) => {
    const made = (requests.has(schema) ? asInput : asOutput)?.[id]
    return [id, withoutNames(JSON.parse(JSON.stringify(made)))] as const
  })
  return Object.fromEntries(entries)
}

/** In the document the place of a schema is its name. */
function withoutNames(schema: unknown): JsonObject {
  if (!isObject(schema)) throw new TypeError('a JSON Schema is an object')
  const { $schema: _dialect, $id: _id, ...rest } = schema
  return rest
}
