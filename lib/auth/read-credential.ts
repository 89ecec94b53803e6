import { bearerToken } from './authorization-header.ts'
import { invalidToken } from './challenge.ts'
import type { CredentialKind, PresentedCredential } from './credential-kind.ts'
import type { RefusedCredential } from './refused-credential.ts'
import { SECRET_TOKEN } from './secret-token.ts'

/** The kinds that are always on, the first that recognises a token reads it. */
const KINDS: readonly CredentialKind[] = [SECRET_TOKEN]

/**
 * The credential in an Authorization header.
 * @throws RefusedCredential when the header or the token's form tells already that it is not right.
 */
export function readCredential(
  header: string | undefined,
  kinds: readonly CredentialKind[] = KINDS,
): { readonly token: string; readonly presented: PresentedCredential } {
  const kindOf = (text: string): CredentialKind | undefined =>
    kinds.find(({ recognises }) => recognises(text))
  const token = bearerToken(header, (text) => kindOf(text) !== undefined)
  const kind = kindOf(token)
  if (kind === undefined) throw unknownKind(token)
  return { token, presented: kind.read(token) }
}

/** The mistakes that identity providers' set-up pages invite, told from nothing but the form. */
function unknownKind(token: string): RefusedCredential {
  const expected = 'a Secret Token begins with scim_'
  // Entra sends a token of its own when its Secret Token field is empty.
  const what = token.startsWith('eyJ')
    ? 'a JWT, as Entra ID sends it when its Secret Token field is empty'
    : 'not a Secret Token of this service'
  return invalidToken(`This is ${what}; ${expected}.`, 'malformed')
}
