import { ScimError } from '../scim/errors.ts'
import type { PublicOperation } from './context.ts'

/** `/Me` (RFC 7644 §3.11): a Secret Token stands for a tenant, not for a user. */
export const refuseMe: PublicOperation = () => {
  throw new ScimError(
    'notImplemented',
    'A Secret Token stands for a tenant, not for a user, so there is no /Me. Use /Users/{id}.',
  )
}
