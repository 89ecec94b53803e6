import type { InvocationContext, TimerHandler } from '@azure/functions'
import type { MaintenanceReport } from '../tenants/maintenance.ts'
import type { MaintenanceEvent } from '../tenants/maintenance-events.ts'
import type { RuntimeSource } from './endpoint.ts'
import { logFailure } from './log.ts'

/**
 * The timer's function: one run of the maintenance. What it has to tell, and one line of what it did, go to the log; its
 * failure is the invocation's, so that Azure shows it.
 */
export function maintenanceTimer(runtime: RuntimeSource): TimerHandler {
  return async (_timer, context) => {
    const app = await runtime()
    const report = await app.maintain((event) => logMaintenanceEvent(context, event))
    logMaintenance(context, report)
  }
}

/** One structured line for each thing that the maintenance has to tell. */
export function logMaintenanceEvent(context: InvocationContext, event: MaintenanceEvent): void {
  if (event.event !== 'maintenance failed') {
    const line = JSON.stringify(event)
    // An expiry is the one that somebody has to do something about.
    if (event.event === 'credential expires') context.warn(line)
    else context.log(line)
    return
  }
  const { error, ...facts } = event
  context.warn(JSON.stringify(facts))
  logFailure(context, error)
}

/** One structured line for a run. */
function logMaintenance(context: InvocationContext, report: MaintenanceReport): void {
  const { deleted, deleting, orphans, ...counts } = report
  const lists = { deleted: deleted.length, deleting: deleting.length, orphans: orphans.length }
  context.log(JSON.stringify({ event: 'maintenance', ...counts, ...lists }))
}
