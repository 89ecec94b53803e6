import { ScimError } from '../scim/errors.ts'
import { isArray, isObject, describe, type JsonValue } from '../scim/json.ts'
import { parseProjection, type Projection } from '../scim/project.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { MESSAGE } from '../scim/urn.ts'
import type { ScimRequest } from './context.ts'

/** What a query asks for, from the URL (RFC 7644 §3.4.2) or from a SearchRequest (§3.4.3). */
export interface QueryParameters {
  readonly filter?: string
  readonly sortBy?: string
  readonly sortOrder?: string
  readonly startIndex?: string | number
  readonly count?: string | number
  readonly cursor?: string
  readonly attributes?: readonly string[]
  readonly excludedAttributes?: readonly string[]
}

type Kind = 'text' | 'number' | 'list'

/** The parameters of RFC 7644 Table 6 and RFC 9865 §2 by their lower-case names; all others are ignored. */
const PARAMETERS: Readonly<Record<string, { name: keyof QueryParameters; kind: Kind }>> = {
  filter: { name: 'filter', kind: 'text' },
  sortby: { name: 'sortBy', kind: 'text' },
  sortorder: { name: 'sortOrder', kind: 'text' },
  startindex: { name: 'startIndex', kind: 'number' },
  count: { name: 'count', kind: 'number' },
  cursor: { name: 'cursor', kind: 'text' },
  attributes: { name: 'attributes', kind: 'list' },
  excludedattributes: { name: 'excludedAttributes', kind: 'list' },
}

/** The parameters in the URL; lists are separated by commas (RFC 7644 §3.9). */
export function urlParameters(request: ScimRequest): QueryParameters {
  const entries = Object.entries(PARAMETERS).flatMap(([lowerCase, { name, kind }]) => {
    const text = request.query.get(lowerCase)
    if (text === undefined) return []
    return [[name, kind === 'list' ? splitList(text) : text]]
  })
  return Object.fromEntries(entries) as QueryParameters
}

function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/**
 * The parameters in a SearchRequest.
 * @throws ScimError `invalidSyntax` when the body is none, `invalidValue` for a member of the wrong type.
 */
export function searchParameters(body: unknown): QueryParameters {
  if (!isObject(body)) {
    throw new ScimError('invalidSyntax', 'The body must be a SearchRequest: a JSON object.')
  }
  const members = Object.entries(body)
  const schemas = members.find(([name]) => name.toLowerCase() === 'schemas')?.[1]
  if (!isArray(schemas) || !schemas.includes(MESSAGE.searchRequest)) {
    throw new ScimError('invalidSyntax', `schemas must contain "${MESSAGE.searchRequest}".`)
  }
  const entries = members.flatMap(([name, value]) => {
    const parameter = Object.hasOwn(PARAMETERS, name.toLowerCase())
      ? PARAMETERS[name.toLowerCase()]
      : undefined
    if (parameter === undefined || value === null) return []
    return [[parameter.name, bodyParameter(parameter, value)]]
  })
  return Object.fromEntries(entries) as QueryParameters
}

function bodyParameter(parameter: { name: string; kind: Kind }, value: JsonValue): JsonValue {
  if (parameter.kind === 'text' && typeof value === 'string') return value
  if (parameter.kind === 'number' && typeof value === 'number') return value
  if (parameter.kind === 'list') {
    if (typeof value === 'string') return splitList(value)
    if (isArray(value) && value.every((entry) => typeof entry === 'string')) return value
  }
  const expected = { text: 'a string', number: 'a number', list: 'an array of strings' }
  throw new ScimError(
    'invalidValue',
    `${parameter.name} must be ${expected[parameter.kind]}, not ${describe(value)}.`,
  )
}

/** The projection that a request to a resource asks for (RFC 7644 §3.9). */
export function projectionOf(resourceType: ResourceType, request: ScimRequest): Projection {
  return parseProjection(resourceType, urlParameters(request))
}
