import type { ActivityEntry } from '../storage/activity-port.ts'
import type { TenantIdentity } from '../storage/tenant-port.ts'
import type { Directory, KnownResource } from './directory.ts'
import { setsManager, type Known } from './entry.ts'

/** Names that are looked up for a page, at most; a change may move many members. */
const MOST_NAMES = 200

interface KnownParts {
  readonly directory: Directory
  readonly tenant: TenantIdentity
  readonly labels: ReadonlyMap<string, string>
  readonly withNames: boolean
}

/**
 * What the entries leave open: names of groups and members, and managers who are not there yet. Nothing is read where
 * nothing is open; else there is one batch, and one more for managers of users who were not read before.
 */
export async function knownOf(
  { directory, tenant: { partitionKey }, labels, withNames }: KnownParts,
  entries: readonly ActivityEntry[],
  seen: readonly KnownResource[],
): Promise<Known> {
  const found = new Map(seen.map((each) => [each.id, each] as const))
  const asked = new Set<string>(found.keys())
  const look = async (ids: readonly string[]): Promise<void> => {
    const open = [...new Set(ids)].filter((id) => !asked.has(id))
    if (open.length === 0) return
    for (const id of open) asked.add(id)
    for (const each of await directory.known(partitionKey, open)) found.set(each.id, each)
  }
  const managed = subjectsWithManager(entries)
  const managers = (): readonly string[] => managed.flatMap((id) => found.get(id)?.manager ?? [])
  const nameless = withNames ? namelessIn(entries).slice(0, MOST_NAMES) : []
  await look([...nameless, ...managed, ...managers()])
  await look(managers())
  const unresolved = managed.filter((id) => {
    const manager = found.get(id)?.manager
    return manager !== undefined && !found.has(manager)
  })
  return {
    withNames,
    names: withNames ? namesOf(entries, found) : new Map(),
    labels,
    unresolved: new Set(unresolved),
  }
}

function subjectsWithManager(entries: readonly ActivityEntry[]): readonly string[] {
  const ids = entries.flatMap((entry) =>
    entry.kind === 'change' && setsManager(entry) ? [entry.subject] : [],
  )
  return [...new Set(ids)]
}

/** Users and groups that an entry names by their ids alone. */
function namelessIn(entries: readonly ActivityEntry[]): readonly string[] {
  return entries.flatMap((entry) => {
    if (entry.kind === 'refusal') {
      return entry.isId === true && entry.subject !== undefined ? [entry.subject] : []
    }
    const { table, name, subject, added = [], removed = [] } = entry
    if (table === 'tenants') return []
    return [...(name === undefined ? [subject] : []), ...added, ...removed]
  })
}

/** Those who are there as they are called now, the others as the page had them last: it has the newest entries first. */
function namesOf(
  entries: readonly ActivityEntry[],
  found: ReadonlyMap<string, KnownResource>,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const entry of entries) {
    if (entry.kind === 'refusal' || entry.name === undefined) continue
    if (!names.has(entry.subject)) names.set(entry.subject, entry.name)
  }
  for (const { id, name } of found.values()) if (name !== undefined) names.set(id, name)
  return names
}
