import { resolvePath } from '../../lib/scim/attribute-path.ts'
import type { Attribute, Schema } from '../../lib/scim/attribute.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../lib/scim/default-resource-types.ts'
import {
  elementsOf,
  isArray,
  isObject,
  own,
  type JsonObject,
  type JsonValue,
} from '../../lib/scim/json.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { parseRequestTarget } from '../../tools/local-host/request-target.ts'
import type { Exchange } from './fuzz-answers.ts'

/** What was given to an attribute. */
interface Given {
  readonly attribute: Attribute
  readonly extension: Schema | undefined
  readonly value: JsonValue
}

/** A write to one resource type: `/Users`, `/Groups/<id>`; repeated slashes are served as one. */
const WRITE = /^\/+api\/+scim\/+(users|groups)(?:\/+[^/]*)?\/*$/i

/** Whether the request may change a resource by its path. */
export function isWrite({ method, target }: Exchange['request']): boolean {
  return ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method) && endpointOf(target) !== undefined
}

/** The endpoint, however its path is escaped. */
function endpointOf(target: string): string | undefined {
  const path = parseRequestTarget(target)?.path
  return path === undefined ? undefined : WRITE.exec(path)?.[1]?.toLowerCase()
}

/**
 * What a write must be, however strange its body: refused, it has changed nothing; done, none of its values has shrunk to
 * nothing.
 *
 * @param before everything that is stored before it, as text.
 * @param resource what a GET answers after it; undefined where there is none.
 * @returns what is wrong, in words.
 */
export function effectProblems(
  { request, answer }: Exchange,
  before: string,
  after: string,
  resource: JsonObject | undefined,
): readonly string[] {
  if (answer.status >= 400)
    return before === after ? [] : [`refused, it has changed what is stored`]
  const endpoint = endpointOf(request.target)
  const type = DEFAULT_RESOURCE_TYPES.find((each) => each.endpoint.toLowerCase() === `/${endpoint}`)
  if (type === undefined || resource === undefined) return []
  return givenBy(type, request)
    .filter(({ attribute, value }) => hasContent(attribute, value))
    .filter(({ attribute, extension }) => {
      const container = extension === undefined ? resource : own(resource, extension.id)
      return own(container, attribute.name) === undefined
    })
    .map(({ attribute }) => `it was a success, but there is no ${attribute.name}`)
}

/** What a body gives to whole attributes, where no later operation may have taken it away. */
function givenBy(type: ResourceType, { method, body }: Exchange['request']): readonly Given[] {
  const json = parse(body)
  if (!isObject(json)) return []
  if (method === 'POST' || method === 'PUT') return givenIn(type, json)
  const operations = namedIgnoringCase(json, 'operations')
  const [operation, ...more] = isArray(operations) ? operations : []
  return isObject(operation) && more.length === 0 ? givenByOperation(type, operation) : []
}

function givenByOperation(type: ResourceType, operation: JsonObject): readonly Given[] {
  const [op, path, value = null] = ['op', 'path', 'value'].map((name) =>
    namedIgnoringCase(operation, name),
  )
  if (typeof op !== 'string' || !/^(?:add|replace)$/i.test(op)) return []
  if (typeof path === 'string' && path !== '') return givenTo(type, path, value)
  return isObject(value) ? givenIn(type, value) : []
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

function namedIgnoringCase(object: JsonObject, name: string): JsonValue | undefined {
  return Object.entries(object).find(([each]) => each.toLowerCase() === name)?.[1]
}

function givenIn(type: ResourceType, object: JsonObject): readonly Given[] {
  return Object.entries(object).flatMap(([path, value]) => givenTo(type, path, value))
}

function givenTo(type: ResourceType, path: string, value: JsonValue): readonly Given[] {
  const target = path.includes('[') ? undefined : resolvePath(type, path)
  if (target?.kind !== 'attribute' || target.subAttribute !== undefined) return []
  const { attribute, extension } = target
  const isWritten = attribute.mutability !== 'readOnly' && attribute.mutability !== 'writeOnly'
  return isWritten ? [{ attribute, extension, value }] : []
}

/** Whether something is said that must be there afterwards: labels are nothing of their own, and readOnly parts are ignored. */
function hasContent(attribute: Attribute, value: JsonValue): boolean {
  return elementsOf(textRead(attribute, value)).some((each) => {
    const element = textRead(attribute, each)
    if (isArray(element)) return hasContent(attribute, element)
    if (!isObject(element)) return !isBlank(element)
    const parts = Object.entries(element).filter(([, part]) => !isBlank(part))
    const isReadOnly = ([name]: readonly [string, JsonValue]): boolean =>
      attribute.subAttributes.some(
        (sub) => sub.name.toLowerCase() === name.toLowerCase() && sub.mutability === 'readOnly',
      )
    if (parts.some(isReadOnly)) return false
    return parts.some(([name]) => !['type', 'primary'].includes(name.toLowerCase()))
  })
}

/** JSON text where objects belong. */
function textRead({ type }: Attribute, value: JsonValue): JsonValue {
  if (type !== 'complex' || typeof value !== 'string') return value
  const read = parse(Buffer.from(value))
  return isObject(read) || isArray(read) ? read : value
}

function isBlank(value: JsonValue): boolean {
  if (value === null || (typeof value === 'string' && /^[\s[\]{}]*$/.test(value))) return true
  return typeof value === 'object' && Object.values(value).every(isBlank)
}
