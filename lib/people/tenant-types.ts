import { withDefinitions, type AttributeDefinition } from '../scim/attribute-definition.ts'
import type { ResourceType } from '../scim/resource-type.ts'

/** The resource types of tenants by what they have declared. */
export type TenantTypes = (definitions: readonly AttributeDefinition[]) => readonly ResourceType[]

/**
 * Adds tenants' own attributes to the resource types that all have. The same list of definitions gives the same types each
 * time: what is prepared for a type lives as long as the list does.
 */
export function tenantTypes(resourceTypes: readonly ResourceType[]): TenantTypes {
  const known = new WeakMap<readonly AttributeDefinition[], readonly ResourceType[]>()
  return (definitions) => {
    if (definitions.length === 0) return resourceTypes
    let types = known.get(definitions)
    if (types === undefined) {
      types = resourceTypes.map((each) => withDefinitions(each, definitions))
      known.set(definitions, types)
    }
    return types
  }
}
