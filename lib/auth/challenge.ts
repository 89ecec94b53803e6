import { ScimError } from '../scim/errors.ts'

const SCHEME = 'Bearer realm="scim"'

/**
 * The 401 for a request without a bearer token: the challenge has no error code (RFC 6750 §3.1).
 * `detail` is answered.
 */
export function unauthenticated(detail: string): ScimError {
  return new ScimError('unauthorized', detail, { headers: { 'WWW-Authenticate': SCHEME } })
}

/**
 * The 401 for a bearer token that is not accepted (RFC 6750 §3, §3.1). `detail` is answered in the body and as
 * error_description: printable ASCII without `"` and `\`. `cause` is for the log only.
 */
export function invalidToken(detail: string, cause?: string): ScimError {
  const challenge = `${SCHEME}, error="invalid_token", error_description="${detail}"`
  return new ScimError('unauthorized', detail, {
    headers: { 'WWW-Authenticate': challenge },
    ...(cause === undefined ? {} : { cause: new Error(cause) }),
  })
}
