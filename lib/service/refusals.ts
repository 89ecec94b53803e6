import { ScimError } from '../scim/errors.ts'
import type { ResourceType } from '../scim/resource-type.ts'

/**
 * The answer for an id that no resource of the tenant has: the same whether another tenant has it.
 * @param id as it was asked for.
 */
export function notFound({ name, endpoint }: ResourceType, id = ''): ScimError {
  // What Test Connection asks for when the Tenant URL was pasted with an endpoint at its end.
  const isEndpoint = /^(?:users|groups)$/i.test(id)
  return new ScimError(
    'notFound',
    isEndpoint
      ? `The Tenant URL must not end in ${endpoint}.`
      : `There is no ${name} with this id.`,
  )
}

/** The answer when If-Match names another version (RFC 7644 §3.14). */
export function versionMismatch(): ScimError {
  return new ScimError(
    'preconditionFailed',
    'If-Match names another version than the current one. Read the resource again.',
  )
}
