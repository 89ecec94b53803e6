import {
  parseSecretToken,
  SECRET_TOKEN_MAX_LENGTH,
  type SecretTokenParts,
} from '../tenants/secret-token.ts'
import { invalidToken, unauthenticated } from './challenge.ts'

const HEADER_MAX_LENGTH = 8192

const EXPECTED = 'a Secret Token begins with scim_'

/** A Secret Token of the right form; whether it is one that was issued has to be looked up. */
export interface PresentedToken extends SecretTokenParts {
  /** As it came. */
  readonly text: string
}

/**
 * Reads `Authorization: Bearer <token>` (RFC 6750 §2.1) with the scheme in any case (RFC 9110 §11.1).
 * @throws ScimError `unauthorized` that says what is wrong with the header, from the header alone.
 */
export function readAuthorization(header: string | undefined): PresentedToken {
  if (header === undefined || header.trim() === '') {
    throw unauthenticated('The Authorization header is missing; it must be Bearer <Secret Token>.')
  }
  if (header.length > HEADER_MAX_LENGTH) throw invalidToken('The Authorization header is too long.')
  const [scheme, text, ...more] = header.trim().split(/\s+/)
  if (scheme?.toLowerCase() !== 'bearer') {
    throw unauthenticated('The scheme of the Authorization header must be Bearer.')
  }
  if (text === undefined) throw invalidToken('The Authorization header has no token.')
  if (more.length > 0) throw invalidToken(wordsInsteadOfToken(text))
  const parts = parseSecretToken(text)
  if (parts === 'malformed') throw invalidToken(otherThanSecretToken(text))
  if (parts === 'mistyped') throw invalidToken('The Secret Token is mistyped or cut off.')
  return { text, ...parts }
}

function wordsInsteadOfToken(first: string): string {
  return first.toLowerCase() === 'bearer'
    ? 'The word Bearer comes twice; give the identity provider the Secret Token alone.'
    : 'There is a space within the token.'
}

/** The mistakes that identity providers' set-up pages invite, told from nothing but the form. */
function otherThanSecretToken(text: string): string {
  if (text.startsWith('eyJ')) {
    // Entra sends a token of its own when its Secret Token field is empty.
    return `This is a JWT, as Entra ID sends it when its Secret Token field is empty; ${EXPECTED}.`
  }
  if (!text.startsWith('scim_')) return `This is not a Secret Token of this service; ${EXPECTED}.`
  return text.length > SECRET_TOKEN_MAX_LENGTH
    ? 'The Secret Token is too long; copy it alone.'
    : 'The Secret Token is mistyped or cut off.'
}
