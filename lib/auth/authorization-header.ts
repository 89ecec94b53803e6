import { invalidToken, unauthenticated } from './challenge.ts'

const HEADER_MAX_LENGTH = 8192

/**
 * The token in `Authorization: Bearer <token>` (RFC 6750 §2.1), the scheme in any case (RFC 9110 §11.1).
 * @param isToken whether a word has the form of a token of ours: then it needs no scheme, as some identity providers send
 *   what was pasted into a field for a header.
 * @throws RefusedCredential that says what is wrong with the header, from the header alone.
 */
export function bearerToken(
  header: string | undefined,
  isToken: (text: string) => boolean,
): string {
  if (header === undefined || header.trim() === '') {
    throw unauthenticated(
      'The Authorization header is missing; it must be Bearer <Secret Token>.',
      'no credential',
    )
  }
  if (header.length > HEADER_MAX_LENGTH) {
    throw invalidToken('The Authorization header is too long.', 'malformed')
  }
  const [scheme, token, ...more] = header.trim().split(/\s+/)
  if (scheme !== undefined && token === undefined && isToken(scheme)) return scheme
  if (scheme?.toLowerCase() !== 'bearer') {
    throw unauthenticated('The scheme of the Authorization header must be Bearer.', 'not Bearer')
  }
  if (token === undefined) throw invalidToken('The Authorization header has no token.', 'malformed')
  if (more.length > 0) throw invalidToken(wordsInsteadOfToken(token), 'malformed')
  return token
}

function wordsInsteadOfToken(first: string): string {
  return first.toLowerCase() === 'bearer'
    ? 'The word Bearer comes twice; give the identity provider the Secret Token alone.'
    : 'There is a space within the token.'
}
