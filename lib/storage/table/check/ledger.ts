import { createHash } from 'node:crypto'
import { nameOf, type Suspect } from './suspect.ts'

/** What one row says that another has to say, too. */
export interface Fact {
  readonly suspect: Suspect
  /** What both say beside whom they are about. */
  readonly content: string
}

/** One side tells facts, such as a resource its index rows; the other keeps them. */
export type Side = 'told' | 'kept'

const BUCKETS = 2 ** 14

/** Facts that are held at the same time. */
const MOST_HELD = 100_000

/** A fact as 30 bits that choose its bucket, and 64 that tell it from others in it. */
interface Mark {
  readonly bucket: number
  readonly high: number
  readonly low: number
}

function textOf({ suspect, content }: Fact): string {
  return `${nameOf(suspect)} ${content}`
}

function markOf(text: string): Mark {
  const digest = createHash('sha256').update(text).digest()
  return {
    bucket: digest.readUInt32BE(0) % BUCKETS,
    high: digest.readUInt32BE(4),
    low: digest.readUInt32BE(8),
  }
}

/**
 * Compares two sides that come in different orders, in memory that does not grow with them: by sums of buckets first. What
 * is in buckets that differ is compared one by one, when all facts come again.
 */
export class Ledger {
  readonly #sums = { told: new Sums(), kept: new Sums() } as const

  note(side: Side, fact: Fact): void {
    this.#sums[side].add(markOf(textOf(fact)))
  }

  /** The buckets that differ, in parts whose facts can be held: each takes one more reading of all facts. */
  parts(): readonly ReadonlySet<number>[] {
    const { told, kept } = this.#sums
    const parts: Set<number>[] = []
    let held = Infinity
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      if (told.isSame(kept, bucket)) continue
      const facts = told.countOf(bucket) + kept.countOf(bucket)
      const last = parts.at(-1)
      if (last === undefined || held + facts > MOST_HELD) {
        parts.push(new Set([bucket]))
        held = facts
      } else {
        last.add(bucket)
        held += facts
      }
    }
    return parts
  }
}

class Sums {
  readonly #counts = new Uint32Array(BUCKETS)
  readonly #high = new Uint32Array(BUCKETS)
  readonly #low = new Uint32Array(BUCKETS)

  add({ bucket, high, low }: Mark): void {
    this.#counts[bucket] = this.countOf(bucket) + 1
    this.#high[bucket] = (this.#high[bucket] ?? 0) ^ high
    this.#low[bucket] = (this.#low[bucket] ?? 0) ^ low
  }

  countOf(bucket: number): number {
    return this.#counts[bucket] ?? 0
  }

  isSame(other: Sums, bucket: number): boolean {
    return (
      this.countOf(bucket) === other.countOf(bucket) &&
      this.#high[bucket] === other.#high[bucket] &&
      this.#low[bucket] === other.#low[bucket]
    )
  }
}

/** The facts of some buckets that one side alone has. */
export class Differences {
  readonly #buckets: ReadonlySet<number>
  readonly #open = new Map<string, { readonly side: Side; readonly suspect: Suspect }>()

  constructor(buckets: ReadonlySet<number>) {
    this.#buckets = buckets
  }

  note(side: Side, fact: Fact): void {
    const text = textOf(fact)
    if (!this.#buckets.has(markOf(text).bucket)) return
    const present = this.#open.get(text)
    if (present === undefined) this.#open.set(text, { side, suspect: fact.suspect })
    else if (present.side !== side) this.#open.delete(text)
  }

  suspects(): readonly Suspect[] {
    return [...this.#open.values()].map(({ suspect }) => suspect)
  }
}
