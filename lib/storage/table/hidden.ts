import type { TransactionAction } from '@azure/data-tables'
import type { StoredResource } from '../../scim/resource.ts'
import { ScimError } from '../../scim/errors.ts'
import { hidingChange, returnedOf, returningChange } from '../hidden.ts'
import { entryKey, indexedWith, keysOfAll } from '../index-changes.ts'
import { indexEntries, isInactive, requireStorable, type IndexEntry } from '../index-entries.ts'
import { bucketOf, hiddenKey, hiddenRange, resourceKey } from '../keys.ts'
import { pageByPosition, requirePosition, type Matches } from '../page.ts'
import type { Change, MembershipCascade, PositionedPage } from '../port.ts'
import { storableJson } from '../stored-size.ts'
import { countAction, readCounter } from './counters.ts'
import { deleteResource, deletionRows, finishDeletion, resumeDeletion } from './delete.ts'
import { fromEntity, IDENTITY_COLUMNS, isTombstone, toEntity } from './entity.ts'
import { isAsRead } from './get.ts'
import { forgetHidden, keepHidden, moveHidden, readHidden } from './hidden-rows.ts'
import { holdersOf, insertEntries, refuseTaken, removeRows, updateEntries } from './index-rows.ts'
import { invitationRows } from './invitation-rows.ts'
import { toJoiningMark } from './joining.ts'
import { commitOnce, isCommitted } from './journal.ts'
import { levelMove } from './levels.ts'
import { readRow, readRows, type ResourcePartition } from './partition.ts'
import type { Entity } from './row.ts'

/** Deletes an account and keeps it out of sight; see `HiddenAccounts.hide`. */
export async function hideResource(
  partition: ResourcePartition,
  before: StoredResource,
  memberships: MembershipCascade,
  change: Change,
): Promise<boolean> {
  const hiding = hidingChange(change)
  return deleteResource(
    partition,
    before,
    memberships,
    hiding,
    keepHidden(partition, before, hiding),
  )
}

/** One page of the hidden accounts. */
export async function listHidden(
  partition: ResourcePartition,
  query: { readonly after?: string; readonly count: number },
): Promise<PositionedPage> {
  requirePosition(query.after)
  return pageByPosition(allHidden(partition, query), query)
}

async function* allHidden(
  partition: ResourcePartition,
  { after, count }: { readonly after?: string; readonly count: number },
): Matches {
  const range = hiddenRange(partition.layout, after)
  // One more than the page holds tells whether there is another.
  const pageSize = Math.min(count + 1, 1000)
  for await (const { rows } of readRows(partition, { range, pageSize })) {
    yield rows.flatMap((row) => fromEntity(partition.resourceType, row) ?? [])
  }
}

/** Deletes a hidden account for good; see `HiddenAccounts.deleteHidden`. */
export async function deleteHidden(
  partition: ResourcePartition,
  hidden: StoredResource,
  change: Change,
): Promise<boolean> {
  return commitOnce<boolean>(partition, change, {
    rows: async () => {
      const counter = await readCounter(partition, hidden.id)
      if (!(await isStillHidden(partition, hidden))) return []
      return [...forgetHidden(partition, hidden), countAction(partition, counter, 0)]
    },
    committed: true,
    explain: async (refusal) =>
      (await isStillHidden(partition, hidden))
        ? { again: refusal?.error }
        : { result: await isCommitted(partition, change) },
  })
}

/** Replaces what is kept of a hidden account; see `HiddenAccounts.replaceHidden`. */
export async function replaceHidden(
  partition: ResourcePartition,
  hidden: StoredResource,
  attributes: StoredResource['attributes'],
  change: Change,
): Promise<boolean> {
  const { layout, resourceType } = partition
  const { revision, id } = hidden
  if (revision === undefined) return false
  const after = { ...hidden, attributes }
  const entity = toEntity(partition, after, storableJson(resourceType, after))
  return commitOnce<boolean>(partition, change, {
    rows: async () => [
      ['update', { ...entity, rowKey: hiddenKey(layout, id) }, 'Replace', { etag: revision }],
      ...(await moveHidden(partition, hidden)),
    ],
    committed: true,
    explain: async (refusal) =>
      (await isStillHidden(partition, hidden)) ? { again: refusal?.error } : { result: false },
  })
}

/** An account that returns, and under what it has come again. */
interface Joining {
  readonly hidden: StoredResource
  readonly attributes: StoredResource['attributes']
  readonly returner: (StoredResource & { readonly revision: string }) | undefined
}

/**
 * Rows of values and invitations that can come and go when one account goes into another: 100 fit into a transaction, with
 * those of both accounts, the mark, the hidden account's three, two counters', the journal's, and three of events.
 */
const MOST_ROWS = 88

