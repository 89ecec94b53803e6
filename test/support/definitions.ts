import type { AttributeDefinition } from '../../lib/scim/attribute-definition.ts'

/** A tenant's own attribute, a single text of any content unless something else is said. */
export function aDefinition(
  id: string,
  others: Partial<AttributeDefinition> = {},
): AttributeDefinition {
  return {
    id,
    label: id,
    type: 'string',
    multiValued: false,
    allowedValues: [],
    unique: false,
    indexed: false,
    ...others,
  }
}

/** The URN of an extension of one tenant. */
export const SURVEY = 'urn:ietf:params:scim:schemas:extension:peakon:2.0:User'
