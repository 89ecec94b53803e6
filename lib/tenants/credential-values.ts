import { ScimError } from '../scim/errors.ts'
import type { FederatedCredential } from '../storage/tenant-port.ts'
import { keyAddressProblem, KEY_ADDRESS_MAX_LENGTH } from './key-address.ts'
import { printableText } from './naming.ts'

const ISSUER_MAX_LENGTH = 1024
const CLIENT_ID = /^scim_[a-z0-9-]{1,32}$/
const CLAIM = /^[\x21-\x7e]{1,512}$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

type Federation = Pick<FederatedCredential, 'issuer' | 'audience' | 'subject' | 'jwksUri'>

/**
 * @param ownHost the host of the app itself, which serves nobody else's keys.
 * @throws ScimError `invalidValue` that names what cannot be.
 */
export function federationOf(
  { issuer, audience, subject, jwksUri }: Federation,
  ownHost: string | undefined,
): Federation {
  return {
    issuer: issuerOf(issuer),
    audience: claimText('audience', audience),
    subject: claimText('subject', subject),
    jwksUri: keyAddress('JWKS address', jwksUri, ownHost),
  }
}

/** @throws ScimError `invalidValue` for what is no id of an Entra tenant. */
export function entraTenantIdOf(text: string): string {
  const id = text.trim().toLowerCase()
  if (UUID.test(id)) return id
  throw new ScimError(
    'invalidValue',
    'the Entra tenant id must be a UUID, as the overview page of Entra ID shows it',
  )
}

/** What a claim of a token is compared with. @throws ScimError `invalidValue` for what no claim can be. */
export function claimText(what: string, text: string): string {
  if (CLAIM.test(text)) return text
  throw new ScimError(
    'invalidValue',
    `the ${what} must have 1 to 512 characters without white space`,
  )
}

/**
 * Whether it can be the `iss` of assertions: an https URL with a host name, without user, port and fragment, or the client_id of a
 * client that signs them itself (RFC 7523 §3).
 */
export function isIssuer(text: string): boolean {
  if (CLIENT_ID.test(text)) return true
  if (!URL.canParse(text)) return false
  const { protocol, username, password, port, hostname, hash } = new URL(text)
  const isPlain = [username, password, port, hash].every((part) => part === '')
  const isName = hostname.includes('.') && !/^\d+(?:\.\d+){3}$|^\[|\.$/.test(hostname)
  return protocol === 'https:' && isPlain && isName && !hostname.endsWith('.localhost')
}

function issuerOf(text: string): string {
  if (text.length <= ISSUER_MAX_LENGTH && isIssuer(text)) return text
  throw new ScimError(
    'invalidValue',
    'the issuer must be an https URL with a host name, without user, port and fragment, or the client_id',
  )
}

/** The rule by which it is fetched: what could never be is not kept either. */
function keyAddress(what: string, text: string, ownHost: string | undefined): string {
  const address = printableText(what, text, KEY_ADDRESS_MAX_LENGTH)
  const problem = keyAddressProblem(address, ownHost)
  if (problem === undefined) return address
  throw new ScimError('invalidValue', `the ${what} ${problem}`)
}
