/** What a row holds, its two keys among it. */
export type Columns = Readonly<Record<string, unknown>>

/** A row as it is kept. */
export interface KeptRow {
  readonly columns: Columns
  readonly etag: string
}

/** Names a row of a table. */
export interface RowName {
  readonly partitionKey: string
  readonly rowKey: string
}

/** One write of one row. */
export interface RowWrite extends RowName {
  readonly kind: 'insert' | 'replace' | 'merge' | 'delete'
  readonly columns: Columns
  /** `*` for any ETag; absent: the row need not be there. */
  readonly ifMatch?: string | undefined
}

/** Why the service does not do what it is asked for. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** Rows that a transaction may have. */
const MOST_ROWS = 100

/** Azure: what a key may not hold. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const FORBIDDEN = /[/\\#?\u0000-\u001F\u007F-\u009F]/

let written = 0

function newETag(): string {
  written += 1
  return `W/"datetime'${written}'"`
}

const TYPE = '@odata.type'

/** Whether it tells the type of a column that is written anew, with a type of its own or none. */
function isOfWritten(name: string, columns: Columns): boolean {
  return name.endsWith(TYPE) && name.slice(0, -TYPE.length) in columns
}

/** The rows of one partition, found by key and in the order of their keys. */
class Partition {
  readonly #rows = new Map<string, KeptRow>()
  readonly #keys: string[] = []

  get(rowKey: string): KeptRow | undefined {
    return this.#rows.get(rowKey)
  }

  set(rowKey: string, row: KeptRow): void {
    if (!this.#rows.has(rowKey)) this.#keys.splice(this.#placeOf(rowKey), 0, rowKey)
    this.#rows.set(rowKey, row)
  }

  delete(rowKey: string): void {
    if (this.#rows.delete(rowKey)) this.#keys.splice(this.#placeOf(rowKey), 1)
  }

  *from(rowKey: string): Generator<KeptRow> {
    for (let at = this.#placeOf(rowKey); at < this.#keys.length; at += 1) {
      const row = this.#rows.get(this.#keys[at] ?? '')
      if (row !== undefined) yield row
    }
  }

  /** Where a key stands, or would. */
  #placeOf(rowKey: string): number {
    let [low, high] = [0, this.#keys.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#keys[middle] ?? '') < rowKey) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** One table. */
export class Table {
  readonly #partitions = new Map<string, Partition>()

  get({ partitionKey, rowKey }: RowName): KeptRow | undefined {
    return this.#partitions.get(partitionKey)?.get(rowKey)
  }

  /** The rows from a place on, in the order of their keys: of one partition, or of all. */
  *from({ partitionKey, rowKey }: RowName, within?: string): Generator<KeptRow> {
    const keys = within === undefined ? [...this.#partitions.keys()].toSorted() : [within]
    for (const key of keys) {
      if (key < partitionKey) continue
      yield* this.#partitions.get(key)?.from(key === partitionKey ? rowKey : '') ?? []
    }
  }

  /**
   * Writes rows of one partition, all or none.
   * @returns their ETags, undefined for those that were deleted.
   * @throws Refused with the place of the row in front of the message, as the service has it for transactions.
   */
  write(writes: readonly RowWrite[]): readonly (string | undefined)[] {
    const [first] = writes
    if (first === undefined || writes.length > MOST_ROWS) {
      throw new Refused(400, 'InvalidInput', '99:The batch request has too many operations.')
    }
    const names = new Set(writes.map(({ rowKey }) => rowKey))
    if (names.size < writes.length) {
      throw new Refused(400, 'InvalidDuplicateRow', '0:A row appears more than once.')
    }
    if (writes.some(({ partitionKey }) => partitionKey !== first.partitionKey)) {
      throw new Refused(400, 'CommandsInBatchActOnDifferentPartitions', '0:Different partitions.')
    }
    for (const [at, write] of writes.entries()) this.#check(write, at)
    return writes.map((write) => this.#apply(write))
  }

  #check(write: RowWrite, at: number): void {
    const refuse = (status: number, code: string, message: string): never => {
      throw new Refused(status, code, `${at}:${message}`)
    }
    if (FORBIDDEN.test(write.partitionKey) || FORBIDDEN.test(write.rowKey)) {
      refuse(400, 'OutOfRangeInput', 'A key has characters that are not allowed.')
    }
    const row = this.get(write)
    if (write.kind === 'insert') {
      if (row !== undefined) {
        refuse(409, 'EntityAlreadyExists', 'The specified entity already exists.')
      }
      return
    }
    if (write.ifMatch === undefined) return
    if (row === undefined) {
      return refuse(404, 'ResourceNotFound', 'The specified resource does not exist.')
    }
    if (write.ifMatch !== '*' && write.ifMatch !== row.etag) {
      refuse(412, 'UpdateConditionNotSatisfied', 'The update condition was not satisfied.')
    }
  }

  #apply(write: RowWrite): string | undefined {
    const { partitionKey, rowKey, kind } = write
    const partition = this.#partitions.get(partitionKey) ?? new Partition()
    this.#partitions.set(partitionKey, partition)
    if (kind === 'delete') {
      partition.delete(rowKey)
      return undefined
    }
    const before = kind === 'merge' ? partition.get(rowKey)?.columns : undefined
    const kept = Object.entries(before ?? {}).filter(([name]) => !isOfWritten(name, write.columns))
    const keys = { PartitionKey: partitionKey, RowKey: rowKey }
    const row = {
      columns: { ...Object.fromEntries(kept), ...write.columns, ...keys },
      etag: newETag(),
    }
    partition.set(rowKey, row)
    return row.etag
  }
}
