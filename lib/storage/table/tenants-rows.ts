import { isArray, isObject, type JsonObject } from '../../scim/json.ts'
import type { JournalFacts } from '../journal-entry.ts'
import { credentialIdOf, credentialKey, SUMMARIES, tokenKey } from '../keys.ts'
import {
  FIRST_VERSION,
  type Credential,
  type CredentialKind,
  type ExpiryWarning,
  type NewCredential,
  type Rotation,
  type Tenant,
  type TenantActivity,
  type TenantDeletion,
  type TenantIdentity,
  type TenantSettings,
  type TenantStatus,
  type TenantSummary,
} from '../tenant-port.ts'
import { UnreadableRow } from '../unreadable-row.ts'
import { textsIn, toJournalEntry } from './journal-row.ts'
import {
  filled,
  optionalDate,
  optionalText,
  text,
  type Columns,
  type Entity,
  type Row,
} from './row.ts'

/** The columns of a tenant's own row; an empty text is none. */
export function tenantColumns(tenant: Tenant): Columns {
  const { name, status, created, signingKey, partitionKey: partition, version } = tenant
  const { settings, reference = '', deletion, takesEntraTokens = false } = tenant
  return {
    name,
    status,
    created,
    signingKey,
    partition,
    version,
    settings: JSON.stringify(settings),
    reference,
    takesEntraTokens: takesEntraTokens ? 1 : 0,
    ...(tenant.indexes === undefined ? {} : { indexes: JSON.stringify(tenant.indexes) }),
    ...(deletion === undefined ? {} : { deletion: JSON.stringify(deletion) }),
  }
}

export function toTenant(row: Row): Tenant {
  const id = text(row, 'partitionKey')
  const created = text(row, 'created')
  const reference = filled(row, 'reference')
  const deletion = deletionOf(row)
  return {
    id,
    name: text(row, 'name'),
    ...(reference === undefined ? {} : { reference }),
    status: statusOf(row),
    created,
    signingKey: text(row, 'signingKey'),
    partitionKey: optionalText(row, 'partition') ?? id,
    settings: settingsOf(row),
    version: filled(row, 'version') ?? FIRST_VERSION,
    ...(row['takesEntraTokens'] === 1 ? { takesEntraTokens: true } : {}),
    ...indexesIn(row),
    ...(deletion === undefined ? {} : { deletion }),
  }
}

/** What somebody else has written opens nothing. */
export function statusOf(row: Row): TenantStatus {
  const status = text(row, 'status')
  return status === 'enabled' || status === 'deleting' ? status : 'disabled'
}

function settingsOf(row: Row): TenantSettings {
  const json = optionalText(row, 'settings')
  const settings: unknown = json === undefined ? {} : parsed(json)
  if (isObject(settings)) return settings
  throw new UnreadableRow(row, 'settings', 'object')
}

/** What cannot be read is none: the indexes are then filled anew. */
function indexesIn(row: Row): Pick<Tenant, 'indexes'> {
  const { complete, since } = objectIn(row, 'indexes')
  if (!isArray(complete)) return {}
  const names = complete.filter((name) => typeof name === 'string')
  return {
    indexes: { complete: names, ...(typeof since === 'string' ? { since } : {}) },
  }
}

