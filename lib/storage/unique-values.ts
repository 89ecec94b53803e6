import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { UniqueValue } from './bringing-port.ts'
import { entryKey } from './index-changes.ts'
import { indexedValues, isInactive, taken } from './index-entries.ts'
import { broughtEntries, isUnfilled } from './index-limits.ts'
import type { StorageLayout } from './layout.ts'
import { storableJson } from './stored-size.ts'
import { nameTaken, teamFold } from './team-names.ts'
import type { Team } from './team-port.ts'

/** What no other may have of a resource that is brought. @throws ScimError `invalidValue` for one that is too large to be kept. */
export function uniqueValuesOf(
  layout: StorageLayout,
  resourceType: ResourceType,
  resource: StoredResource,
): readonly UniqueValue[] {
  const { id, attributes } = resource
  storableJson(resourceType, resource)
  return broughtEntries(indexedValues(layout, resourceType, attributes))
    .filter(({ index }) => index.unique && !isUnfilled(index))
    .map((entry) => ({
      key: `${layout.table} ${entryKey(id, entry)}`,
      taken: () => taken(resourceType, entry.index, { id, isInactive: isInactive(attributes) }),
    }))
}

/** The name of a team, which no other team may have. */
export function uniqueNameOf({ id, name }: Pick<Team, 'id' | 'name'>): UniqueValue {
  return { key: `teams ${teamFold(name)}`, taken: () => nameTaken({ id, is: 'team' }) }
}
