import { SCOPE, type AccessTokenParties } from './access-token.ts'
import { ASSERTION_ALGORITHMS } from './client-assertion.ts'

/** The authorization server's metadata (RFC 8414 §2). */
export function authorizationServerMetadata(
  { issuer }: AccessTokenParties,
  documentation: string | undefined,
): Readonly<Record<string, string | readonly string[]>> {
  return {
    issuer,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    scopes_supported: [SCOPE],
    // Required, and there is no authorization endpoint.
    response_types_supported: [],
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ],
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    ...(documentation === undefined ? {} : { service_documentation: documentation }),
  }
}

/** The protected resource's metadata (RFC 9728 §2). */
export function protectedResourceMetadata(
  { issuer, audience }: AccessTokenParties,
  documentation: string | undefined,
): Readonly<Record<string, string | readonly string[]>> {
  return {
    resource: audience,
    authorization_servers: [issuer],
    scopes_supported: [SCOPE],
    bearer_methods_supported: ['header'],
    ...(documentation === undefined ? {} : { resource_documentation: documentation }),
  }
}
