import { isObject } from '../../scim/json.ts'
import { ScimError } from '../../scim/errors.ts'
import type { StoredResource } from '../../scim/resource.ts'
import type { Bringing, Brought } from '../bringing-port.ts'
import { indexesOf } from '../layout.ts'
import { storableJson } from '../stored-size.ts'
import type { MemoryPartition, Open } from './partition.ts'

/** What the store of the resources lends. */
interface BringingParts {
  readonly open: Open
  readonly write: (
    partition: MemoryPartition,
    resource: StoredResource,
    before?: StoredResource,
  ) => void
  readonly newRevision: () => string
}

/** Brings resources into memory. */
export function memoryBringing({ open, write, newRevision }: BringingParts): Bringing {
  return {
    async bring(scope, resourceType, resource, change) {
      const partition = open(scope, resourceType)
      if (partition.journal.has(change)) return 'brought'
      const found = foundAs(resource, partition.rows.get(resource.id))
      if (found !== undefined) return found
      writeAll({ write, partition }, resource)
      partition.journal.add(change)
      return 'brought'
    },

    async bringHidden(scope, resourceType, account, change) {
      const { hidden, journal } = open(scope, resourceType)
      if (journal.has(change)) return 'brought'
      const found = foundAs(account, hidden.get(account.id))
      if (found !== undefined) return found
      const { hidden: _, ...visible } = account
      const json = storableJson(resourceType, account)
      const parsed: unknown = JSON.parse(json)
      const kept = { attributes: isObject(parsed) ? parsed : {}, characters: json.length }
      hidden.set(account.id, { ...visible, ...kept, revision: newRevision() })
      journal.add(change)
      return 'brought'
    },
  }
}

function foundAs(
  { version }: StoredResource,
  there: StoredResource | undefined,
): Exclude<Brought, 'brought'> | undefined {
  if (there === undefined) return undefined
  return there.version === version ? 'there' : 'other'
}

/** While the index of what the tenant has declared is filled two may have one value. */
function writeAll(
  { write, partition }: Pick<BringingParts, 'write'> & { readonly partition: MemoryPartition },
  resource: StoredResource,
): void {
  const { layout, resourceType } = partition
  try {
    write(partition, resource)
  } catch (error) {
    const path = error instanceof ScimError ? error.path : undefined
    const isUnfilled = indexesOf(layout, resourceType).some((each) => {
      return each.declared && !each.complete && each.path === path
    })
    if (!isUnfilled) throw error
    write(partition, resource, resource)
  }
}