function requireRoom(values: number, invitations: number): void {
  if (values + invitations <= MOST_ROWS) return
  throw new ScimError(
    'invalidValue',
    `${values} values that filters find without a scan, and ${invitations} invitations, would come and go at once; at most ${MOST_ROWS} together can. Acknowledge the invitations, or take some of the values away, and do it again.`,
  )
}

/** Brings a hidden account back; see `HiddenAccounts.restore`. */
export async function restoreHidden(
  partition: ResourcePartition,
  memberships: MembershipCascade,
  { hidden, attributes, returner }: Joining,
  change: Change,
): Promise<StoredResource | undefined> {
  const { layout, resourceType } = partition
  const entries = indexEntries(layout, resourceType, attributes)
  requireStorable(entries)
  const indexed = indexedWith(layout, hidden.id, entries)
  const returning = returningChange(change, resourceType, hidden, attributes)
  const stored = returnedOf(hidden, attributes, returning, returner)
  const json = storableJson(resourceType, stored)
  const values = entryRows(partition, { hidden, attributes, returner }, entries)
  const invitations = [
    ...invitationRows(partition, returner, undefined),
    ...invitationRows(partition, undefined, stored),
  ]
  requireRoom(values.length, invitations.length)
  const rows: readonly TransactionAction[] = [
    ['create', toEntity(partition, { ...stored, indexed }, json)],
    ...forgetHidden(partition, hidden),
    ...values,
    ...(returner === undefined ? [] : deletionRows(partition, returner, change, markOf(returner))),
    ...invitations,
  ]
  const isRestored = await commitOnce<boolean>(partition, returning, {
    rows: async () => {
      const counts = await countRows(partition, { hidden, attributes, returner })
      return (await isStillHidden(partition, hidden)) ? [...rows, ...counts] : []
    },
    committed: true,
    explain: async (refusal) => {
      const [isHidden, isReturner, holders, row] = await Promise.all([
        isStillHidden(partition, hidden),
        returner === undefined || isAsRead(partition, returner),
        holdersOf(partition, entries),
        readRow(partition, resourceKey(layout, hidden.id), IDENTITY_COLUMNS),
      ])
      if (!isHidden || !isReturner) return { result: await isCommitted(partition, change) }
      refuseTaken(partition, returner?.id ?? '', holders)
      if (row !== undefined && isTombstone(row)) {
        await resumeDeletion(partition, hidden.id, memberships)
      }
      return { again: refusal?.error }
    },
  })
  if (!isRestored) return undefined
  if (returner !== undefined) {
    await finishDeletion(partition, markOf(returner), memberships)
  }
  return stored

  function markOf({ id }: Pick<StoredResource, 'id'>): Entity {
    return toJoiningMark(partition, id, hidden.id, change)
  }
}

/** A unique value that both have goes from one to the other: its row is written once. */
function entryRows(
  partition: ResourcePartition,
  { hidden: { id }, attributes, returner }: Joining,
  entries: readonly IndexEntry[],
): readonly TransactionAction[] {
  const { layout, resourceType } = partition
  const holder = { id, isInactive: isInactive(attributes) }
  const before = new Set(returner === undefined ? [] : keysOfAll(layout, resourceType, returner))
  const [shared, own] = [entries.filter(isShared), entries.filter((each) => !isShared(each))]
  const kept = new Set(shared.map((each) => entryKey(id, each)))
  return [
    ...removeRows(
      partition,
      [...before].filter((key) => !kept.has(key)),
    ),
    ...insertEntries(partition, holder, own),
    ...updateEntries(partition, holder, shared),
  ]

  function isShared(entry: IndexEntry): boolean {
    return entry.index.unique && before.has(entryKey(id, entry))
  }
}

/**
 * One more, and of a returner one less: nothing, or another level, where the same counter counts both. The hidden account's is always
 * written, as it moves with every change of the account.
 */
async function countRows(
  partition: ResourcePartition,
  { hidden: { id }, attributes, returner }: Joining,
): Promise<readonly TransactionAction[]> {
  const coming = levelMove(partition, undefined, attributes)
  const [own, other] = await Promise.all([
    readCounter(partition, id),
    returner && readCounter(partition, returner.id),
  ])
  if (returner === undefined || other === undefined) return [countAction(partition, own, 1, coming)]
  const going = levelMove(partition, returner.attributes, undefined)
  if (bucketOf(id) === bucketOf(returner.id)) {
    return [countAction(partition, own, 0, { from: going.from, to: coming.to })]
  }
  return [countAction(partition, own, 1, coming), countAction(partition, other, -1, going)]
}

async function isStillHidden(
  partition: ResourcePartition,
  { id, revision }: StoredResource,
): Promise<boolean> {
  return (await readHidden(partition, id))?.revision === revision
}
