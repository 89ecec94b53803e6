import { definitionStore, splitDefinitions, type DefinitionRows } from '../definition-changes.ts'
import { isPending } from '../index-state.ts'
import {
  changedCredential,
  changedTenant,
  checkVersion,
  concernsSummary,
  summaryOf,
} from '../tenant-changes.ts'
import {
  oneEntry,
  toldOfCredential,
  toldOfNewCredential,
  toldOfNewTenant,
  toldOfTenant,
  type JournalSource,
  type Told,
} from '../tenant-journal.ts'
import {
  FIRST_VERSION,
  isCredentialId,
  isTenantId,
  oldestFirst,
  summaryMatches,
  type ChangedBy,
  type Credential,
  type DeclaredAttribute,
  type SummaryFacts,
  type Tenant,
  type TenantIdentity,
  type TenantStore,
  type TenantSummary,
} from '../tenant-port.ts'
import { memoryState, type MemoryState } from './state.ts'
import { memoryAccessKeys, memoryIssuers } from './tenants-keys.ts'

interface Entry {
  tenant: Tenant
  readonly credentials: Map<string, Credential>
  /** By their ids in lower case. */
  readonly definitions: Map<string, DeclaredAttribute>
}

/** Tenants in memory, for tests: what `TenantStore` says, without a service that can fail. */
export function memoryTenantStore(
  state: Pick<MemoryState, 'journal' | 'eraseTenant'> = memoryState(),
  source: JournalSource = {},
): TenantStore {
  const entries = new Map<string, Entry>()
  const summaries = new Map<string, TenantSummary>()
  const owns = ({ id, partitionKey }: TenantIdentity): boolean =>
    entries.get(id)?.tenant.partitionKey === partitionKey
  const issuers = memoryIssuers(owns)
  const repair = (id: string, facts: SummaryFacts = {}): void => {
    const entry = entries.get(id)
    if (entry !== undefined) summaries.set(id, summaryOf(entry.tenant, summaries.get(id), facts))
  }
  const note: Note = ({ partitionKey }, told, by) => {
    if (told === undefined) return
    const facts = oneEntry(source, by)(told)
    state.journal(partitionKey, { table: 'tenants' }).entries.set(facts.position, facts)
  }
  return {
    ...memoryCredentials(entries, note),
    ...memoryCredentialNotes(entries),
    ...definitionStore(memoryDefinitions(entries, note, repair), source),
    ...memorySummaries(entries, summaries),
    ...issuers,
    ...memoryAccessKeys(),
    get: async (tenantId) => entries.get(tenantId)?.tenant,
    async create(tenant, by) {
      if (!isTenantId(tenant.id)) throw new TypeError('not a tenant id')
      if (entries.has(tenant.id)) return false
      entries.set(tenant.id, { tenant, credentials: new Map(), definitions: new Map() })
      note(tenant, toldOfNewTenant(tenant), by)
      repair(tenant.id)
      return true
    },
    async update(tenantId, change, options) {
      const entry = entries.get(tenantId)
      if (entry === undefined) return undefined
      checkVersion('tenant', entry.tenant, options)
      const { tenant: before } = entry
      const wanted = change(before)
      entry.tenant = changedTenant(before, wanted)
      note(before, toldOfTenant(before, entry.tenant), options?.by)
      if (concernsSummary(wanted)) repair(tenantId)
      return entry.tenant
    },
    async repairSummary(tenant, facts) {
      if (owns(tenant)) repair(tenant.id, facts)
    },
    async delete(tenant) {
      const { id, signingKey, partitionKey } = tenant
      const there = entries.get(id)?.tenant
      if (there !== undefined && there.signingKey !== signingKey) return
      entries.delete(id)
      state.eraseTenant(partitionKey)
      issuers.releaseAll(partitionKey)
      if (summaries.get(id)?.partitionKey === partitionKey) summaries.delete(id)
    },
  }
}

/** Writes what the journal is told of a change, if it is told of it. */
type Note = (tenant: TenantIdentity, told: Told | undefined, by: ChangedBy | undefined) => void

function memoryCredentials(
  entries: ReadonlyMap<string, Entry>,
  note: Note,
): Pick<
  TenantStore,
  'findCredential' | 'findCredentials' | 'credentials' | 'addCredential' | 'updateCredential'
