import type { PartitionStore } from '../../../lib/storage/tenant-port.ts'

/** Partitions of so many rows, and what is noted of them. */
export function partitionsIn(rows: ReadonlyMap<string, number>): PartitionStore {
  const notes = new Map<string, string>()
  return {
    list: async () => [...rows.keys()].toSorted(),
    count: async (partitionKey) => rows.get(partitionKey) ?? 0,
    notes: async () => Array.from(notes, ([partitionKey, found]) => ({ partitionKey, found })),
    async note({ partitionKey, found }) {
      if (!notes.has(partitionKey)) notes.set(partitionKey, found)
    },
    async forget(partitionKey) {
      notes.delete(partitionKey)
    },
  }
}
