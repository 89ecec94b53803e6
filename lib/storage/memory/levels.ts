import {
  countedValue,
  levelAt,
  levelOf,
  movedLevels,
  summedLevels,
  type LevelCounts,
} from '../levels.ts'
import type { Levels } from '../people-port.ts'
import { readable, type MemoryPartition, type Open } from './partition.ts'

/** Levels in memory: people are counted whenever somebody asks. */
export function memoryLevels(open: Open): Levels {
  return {
    async levels(scope, resourceType) {
      return { levels: summedLevels([counts(open(scope, resourceType))]), complete: true }
    },

    async deleteLevel(scope, resourceType, name) {
      const partition = open(scope, resourceType)
      const value = countedValue(partition.layout, resourceType, name)
      const level = value && levelAt(value.fold, [counts(partition)])
      if (value !== undefined && level?.people === 0) partition.levels.delete(value.fold)
      return level
    },
  }
}

/** Notes that there is a level, spelt so, from now on. */
export function noteLevel(
  { layout, resourceType, levels }: MemoryPartition,
  attributes: Parameters<typeof levelOf>[2],
): void {
  const value = levelOf(layout, resourceType, attributes)
  if (value === undefined) return
  const { fold, name } = value
  levels.set(fold, new Set([...(levels.get(fold) ?? []), name]))
}

function counts({ layout, resourceType, rows, levels }: MemoryPartition): LevelCounts {
  let all: LevelCounts = new Map(
    [...levels].map(([fold, names]) => [fold, new Map(Array.from(names, (name) => [name, 0]))]),
  )
  for (const kept of rows.values()) {
    const { attributes } = readable(resourceType, kept)
    all = movedLevels(all, { to: levelOf(layout, resourceType, attributes) })
  }
  return all
}
