import { createHash } from 'node:crypto'
import { counted, NO_COUNTS, type Counts, type EndRecord, type BackupRecord } from './format.ts'

/** What the lines of a file add up to. */
export interface Tally {
  readonly lines: number
  readonly sha256: string
  readonly counts: Counts
}

/** Adds up lines one by one. */
export class Sum {
  #counts = NO_COUNTS
  #lines = 0
  readonly #hash = createHash('sha256')

  /** @param text the line as it is in the file, without its line feed. */
  add(text: string | Uint8Array, record: BackupRecord): void {
    this.#hash.update(text).update('\n')
    this.#counts = counted(this.#counts, record)
    this.#lines += 1
  }

  /** What was added so far. */
  tally(): Tally {
    return {
      lines: this.#lines,
      sha256: this.#hash.copy().digest('hex'),
      counts: this.#counts,
    }
  }
}

/** How the export came to its end. */
export type Ending = Pick<EndRecord, 'passes' | 'whole'>

/**
 * The lines of a file, each with its line feed, the last line added.
 * @returns the last line.
 */
export async function* sealedLines(
  records: AsyncGenerator<Exclude<BackupRecord, EndRecord>, Ending>,
): AsyncGenerator<string, EndRecord> {
  const sum = new Sum()
  for (;;) {
    const { done, value } = await records.next()
    if (done === true) {
      const end: EndRecord = { kind: 'end', ...sum.tally(), ...value }
      yield `${JSON.stringify(end)}\n`
      return end
    }
    const text = JSON.stringify(value)
    sum.add(text, value)
    yield `${text}\n`
  }
}
