import { peopleTypeOf } from './scim/types-of-people.ts'
import { withDefinitions } from './scim/attribute-definition.ts'
import type { ResourceType } from './scim/resource-type.ts'
import { fillIndexes } from './service/fill-indexes.ts'
import { takeOut } from './service/take-out.ts'
import type { ResourceStore } from './storage/port.ts'
import { newVersion } from './storage/tenant-changes.ts'
import type { MaintenanceParts } from './tenants/maintenance.ts'

/** What the maintenance does with the attributes of users that tenants have declared, by types that have them. */
export function attributeWork(
  store: ResourceStore,
  resourceTypes: readonly ResourceType[],
  now: () => Date,
): Pick<MaintenanceParts, 'takeOut' | 'fillIndexes'> {
  const peopleType = peopleTypeOf(resourceTypes)
  const parts = { store, now, random: Math.random, newVersion }
  return {
    async takeOut({ definitions, purging, ...task }) {
      const resourceType = withDefinitions(peopleType, [...definitions, ...purging])
      const names = new Set(purging.map(({ id }) => id))
      return takeOut(parts, { ...task, resourceType, names })
    },
    async fillIndexes({ definitions, ...task }) {
      return fillIndexes(store, { ...task, resourceType: withDefinitions(peopleType, definitions) })
    },
  }
}
