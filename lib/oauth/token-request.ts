import { OAuthError } from './oauth-error.ts'

/** What a token request comes with. */
export interface IncomingTokenRequest {
  readonly authorization: string | undefined
  readonly contentType: string | undefined
  readonly query: URLSearchParams
  readonly body: string
}

/** How a client says who it is; one of the two. */
export type ClientAuthentication =
  | { readonly clientId: string; readonly secret: string }
  | { readonly clientId: string; readonly assertion: string }

const FORM = 'application/x-www-form-urlencoded'

/** RFC 7523 §2.2. */
export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** What is read of a request; all else is ignored (RFC 6749 §3.2). */
const PARAMETERS = [
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion_type',
  'client_assertion',
  'scope',
] as const

type Parameters = Readonly<Partial<Record<(typeof PARAMETERS)[number], string>>>

const MOST_PARAMETERS = 50

/**
 * Who a token request says that it is from.
 * @throws OAuthError for a request that is not as RFC 6749 §4.4.2 and RFC 7523 §2.2 have it.
 */
export function readTokenRequest(incoming: IncomingTokenRequest): ClientAuthentication {
  const form = readForm(incoming)
  checkGrant(form.grant_type)
  return readClient(form, basicCredentials(incoming.authorization))
}

function readForm({ contentType = '', query, body }: IncomingTokenRequest): Parameters {
  const inQuery = PARAMETERS.find((name) => query.has(name))
  if (inQuery !== undefined) {
    throw invalid(`${inQuery} belongs into the body, not into the URL, which is in logs`)
  }
  if (contentType.split(';', 1)[0]?.trim().toLowerCase() !== FORM) {
    throw invalid(`Content-Type must be ${FORM}`)
  }
  const sent = [...new URLSearchParams(body)]
  if (sent.length > MOST_PARAMETERS)
    throw invalid(`There are more than ${MOST_PARAMETERS} parameters`)
  const form = new Map<string, string>()
  for (const [name, value] of sent) {
    if (form.has(name)) throw invalid(`${nameOf(name)} is given twice`)
    form.set(name, value)
  }
  return Object.fromEntries(PARAMETERS.map((name) => [name, valueOf(form, name)]))
}

/** RFC 6749 §3.2: without a value is as if it were not there. */
function valueOf(form: ReadonlyMap<string, string>, name: string): string | undefined {
  const value = form.get(name)
  return value === '' ? undefined : value
}

/** Of a parameter that is not ours nothing is repeated. */
function nameOf(sent: string): string {
  return PARAMETERS.find((name) => name === sent) ?? 'A parameter'
}

function checkGrant(grantType: string | undefined): void {
  if (grantType === undefined) throw invalid('grant_type is missing; it must be client_credentials')
  if (grantType === 'client_credentials') return
  throw new OAuthError('unsupported_grant_type', 'grant_type must be client_credentials.', {
    facts: { reason: 'other grant' },
  })
}

function readClient(
  form: Parameters,
  basic: { readonly clientId: string; readonly secret: string } | undefined,
): ClientAuthentication {
  const { client_secret: secret, client_assertion: assertion, client_assertion_type: type } = form
  const ways = [basic, secret, assertion ?? type].filter((way) => way !== undefined)
  if (ways.length > 1) {
    throw invalid(
      'The client must authenticate in one way only: Basic, client_secret or client_assertion',
    )
  }
  if (basic !== undefined) {
    if (form.client_id !== undefined && form.client_id !== basic.clientId) {
      throw invalid('client_id is another one than that of the Authorization header')
    }
    return basic
  }
  const { client_id: clientId } = form
  if (clientId === undefined) throw invalid('client_id is missing')
  if (secret !== undefined) return { clientId, secret }
  if (ways.length === 0) {
    throw unknownClient(
      'The client must authenticate: with client_secret, a Basic header or client_assertion.',
    )
  }
  if (type !== JWT_BEARER) throw invalid(`client_assertion_type must be ${JWT_BEARER}`)
  if (assertion === undefined) throw invalid('client_assertion is missing')
  return { clientId, assertion }
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are put together. */
function basicCredentials(
  header: string | undefined,
): { readonly clientId: string; readonly secret: string } | undefined {
  if (header === undefined || header.trim() === '') return undefined
  const [scheme = '', encoded = '', ...more] = header.trim().split(/\s+/)
  if (scheme.toLowerCase() !== 'basic' || more.length > 0) {
    throw unknownClient('The scheme of the Authorization header must be Basic.')
  }
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const clientId = colon === -1 ? undefined : formDecoded(text.slice(0, colon))
  const secret = formDecoded(text.slice(colon + 1))
  if (clientId === undefined || clientId === '' || secret === undefined || secret === '') {
    throw unknownClient(
      'The Authorization header must be Basic with base64 of client_id, a colon and client_secret.',
    )
  }
  return { clientId, secret }
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function invalid(what: string): OAuthError {
  return new OAuthError('invalid_request', `${what}.`, { facts: { reason: 'malformed' } })
}

function unknownClient(description: string): OAuthError {
  return new OAuthError('invalid_client', description, { facts: { reason: 'no credential' } })
}
