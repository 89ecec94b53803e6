import { isArray, isObject } from '../scim/json.ts'

/** Identity providers that can be told from what they send; `other` is everything else. */
export type ClientName =
  | 'entra'
  | 'okta'
  | 'onelogin'
  | 'google'
  | 'jumpcloud'
  | 'keycloak'
  | 'authentik'
  | 'sailpoint'
  | 'pingidentity'
  | 'other'

/** What tells who sends a request. */
export interface Signs {
  /** As it was called, with the query as it was written. */
  readonly url: string
  /** `User-Agent`: null when there is none, empty when it is. */
  readonly userAgent: string | null
  /** Whether the header `ADSCIMVersion` is there. */
  readonly hasEntraVersion: boolean
  /** Parsed JSON; undefined when there is none, or it was not read. */
  readonly body: unknown
}

/** Who calls itself by its name in `User-Agent` is believed: `Okta SCIM Client 1.0.0` does. */
const NAMES: readonly (readonly [ClientName, RegExp])[] = [
  ['okta', /okta/i],
  ['onelogin', /onelogin/i],
  ['jumpcloud', /jumpcloud/i],
  ['keycloak', /keycloak/i],
  ['authentik', /authentik/i],
  ['sailpoint', /sailpoint/i],
  ['pingidentity', /ping(?:one|federate|identity)/i],
  ['google', /google/i],
]

/** What gives away those who do not: the first that fits counts. */
const SIGNS: readonly (readonly [ClientName, (signs: Signs) => boolean])[] = [
  ['entra', ({ hasEntraVersion }) => hasEntraVersion],
  // The flag of the Tenant URL, in its older spellings too, rides on every call.
  ['entra', ({ url }) => /[?&](?:aadoptscim|azureadscimpatch)\d/i.test(url)],
  ['entra', isProbe],
  // It looks everybody up with the same page, and writes spaces as %20.
  ['okta', ({ url }) => /[?&]filter=userName%20eq%20[^&]*&startIndex=1&count=100$/i.test(url)],
  ['google', ({ url }) => /\?filter=userName%20eq%20[^&]*&startIndex=1$/i.test(url)],
  ['onelogin', ({ url, userAgent }) => userAgent === '' && url.endsWith('?')],
  ['entra', ({ body }) => hasCapitalOperations(body)],
]

/** Who sends a request, as far as one request tells. */
export function clientOf(signs: Signs): ClientName {
  const { userAgent } = signs
  if (userAgent !== null && userAgent !== '') {
    const named = NAMES.find(([, name]) => name.test(userAgent))
    if (named !== undefined) return named[0]
  }
  return SIGNS.find(([, fits]) => fits(signs))?.[0] ?? 'other'
}

/** The name by which a GUID is looked up that nobody has; by `externalId` Entra ID looks up whom it knows, too. */
const PROBE =
  /[?&]filter=(?:userName|displayName)(?:\+|%20)eq(?:\+|%20)(?:%22|")[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?:%22|")(?:&|$)/i

/** Whether a request is what *Test Connection* of Entra ID sends: a look-up of a random GUID. */
export function isProbe({ url }: Pick<Signs, 'url'>): boolean {
  return PROBE.test(url)
}

/** `"op": "Add"`: Entra ID without the flag writes operations so. */
function hasCapitalOperations(body: unknown): boolean {
  if (!isObject(body)) return false
  const { Operations: operations } = body
  const [first] = isArray(operations) ? operations : []
  const op = isObject(first) ? first['op'] : undefined
  return typeof op === 'string' && /^(?:Add|Replace|Remove)$/.test(op)
}
