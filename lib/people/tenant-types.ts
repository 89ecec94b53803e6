import { withDefinitions, type AttributeDefinition } from '../scim/attribute-definition.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { LATER_INDEXES, type Tenant } from '../storage/tenant-port.ts'

/** The resource types of tenants by what they have declared, and by the names of indexes that do not have all users. */
export type TenantTypes = (
  definitions: readonly AttributeDefinition[],
  unfilled: readonly string[],
) => readonly ResourceType[]

/**
 * Adds tenants' own attributes to the resource types that all have. The same list of definitions gives the same types each
 * time: what is prepared for a type lives as long as the list does.
 */
export function tenantTypes(resourceTypes: readonly ResourceType[]): TenantTypes {
  const known = new WeakMap<readonly AttributeDefinition[], Map<string, readonly ResourceType[]>>()
  const bases = new Map<string, readonly ResourceType[]>([['', resourceTypes]])
  const baseOf = (unfilled: readonly string[]): readonly ResourceType[] =>
    madeOnce(bases, unfilled.join(' '), () =>
      resourceTypes.map((each) => ({ ...each, unfilledIndexes: unfilled })),
    )
  return (definitions, unfilled) => {
    const base = baseOf(unfilled)
    if (definitions.length === 0) return base
    let types = known.get(definitions)
    if (types === undefined)
      known.set(definitions, (types = new Map<string, readonly ResourceType[]>()))
    return madeOnce(types, unfilled.join(' '), () =>
      base.map((each) => withDefinitions(each, definitions)),
    )
  }
}

function madeOnce(
  types: Map<string, readonly ResourceType[]>,
  key: string,
  make: () => readonly ResourceType[],
): readonly ResourceType[] {
  let made = types.get(key)
  if (made === undefined) types.set(key, (made = make()))
  return made
}

/** The indexes of users that do not have all users of a tenant. */
export function unfilledIndexes({ indexes }: Pick<Tenant, 'indexes'>): readonly string[] {
  return LATER_INDEXES.filter((name) => indexes?.complete.includes(name) !== true)
}
