import type { StoredResource } from '../../../scim/resource.ts'
import { bucketAt, BUCKETS, counterKey, counterRange } from '../../keys.ts'
import { levelOf, movedLevels, type LevelCounts } from '../../levels.ts'
import { UnreadableRow } from '../../unreadable-row.ts'
import { counterIn, type Counter } from '../counters.ts'
import type { KnownLevels } from '../level-columns.ts'
import { readRows, type ResourcePartition } from '../partition.ts'
import { text } from '../row.ts'
import { suspectOf } from './facts.ts'
import { tried } from './readable.ts'
import type { Suspect } from './suspect.ts'

/** How many resources there are, and at which levels. */
export interface Tally {
  readonly count: number
  readonly levels: LevelCounts
  /** Those of them that nobody can read. */
  readonly unreadable: number
}

export const EMPTY: Tally = { count: 0, levels: new Map(), unreadable: 0 }

/** One resource more; one that nobody can read is there, too. */
export function tallied(
  { layout, resourceType }: ResourcePartition,
  { count, levels, unreadable }: Tally,
  stored: StoredResource | undefined,
): Tally {
  if (stored === undefined) return { count: count + 1, levels, unreadable: unreadable + 1 }
  if (layout.counted === undefined) return { count: count + 1, levels, unreadable }
  const to = levelOf(layout, resourceType, stored.attributes)
  return { count: count + 1, levels: movedLevels(levels, { to }), unreadable }
}

/** Whether a counter has counted so many. */
export function isCounted({ count }: Pick<Counter, 'count'>, tally: Tally): boolean {
  return count === tally.count
}

/** Whether a counter has everybody at the level, as far as anybody can tell; one that does not know levels says nothing wrong. */
export function areLevelsCounted(known: KnownLevels, { levels, unreadable }: Tally): boolean {
  if (typeof known !== 'object' || unreadable > 0) return true
  const folds = new Set([...known.keys(), ...levels.keys()])
  return [...folds].every((fold) => peopleAt(known.get(fold)) === peopleAt(levels.get(fold)))
}

/** How many have a level, in whatever spelling. */
export function peopleAt(spellings: ReadonlyMap<string, number> = new Map()): number {
  return [...spellings.values()].reduce((sum, each) => sum + each, 0)
}

/** Counts what goes by, for all counters of a resource type. */
export class Tallies {
  readonly #partition: ResourcePartition
  readonly #tallies: Tally[] = Array.from({ length: BUCKETS }, () => EMPTY)

  constructor(partition: ResourcePartition) {
    this.#partition = partition
  }

  /** @param position where its id stands. */
  add(position: string, stored: StoredResource | undefined): void {
    const bucket = bucketAt(position)
    this.#tallies[bucket] = tallied(this.#partition, this.#tallies[bucket] ?? EMPTY, stored)
  }

  /** The counters that have counted something else. */
  async suspects(): Promise<readonly Suspect[]> {
    const { layout } = this.#partition
    const counters = new Map<string, Counter | UnreadableRow>()
    for await (const { rows } of readRows(this.#partition, { range: counterRange(layout) })) {
      for (const row of rows)
        counters.set(
          text(row, 'rowKey'),
          tried(() => counterIn(row)),
        )
    }
    return this.#tallies.flatMap((tally, bucket) => {
      const rowKey = counterKey(layout, bucket)
      const counter = counters.get(rowKey) ?? { count: 0, levels: new Map() }
      const suspect = suspectOf(this.#partition, 'counter', rowKey)
      if (counter instanceof UnreadableRow) return [suspect]
      const { count, levels } = counter
      const isUncounted = layout.counted !== undefined && levels === undefined
      const isRight = isCounted({ count }, tally) && areLevelsCounted(levels, tally)
      return isRight && !isUncounted ? [] : [suspect]
    })
  }
}
