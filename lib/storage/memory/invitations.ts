import type { StoredResource } from '../../scim/resource.ts'
import type { Invitations } from '../people-port.ts'
import { dueSince } from '../invitations.ts'
import { positionOf } from '../keys.ts'
import { inOrderOfIds, requirePosition } from '../page.ts'
import type { MemoryPartition, Open } from './partition.ts'

/** Invitations in memory: what is due is said by the accounts alone. */
export function memoryInvitations(open: Open, newRevision: () => string): Invitations {
  return {
    async listInvitations(scope, resourceType, { after = '', count }) {
      requirePosition(after)
      const due = inOrderOfIds(open(scope, resourceType).rows.values()).flatMap((stored) => {
        const since = dueSince(stored)
        return since === undefined || positionOf(stored.id) <= after
          ? []
          : [{ id: stored.id, since }]
      })
      const items = due.slice(0, count)
      const last = items.at(-1)
      return due.length > count && last !== undefined
        ? { items, next: positionOf(last.id) }
        : { items }
    },

    async acknowledge(scope, resourceType, ids) {
      const partition = open(scope, resourceType)
      return [...new Set(ids)].filter((id) => acknowledge(partition, id, newRevision))
    },
  }
}

function acknowledge(
  { rows, hidden }: MemoryPartition,
  id: string,
  newRevision: () => string,
): boolean {
  const where = rows.has(id) ? rows : hidden
  const kept = where.get(id)
  if (kept?.invitation === undefined || kept.invitation === 'ahead') return false
  if (kept.invitation === 'acknowledged') return true
  const acknowledged: StoredResource = {
    ...kept,
    invitation: 'acknowledged',
    revision: newRevision(),
  }
  where.set(id, acknowledged)
  return true
}
