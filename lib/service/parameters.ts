import * as z from 'zod'
import { ScimError } from '../scim/errors.ts'
import { readMessage } from '../scim/message.ts'
import { parseProjection, unknownSelections, type Projection } from '../scim/project.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { MESSAGE } from '../scim/urn.ts'
import type { ScimRequest, ServiceContext } from './context.ts'

const text = z.string('must be a string').optional()
const number = z.union([z.number(), z.string()], 'must be a number').optional()
const LIST = 'must be an array of strings, or one string with commas'
const names = z
  .union([z.array(z.string()), z.string()], LIST)
  .transform((list) => (typeof list === 'string' ? splitList(list) : list))

/** The parameters of RFC 7644 Table 6 and RFC 9865 §2; all others are ignored (RFC 7644 §3.4.2). */
const PARAMETERS = z.object({
  filter: text,
  sortBy: text,
  sortOrder: text,
  startIndex: number,
  count: number,
  cursor: text,
  attributes: names.optional(),
  excludedAttributes: names.optional(),
})

/** What a query asks for, from the URL (RFC 7644 §3.4.2) or from a SearchRequest (§3.4.3). */
export type QueryParameters = z.infer<typeof PARAMETERS>

/** The parameters in the URL; lists are separated by commas (RFC 7644 §3.9). */
export function urlParameters({ query }: Pick<ScimRequest, 'query'>): QueryParameters {
  return {
    filter: query.get('filter'),
    sortBy: query.get('sortby'),
    sortOrder: query.get('sortorder'),
    startIndex: query.get('startindex'),
    count: query.get('count'),
    cursor: query.get('cursor'),
    attributes: listIn(query.get('attributes')),
    excludedAttributes: listIn(query.get('excludedattributes')),
  }
}

function listIn(list: string | undefined): string[] | undefined {
  return list === undefined ? undefined : splitList(list)
}

/** Some clients write in a SearchRequest what belongs into a URL (BR2-14). */
function splitList(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/**
 * The parameters in a SearchRequest; names of members are compared without case, null is the same as absent.
 * @throws ScimError `invalidSyntax` when the body is none, `invalidValue` for a member of the wrong type.
 */
export function searchParameters(body: unknown): QueryParameters {
  const message = readMessage(body, MESSAGE.searchRequest, 'SearchRequest')
  const entries = Object.keys(PARAMETERS.shape).flatMap((name) => {
    const value = message.get(name.toLowerCase())
    return value === undefined || value === null ? [] : [[name, value] as const]
  })
  const parsed = PARAMETERS.safeParse(Object.fromEntries(entries))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ScimError('invalidValue', `${String(issue?.path[0])} ${String(issue?.message)}.`)
}

/** The projection that a request to a resource asks for (RFC 7644 §3.9). */
export function projectionOf(
  context: Pick<ServiceContext, 'noteIgnored'>,
  resourceType: ResourceType,
  request: Pick<ScimRequest, 'query'>,
): Projection {
  const parameters = urlParameters(request)
  const projection = parseProjection(resourceType, parameters)
  context.noteIgnored(resourceType, unknownSelections([resourceType], parameters))
  return projection
}
