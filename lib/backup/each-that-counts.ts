import type { CheckedFile, OpenFile } from './checked-file.ts'
import { parseRecord, type BackupRecord } from './format.ts'
import { linesOf } from './lines.ts'

/** Reads each record that no later one stands for. */
export async function eachThatCounts(
  { isLast }: CheckedFile,
  open: OpenFile,
  take: (record: BackupRecord) => Promise<void>,
): Promise<void> {
  let isTaken = false
  for await (const line of linesOf(open())) {
    const record = parseRecord(line)
    if (record.kind !== 'members') isTaken = isLast(record, line.number)
    if (isTaken) await take(record)
  }
}
