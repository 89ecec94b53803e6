import { LEASE_KEY, MAINTENANCE, taskKey } from '../keys.ts'
import type { MaintenanceStore } from '../tenant-port.ts'
import { NO_DEADLINE } from '../deadline.ts'
import { callStorage } from './failure.ts'
import { optionalText, text } from './row.ts'
import type { Tables } from './tables.ts'
import { getRow, wasInserted, wasWritten } from './tenants-table.ts'

/** The lease and the tasks of the maintenance: rows of `_maintenance` in the table `tenants`. */
export function tableMaintenance({ tenants: table }: Pick<Tables, 'tenants'>): MaintenanceStore {
  const leaseRow = { partitionKey: MAINTENANCE, rowKey: LEASE_KEY }
  return {
    async acquire(holder, now, until) {
      const entity = { ...leaseRow, holder, until: until.toISOString() }
      for (;;) {
        if (await wasInserted(() => table.createEntity(entity))) return true
        const row = await getRow(table, MAINTENANCE, LEASE_KEY)
        if (row === undefined) continue
        const isFree = row['holder'] === holder || !(Date.parse(text(row, 'until')) > now.getTime())
        if (!isFree) return false
        const etag = text(row, 'etag')
        if (await wasWritten(() => table.updateEntity(entity, 'Replace', { etag }))) return true
      }
    },
    async release(holder) {
      const row = await getRow(table, MAINTENANCE, LEASE_KEY)
      if (row?.['holder'] !== holder) return
      const etag = text(row, 'etag')
      await wasWritten(() => table.deleteEntity(MAINTENANCE, LEASE_KEY, { etag }))
    },
    async task(name) {
      const row = await getRow(table, MAINTENANCE, taskKey(name))
      if (row === undefined) return undefined
      const after = optionalText(row, 'after')
      return { started: text(row, 'started'), ...(after === undefined ? {} : { after }) }
    },
    async keepTask(name, state) {
      const entity = { ...state, partitionKey: MAINTENANCE, rowKey: taskKey(name) }
      await callStorage(NO_DEADLINE, () => table.upsertEntity(entity, 'Replace'))
    },
  }
}
