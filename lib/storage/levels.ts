import type { JsonObject } from '../scim/json.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { valuesAt } from '../scim/values-at.ts'
import { comparedValue } from './index-entries.ts'
import { indexesOf, type StorageLayout } from './layout.ts'
import type { Level } from './people-port.ts'

/** A value of the attribute whose values are counted. */
export interface CountedValue {
  /** As filters compare it: values that are equal so are one level. */
  readonly fold: string
  readonly name: string
}

/** How many have each spelling of a level; those that somebody has had stay with it. */
type Spellings = ReadonlyMap<string, number>

/** Levels by their folds. */
export type LevelCounts = ReadonlyMap<string, Spellings>

/** What a change moves, be it to another spelling: nobody has a level before a creation, and behind a deletion. */
export interface LevelMove {
  readonly from?: CountedValue | undefined
  readonly to?: CountedValue | undefined
}

/** The level of a resource; undefined where it has none, or its type has none. */
export function levelOf(
  layout: StorageLayout,
  resourceType: ResourceType,
  attributes: JsonObject,
): CountedValue | undefined {
  const reference = referenceOf(layout, resourceType)
  const [name] = reference === undefined ? [] : valuesAt(reference, attributes)
  return typeof name === 'string' ? countedValue(layout, resourceType, name) : undefined
}

/** A name of a level as a value that is counted. */
export function countedValue(
  layout: StorageLayout,
  resourceType: ResourceType,
  name: string,
): CountedValue | undefined {
  const reference = referenceOf(layout, resourceType)
  const fold = reference && comparedValue(reference, name)
  return fold === undefined ? undefined : { fold, name }
}

function referenceOf(
  layout: StorageLayout,
  resourceType: ResourceType,
): ReturnType<typeof indexesOf>[number]['reference'] | undefined {
  const { counted, prefix } = layout
  if (counted === undefined) return undefined
  return indexesOf(layout, resourceType).find(({ name }) => name === prefix + counted)?.reference
}

/** The counts after a move; a level that nobody has any more stays. */
export function movedLevels(counts: LevelCounts, { from, to }: LevelMove): LevelCounts {
  const moved = new Map(counts)
  if (from !== undefined) {
    const spellings = moved.get(from.fold) ?? new Map<string, number>()
    moved.set(from.fold, added(spellings, countedAs(spellings, from.name), -1))
  }
  if (to !== undefined) moved.set(to.fold, added(moved.get(to.fold) ?? new Map(), to.name, 1))
  return moved
}

function added(spellings: Spellings, name: string, by: 1 | -1): Spellings {
  return new Map(spellings).set(name, Math.max(0, (spellings.get(name) ?? 0) + by))
}

/** Where only the spelling was counted that came first, somebody of another one has to leave that: else sums were wrong. */
function countedAs(spellings: Spellings, name: string): string {
  const isCounted = (spellings.get(name) ?? 0) > 0
  return isCounted || spellings.size === 0 ? name : commonest(spellings)
}

/** What was counted anew; of that which was known stays what nobody has any more. */
export function withEmpty(counted: LevelCounts, known: LevelCounts): LevelCounts {
  const all = new Map(counted)
  for (const [fold, spellings] of known) {
    const empty = [...spellings.keys()].map((name) => [name, 0] as const)
    all.set(fold, new Map([...empty, ...(counted.get(fold) ?? [])]))
  }
  return all
}

/** The sums, in the order of the names. */
export function summedLevels(all: readonly LevelCounts[]): readonly Level[] {
  const sums = new Map<string, Map<string, number>>()
  for (const [fold, spellings] of all.flatMap((counts) => [...counts])) {
    const sum = sums.get(fold) ?? new Map<string, number>()
    for (const [name, people] of spellings) sum.set(name, (sum.get(name) ?? 0) + people)
    sums.set(fold, sum)
  }
  const levels = [...sums.values()].map((spellings): Level => {
    const people = [...spellings.values()].reduce((sum, each) => sum + each, 0)
    return { name: commonest(spellings), people }
  })
  return levels.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

/** One level of several counts. */
export function levelAt(fold: string, all: readonly LevelCounts[]): Level | undefined {
  const own = all.flatMap((counts) => {
    const spellings = counts.get(fold)
    return spellings === undefined ? [] : [new Map([[fold, spellings]])]
  })
  return summedLevels(own)[0]
}

/** The spelling that most have; the smallest of several. */
function commonest(spellings: Spellings): string {
  const [first] = [...spellings].toSorted(([one, more], [other, fewer]) =>
    more === fewer ? (one < other ? -1 : 1) : fewer - more,
  )
  return first?.[0] ?? ''
}
