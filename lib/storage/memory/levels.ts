import { countedValue, levelOf, movedLevels, summedLevels, type LevelCounts } from '../levels.ts'
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
      const level = value && counts(partition).get(value.fold)
      if (value !== undefined && level?.people === 0) partition.levels.delete(value.fold)
      return level?.people
    },
  }
}

/** Notes that there is a level from now on. */
export function noteLevel(
  { layout, resourceType, levels }: MemoryPartition,
  attributes: Parameters<typeof levelOf>[2],
): void {
  const value = levelOf(layout, resourceType, attributes)
  if (value !== undefined && !levels.has(value.fold)) levels.set(value.fold, value.name)
}

function counts({ layout, resourceType, rows, levels }: MemoryPartition): LevelCounts {
  let all: LevelCounts = new Map([...levels].map(([fold, name]) => [fold, { name, people: 0 }]))
  for (const kept of rows.values()) {
    const { attributes } = readable(resourceType, kept)
    all = movedLevels(all, { to: levelOf(layout, resourceType, attributes) })
  }
  return all
}
