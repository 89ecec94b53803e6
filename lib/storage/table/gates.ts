import type { TransactionAction } from '@azure/data-tables'
import type { Recognition } from '../hidden.ts'
import { gateKey } from '../keys.ts'
import { readRow, type Partition } from './partition.ts'
import { text, type Row } from './row.ts'

/**
 * Keeps those who arrive from what they do not see of accounts that are hidden at the same moment, or changed while they are. An account
 * has a gate for each value by which it is recognised: whoever hides it, or changes it then, moves them; whoever arrives has looked who
 * is hidden, and commits only if the gates are as they were before.
 */
export interface Gate {
  readonly rowKey: string
  /** Absent for a gate that nobody has written yet. */
  readonly etag?: string
  /** When somebody was hidden last who has it, in milliseconds; NaN where nobody can read it. */
  readonly hidden?: number
}

/** Milliseconds, longer than a request takes and clocks differ, in which what was read beside a gate may be from before it. */
const LATENESS = 10 * 60 * 1000

/** Reads the gates of these values. */
export async function readGates(
  partition: Partition,
  recognitions: readonly Recognition[],
): Promise<readonly Gate[]> {
  return Promise.all(
    keysOf(partition, recognitions).map(async (rowKey): Promise<Gate> => {
      const row = await readRow(partition, rowKey)
      return row === undefined ? { rowKey } : gateIn(row)
    }),
  )
}

/** A gate says nothing of anybody: who arrives at one that nobody can read looks once more, and is not refused. */
function gateIn(row: Row): Gate {
  const { hidden } = row
  const gate = { rowKey: text(row, 'rowKey'), etag: text(row, 'etag') }
  if (hidden === undefined || hidden === null) return gate
  return { ...gate, hidden: typeof hidden === 'string' ? Date.parse(hidden) : Number.NaN }
}

/** Whether somebody was, or may have been, hidden so lately that what was read at the same time as the gates may not tell. */
export function isJustHidden(gates: readonly Gate[]): boolean {
  return gates.some(({ hidden }) => {
    return hidden !== undefined && !(Math.abs(Date.now() - hidden) >= LATENESS)
  })
}

/** Goes on if nobody has moved the gates since they were read. */
export function passGates(
  { partitionKey }: Partition,
  gates: readonly Gate[],
): readonly TransactionAction[] {
  return gates.map(({ rowKey, etag }) => {
    const key = { partitionKey, rowKey }
    return etag === undefined ? ['create', key] : ['update', key, 'Merge', { etag }]
  })
}

/** Moves the gates of these values: of an account that is changed while it is hidden. */
export function moveGates(
  partition: Partition,
  recognitions: readonly Recognition[],
  columns: { readonly hidden?: string } = {},
): readonly TransactionAction[] {
  const { partitionKey } = partition
  return keysOf(partition, recognitions).map((rowKey) => {
    return ['upsert', { partitionKey, rowKey, ...columns }, 'Merge']
  })
}

/** The same of an account that is hidden now. */
export function moveGatesToHide(
  partition: Partition,
  recognitions: readonly Recognition[],
): readonly TransactionAction[] {
  return moveGates(partition, recognitions, { hidden: new Date().toISOString() })
}

/** Two values of an account may share a gate, and a transaction has each row once. */
function keysOf({ layout }: Partition, recognitions: readonly Recognition[]): readonly string[] {
  return [...new Set(recognitions.map(({ index, value }) => gateKey(layout, index, value)))]
}
