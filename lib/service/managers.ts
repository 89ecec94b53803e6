import { asksFor, type Projection } from '../scim/project.ts'
import { isObject, own, type JsonObject } from '../scim/json.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { URN } from '../scim/urn.ts'
import type { ServiceContext } from './context.ts'

/** Where the name of a manager is shown. */
export const MANAGER_NAME = `${URN.enterpriseUser}:manager.displayName`

/** Puts the names of managers into what is shown of their reports. */
export type WithManager = (representation: JsonObject) => JsonObject

/**
 * Reads the display names of the managers of some resources, when the projection names them: nobody else pays for it. A
 * manager who is not there, or has no name, has none.
 */
export async function readManagers(
  context: ServiceContext,
  resourceType: ResourceType,
  resources: readonly StoredResource[],
  projection: Projection,
): Promise<WithManager> {
  if (!asksFor(projection, MANAGER_NAME)) return unchanged
  const ids = new Set(resources.flatMap(({ attributes }) => managerId(attributes) ?? []))
  if (ids.size === 0) return unchanged
  const managers = await context.store.getAll(context.scope, resourceType, [...ids])
  const names = new Map(managers.map(({ id, attributes }) => [id, attributes['displayName']]))
  return (representation) => {
    const enterprise = own(representation, URN.enterpriseUser)
    const manager = own(enterprise, 'manager')
    const displayName = names.get(managerId(representation) ?? '')
    if (!isObject(enterprise) || !isObject(manager) || displayName === undefined) {
      return representation
    }
    const named = { ...enterprise, manager: { ...manager, displayName } }
    return { ...representation, [URN.enterpriseUser]: named }
  }
}

function unchanged(representation: JsonObject): JsonObject {
  return representation
}

function managerId(attributes: JsonObject): string | undefined {
  const id = own(own(own(attributes, URN.enterpriseUser), 'manager'), 'value')
  return typeof id === 'string' ? id : undefined
}
