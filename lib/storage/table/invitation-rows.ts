import type { TransactionAction } from '@azure/data-tables'
import { inParallel } from '../../in-parallel.ts'
import type { ResourceType } from '../../scim/resource-type.ts'
import type { StoredResource } from '../../scim/resource.ts'
import { unavailable } from '../../scim/errors.ts'
import type { InvitationPage, Invitations } from '../people-port.ts'
import { dueSince } from '../invitations.ts'
import {
  hiddenKey,
  invitationKey,
  invitationRange,
  positionOf,
  rangeThrough,
  resourceKey,
} from '../keys.ts'
import { requirePosition } from '../page.ts'
import type { Scope } from '../port.ts'
import { fromEntity } from './entity.ts'
import { moveHidden } from './hidden-rows.ts'
import { invitationIn } from './invitation-column.ts'
import { countBefore, readTogether } from './membership-lookup.ts'
import {
  MAX_PAGE_SIZE,
  readRow,
  readRows,
  type Partition,
  type ResourcePartition,
} from './partition.ts'
import { text, type Row } from './row.ts'
import { MAX_ROWS, submit, untilDecided, type Attempt } from './transaction.ts'

/** Accounts that are looked at and written at the same time. */
const AT_ONCE = 16
const PARTS_AT_ONCE = 4

/** Notes an invitation that a change makes due, or takes it away with what it was due for. */
export function invitationRows(
  { partitionKey, layout }: Partition,
  before: StoredResource | undefined,
  after: StoredResource | undefined,
): readonly TransactionAction[] {
  const [was, since] = [before && dueSince(before), after && dueSince(after)]
  if (was === since) return []
  if (after !== undefined && since !== undefined) {
    const key = { partitionKey, rowKey: invitationKey(layout, after.id) }
    return [['upsert', { ...key, id: after.id, since }, 'Replace']]
  }
  if (before === undefined) return []
  return [['delete', { partitionKey, rowKey: invitationKey(layout, before.id) }]]
}

/** Invitations in tables. */
export function tableInvitations(
  partition: (scope: Scope, resourceType: ResourceType) => ResourcePartition,
): Invitations {
  return {
    listInvitations: async (scope, resourceType, query) =>
      listInvitations(partition(scope, resourceType), query),

    async acknowledge(scope, resourceType, ids) {
      return acknowledgeAll(partition(scope, resourceType), [...new Set(ids)])
    },
  }
}

async function listInvitations(
  partition: Partition,
  { after, count }: { readonly after?: string; readonly count: number },
): Promise<InvitationPage> {
  requirePosition(after)
  const range = invitationRange(partition.layout, after)
  const rows: Row[] = []
  // One more than the page holds tells whether there is another.
  const pageSize = Math.min(count + 1, MAX_PAGE_SIZE)
  for await (const page of readRows(partition, { range, pageSize })) {
    rows.push(...page.rows)
    if (rows.length > count) break
  }
  const items = rows
    .slice(0, count)
    .map((row) => ({ id: text(row, 'id'), since: text(row, 'since') }))
  const last = items.at(-1)
  return rows.length > count && last !== undefined
    ? { items, next: positionOf(last.id) }
    : { items }
}

/** Those that are listed as due go together; who is not, or is changed meanwhile, is looked at alone. */
async function acknowledgeAll(
  partition: ResourcePartition,
  ids: readonly string[],
): Promise<readonly string[]> {
  const done = new Set<string>()
  await inParallel(partsOf(await dueAmong(partition, ids)), PARTS_AT_ONCE, async (part) => {
    const rows = part.flatMap((id) => acknowledgedRows(partition, id))
    const { committed } = await submit(partition, rows)
    for (const id of committed ? part : []) done.add(id)
  })
  const known = await inParallel(ids, AT_ONCE, async (id) =>
    done.has(id) || (await acknowledge(partition, id)) ? [id] : [],
  )
  return known.flat()
}

/** Of many those that are listed, as far as it pays to read the list between the first and the last of them. */
async function dueAmong(partition: Partition, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length <= AT_ONCE) return []
  const idByKey = new Map(ids.map((id) => [invitationKey(partition.layout, id), id]))
  const keys = [...idByKey.keys()].toSorted()
  const due: string[] = []
  const query = { range: rangeThrough(keys[0] ?? '', keys.at(-1) ?? ''), select: ['RowKey'] }
  await readTogether(partition, query, keys.length, {
    note(row) {
      const id = idByKey.get(text(row, 'rowKey'))
      if (id !== undefined) due.push(id)
    },
    completeAt: (row) => countBefore(keys, (key) => key <= text(row, 'rowKey')),
  })
  return due
}

function partsOf(ids: readonly string[]): readonly (readonly string[])[] {
  const size = MAX_ROWS / 2
  return Array.from({ length: Math.ceil(ids.length / size) }, (_, at) =>
    ids.slice(at * size, (at + 1) * size),
  )
}

/** The row in the list must be there: it tells that the account is, and that its invitation is due. */
function acknowledgedRows(
  { partitionKey, layout }: Partition,
  id: string,
): readonly TransactionAction[] {
  const entity = { partitionKey, rowKey: resourceKey(layout, id), invitation: 'acknowledged' }
  return [
    ['update', entity, 'Merge', { etag: '*' }],
    ['delete', { partitionKey, rowKey: invitationKey(layout, id) }],
  ]
}

/** The account and its row in the list change at once, so that each always tells the other. */
async function acknowledge(partition: ResourcePartition, id: string): Promise<boolean> {
  const { partitionKey, deadline } = partition
  return untilDecided(deadline, id, async (): Promise<Attempt<boolean>> => {
    const row = await accountRow(partition, id)
    const invitation = row && invitationIn(row)
    if (row === undefined || invitation === undefined || invitation === 'ahead') {
      return { result: false }
    }
    if (invitation === 'acknowledged') return { result: true }
    const entity = { partitionKey, rowKey: text(row, 'rowKey'), invitation: 'acknowledged' }
    const outcome = await submit(partition, [
      ['update', entity, 'Merge', { etag: text(row, 'etag') }],
      ...(await besideAccount(partition, row, id)),
    ])
    if (outcome.committed) return { result: true }
    return { again: outcome.error ?? unavailable('The account is being changed. Try again.') }
  })
}

/** What goes with the acknowledgement: out of the list, or told to whoever brings the account back at this moment. */
async function besideAccount(
  partition: ResourcePartition,
  row: Row,
  id: string,
): Promise<readonly TransactionAction[]> {
  const { partitionKey, layout, resourceType } = partition
  if (text(row, 'rowKey') === resourceKey(layout, id)) {
    return [['delete', { partitionKey, rowKey: invitationKey(layout, id) }]]
  }
  const hidden = fromEntity(resourceType, row)
  return hidden === undefined ? [] : moveHidden(partition, hidden)
}

/** The row of an account; all of it where the account is kept out of sight. */
async function accountRow(partition: Partition, id: string): Promise<Row | undefined> {
  const { layout } = partition
  const columns = ['PartitionKey', 'RowKey', 'deleted', 'invitation']
  const row = await readRow(partition, resourceKey(layout, id), columns)
  if (row !== undefined && row['deleted'] !== true) return row
  return readRow(partition, hiddenKey(layout, id))
}
