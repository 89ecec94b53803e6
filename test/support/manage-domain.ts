import type {
  Credential,
  ManageDomain,
  ManagedTenant,
  TenantSummary,
} from '../../lib/manage/domain.ts'
import { ScimError } from '../../lib/scim/errors.ts'

interface Entry {
  tenant: ManagedTenant
  readonly credentials: Credential[]
}

/** Tenants and credentials in memory, as the manage API asks for them; each change makes another version. */
export function manageDomain(): ManageDomain {
  const entries = new Map<string, Entry>()
  let changes = 0
  const newVersion = (): string => `version "${String((changes += 1))}"`
  const entryOf = (id: string): Entry => entries.get(id) ?? refuse('notFound', `no tenant ${id}`)

  return {
    async summaries({ q = '', status, after = '', count }) {
      const found = [...entries.values()]
        .map(({ tenant }) => tenant)
        .filter(({ id, name, reference = '' }) =>
          [id, name, reference].some((text) => text.toLowerCase().includes(q.toLowerCase())),
        )
        .filter((tenant) => status === undefined || tenant.status === status)
        .filter(({ id }) => id > after)
        .toSorted((one, other) => (one.id < other.id ? -1 : 1))
      const items = found.slice(0, count)
      const next = found.length > count ? { next: items.at(-1)?.id ?? '' } : {}
      return { items: items.map(summaryOf), ...next }
    },
    async get(id) {
      return entries.get(id)?.tenant
    },
    async countPeople() {
      return { users: 3, groups: 1 }
    },
    async summary({ id }) {
      return summaryOf(entryOf(id).tenant)
    },
    async createTenant({ id, name = id, settings = {}, now, ...rest }) {
      if (entries.has(id)) refuse('uniqueness', `there is a tenant ${id} already`)
      const tenant: ManagedTenant = {
        id,
        name,
        ...rest,
        status: 'enabled',
        created: now.toISOString(),
        partitionKey: `${id}_abcdefghijklmnop`,
        settings,
        version: newVersion(),
      }
      entries.set(id, { tenant, credentials: [] })
      return tenant
    },
    async changeTenant(id, { reference, settings, ...change }, { ifMatch }) {
      const entry = entryOf(id)
      checkVersion(entry.tenant, ifMatch)
      if (entry.tenant.status === 'deleting') refuse('mutability', `tenant ${id} is being deleted`)
      const { reference: before, ...rest } = entry.tenant
      const kept = reference === undefined ? before : reference
      const known = kept === undefined || kept === null ? {} : { reference: kept }
      const chosen = settings === undefined ? {} : { settings: settings(rest.settings) }
      entry.tenant = { ...rest, ...known, ...change, ...chosen, version: newVersion() }
      return entry.tenant
    },
    async beginDeletion(id, now, { ifMatch }) {
      const entry = entryOf(id)
      checkVersion(entry.tenant, ifMatch)
      const deletion = { started: now.toISOString(), phase: 'settling', rows: 0 } as const
      entry.tenant = { ...entry.tenant, status: 'deleting', deletion, version: newVersion() }
      return entry.tenant
    },
    ...credentialsIn(entries, entryOf, newVersion),
    async runMaintenance() {
      const lists = { deleted: [], deleting: [], orphans: [] }
      const counts = { rows: 0, swept: 0, repaired: 0, dropped: 0, warnings: 0, failures: 0 }
      return { ran: true, complete: true, ...lists, ...counts }
    },
  }
}

function checkVersion(kept: { readonly version: string }, ifMatch?: string): void {
  if (ifMatch !== undefined && ifMatch !== kept.version) refuse('preconditionFailed', 'changed')
}

type OfCredentials =
  | 'listCredentials'
  | 'findCredential'
  | 'issueCredential'
  | 'changeCredential'
  | 'revokeCredential'
  | 'rotateCredential'
  | 'credentialStatus'
  | 'clientIdOf'

