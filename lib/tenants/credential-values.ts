import { ScimError } from '../scim/errors.ts'
import type { FederatedCredential } from '../storage/tenant-port.ts'
import { keyAddressProblem, KEY_ADDRESS_MAX_LENGTH } from './key-address.ts'
import { printableText } from './naming.ts'

const TEXT_MAX_LENGTH = 500
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
    issuer: requiredText('issuer', issuer),
    audience: requiredText('audience', audience),
    subject: requiredText('subject', subject),
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

/** @throws ScimError `invalidValue` when it is empty, too long, or not printable. */
export function requiredText(what: string, text: string): string {
  const printable = printableText(what, text, TEXT_MAX_LENGTH)
  if (printable !== '') return printable
  throw new ScimError('invalidValue', `the ${what} must not be empty`)
}

/** The rule by which it is fetched: what could never be is not kept either. */
function keyAddress(what: string, text: string, ownHost: string | undefined): string {
  const address = printableText(what, text, KEY_ADDRESS_MAX_LENGTH)
  const problem = keyAddressProblem(address, ownHost)
  if (problem === undefined) return address
  throw new ScimError('invalidValue', `the ${what} ${problem}`)
}
