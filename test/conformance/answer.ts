import { isArray, isObject, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import { MESSAGE } from '../../lib/scim/urn.ts'

/** An answer as it came over the wire; header names in lower case. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The statuses with which a scimType may come: RFC 7644 Table 9 (with §3.3 and §7.5.2), RFC 9865 §2.1. */
const STATUS_OF_SCIM_TYPE: Readonly<Record<string, number>> = {
  invalidFilter: 400,
  tooMany: 400,
  uniqueness: 409,
  mutability: 400,
  invalidSyntax: 400,
  invalidPath: 400,
  noTarget: 400,
  invalidValue: 400,
  invalidVers: 400,
  sensitive: 403,
  invalidCursor: 400,
  expiredCursor: 400,
  invalidCount: 400,
}

/**
 * What holds for every answer, whatever was asked: media type (RFC 7644 §3.8), errors (§3.12), `Location` (§3.3), lists
 * (§3.4.2), versions (§3.14), and what RFC 7643 §2.4, §2.5, §3 and §3.1 say of every resource.
 *
 * @param body the parsed body, undefined when there is none
 * @returns what is wrong, in words; empty when nothing is
 */
export function checkAnswer(
  answer: Answer,
  body: JsonValue | undefined,
  baseUrl: string,
): readonly string[] {
  const problems = [...checkHeaders(answer)]
  if (body === undefined) {
    if (answer.status !== 204 && answer.status !== 304) problems.push('there is no body')
    return problems
  }
  if (!isObject(body)) return [...problems, 'the body is no object']
  problems.push(...checkValues(body))
  if (answer.status >= 400) return [...problems, ...checkError(answer, body)]
  if (hasSchema(body, MESSAGE.listResponse)) return [...problems, ...checkList(body, baseUrl)]
  return [...problems, ...checkResource(body, baseUrl), ...checkResourceHeaders(answer, body)]
}

function checkHeaders({ status, headers, body }: Answer): readonly string[] {
  const problems: string[] = []
  const type = headers['content-type']
  if (body !== '' && type !== 'application/scim+json; charset=utf-8')
    problems.push(`Content-Type is ${type}`)
  if ((status === 204 || status === 304) && body !== '') problems.push(`a ${status} has a body`)
  if (status === 401 && !/^Bearer [a-z_]+="/.test(headers['www-authenticate'] ?? ''))
    problems.push(`WWW-Authenticate is ${headers['www-authenticate']}`)
  return problems
}

function checkError(answer: Answer, body: JsonObject): readonly string[] {
  const problems: string[] = []
  const { schemas, status, scimType, detail } = body
  if (JSON.stringify(schemas) !== JSON.stringify([MESSAGE.error]))
    problems.push(`an error has the schemas ${JSON.stringify(schemas)}`)
  if (status !== String(answer.status))
    problems.push(`an error has the status ${JSON.stringify(status)}`)
  if (typeof detail !== 'string' || detail.trim() === '') problems.push('an error has no detail')
  else if (/\bat \S+ \(|\.[jt]s:\d+/.test(detail)) problems.push('a detail shows a stack trace')
  if (scimType === undefined) return problems
  const allowed =
    typeof scimType === 'string' && Object.hasOwn(STATUS_OF_SCIM_TYPE, scimType)
      ? STATUS_OF_SCIM_TYPE[scimType]
      : undefined
  if (allowed !== answer.status)
    problems.push(`scimType ${JSON.stringify(scimType)} comes with ${answer.status}`)
  return problems
}

function checkList(body: JsonObject, baseUrl: string): readonly string[] {
  const problems: string[] = []
  const { totalResults, startIndex, itemsPerPage, Resources: resources } = body
  for (const [name, value] of Object.entries({ totalResults, startIndex, itemsPerPage })) {
    if (value === undefined && name === 'startIndex') continue
    if (!Number.isSafeInteger(value)) problems.push(`${name} is ${JSON.stringify(value)}`)
  }
  if (!isArray(resources)) return [...problems, 'Resources is no array']
  if (itemsPerPage !== resources.length)
    problems.push(`itemsPerPage is ${JSON.stringify(itemsPerPage)} for ${resources.length}`)
  if (Number(totalResults) < resources.length) problems.push('totalResults is less than the page')
  for (const resource of resources) {
    problems.push(...(isObject(resource) ? checkResource(resource, baseUrl) : ['no resource']))
  }
  return problems
}

function checkResource(resource: JsonObject, baseUrl: string): readonly string[] {
  const problems: string[] = []
  const { schemas, id, meta } = resource
  const listed = isArray(schemas) ? schemas : []
  if (listed.length === 0) problems.push('a resource has no schemas')
  if (new Set(listed).size !== listed.length) problems.push('schemas names one twice')
  for (const key of Object.keys(resource)) {
    if (key.startsWith('urn:') && !listed.includes(key)) problems.push(`schemas lacks ${key}`)
  }
  const named = listed.some((schema) => String(schema).endsWith(':ServiceProviderConfig'))
  if (!named && (typeof id !== 'string' || id === '' || /bulkid/i.test(id)))
    problems.push(`id is ${JSON.stringify(id)}`)
  if (isObject(meta) && meta['location'] !== undefined) {
    const location = String(meta['location'])
    if (!location.startsWith(`${baseUrl}/`) || location.includes('?'))
      problems.push(`meta.location is ${location}`)
  }
  return problems
}

function checkResourceHeaders({ status, headers }: Answer, body: JsonObject): readonly string[] {
  const problems: string[] = []
  const meta = isObject(body['meta']) ? body['meta'] : {}
  if (status === 201 && headers['location'] === undefined) problems.push('a 201 has no Location')
  if (
    meta['location'] !== undefined &&
    (headers['location'] ?? meta['location']) !== meta['location']
  )
    problems.push(`Location ${headers['location']} is not ${String(meta['location'])}`)
  if (meta['version'] !== undefined && headers['etag'] !== meta['version'])
    problems.push(`ETag ${headers['etag']} is not ${JSON.stringify(meta['version'])}`)
  if (headers['etag'] !== undefined && !/^W\/"[^"]+"$/.test(headers['etag']))
    problems.push(`ETag is ${headers['etag']}`)
  return problems
}

/** No nulls, no passwords, one primary: at any depth. */
function checkValues(value: JsonValue, path = ''): readonly string[] {
  if (value === null) return [`${path} is null`]
  if (isArray(value)) {
    const primaries = value.filter((element) => isObject(element) && element['primary'] === true)
    return [
      ...(primaries.length > 1 ? [`${path} has ${primaries.length} primaries`] : []),
      ...value.flatMap((element, index) => checkValues(element, `${path}/${index}`)),
    ]
  }
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, member]) => [
    ...(key.toLowerCase() === 'password' ? [`${path} shows a password`] : []),
    ...checkValues(member, `${path}/${key}`),
  ])
}

function hasSchema(body: JsonObject, schema: string): boolean {
  const { schemas } = body
  return isArray(schemas) && schemas.includes(schema)
}
