import type { MaintenanceStore, TaskState } from '../tenant-port.ts'

/** The lease and the tasks of the maintenance in memory. */
export function memoryMaintenance(): MaintenanceStore {
  const tasks = new Map<string, TaskState>()
  let lease: { readonly holder: string; readonly until: Date } | undefined
  return {
    async acquire(holder, now, until) {
      if (lease !== undefined && lease.holder !== holder && lease.until > now) return false
      lease = { holder, until }
      return true
    },
    async release(holder) {
      if (lease?.holder === holder) lease = undefined
    },
    task: async (name) => tasks.get(name),
    async keepTask(name, state) {
      tasks.set(name, state)
    },
  }
}
