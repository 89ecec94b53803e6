import { ScimError } from '../scim/errors.ts'
import type { FederatedCredential } from '../storage/tenant-port.ts'
import { printableText } from './naming.ts'

const TEXT_MAX_LENGTH = 500
const URL_MAX_LENGTH = 2000
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

type Federation = Pick<FederatedCredential, 'issuer' | 'audience' | 'subject' | 'jwksUri'>

/** @throws ScimError `invalidValue` that names what cannot be. */
export function federationOf({ issuer, audience, subject, jwksUri }: Federation): Federation {
  return {
    issuer: requiredText('issuer', issuer),
    audience: requiredText('audience', audience),
    subject: requiredText('subject', subject),
    jwksUri: httpsUrl('JWKS address', jwksUri),
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

/** Which addresses may be asked is decided when they are: a name may mean another one by then. */
function httpsUrl(what: string, text: string): string {
  const url = printableText(what, text, URL_MAX_LENGTH)
  if (URL.canParse(url)) {
    const { protocol, username, password, hash } = new URL(url)
    if (protocol === 'https:' && username + password + hash === '') return url
  }
  throw new ScimError(
    'invalidValue',
    `the ${what} must be an https URL without user name, password and fragment`,
  )
}
