import type { HttpRequest } from '@azure/functions'
import { detail, sent } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import { LIMITS } from '../scim/limits.ts'
import type { ScimRequest } from '../service/context.ts'
import { preferredReturn } from './prefer.ts'
import { readJsonBody } from './read-body.ts'
import { checkMethod } from './routes.ts'

/** Media types of a request body (RFC 7644 §3.1, §8.1). */
const MEDIA_TYPES = ['application/scim+json', 'application/json']

/** Methods whose body is read. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH'])

/**
 * Reads what the verbs need out of an HTTP request.
 * @param bodyBytes the largest body that is taken.
 * @throws ScimError `methodNotAllowed`, `lengthRequired`, `payloadTooLarge`, `unsupportedMediaType`, `invalidSyntax`, `invalidValue`.
 */
export async function readRequest(incoming: Incoming, bodyBytes: number): Promise<ScimRequest> {
  const head = readHead(incoming)
  const { request } = incoming
  return WITH_BODY.has(request.method)
    ? { ...head, body: await readBody(request, bodyBytes) }
    : head
}

/** A request and its URL, parsed. */
export interface Incoming {
  readonly request: HttpRequest
  readonly url: URL
}

/**
 * All of a request but its body.
 * @throws ScimError `methodNotAllowed`, `invalidValue`.
 */
export function readHead({ request, url }: Incoming): ScimRequest {
  checkMethod(request.method, url.pathname)
  return {
    id: request.params['id'] ?? '',
    query: readQuery(url),
    body: undefined,
    ifMatch: request.headers.get('if-match') ?? undefined,
    ifNoneMatch: request.headers.get('if-none-match') ?? undefined,
    prefer: preferredReturn(request.headers.get('prefer')),
  }
}

/** Parameters that are lists: given twice they are one list, as generated clients write them. */
const LISTS: ReadonlySet<string> = new Set(['attributes', 'excludedattributes'])

/**
 * Query parameters by lower-case name, decoded once as a form: `+` is a space, `%2B` a plus. The platform's own map joins
 * repeated names with commas and is not used.
 */
function readQuery(url: URL): ReadonlyMap<string, string> {
  const query = new Map<string, string>()
  for (const [name, value] of url.searchParams) {
    const lowerCase = name.toLowerCase()
    const before = query.get(lowerCase)
    if (before === undefined) query.set(lowerCase, value)
    else if (LISTS.has(lowerCase)) query.set(lowerCase, `${before},${value}`)
    else if (before !== value) {
      throw new ScimError(
        'invalidValue',
        detail`${sent(name.slice(0, 100))} is given twice in the query.`,
      )
    }
  }
  return query
}

async function readBody(request: HttpRequest, most: number): Promise<unknown> {
  const body = await readJsonBody(request, { most, mediaTypes: MEDIA_TYPES, tooLarge })
  if (body === undefined) throw new ScimError('invalidSyntax', 'The request needs a JSON body.')
  return body
}

/** RFC 7644 §3.7.4: the answer names the limit that applies; that of a bulk is in ServiceProviderConfig. */
function tooLarge(most: number): string {
  return most === LIMITS.bodyBytes
    ? `The body is larger than maxPayloadSize, ${most} bytes.`
    : `The body is larger than ${most} bytes, which a group may have.`
}
