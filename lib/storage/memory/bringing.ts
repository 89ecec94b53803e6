import { isObject } from '../../scim/json.ts'
import type { StoredResource } from '../../scim/resource.ts'
import type { ResourceType } from '../../scim/resource-type.ts'
import type { Bringing, Brought } from '../bringing-port.ts'
import { indexedValues, type IndexEntry } from '../index-entries.ts'
import { broughtEntries, isUnfilled } from '../index-limits.ts'
import { layoutOf, type StorageLayout } from '../layout.ts'
import { storableJson } from '../stored-size.ts'
import { uniqueValuesOf } from '../unique-values.ts'
import { noteLevel } from './levels.ts'
import type { MemoryPartition, Open } from './partition.ts'

/** What the store of the resources lends. */
interface BringingParts {
  readonly layouts: readonly StorageLayout[]
  readonly open: Open
  /** @throws ScimError `uniqueness` when another has one of the values. */
  readonly refuseTaken: (
    partition: MemoryPartition,
    id: string,
    entries: readonly IndexEntry[],
  ) => void
  readonly newRevision: () => string
}

/** Brings resources into memory. */
export function memoryBringing(parts: BringingParts): Bringing {
  return { ...bringing(parts), ...rehearsing(parts) }
}

function bringing({
  open,
  refuseTaken,
  newRevision,
}: BringingParts): Pick<Bringing, 'bring' | 'bringHidden'> {
  return {
    async bring(scope, resourceType, resource, change) {
      const partition = open(scope, resourceType)
      if (partition.journal.has(change)) return 'brought'
      const found = foundAs(resource, partition.rows.get(resource.id))
      if (found !== undefined) return found
      const { layout, rows, journal } = partition
      const entries = broughtEntries(indexedValues(layout, resourceType, resource.attributes))
      const filled = entries.filter(({ index }) => !isUnfilled(index))
      const kept = keptOf(resourceType, resource)
      refuseTaken(partition, resource.id, filled)
      noteLevel(partition, resource.attributes)
      rows.set(resource.id, { ...kept, revision: newRevision() })
      journal.add(change)
      return 'brought'
    },

    async bringHidden(scope, resourceType, account, change) {
      const { hidden, journal } = open(scope, resourceType)
      if (journal.has(change)) return 'brought'
      const found = foundAs(account, hidden.get(account.id))
      if (found !== undefined) return found
      hidden.set(account.id, { ...keptOf(resourceType, account), revision: newRevision() })
      journal.add(change)
      return 'brought'
    },
  }
}

function rehearsing({
  layouts,
  open,
  refuseTaken,
}: BringingParts): Omit<Bringing, 'bring' | 'bringHidden'> {
  return {
    uniqueValues: (resourceType, resource) =>
      uniqueValuesOf(layoutOf(layouts, resourceType), resourceType, resource),

    async rehearse(scope, resourceType, resource) {
      const partition = open(scope, resourceType)
      const { id, attributes } = resource
      storableJson(resourceType, resource)
      const entries = broughtEntries(indexedValues(partition.layout, resourceType, attributes))
      const found = foundAs(resource, partition.rows.get(id))
      if (found !== undefined) return found
      refuseTaken(
        partition,
        id,
        entries.filter(({ index }) => !isUnfilled(index)),
      )
      return 'brought'
    },

    async rehearseHidden(scope, resourceType, account) {
      storableJson(resourceType, account)
      return foundAs(account, open(scope, resourceType).hidden.get(account.id)) ?? 'brought'
    },
  }
}

/** As a store keeps it that keeps text. */
function keptOf(resourceType: ResourceType, resource: StoredResource): StoredResource {
  const { hidden: _, ...visible } = resource
  const json = storableJson(resourceType, resource)
  const parsed: unknown = JSON.parse(json)
  return { ...visible, attributes: isObject(parsed) ? parsed : {}, characters: json.length }
}

function foundAs(
  { version }: StoredResource,
  there: StoredResource | undefined,
): Exclude<Brought, 'brought'> | undefined {
  if (there === undefined) return undefined
  return there.version === version ? 'there' : 'other'
}
