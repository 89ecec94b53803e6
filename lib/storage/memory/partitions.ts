import type { EraseResources, Orphan, PartitionStore } from '../tenant-port.ts'
import type { MemoryState } from './state.ts'

/** The partitions of users and groups in memory, and what was noted of those without a tenant. */
export function memoryPartitions(state: MemoryState): PartitionStore {
  const notes = new Map<string, Orphan>()
  return {
    list: async () => state.partitions(),
    next: async (after, count) =>
      state
        .partitions()
        .filter((key) => key > after)
        .slice(0, count),
    count: async (partitionKey) => state.count(partitionKey),
    notes: async () => [...notes.values()],
    async note(orphan) {
      const { partitionKey, deleted = false } = orphan
      const noted = notes.get(partitionKey) ?? orphan
      notes.set(partitionKey, deleted ? { ...noted, deleted } : noted)
    },
    async forget(partitionKey) {
      notes.delete(partitionKey)
    },
  }
}

/** Removes what a partition has in memory. */
export function eraseMemory(state: MemoryState): EraseResources {
  return async (partitionKey, isOver = () => false) => {
    const rows = state.count(partitionKey)
    if (isOver()) return 0
    state.erase(partitionKey)
    return rows
  }
}
