import type { Tenant } from '../storage/tenant-port.ts'
import { RefusedCredential, type RefusalFacts, type RefusalReason } from './refused-credential.ts'

const SCHEME = 'Bearer realm="scim"'

/** The 401 for a request without a bearer token: the challenge has no error code (RFC 6750 §3.1). */
export function unauthenticated(
  detail: string,
  reason: 'no credential' | 'not Bearer',
): RefusedCredential {
  return new RefusedCredential(
    'unauthorized',
    detail,
    { reason },
    { headers: { 'WWW-Authenticate': SCHEME } },
  )
}

/**
 * The 401 for a bearer token that is not accepted (RFC 6750 §3, §3.1). `detail` is answered in the body and as
 * error_description: printable ASCII without `"` and `\`. The facts are for the log only, and the tenant for its activity.
 */
export function invalidToken(
  detail: string,
  facts: RefusalFacts | RefusalReason,
  tenant?: Tenant,
): RefusedCredential {
  const challenge = `${SCHEME}, error="invalid_token", error_description="${detail}"`
  return new RefusedCredential(
    'unauthorized',
    detail,
    typeof facts === 'string' ? { reason: facts } : facts,
    { headers: { 'WWW-Authenticate': challenge }, ...(tenant === undefined ? {} : { tenant }) },
  )
}
