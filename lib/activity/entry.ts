import type { ActivityEntry, ChangeEntry, RefusalEntry } from '../storage/activity-port.ts'
import { timeOf } from '../storage/journal-position.ts'
import type { Author } from '../storage/port.ts'
import { memberTypeOf } from '../scim/resource-id.ts'
import { credentialOf } from './facts.ts'
import { isReason, type Reason } from './reasons.ts'

/** A member, or whom an entry is about. */
export interface Named {
  readonly id: string
  /** As far as it is known. */
  readonly name?: string
}

/** What happened, as it is told. */
export interface LogEntry {
  readonly id: string
  /** ISO 8601, UTC; of equal refusals the last one. */
  readonly at: string
  readonly outcome: 'changed' | 'refused'
  readonly reason: Reason
  /** `create user`, `add members`, `revoke credential`. */
  readonly action: string
  readonly by: {
    readonly actor: 'credential' | 'manage' | 'cli' | 'system'
    readonly credential?: string
    readonly label?: string
    readonly onBehalfOf?: string
  }
  /** The identity provider, as far as it can be told. */
  readonly client?: string
  readonly requestId: string
  /** Absent where a request is about none. */
  readonly resource?: {
    readonly type?: string
    readonly id?: string
    readonly name?: string
    readonly externalId?: string
  }
  readonly changed?: readonly string[]
  readonly cleared?: readonly string[]
  readonly ignored?: readonly string[]
  readonly flip?: 'activated' | 'deactivated'
  readonly unresolvedManager?: true
  readonly added?: readonly Named[]
  readonly removed?: readonly Named[]
  readonly version?: string
  /** The id of the resource whose deletion, or failed creation, this follows from. */
  readonly cause?: string
  /** Of what was deleted: it is kept out of sight. */
  readonly hidden?: true
  /** Of who was created: the id of a hidden account that may have been the same person's. */
  readonly possibleReturner?: string
  /** How many equal refusals in ten minutes, and when the first one was. */
  readonly count?: number
  readonly first?: string
  readonly detail?: string
  readonly status?: number
  readonly scimType?: string
}

/** What is known beside the journal. */
export interface Known {
  /** Whether names of people and groups may be told, those that the journal has, too. */
  readonly withNames: boolean
  /** Names of users and groups by id. */
  readonly names: ReadonlyMap<string, string>
  /** Labels of credentials by id. */
  readonly labels: ReadonlyMap<string, string>
  /** Users whose manager names nobody. */
  readonly unresolved: ReadonlySet<string>
}

const OF_OPERATION = {
  create: 'create',
  put: 'replace',
  patch: 'change',
  delete: 'delete',
  restore: 'restore',
  issue: 'issue',
  revoke: 'revoke',
  rotate: 'rotate',
} as const

const OF_VERB: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'replace',
  PATCH: 'change',
  DELETE: 'delete',
  GET: 'read',
  HEAD: 'read',
  SEARCH: 'search',
  BULK: 'bulk',
}

/** The entry as it is told. */
export function toldEntry(entry: ActivityEntry, known: Known): LogEntry {
  return entry.kind === 'change' ? toldChange(entry, known) : toldRefusal(entry, known)
}

function toldChange(entry: ChangeEntry, known: Known): LogEntry {
  const { table, position, author, requestId, type, subject, version } = entry
  const isUnresolved = setsManager(entry) && known.unresolved.has(subject)
  const isNamed = known.withNames || table === 'tenants'
  const { name = nameOf(entry, known), externalId } = isNamed ? entry : {}
  return {
    id: `${table.slice(0, 1)}${position}`,
    // That of the row may be later: a change that is tried again has a stamp for each try, and one place.
    at: new Date(timeOf(entry)).toISOString(),
    outcome: 'changed',
    reason: reasonOf(entry, isUnresolved),
    action: actionOf(entry),
    ...authorOf(author, known),
    requestId,
    resource: {
      type,
      id: subject,
      ...(name === undefined ? {} : { name }),
      ...(externalId === undefined ? {} : { externalId }),
    },
    ...attributesOf(entry),
    ...(isUnresolved ? { unresolvedManager: true } : {}),
    ...returnOf(entry),
    ...membersOf(entry, known),
    version,
  }
}