/** What cannot be read is none: the deletion then begins anew. */
function deletionOf(row: Row): TenantDeletion | undefined {
  const { started, phase, rows } = objectIn(row, 'deletion')
  if (typeof started !== 'string' || typeof rows !== 'number') return undefined
  return { started, phase: phase === 'erasing' ? 'erasing' : 'settling', rows }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function objectIn(row: Row, column: string): JsonObject {
  const value = parsed(optionalText(row, column) ?? '')
  return isObject(value) ? value : {}
}

/** The key of a credential's row: Secret Tokens had theirs before there were other kinds. */
export function credentialRowKey({ kind, id }: Pick<Credential, 'kind' | 'id'>): string {
  return kind === 'token' ? tokenKey(id) : credentialKey(id)
}

/** The columns of a new credential's row; that of a Secret Token says by its key what it is. */
export function credentialColumns(credential: NewCredential): Columns {
  const { id: _, kind, ...columns } = credential
  return { ...(kind === 'token' ? {} : { kind }), ...columns }
}

/** What changes in a credential's row; an empty text is none. */
export function changedColumns({
  label,
  expires = '',
  revoked = '',
  rotated,
  version,
}: Credential): Columns {
  const rotation = rotated === undefined ? {} : { rotated: JSON.stringify(rotated) }
  return { label, expires, revoked, version, ...rotation }
}

/** The column in which a warning is noted. */
export function warningColumns(warning: ExpiryWarning): Columns {
  return { warned: JSON.stringify(warning) }
}

/** The credential in a row; undefined for one of a kind that a later version of this app has. */
export function toCredential(row: Row): Credential | undefined {
  const facts = credentialFacts(row)
  const key = text(row, 'rowKey')
  const kind: string = key === tokenKey(facts.id) ? 'token' : text(row, 'kind')
  return isKind(kind) ? OF_KIND[kind](row, facts) : undefined
}

type CredentialFacts = Omit<Credential, 'kind' | 'secretHash'>

const OF_KIND: Readonly<Record<CredentialKind, (row: Row, facts: CredentialFacts) => Credential>> =
  {
    token: (row, facts) => ({ ...facts, kind: 'token', secretHash: text(row, 'secretHash') }),
    clientSecret: (row, facts) => ({
      ...facts,
      kind: 'clientSecret',
      secretHash: text(row, 'secretHash'),
    }),
    federated: (row, facts) => ({
      ...facts,
      kind: 'federated',
      issuer: text(row, 'issuer'),
      audience: text(row, 'audience'),
      subject: text(row, 'subject'),
      jwksUri: text(row, 'jwksUri'),
    }),
    entra: (row, facts) => ({
      ...facts,
      kind: 'entra',
      entraTenantId: text(row, 'entraTenantId'),
      audience: text(row, 'audience'),
    }),
  }

function isKind(kind: string): kind is CredentialKind {
  return Object.hasOwn(OF_KIND, kind)
}

function credentialFacts(row: Row): CredentialFacts {
  const [expires, lastUsed, revoked] = ['expires', 'lastUsed', 'revoked'].map((column) =>
    filled(row, column) === undefined ? undefined : optionalDate(row, column),
  )
  const warned = warningOf(row)
  const rotated = rotationOf(row)
  return {
    id: credentialIdOf(text(row, 'rowKey')) ?? '',
    label: text(row, 'label'),
    created: text(row, 'created'),
    ...(expires === undefined ? {} : { expires }),
    ...(lastUsed === undefined ? {} : { lastUsed }),
    ...(revoked === undefined ? {} : { revoked }),
    ...(warned === undefined ? {} : { warned }),
    ...(rotated === undefined ? {} : { rotated }),
    version: filled(row, 'version') ?? FIRST_VERSION,
  }
}

function rotationOf(row: Row): Rotation | undefined {
  const { times, lifetime = null } = objectIn(row, 'rotated')
  if (typeof times !== 'number') return undefined
  return { times, lifetime: typeof lifetime === 'number' ? lifetime : null }
}

/** What cannot be read is none: then it is warned once more. */
function warningOf(row: Row): ExpiryWarning | undefined {
  const { days, expires, at } = objectIn(row, 'warned')
  if (typeof days !== 'number' || typeof expires !== 'string' || typeof at !== 'string') {
    return undefined
  }
  return { days, expires, at }
}

/** The row of a change in the journal of a tenant: a later tenant of the same id has the same partition. */
export function toTenantJournalEntry(
  { id, partitionKey }: TenantIdentity,
  facts: JournalFacts,
): Entity {
  return { ...toJournalEntry({ partitionKey: id }, facts), of: partitionKey }
}

const USES = ['lastRequest', 'lastSuccess', 'lastRefusal', 'lastClient'] as const

/** The columns of uses, each with whose it is: they are written without a look at whose summary it is. */
export function activityColumns(
  { partitionKey }: TenantIdentity,
  activity: TenantActivity,
): Columns {
  const noted = USES.flatMap((name) => {
    const at = activity[name]
    return at === undefined ? [] : [[name, at] as const, [`${name}Of`, partitionKey] as const]
  })
  return Object.fromEntries(noted)
}

/** The uses in the row of a summary, but for those of an earlier tenant of the same id; before they had an owner they count. */
function activityIn(row: Row, partitionKey: string): Readonly<Record<string, string>> {
  const own = USES.filter((name) => (filled(row, `${name}Of`) ?? partitionKey) === partitionKey)
  return textsIn(row, own)
}

/** The row of a summary. */
export function summaryEntity({
  id,
  partitionKey,
  removedAttributes,
  indexed = '',
  ...columns
}: TenantSummary): Columns & {
  readonly partitionKey: string
  readonly rowKey: string
} {
  return {
    ...columns,
    removedAttributes: removedAttributes === true ? 1 : 0,
    indexed,
    partition: partitionKey,
    partitionKey: SUMMARIES,
    rowKey: id,
  }
}

export function toSummary(row: Row): TenantSummary {
  const partitionKey = text(row, 'partition')
  const counts = (['users', 'groups'] as const).flatMap((column) => {
    const value = row[column]
    return typeof value === 'number' ? [[column, value] as const] : []
  })
  return {
    ...textsIn(row, ['reference', 'nextExpiry', 'repaired', 'indexed']),
    ...activityIn(row, partitionKey),
    ...Object.fromEntries(counts),
    id: text(row, 'rowKey'),
    name: text(row, 'name'),
    status: statusOf(row),
    created: text(row, 'created'),
    partitionKey,
    ...(row['removedAttributes'] === 1 ? { removedAttributes: true } : {}),
  }
}
