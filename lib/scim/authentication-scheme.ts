import type { JsonObject } from './json.ts'

/** A way to authenticate, told by what the client sends. */
export type AuthenticationSchemeName = keyof typeof SCHEMES

/** What discovery says of authentication. */
export interface OfferedAuthentication {
  /** Those that are on for the tenant, its own first. */
  readonly schemes: readonly AuthenticationSchemeName[]
  /** The page for customers; Microsoft's own when absent. */
  readonly documentationUri?: string | undefined
}

const SCHEMES = {
  secretToken: {
    type: 'oauthbearertoken',
    name: 'Secret Token',
    description: 'A bearer token, issued per tenant, in the Authorization header.',
    specUri: 'https://datatracker.ietf.org/doc/html/rfc6750',
  },
  oauth: {
    type: 'oauth2',
    name: 'OAuth 2.0 client credentials',
    description:
      'An access token for a client secret, or for an assertion of a federated identity (RFC 7523).',
    specUri: 'https://datatracker.ietf.org/doc/html/rfc6749#section-4.4',
  },
  entra: {
    type: 'oauthbearertoken',
    name: 'Microsoft Entra ID token',
    description: 'The token that Entra ID sends by itself, of a directory that is registered.',
    specUri: 'https://datatracker.ietf.org/doc/html/rfc6750',
  },
} as const

const ENTRA_PAGE =
  'https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups'

/** RFC 7643 §5: the first is the primary one. */
export function authenticationSchemes({
  schemes,
  documentationUri = ENTRA_PAGE,
}: OfferedAuthentication): readonly JsonObject[] {
  return schemes.map((name, at) => ({
    ...SCHEMES[name],
    documentationUri,
    ...(at === 0 ? { primary: true } : {}),
  }))
}
