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

/** Levels by their folds. */
export type LevelCounts = ReadonlyMap<string, Level>

/** What a change moves: nobody has a level before a creation, and behind a deletion. */
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
  const add = ({ fold, name }: CountedValue, by: 1 | -1): void => {
    const level = moved.get(fold) ?? { name, people: 0 }
    moved.set(fold, { ...level, people: Math.max(0, level.people + by) })
  }
  if (from !== undefined) add(from, -1)
  if (to !== undefined) add(to, 1)
  return moved
}

/** The sums, in the order of the names; of several spellings the one that most have. */
export function summedLevels(all: readonly LevelCounts[]): readonly Level[] {
  const sums = new Map<string, { readonly spelt: Level; readonly people: number }>()
  for (const [fold, level] of all.flatMap((counts) => [...counts])) {
    const sum = sums.get(fold)
    const spelt = sum === undefined || isCommoner(level, sum.spelt) ? level : sum.spelt
    sums.set(fold, { spelt, people: level.people + (sum?.people ?? 0) })
  }
  const levels = [...sums.values()].map(({ spelt: { name }, people }) => ({ name, people }))
  return levels.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

function isCommoner(one: Level, other: Level): boolean {
  return one.people === other.people ? one.name < other.name : one.people > other.people
}
