import type { Orphan, PartitionStore } from '../../../lib/storage/tenant-port.ts'

/** Partitions of so many rows, and what is noted of them. */
export function partitionsIn(rows: ReadonlyMap<string, number>): PartitionStore {
  const notes = new Map<string, Orphan>()
  return {
    list: async () => [...rows.keys()].toSorted(),
    next: async (after, count) =>
      [...rows.keys()]
        .toSorted()
        .filter((key) => key > after)
        .slice(0, count),
    count: async (partitionKey) => rows.get(partitionKey) ?? 0,
    notes: async () => [...notes.values()],
    async note(orphan) {
      const { partitionKey, deleted } = orphan
      const before = notes.get(partitionKey)
      const mark = deleted === true ? { deleted } : {}
      notes.set(partitionKey, before === undefined ? orphan : { ...before, ...mark })
    },
    async forget(partitionKey) {
      notes.delete(partitionKey)
    },
  }
}
