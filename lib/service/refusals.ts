import { ScimError } from '../scim/errors.ts'
import type { ResourceType } from '../scim/resource-type.ts'

/** The answer for an id that no resource of the tenant has: the same whether another tenant has it. */
export function notFound(resourceType: ResourceType): ScimError {
  return new ScimError('notFound', `There is no ${resourceType.name} with this id.`)
}

/** The answer when If-Match names another version (RFC 7644 §3.14). */
export function versionMismatch(): ScimError {
  return new ScimError(
    'preconditionFailed',
    'If-Match names another version than the current one. Read the resource again.',
  )
}