function nameOf({ type, subject }: ChangeEntry, { names, labels }: Known): string | undefined {
  if (type !== 'Credential') return names.get(subject)
  const label = labels.get(subject)
  return label === '' ? undefined : label
}

function attributesOf({
  changed = [],
  cleared = [],
  ignored = [],
  flip,
  cause,
}: ChangeEntry): Partial<LogEntry> {
  return {
    ...(changed.length === 0 ? {} : { changed }),
    ...(cleared.length === 0 ? {} : { cleared }),
    ...(ignored.length === 0 ? {} : { ignored }),
    ...(flip === undefined ? {} : { flip }),
    ...(cause === undefined ? {} : { cause }),
  }
}

function returnOf({
  hidden,
  possibleReturner,
}: ChangeEntry): Pick<LogEntry, 'hidden' | 'possibleReturner'> {
  return {
    ...(hidden === undefined ? {} : { hidden }),
    ...(possibleReturner === undefined ? {} : { possibleReturner }),
  }
}

function membersOf({ added = [], removed = [] }: ChangeEntry, { names }: Known): Partial<LogEntry> {
  const named = (ids: readonly string[]): readonly Named[] =>
    ids.map((id) => {
      const name = names.get(id)
      return { id, ...(name === undefined ? {} : { name }) }
    })
  return {
    ...(added.length === 0 ? {} : { added: named(added) }),
    ...(removed.length === 0 ? {} : { removed: named(removed) }),
  }
}

function reasonOf({ ignored = [] }: ChangeEntry, isUnresolved: boolean): Reason {
  if (isUnresolved) return 'managerUnresolved'
  return ignored.length > 0 ? 'attributesIgnored' : 'done'
}

function actionOf({ operation, type, added = [], removed = [] }: ChangeEntry): string {
  if (operation !== 'members') return `${OF_OPERATION[operation]} ${type.toLowerCase()}`
  if (removed.length === 0) return 'add members'
  return added.length === 0 ? 'remove members' : 'change members'
}

/** Whether a manager was set. */
export function setsManager({ changed = [] }: ChangeEntry): boolean {
  return changed.some((path) => /(?:^|:)manager(?:\.value)?$/.test(path))
}

function toldRefusal(entry: RefusalEntry, known: Known): LogEntry {
  const { position, at, first, count, status, scimType, reason, verb, type, detail } = entry
  const verbs = OF_VERB[verb] ?? verb.toLowerCase()
  const resource = refusedResource(entry, known)
  return {
    id: `r${position}`,
    at,
    outcome: 'refused',
    // A later version may have written more than this one knows.
    reason: isReason(reason) ? reason : 'more',
    action: type === undefined ? verbs : `${verbs} ${type.toLowerCase()}`,
    ...authorOf(entry.author, known),
    requestId: entry.requestId,
    ...(Object.keys(resource).length === 0 ? {} : { resource }),
    count,
    first,
    detail,
    status,
    ...(scimType === undefined ? {} : { scimType }),
  }
}

function refusedResource(
  { type, subject: sent, isId = false }: RefusalEntry,
  { names, withNames }: Known,
): NonNullable<LogEntry['resource']> {
  const isTold = withNames || (isId && sent !== undefined && memberTypeOf(sent) !== undefined)
  const subject = isTold ? sent : undefined
  const name = isId ? names.get(subject ?? '') : subject
  return {
    ...(type === undefined ? {} : { type }),
    ...(isId && subject !== undefined ? { id: subject } : {}),
    ...(name === undefined ? {} : { name }),
  }
}

function authorOf(
  { actor, onBehalfOf, client }: Author,
  { labels }: Known,
): Pick<LogEntry, 'by' | 'client'> {
  const told = client === undefined ? {} : { client }
  const behalf = onBehalfOf === undefined ? {} : { onBehalfOf }
  const credential = credentialOf(actor)
  if (credential !== undefined) {
    const label = labels.get(credential) ?? ''
    const by = { actor: 'credential', credential, ...(label === '' ? {} : { label }) } as const
    return { by, ...told }
  }
  const own = actor === 'manage' || actor === 'cli' ? actor : 'system'
  return { by: { actor: own, ...behalf }, ...told }
}
