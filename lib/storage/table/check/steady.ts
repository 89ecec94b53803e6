import type { StoredResource } from '../../../scim/resource.ts'
import { resourceKey, type KeyRange } from '../../keys.ts'
import { readAllRows, readRow, type ResourcePartition, type RowPartition } from '../partition.ts'
import { text, type Row } from '../row.ts'
import { resourceIn } from './readable.ts'

/** Reads, and keeps what tells whether the same is read again. */
export class Reads {
  readonly #etags: string[] = []

  async row(partition: RowPartition, rowKey: string): Promise<Row | undefined> {
    const row = await readRow(partition, rowKey)
    this.#note(partition, rowKey, row)
    return row
  }

  async rows(partition: RowPartition, range: KeyRange): Promise<readonly Row[]> {
    const rows = await readAllRows(partition, { range })
    this.#note(partition, range.from, undefined)
    for (const row of rows) this.#note(partition, text(row, 'rowKey'), row)
    return rows
  }

  /** A resource that is there. */
  async resource(partition: ResourcePartition, id: string): Promise<StoredResource | undefined> {
    const row = await this.row(partition, resourceKey(partition.layout, id))
    return row === undefined ? undefined : resourceIn(partition, row)
  }

  /** The same as long as nobody has written what was read; in any order, as reads run side by side. */
  get fingerprint(): string {
    return this.#etags.toSorted().join('\n')
  }

  #note({ table }: RowPartition, rowKey: string, row: Row | undefined): void {
    this.#etags.push(`${table.tableName} ${rowKey} ${row === undefined ? '' : text(row, 'etag')}`)
  }
}

const TRIES = 5

/**
 * Looks at several rows as they were at one moment: what is the same twice was so in between. No transaction reads rows of
 * several keys, and ETags are never used twice.
 */
export async function steadily<Result>(
  look: (reads: Reads) => Promise<Result>,
): Promise<{ readonly seen: Result } | 'moving'> {
  let last: string | undefined
  for (let tries = 0; tries < TRIES; tries += 1) {
    const reads = new Reads()
    const seen = await look(reads)
    const { fingerprint } = reads
    if (fingerprint === last) return { seen }
    last = fingerprint
  }
  return 'moving'
}
