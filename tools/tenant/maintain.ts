import { RUN_SECONDS, runMaintenance } from '../../lib/tenants/maintenance.ts'
import type { MaintenanceEvent } from '../../lib/tenants/maintenance-events.ts'
import type { Workplace } from './commands.ts'
import { explain } from './explain.ts'
import { countPeople } from './people.ts'
import { minute, type Outcome } from './text.ts'

/** One run of what the app's timer does, such as behind an upgrade. @throws ScimError */
export async function maintain(workplace: Workplace): Promise<Outcome> {
  const { people, now, settle, say } = workplace
  const report = await runMaintenance({
    ...workplace,
    countPeople: (partitionKey) => countPeople(people, partitionKey),
    pause: (milliseconds) => settle(milliseconds / 1000),
    until: new Date(now().getTime() + RUN_SECONDS * 1000),
    tell: (event) => say(lineOf(event)),
  })
  if (!report.ran) return { text: 'another run is under way: nothing is done', json: report }
  const { repaired, dropped, swept, warnings, deleted, deleting, rows, orphans, complete } = report
  const { purged, forgotten } = report
  const parts = [
    `${String(repaired)} summaries made anew, ${String(dropped)} removed`,
    `${String(swept)} interrupted deletions of users and groups finished`,
    `${String(deleted.length)} tenants deleted, ${String(deleting.length)} under way, ${String(rows)} rows removed`,
    `${String(purged)} rows of activity purged, ${String(forgotten)} without names of deleted people now`,
    `${String(warnings)} expiries and ${String(orphans.length)} orphans told`,
    complete ? 'all is done' : 'the time was up: the next run goes on',
  ]
  return { text: parts.join('\n'), json: report }
}

function lineOf(event: MaintenanceEvent): string {
  if (event.event === 'credential expires') {
    const { tenant, credential, expires } = event
    return `tenant ${tenant}: its credential ${credential} expires ${minute(expires)}`
  }
  if (event.event === 'tenant deleted') {
    return `tenant ${event.tenant} is deleted, and ${String(event.rows)} rows`
  }
  if (event.event === 'activity purged') {
    const { tenant, rows, names } = event
    return `tenant ${tenant}: ${String(rows)} rows of activity purged, ${String(names)} without names now`
  }
  if (event.event === 'attributes purged') {
    const { tenant, attributes, users } = event
    return `tenant ${tenant}: ${attributes.join(', ')} purged, of ${String(users)} users`
  }
  if (event.event === 'indexes filled') return filled(event)
  if (event.event === 'orphan found') {
    return `the partition ${event.partition} has no tenant, since ${minute(event.found)}`
  }
  return `tenant ${event.tenant}: its ${event.step} failed: ${explain(event.error)}`
}

function filled(event: Extract<MaintenanceEvent, { event: 'indexes filled' }>): string {
  const { tenant, attributes, clashing, users } = event
  const what = attributes.length === 0 ? 'the indexes of all users' : attributes.join(', ')
  const inTheWay = clashing.length === 0 ? '' : `; not complete: ${clashing.join(', ')}`
  return `tenant ${tenant}: ${what} indexed, ${String(users)} users written${inTheWay}`
}
