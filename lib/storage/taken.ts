import { ScimError } from '../scim/errors.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { AttributeIndex } from './layout.ts'

/** The error for a unique value that another resource has (RFC 7644 §3.3): it names the attribute, not the value. */
export function taken(resourceType: ResourceType, index: AttributeIndex): ScimError {
  return new ScimError(
    'uniqueness',
    `Another ${resourceType.name} has this ${index.path}; it must be unique.`,
  )
}
