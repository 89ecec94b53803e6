import type { TransactionAction } from '@azure/data-tables'
import { inParallel } from '../../in-parallel.ts'
import type { KeyRange } from '../keys.ts'
import type { MembersPart } from '../member-parts.ts'
import { eraseRow } from './erase.ts'
import { commitOnce } from './journal.ts'
import type { Pair } from './membership-rows.ts'
import { readRow, readRows, type Partition } from './partition.ts'
import { text } from './row.ts'

/** Several at once, where each takes fewer members than it could, since it has a row of the journal. */
const LOSSES_AT_ONCE = 5
const READS_AT_ONCE = 16

/** The members that something loses which is gone, so that nobody can join it any more. */
export interface Losses {
  readonly range: KeyRange
  /** Where the rows in it have the member's id. */
  readonly column: string
  readonly pairOf: (memberId: string) => Pair
  readonly partsOf: (memberIds: readonly string[]) => readonly MembersPart[]
  /** A row without which nothing is removed: then another has come to the end of this already. */
  readonly fence?: string
}

/**
 * Removes them, and the journal says that they have lost it.
 * @returns false when the fence was gone.
 */
export async function removeLosses(partition: Partition, losses: Losses): Promise<boolean> {
  const { range, column, partsOf } = losses
  for await (const { rows } of readRows(partition, { range, select: [column] })) {
    if (rows.length === 0) continue
    const parts = partsOf(rows.map((row) => text(row, column)))
    const removed = await inParallel(parts, LOSSES_AT_ONCE, async (part) =>
      removePart(partition, losses, part),
    )
    if (removed.includes(false)) return false
  }
  return true
}

/** In one transaction with the row of the journal: whoever loses it has one, and nobody has two. */
async function removePart(
  partition: Partition,
  { pairOf, fence }: Losses,
  { change, members }: MembersPart,
): Promise<boolean> {
  let open = members
  return commitOnce<boolean>(partition, change, {
    rows: () =>
      open.length === 0
        ? []
        : [
            ...fenceActions(partition, fence),
            ...open.flatMap(({ member }) => removalOf(pairOf(member.value))),
          ],
    moving: () => open,
    committed: true,
    explain: async (refusal) => {
      const isOpen = fence === undefined || (await readRow(partition, fence)) !== undefined
      if (!isOpen) return { result: false }
      // Two of us are at it.
      const still = await inParallel(members, READS_AT_ONCE, async ({ member }) =>
        isWhole(partition, pairOf(member.value), fence === undefined),
      )
      open = members.filter((_, at) => still[at] === true)
      return open.length === 0 ? { result: true } : { again: refusal?.error }
    },
  })
}

/** Asks in a transaction for a row, if for any. */
export function fenceActions(
  { partitionKey }: Partition,
  fence: string | undefined,
): readonly TransactionAction[] {
  if (fence === undefined) return []
  return [['update', { partitionKey, rowKey: fence }, 'Merge', { etag: '*' }]]
}

/** Removes a membership. */
export function removalOf({ member, memberOf }: Pair): readonly TransactionAction[] {
  return [
    ['delete', { ...member }],
    ['delete', { ...memberOf }],
  ]
}

/** Whether both rows of a membership are there; one that is there alone goes, where it may. */
async function isWhole(
  partition: Partition,
  { member, memberOf }: Pair,
  mayErase: boolean,
): Promise<boolean> {
  const { table, deadline } = partition
  const [one, other] = await Promise.all(
    [member, memberOf].map(async ({ rowKey }) => readRow(partition, rowKey, ['RowKey'])),
  )
  if (one !== undefined && other !== undefined) return true
  if (one !== undefined && mayErase) await eraseRow(table, member, deadline)
  if (other !== undefined && mayErase) await eraseRow(table, memberOf, deadline)
  return false
}