function credentialsIn(
  entries: ReadonlyMap<string, Entry>,
  entryOf: (id: string) => Entry,
  newVersion: () => string,
): Pick<ManageDomain, OfCredentials> {
  let issued = 0
  const add = (tenantId: string, credential: Credential): Credential => {
    entryOf(tenantId).credentials.push(credential)
    return credential
  }
  const newFacts = (now: Date) => {
    const id = String((issued += 1)).padStart(12, '0')
    return { id, created: now.toISOString(), version: newVersion() }
  }
  const replace = (
    tenantId: string,
    id: string,
    change: (credential: Credential) => Credential,
    ifMatch?: string,
  ): Credential => {
    const { credentials } = entryOf(tenantId)
    const at = credentials.findIndex((each) => each.id === id)
    const before = credentials[at] ?? refuse('notFound', 'no such credential')
    checkVersion(before, ifMatch)
    const after = { ...change(before), version: newVersion() }
    credentials[at] = after
    return after
  }
  return {
    async listCredentials(tenantId) {
      return [...entryOf(tenantId).credentials]
    },
    async findCredential(tenantId, credentialId) {
      const entry = entries.get(tenantId)
      const credential = entry?.credentials.find(({ id }) => id === credentialId)
      return {
        ...(entry === undefined ? {} : { tenant: entry.tenant }),
        ...(credential === undefined ? {} : { credential }),
      }
    },
    async issueCredential(tenantId, { expires, label = '', ...spec }, now) {
      const { status } = entryOf(tenantId).tenant
      if (status === 'deleting') refuse('mutability', `tenant ${tenantId} is being deleted`)
      const expiry =
        expires === undefined || expires === null ? {} : { expires: expires.toISOString() }
      const facts = { ...newFacts(now), label, ...expiry }
      if (spec.kind === 'federated') return { credential: add(tenantId, { ...facts, ...spec }) }
      if (spec.kind === 'entra') {
        const audience = spec.audience ?? '8adf8e6e-67b2-4cf2-a259-e3dc5476c621'
        return { credential: add(tenantId, { ...facts, ...spec, audience }) }
      }
      const credential = add(tenantId, { ...facts, ...spec })
      return { credential, secret: `secret-of-${credential.id}` }
    },
    async changeCredential(tenantId, id, { label, expires }, { ifMatch }) {
      const change = ({ expires: before, ...credential }: Credential): Credential => {
        const kept = expires === undefined ? before : expires?.toISOString()
        return {
          ...credential,
          ...(label === undefined ? {} : { label }),
          ...(kept === undefined ? {} : { expires: kept }),
        }
      }
      return replace(tenantId, id, change, ifMatch)
    },
    async revokeCredential(tenantId, id, now, { ifMatch }) {
      const revoked = now.toISOString()
      return replace(tenantId, id, (before) => ({ revoked, ...before }), ifMatch)
    },
    async rotateCredential(tenantId, id, { overlapHours, ifMatch }, now) {
      const before = entryOf(tenantId).credentials.find((each) => each.id === id)
      if (before !== undefined) checkVersion(before, ifMatch)
      if (before?.kind !== 'token' && before?.kind !== 'clientSecret') {
        return refuse('mutability', 'it has no secret')
      }
      const { kind, label } = before
      const credential = add(tenantId, { kind, label, ...newFacts(now) })
      const expires = new Date(now.getTime() + overlapHours * 3_600_000).toISOString()
      const previous = replace(tenantId, id, (each) => ({ ...each, expires }))
      return { credential, secret: `secret-of-${credential.id}`, previous }
    },
    credentialStatus({ revoked, expires }, now) {
      if (revoked !== undefined) return 'revoked'
      return expires === undefined || Date.parse(expires) > now.getTime() ? 'active' : 'expired'
    },
    clientIdOf: (tenantId) => `scim_${tenantId}`,
  }
}

function summaryOf({ id, name, reference, status, created }: ManagedTenant): TenantSummary {
  return { id, name, ...(reference === undefined ? {} : { reference }), status, created, users: 3 }
}

function refuse(kind: ConstructorParameters<typeof ScimError>[0], text: string): never {
  throw new ScimError(kind, text)
}
