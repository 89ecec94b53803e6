import type { ActivityStore } from '../activity-port.ts'
import { NO_DEADLINE } from '../deadline.ts'
import { forgetDeleted } from './activity-forget.ts'
import { tableActivityNotes } from './activity-notes.ts'
import { purgeActivity } from './activity-purge.ts'
import { readActivity } from './activity-read.ts'
import type { Tables } from './tables.ts'

/**
 * What happened at a tenant, in tables: the journals lie in the tenant's partitions of all three; what is noted beside them
 * lies in its partition of the table `users`.
 */
export function tableActivity(tables: Tables): ActivityStore {
  return {
    ...tableActivityNotes(tables),
    read: (tenant, query, deadline = NO_DEADLINE) => readActivity(tables, tenant, query, deadline),
    purge: (tenant, before, most) => purgeActivity(tables, tenant, before, most),
    forgetDeleted: (tenant, since, isOver = () => false) =>
      forgetDeleted(tables, tenant, since, isOver),
  }
}
