import { isArray, isObject, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'

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

const WEAK_TAG = /^W\/"[^"]+"$/

/** RFC 7240 §4.2: a creation without a body, where the client prefers it. */
function mayBeEmpty({ status, headers }: Answer): boolean {
  const isMinimal = headers['preference-applied'] === 'return=minimal'
  return status === 204 || status === 304 || (status === 201 && isMinimal)
}

/**
 * What holds for every answer, whatever was asked: media type (RFC 7644 §3.8), errors (§3.12), `Location` (§3.3), lists
 * (§3.4.2), bulk (§3.7), versions (§3.14), and what RFC 7643 §2.4, §2.5, §3 and §3.1 say of every resource.
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
    if (!mayBeEmpty(answer)) problems.push('there is no body')
    return problems
  }
  if (!isObject(body)) return [...problems, 'the body is no object']
  problems.push(...checkValues(body))
  if (answer.status >= 400) return [...problems, ...checkError(answer, body)]
  if (hasSchema(body, MESSAGE.listResponse)) return [...problems, ...checkList(body, baseUrl)]
  if (hasSchema(body, MESSAGE.bulkResponse)) return [...problems, ...checkBulk(body, baseUrl)]
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

function checkError(answer: Pick<Answer, 'status'>, body: JsonObject): readonly string[] {
  const problems: string[] = []
  const { schemas, status, scimType, detail } = body
  if (JSON.stringify(schemas) !== JSON.stringify([MESSAGE.error]))
    problems.push(`an error has the schemas ${JSON.stringify(schemas)}`)
  if (status !== String(answer.status))
    problems.push(`an error has the status ${JSON.stringify(status)}`)
  if (typeof detail !== 'string' || detail.trim() === '') problems.push('an error has no detail')
  else if (/\bat \S+ \(|\.[jt]s:\d+/.test(detail)) problems.push('a detail shows a stack trace')
  else if (!/[.?]$/.test(detail)) problems.push('a detail is no sentence')
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
    // RFC 9865 §2: a page by cursor has no startIndex, and may go without a total.
    if (value === undefined && startIndex === undefined && name !== 'itemsPerPage') continue
    if (!Number.isSafeInteger(value)) problems.push(`${name} is ${JSON.stringify(value)}`)
  }
  if (!isArray(resources)) return [...problems, 'Resources is no array']
  if (itemsPerPage !== resources.length)
    problems.push(`itemsPerPage is ${JSON.stringify(itemsPerPage)} for ${resources.length}`)
  // All pages by cursor tell the total of the first one, and resources may have come since.
  if (startIndex !== undefined && Number(totalResults) < resources.length)
    problems.push('totalResults is less than the page')
  for (const resource of resources) {
    problems.push(...(isObject(resource) ? checkResource(resource, baseUrl) : ['no resource']))
  }
  return problems
}

function checkBulk(body: JsonObject, baseUrl: string): readonly string[] {
  const { Operations: operations, failOnErrors } = body
  const problems = failOnErrors === undefined ? [] : ['a BulkResponse has failOnErrors']
  if (!isArray(operations)) return [...problems, 'Operations is no array']
  return [
    ...problems,
    ...operations.flatMap((operation) =>
      isObject(operation) ? checkOperation(operation, baseUrl) : ['no operation'],
    ),
  ]
}

/** RFC 7644 §3.7.3: `status` is a string, `location` is there but for failures, `response` for each of them. */
function checkOperation(operation: JsonObject, baseUrl: string): readonly string[] {
  const { status, location, response, version } = operation
  if (typeof status !== 'string' || !/^[2-5]\d\d$/.test(status))
    return [`the status of an operation is ${JSON.stringify(status)}`]
  const problems: string[] = []
  if (location !== undefined && !isLocation(location, baseUrl))
    problems.push(`location is ${JSON.stringify(location)}`)
  if (version !== undefined && !(typeof version === 'string' && WEAK_TAG.test(version)))
    problems.push(`version is ${JSON.stringify(version)}`)
  if (Number(status) < 400) {
    return location === undefined ? [...problems, 'an operation has no location'] : problems
  }
  if (!isObject(response)) return [...problems, 'a failed operation has no response']
  return [...problems, ...checkError({ status: Number(status) }, response)]
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
  // RFC 7643 §5: the one resource without an id.
  if (!isId(id) && !listed.includes(URN.serviceProviderConfig))
    problems.push(`id is ${JSON.stringify(id)}`)
  const location = isObject(meta) ? meta['location'] : undefined
  if (location !== undefined && !isLocation(location, baseUrl))
    problems.push(`meta.location is ${JSON.stringify(location)}`)
  return problems
}

function isId(id: JsonValue | undefined): boolean {
  return typeof id === 'string' && id !== '' && !/bulkid/i.test(id)
}

function isLocation(location: JsonValue, baseUrl: string): boolean {
  return (
    typeof location === 'string' && location.startsWith(`${baseUrl}/`) && !location.includes('?')
  )
}

function checkResourceHeaders({ status, headers }: Answer, body: JsonObject): readonly string[] {
  const problems: string[] = []
  const { location, version } = isObject(body['meta']) ? body['meta'] : {}
  const { location: locationHeader, etag } = headers
  if (status === 201 && locationHeader === undefined) problems.push('a 201 has no Location')
  if (location !== undefined && locationHeader !== undefined && locationHeader !== location)
    problems.push(`Location ${locationHeader} is not ${JSON.stringify(location)}`)
  if (version !== undefined && etag !== version)
    problems.push(`ETag ${etag} is not ${JSON.stringify(version)}`)
  if (etag !== undefined && !WEAK_TAG.test(etag)) problems.push(`ETag is ${etag}`)
  return problems
}

/** No nulls, no passwords, one primary: at any depth. */
function checkValues(value: JsonValue, path = ''): readonly string[] {
  if (value === null) return [`${path} is null`]
  if (isArray(value)) {
    const primaries = value.filter((element) => isObject(element) && element['primary'] === true)
    const problems = value.flatMap((element, index) => checkValues(element, `${path}/${index}`))
    return primaries.length > 1 ? [...problems, `${path} has several primaries`] : problems
  }
  if (!isObject(value)) return []
  const problems = Object.entries(value).flatMap(([key, member]) =>
    checkValues(member, `${path}/${key}`),
  )
  const isSecret = Object.keys(value).some((key) => key.toLowerCase() === 'password')
  return isSecret ? [...problems, `${path} shows a password`] : problems
}

function hasSchema(body: JsonObject, schema: string): boolean {
  const { schemas } = body
  return isArray(schemas) && schemas.includes(schema)
}