> {
  return {
    async findCredential(tenantId, credentialId) {
      const entry = entries.get(tenantId)
      const credential = entry?.credentials.get(credentialId)
      const { definitions } = splitDefinitions(definitionsOf(entry))
      return {
        ...(entry === undefined ? {} : { tenant: entry.tenant }),
        ...(credential === undefined ? {} : { credential }),
        ...(definitions === undefined ? {} : { definitions }),
      }
    },
    async findCredentials(tenantId) {
      const entry = entries.get(tenantId)
      const credentials = oldestFirst([...(entry?.credentials.values() ?? [])])
      const declared = splitDefinitions(definitionsOf(entry))
      return { ...(entry === undefined ? {} : { tenant: entry.tenant }), credentials, ...declared }
    },
    async credentials(tenantId) {
      return oldestFirst([...(entries.get(tenantId)?.credentials.values() ?? [])])
    },
    async addCredential(tenantId, credential, by) {
      if (!isCredentialId(credential.id)) throw new TypeError('not a credential id')
      const entry = entries.get(tenantId)
      if (entry === undefined || entry.tenant.status === 'deleting') return false
      entry.credentials.set(credential.id, { ...credential, version: FIRST_VERSION })
      note(entry.tenant, toldOfNewCredential(credential), by)
      return true
    },
    async updateCredential(tenantId, credentialId, change, options) {
      const entry = entries.get(tenantId)
      const before = entry?.credentials.get(credentialId)
      if (entry === undefined || before === undefined) return undefined
      checkVersion('credential', before, options)
      const after = changedCredential(before, change(before))
      entry.credentials.set(credentialId, after)
      note(entry.tenant, toldOfCredential(before, after), options?.by)
      return after
    },
  }
}

function definitionsOf(entry: Entry | undefined): readonly DeclaredAttribute[] {
  return oldestFirst([...(entry?.definitions.values() ?? [])])
}

function memoryDefinitions(
  entries: ReadonlyMap<string, Entry>,
  note: Note,
  repair: (id: string, facts: SummaryFacts) => void,
): DefinitionRows {
  return {
    async read(tenantId) {
      const entry = entries.get(tenantId)
      return entry && { tenant: entry.tenant, definitions: definitionsOf(entry) }
    },
    async edit(tenantId, decide, by) {
      const entry = entries.get(tenantId)
      if (entry === undefined || entry.tenant.status === 'deleting') return undefined
      const { tenant, definitions } = entry
      const edit = decide({ tenant, definitions: definitionsOf(entry) })
      if (edit === undefined || (edit.told === undefined && edit.isNote !== true)) return edit
      const key = edit.id.toLowerCase()
      if (edit.after === undefined) definitions.delete(key)
      else definitions.set(key, edit.after)
      note(tenant, edit.told, by)
      const removedAttributes = definitionsOf(entry).some((each) => each.removed !== undefined)
      const isPendingNow = definitionsOf(entry).some(isPending)
      repair(tenantId, { removedAttributes, ...(isPendingNow ? { indexed: '' } : {}) })
      return edit
    },
  }
}

/** What is noted of a credential without making another version of it. */
function memoryCredentialNotes(
  entries: ReadonlyMap<string, Entry>,
): Pick<TenantStore, 'touchCredential' | 'noteWarning'> {
  const merge = (tenantId: string, id: string, change: Partial<Credential>): void => {
    const credentials = entries.get(tenantId)?.credentials
    const credential = credentials?.get(id)
    if (credential === undefined) return
    credentials?.set(id, Object.assign({}, credential, change))
  }
  return {
    async touchCredential(tenantId, credentialId, at) {
      merge(tenantId, credentialId, { lastUsed: at })
    },
    async noteWarning(tenantId, credentialId, warning) {
      merge(tenantId, credentialId, { warned: warning })
    },
  }
}

/** What is told of all tenants, and noted of one without making another version of it. */
function memorySummaries(
  entries: ReadonlyMap<string, Entry>,
  summaries: Map<string, TenantSummary>,
): Pick<
  TenantStore,
  'summary' | 'summaries' | 'list' | 'ids' | 'noteActivity' | 'noteIndexes' | 'dropSummary'
> {
  const summaryFor = ({ id, partitionKey }: TenantIdentity): TenantSummary | undefined => {
    const found = summaries.get(id)
    return found?.partitionKey === partitionKey ? found : undefined
  }
  return {
    summary: async (tenant) => summaryFor(tenant),
    async summaries(query) {
      const { after = '', count } = query
      const found = [...summaries.keys()]
        .toSorted()
        .flatMap((id) => summaries.get(id) ?? [])
        .filter((each) => each.id > after && summaryMatches(each, query))
      const items = found.slice(0, count)
      const last = items.at(-1)
      return { items, ...(found.length > count && last !== undefined ? { next: last.id } : {}) }
    },
    async list() {
      return [...summaries.keys()].toSorted().flatMap((id) => entries.get(id)?.tenant ?? [])
    },
    ids: async () => [...entries.keys()].toSorted(),
    async noteActivity(tenant, activity) {
      const summary = summaryFor(tenant)
      if (summary === undefined) return
      summaries.set(tenant.id, { ...summary, ...activity })
    },
    async noteIndexes({ id, partitionKey }, indexes) {
      const entry = entries.get(id)
      if (entry?.tenant.partitionKey === partitionKey) entry.tenant = { ...entry.tenant, indexes }
    },
    async dropSummary(summary) {
      if (entries.get(summary.id)?.tenant.partitionKey === summary.partitionKey) return false
      if (summaryFor(summary) !== undefined) summaries.delete(summary.id)
      return true
    },
  }
}
