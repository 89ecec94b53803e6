import { isObject } from '../../scim/json.ts'
import type { StoredResource } from '../../scim/resource.ts'
import type { HiddenAccounts } from '../hidden-port.ts'
import {
  arrivalOf,
  arrivingChange,
  hasExternalId,
  hiddenOf,
  hidingChange,
  recognitionsOf,
  returnedOf,
  returningChange,
  type Recognised,
} from '../hidden.ts'
import { withInvitation } from '../invitations.ts'
import { positionOf } from '../keys.ts'
import { inOrderOfIds, pageByPosition, requirePosition, type Matches } from '../page.ts'
import type { Change, MembershipCascade, NewResource } from '../port.ts'
import { storableJson } from '../stored-size.ts'
import { isCurrent, readable, type MemoryPartition, type Open } from './partition.ts'

/** What the store of the resources lends. */
interface MemoryParts {
  readonly open: Open
  readonly write: (partition: MemoryPartition, resource: StoredResource) => void
  readonly memberships: MembershipCascade
  readonly newRevision: () => string
}

/** Accounts that are kept out of sight, in memory. */
export function memoryHiddenAccounts(parts: MemoryParts): HiddenAccounts {
  const { open, write, memberships, newRevision } = parts
  return {
    ...hiddenReads(open),
    ...hiddenWrites(parts),

    async hide(scope, resourceType, before, change) {
      const partition = open(scope, resourceType)
      const { rows, hidden, journal, layout } = partition
      if (journal.has(change)) return true
      const kept = rows.get(before.id)
      if (kept === undefined || !isCurrent(partition, before)) return false
      rows.delete(before.id)
      hidden.set(before.id, { ...hiddenOf(kept, change), revision: newRevision() })
      journal.add(hidingChange(change))
      await memberships.removeAll(scope, before.id, layout.guarded, change)
      return true
    },

    async createOrRestore(scope, resourceType, resource, change) {
      return arrive(parts, open(scope, resourceType), resource, change)
    },

    async restore(scope, resourceType, account, attributes, change, returner) {
      const partition = open(scope, resourceType)
      const { rows, hidden, journal, layout } = partition
      const returning = returningChange(change, resourceType, account, attributes)
      const stored = returnedOf(account, attributes, returning, returner)
      if (journal.has(change)) return stored
      if (hidden.get(account.id)?.revision !== account.revision) return undefined
      if (returner !== undefined && !isCurrent(partition, returner)) return undefined
      const other = returner && rows.get(returner.id)
      if (other !== undefined) rows.delete(other.id)
      try {
        write(partition, stored)
      } catch (error) {
        if (other !== undefined) rows.set(other.id, other)
        throw error
      }
      hidden.delete(account.id)
      journal.add(returning)
      if (other !== undefined) {
        const heir = { heir: account.id }
        await memberships.removeAll(scope, other.id, layout.guarded, change, heir)
      }
      return stored
    },
  }
}

function hiddenWrites({
  open,
  newRevision,
}: MemoryParts): Pick<HiddenAccounts, 'replaceHidden' | 'deleteHidden'> {
  return {
    async replaceHidden(scope, resourceType, account, attributes, change) {
      const { hidden, journal } = open(scope, resourceType)
      if (journal.has(change)) return true
      if (hidden.get(account.id)?.revision !== account.revision) return false
      const { hidden: _, ...visible } = account
      const json = storableJson(resourceType, { ...account, attributes })
      const parsed: unknown = JSON.parse(json)
      const kept = { attributes: isObject(parsed) ? parsed : {}, characters: json.length }
      hidden.set(account.id, { ...visible, ...kept, revision: newRevision() })
      journal.add(change)
      return true
    },

    async deleteHidden(scope, resourceType, account, change) {
      const { hidden, journal } = open(scope, resourceType)
      if (journal.has(change)) return true
      if (hidden.get(account.id)?.revision !== account.revision) return false
      hidden.delete(account.id)
      journal.add(change)
      return true
    },
  }
}

function hiddenReads(open: Open): Pick<HiddenAccounts, 'getHidden' | 'listHidden'> {
  return {
    async getHidden(scope, resourceType, id) {
      const kept = open(scope, resourceType).hidden.get(id)
      return kept && readable(resourceType, kept)
    },

    async listHidden(scope, resourceType, query) {
      requirePosition(query.after)
      const { hidden } = open(scope, resourceType)
      const { after = '' } = query
      const behind = inOrderOfIds(hidden.values())
        .filter(({ id }) => positionOf(id) > after)
        .map((kept) => readable(resourceType, kept))
      return pageByPosition(atOnce(behind), query)
    },
  }
}

async function* atOnce(resources: readonly StoredResource[]): Matches {
  yield resources
}

function arrive(
  { write }: MemoryParts,
  partition: MemoryPartition,
  resource: NewResource,
  change: Change,
): StoredResource {
  const { rows, hidden, journal, resourceType } = partition
  const made = journal.entries.get(change.position)
  if (made !== undefined) return madeBefore(partition, made.subject, resource, change)
  const arrival = arrivalOf(
    resource.attributes,
    recognisedIn(partition, resource),
    isExternalIdPresent(partition, resource),
  )
  const kept = arrival.kind === 'return' ? hidden.get(arrival.id) : undefined
  const account = kept && readable(resourceType, kept)
  if (account !== undefined) {
    const { attributes } = resource
    const returning = returningChange(change, resourceType, account, attributes)
    const stored = returnedOf(account, attributes, returning)
    write(partition, stored)
    hidden.delete(account.id)
    journal.add(returning)
    return stored
  }
  const { possibleReturner } = arrival.kind === 'new' ? arrival : {}
  const { id, created, attributes } = resource
  const told = possibleReturner === undefined ? {} : { possibleReturner }
  const arriving = { id, created, attributes, ...change.stamp, ...told }
  const stored = withInvitation(undefined, arriving, change)
  if (rows.has(id)) return stored
  write(partition, stored)
  journal.add(arrivingChange(change, stored))
  return stored
}

/** What a creation has made that is made once more: as it is now, or as it was where it has gone since. */
function madeBefore(
  { rows, resourceType }: MemoryPartition,
  id: string,
  { created, attributes }: NewResource,
  { stamp }: Change,
): StoredResource {
  const kept = rows.get(id)
  return kept === undefined ? { id, created, attributes, ...stamp } : readable(resourceType, kept)
}

/** The hidden accounts that have a value by which the resource would be recognised. */
function recognisedIn(
  { layout, resourceType, hidden }: MemoryPartition,
  { attributes }: NewResource,
): readonly Recognised[] {
  const wanted = recognitionsOf(layout, resourceType, attributes)
  return [...hidden.values()].flatMap(({ id, lastModified: since, attributes: kept }) => {
    const own = recognitionsOf(layout, resourceType, kept)
    return wanted
      .filter(({ by, value }) => own.some((each) => each.by === by && each.value === value))
      .map(({ by }): Recognised => ({ by, id, since, hasExternalId: hasExternalId(kept) }))
  })
}

function isExternalIdPresent(
  { rows }: MemoryPartition,
  { attributes: { externalId } }: NewResource,
): boolean {
  if (typeof externalId !== 'string') return false
  return [...rows.values()].some(({ attributes }) => attributes['externalId'] === externalId)
}
