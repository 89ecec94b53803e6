import type { AttributeDefinition, DefinitionIndex } from '../scim/attribute-definition.ts'
import type { JsonValue } from '../scim/json.ts'
import type { Deadline } from './deadline.ts'
import type { Author } from './port.ts'

/** `deleting`: refused like `disabled`, and never enabled again. */
export type TenantStatus = 'enabled' | 'disabled' | 'deleting'

/** What a tenant has chosen; what is absent is the default. Keys that this version does not know are kept. */
export interface TenantSettings {
  readonly [name: string]: JsonValue
}

/** How far the deletion of a tenant is. */
export interface TenantDeletion {
  /** ISO 8601, UTC. */
  readonly started: string
  /** `settling`: requests that were let in before may still run; then `erasing`. */
  readonly phase: 'settling' | 'erasing'
  /** How many rows of users, groups and memberships are removed so far. */
  readonly rows: number
}

/** Names of the indexes of users that came when there were tenants. */
export const LATER_INDEXES = ['manager', 'level', 'familyName', 'givenName'] as const

/** Which indexes of users have all users of a tenant. */
export interface TenantIndexes {
  /** Of LATER_INDEXES; the others always have. */
  readonly complete: readonly string[]
  /** ISO 8601, UTC: when it was first seen that some are missing. */
  readonly since?: string
}

/** A customer of the vendor. */
export interface Tenant {
  /** See `isTenantId`; part of every Secret Token of the tenant. */
  readonly id: string
  /** For people: shown by the tools only. */
  readonly name: string
  /** The vendor's own id of the customer. */
  readonly reference?: string
  readonly status: TenantStatus
  /** ISO 8601, UTC. */
  readonly created: string
  /** 32 random bytes as base64url; what is authenticated for this tenant (cursors) is keyed with it. */
  readonly signingKey: string
  /**
   * The PartitionKey of its users and groups: the id, `_` and 16 random characters `a-z 0-9`, so that a later tenant of
   * the same id has another one. Of a tenant that was created before there were random parts: the id.
   */
  readonly partitionKey: string
  readonly settings: TenantSettings
  /** Whether it has an Entra credential: a copy, so that discovery costs no read of the credentials. */
  readonly takesEntraTokens?: boolean
  /** Another one after every change; of an earlier or later tenant of the same id it is another one, too. */
  readonly version: string
  /** Absent for a tenant from before LATER_INDEXES: none of them has. */
  readonly indexes?: TenantIndexes
  /** Present while the tenant is being deleted, but when an earlier version of this app began that. */
  readonly deletion?: TenantDeletion
}

/** What may change of a tenant; `null` takes the reference away. */
export interface TenantChange extends Partial<
  Pick<Tenant, 'name' | 'status' | 'settings' | 'deletion' | 'takesEntraTokens'>
> {
  readonly reference?: string | null
}

/** `token`: a Secret Token; the others earn access tokens (`clientSecret`, `federated`), or are tokens of Entra ID. */
export type CredentialKind = 'token' | 'clientSecret' | 'federated' | 'entra'

/** The last expiry warning of a credential. */
export interface ExpiryWarning {
  /** So many days ahead, or fewer, it was. */
  readonly days: number
  /** The expiry that it was about. */
  readonly expires: string
  /** ISO 8601, UTC. */
  readonly at: string
}

/** What a rotation leaves with the credential that was rotated: it may be repeated, and its own expiry is another one then. */
export interface Rotation {
  readonly times: number
  /** Milliseconds for which a successor is good; null: it does not expire. */
  readonly lifetime: number | null
}

interface CredentialFacts {
  /** See `isCredentialId`. */
  readonly id: string
  readonly label: string
  /** ISO 8601, UTC. */
  readonly created: string
  /** ISO 8601, UTC; absent: does not expire. */
  readonly expires?: string
  /** ISO 8601, UTC; written at most once an hour. */
  readonly lastUsed?: string
  /** ISO 8601, UTC; present: no longer valid. */
  readonly revoked?: string
  readonly warned?: ExpiryWarning
  readonly rotated?: Rotation
  /** Another one after every change; uses and warnings are none. */
  readonly version: string
}

/** A Secret Token, or a client secret, as it is kept: without the secret. */
export interface SecretCredential extends CredentialFacts {
  readonly kind: 'token' | 'clientSecret'
  /** SHA-256 of the secret, hex. */
  readonly secretHash: string
}

/** Whose assertions earn access tokens (RFC 7523). */
export interface FederatedCredential extends CredentialFacts {
  readonly kind: 'federated'
  readonly issuer: string
  readonly audience: string
  readonly subject: string
  readonly jwksUri: string
}

/** An Entra tenant whose own tokens are accepted. */
export interface EntraCredential extends CredentialFacts {
  readonly kind: 'entra'
  readonly entraTenantId: string
  readonly audience: string
}

export type Credential = SecretCredential | FederatedCredential | EntraCredential

/** What the store adds to a credential. */
type OfTheStore = 'version' | 'lastUsed' | 'revoked' | 'warned' | 'rotated'

export type NewCredential =
  | Omit<SecretCredential, OfTheStore>
  | Omit<FederatedCredential, OfTheStore>
  | Omit<EntraCredential, OfTheStore>

/** What may change of a credential; `null` takes the expiry away. */
export interface CredentialChange {
  readonly label?: string
  readonly expires?: string | null
  readonly revoked?: string
  readonly rotated?: Rotation
}

/** How far the index of an attribute is that a tenant has declared. */
export interface IndexState extends DefinitionIndex {
  /** ISO 8601, UTC: when it last changed which rows are written. */
  readonly since: string
  /** There may be rows that are not written any more. */
  readonly leftovers: boolean
  /**
   * What keeps it from being complete, at most 100: the ids of two users who have one unique value, or that of one who
   * has more values than can be indexed.
   */
  readonly clashes: readonly (readonly string[])[]
}

/** An attribute that a tenant has declared, as it is kept. */
export interface DeclaredAttribute extends AttributeDefinition {
  /** Absent where it is in no index and never was. */
  readonly index?: IndexState
  /** ISO 8601, UTC: when it was declared, or declared again. */
  readonly created: string
  /** ISO 8601, UTC; present: it is no attribute any more, and what users have of it is hidden. */
  readonly removed?: string
  /** Present: what users have of it is being taken out. */
  readonly purging?: true
  /** Another one after every change. */
  readonly version: string
}

/** A tenant and all that it has declared. */
export interface Declarations {
  readonly tenant: Tenant
  /** The oldest first, removed ones included. */
  readonly definitions: readonly DeclaredAttribute[]
}

/** How a definition is removed. */
export interface Removal {
  /** ISO 8601, UTC. */
  readonly at: string
  /** Whether values are taken out, too; of one that is removed already from now on. */
  readonly purge: boolean
}

/** The version of a credential that nobody has changed. */
export const FIRST_VERSION = '1'

/**
 * What the list of tenants tells of one: a copy, so that a page of it is one read. It is written before the tenant's own
 * row, follows its changes, and is repaired by the maintenance.
 */
export interface TenantSummary {
  readonly id: string
  readonly name: string
  readonly reference?: string
  readonly status: TenantStatus
  readonly created: string
  /** That of the tenant it is of: one of another tenant of the same id says nothing. */
  readonly partitionKey: string
  /** Absent until they were counted; as of `repaired`. */
  readonly users?: number
  readonly groups?: number
  /** ISO 8601, UTC, these and the following; written once a minute at most. */
  readonly lastRequest?: string
  readonly lastSuccess?: string
  readonly lastRefusal?: string
  /** The identity provider that sent the last request, as far as it can be told. */
  readonly lastClient?: string
  /** The earliest of the credentials that are active, as of `repaired` or the last change of one. */
  readonly nextExpiry?: string
  /** When it was last made anew. */
  readonly repaired?: string
  /** Present when some of its attributes were removed and are not purged. */
  readonly removedAttributes?: true
  /** The LATER_INDEXES, joined by spaces, when all of them and those of its attributes are complete. */
  readonly indexed?: string
}

/** Which summaries. */
export interface SummaryQuery {
  /** In id, name or reference, case ignored. */
  readonly q?: string
  readonly status?: TenantStatus
  /** A tenant id: those behind it. */
  readonly after?: string
  /** 1 or more. */
  readonly count: number
}

export interface SummaryPage {
  /** In the order of their ids. */
  readonly items: readonly TenantSummary[]
  /** `after` of the next page; absent on the last one. */
  readonly next?: string
}

/** Uses of a tenant, as far as they are to be noted. */
export type TenantActivity = Partial<
  Pick<TenantSummary, 'lastRequest' | 'lastSuccess' | 'lastRefusal' | 'lastClient'>
>

/** What is counted for a summary; what is absent stays as it is, `null` is none. */
export interface SummaryFacts {
  readonly users?: number
  readonly groups?: number
  readonly nextExpiry?: string | null
  readonly repaired?: string
  readonly removedAttributes?: boolean
  /** An empty text is none. */
  readonly indexed?: string
}

/** Names a tenant so that a later one of the same id is not meant. */
export type TenantIdentity = Pick<Tenant, 'id' | 'partitionKey'>

/** Whose the tokens of an Entra tenant are. */
export interface IssuerClaim {
  readonly tenantId: string
  readonly partitionKey: string
}

/** A public key by which access tokens are verified. */
export interface AccessKey {
  readonly kid: string
  /** The public JWK (RFC 7517). */
  readonly jwk: Readonly<Record<string, JsonValue>>
  readonly use: 'access'
  /** ISO 8601, UTC. */
  readonly created: string
  /** ISO 8601, UTC: from then on it verifies nothing; it may be in the future. */
  readonly retired?: string
}

/** 1 to 32 characters `a-z 0-9 -`: safe in a storage key, and in a Secret Token, whose parts are joined by `_`. */
export function isTenantId(text: string): boolean {
  return /^[a-z0-9-]{1,32}$/.test(text)
}

/** 12 characters `a-z 0-9`. */
export function isCredentialId(text: string): boolean {
  return /^[a-z0-9]{12}$/.test(text)
}

/** Who asks for a change, for the journal. */
export interface ChangedBy extends Author {
  /** The id of the request that asked for it. */
  readonly requestId?: string
}

/** On which condition something is changed, and for whom. */
export interface ChangeOptions {
  /** The version that it must have. */
  readonly ifMatch?: string | undefined
  /** Nobody (SYSTEM) when absent. */
  readonly by?: ChangedBy | undefined
}

/**
 * Keeps tenants and their credentials. Each change of their fields leaves one row in the journal, in the transaction that
 * makes it; uses, warnings, copies and how far a deletion is are none. An id may be any text: one that is no `isTenantId` or `isCredentialId` names
 * nothing. Failures of the service itself are ScimError `unavailable`, or are thrown as they come; no method reports a
 * conflict for a write of its own whose answer was lost.
 */
export interface TenantStore {
  /** Tenant, credential, and the attributes that are declared, oldest first, in one read; absent parts do not exist. */
  findCredential(
    tenantId: string,
    credentialId: string,
    deadline?: Deadline,
  ): Promise<{
    readonly tenant?: Tenant
    readonly credential?: Credential
    readonly definitions?: readonly DeclaredAttribute[]
  }>
  /** The tenant, all its credentials and all its attributes, each oldest first, in one read. */
  findCredentials(
    tenantId: string,
    deadline?: Deadline,
  ): Promise<{
    readonly tenant?: Tenant
    readonly credentials: readonly Credential[]
    readonly definitions?: readonly DeclaredAttribute[]
    /** Those that were removed and are not purged. */
    readonly removed?: readonly DeclaredAttribute[]
  }>

  get(tenantId: string): Promise<Tenant | undefined>
  /** The summary of this tenant, not one of an earlier or later tenant of the same id. */
  summary(tenant: TenantIdentity): Promise<TenantSummary | undefined>
  summaries(query: SummaryQuery): Promise<SummaryPage>
  /** All tenants that have a summary, ordered by id, each read by itself: for sweeps. */
  list(): Promise<readonly Tenant[]>
  /** The ids of all tenants, ordered, from their own rows: reads the whole table. */
  ids(): Promise<readonly string[]>

  /** The summary first, then the tenant's own row. @returns false when the id is taken. */
  create(tenant: Tenant, by?: ChangedBy): Promise<boolean>
  /**
   * Changes a tenant as it is at that moment: when somebody else changes it in between, `change` is asked again. What it
   * throws is thrown, and nothing is written. The summary follows.
   * @returns the tenant afterwards, or undefined when there is none.
   * @throws ScimError `preconditionFailed` when it has another version than `ifMatch`.
   */
  update(
    tenantId: string,
    change: (tenant: Tenant) => TenantChange,
    options?: ChangeOptions,
  ): Promise<Tenant | undefined>
  /**
   * Notes uses in the summary, in the place of what it has of them, without a look at it. Of another tenant of the same id
   * they are never shown; without a summary nothing happens.
   */
  noteActivity(tenant: TenantIdentity, activity: TenantActivity, deadline?: Deadline): Promise<void>
  /** Notes which indexes are complete; neither a new version nor a row in the journal. Nothing when the tenant is not there. */
  noteIndexes(tenant: TenantIdentity, indexes: TenantIndexes): Promise<void>
  /** Makes the summary of a tenant anew, with these facts; nothing happens when the tenant is not there. */
  repairSummary(tenant: TenantIdentity, facts: SummaryFacts): Promise<void>
  /** Removes a summary that no tenant has. @returns false when there is the tenant. */
  dropSummary(summary: TenantIdentity): Promise<boolean>
  /**
   * Removes this tenant, its credentials, what they claim, and at the end its summary, so that it can be repeated; one
   * that is gone is no error, and a later one of the same id stays as it is. The users and groups are the caller's to
   * remove first.
   */
  delete(tenant: Pick<Tenant, 'id' | 'partitionKey' | 'signingKey'>): Promise<void>

  /** The credentials of a tenant, oldest first, revoked and expired ones included. */
  credentials(tenantId: string): Promise<readonly Credential[]>
  /** With FIRST_VERSION. @returns false when there is no such tenant, or it is being deleted. */
  addCredential(tenantId: string, credential: NewCredential, by?: ChangedBy): Promise<boolean>
  /**
   * As `update`, of a credential.
   * @returns the credential afterwards, or undefined when there is none.
   * @throws ScimError `preconditionFailed` when it has another version than `ifMatch`.
   */
  updateCredential(
    tenantId: string,
    credentialId: string,
    change: (credential: Credential) => CredentialChange,
    options?: ChangeOptions,
  ): Promise<Credential | undefined>
  /** Notes a use; a credential that is gone is no error. */
  touchCredential(tenantId: string, credentialId: string, at: string): Promise<void>
  /** Notes a warning; a credential that is gone is no error. */
  noteWarning(tenantId: string, credentialId: string, warning: ExpiryWarning): Promise<void>

  /** The tenant and all that it has declared, in one read; undefined when there is no such tenant. */
  definitions(tenantId: string): Promise<Declarations | undefined>
  /**
   * Declares an attribute in view of those that there are at that moment: when somebody else declares, changes or removes
   * one in between, `make` is asked again. What it throws is thrown, and nothing is written. One that was removed is
   * replaced by one of the same id.
   * @returns undefined when there is no such tenant, or it is being deleted; so do the others.
   */
  addDefinition(
    tenantId: string,
    make: (declared: Declarations) => AttributeDefinition & Pick<DeclaredAttribute, 'created'>,
    by?: ChangedBy,
  ): Promise<DeclaredAttribute | undefined>
  /**
   * As `addDefinition`, of one that there is, by its id in any case.
   * @throws ScimError `preconditionFailed` when it has another version than `ifMatch`.
   */
  changeDefinition(
    tenantId: string,
    id: string,
    change: (before: DeclaredAttribute, declared: Declarations) => AttributeDefinition,
    options?: ChangeOptions,
  ): Promise<DeclaredAttribute | undefined>
  /** Marks one as removed: its values are hidden, not lost. One that is removed stays so. @throws as `changeDefinition`. */
  removeDefinition(
    tenantId: string,
    id: string,
    removal: Removal,
    options?: ChangeOptions,
  ): Promise<DeclaredAttribute | undefined>
  /**
   * Notes how far the index of an attribute is; neither a new version nor a row in the journal.
   * @returns false when the attribute, or its index, is not as it was read.
   */
  noteIndex(
    tenantId: string,
    definition: Pick<DeclaredAttribute, 'id' | 'version' | 'index'>,
    index: IndexState,
  ): Promise<boolean>
  /** Forgets one whose values are taken out. @returns false when it is not `purging` in this version. */
  purgeDefinition(
    tenantId: string,
    definition: Pick<DeclaredAttribute, 'id' | 'version'>,
    by?: ChangedBy,
  ): Promise<boolean>

  /**
   * Claims the tokens of an Entra tenant for the tenant of this partition, which must be there; can be repeated.
   * @returns false when another tenant has them.
   */
  claimIssuer(entraTenantId: string, partitionKey: string): Promise<boolean>
  /** Gives a claim up; one of another tenant stays. */
  releaseIssuer(entraTenantId: string, partitionKey: string): Promise<void>
  issuerOf(entraTenantId: string, deadline?: Deadline): Promise<IssuerClaim | undefined>

  /** Oldest first, retired ones included. */
  accessKeys(deadline?: Deadline): Promise<readonly AccessKey[]>
  /** @returns false when its kid is taken by another key. */
  addAccessKey(key: AccessKey): Promise<boolean>
  /** Sets `retired` of a key that has none. @returns false when there is no such key. */
  retireAccessKey(kid: string, at: string): Promise<boolean>
}

/**
 * Removes every user, group and membership of a partition and tells how many rows that were. May be stopped and repeated.
 * The tenant must be refused, and have been long enough for every instance to know.
 * @param isOver asked between transactions: once it says so, what is left stays.
 */
export type EraseResources = (partitionKey: string, isOver?: () => boolean) => Promise<number>

/** A partition of users and groups that no tenant owned when it was looked for. */
export interface Orphan {
  readonly partitionKey: string
  /** ISO 8601, UTC: when it was first found so. */
  readonly found: string
  /** Its tenant was deleted as a whole: what is found is what came late, and nobody's any more. */
  readonly deleted?: boolean
}

/** The partitions of users and groups whose tenant is not asked: for the operator, who looks for what a deletion left. */
export interface PartitionStore {
  /** The PartitionKeys that have rows, ordered. */
  list(): Promise<readonly string[]>
  /** The next ones behind a PartitionKey, ordered, about so many; none when there are no more. */
  next(after: string, count: number): Promise<readonly string[]>
  /** How many rows a partition has. */
  count(partitionKey: string): Promise<number>
  /** The findings that are noted. */
  notes(): Promise<readonly Orphan[]>
  /** Notes a finding; an earlier one of the same partition stays, but for `deleted`, which is added. */
  note(orphan: Orphan): Promise<void>
  /** Removes the note of a partition; one that is gone is no error. */
  forget(partitionKey: string): Promise<void>
}

/** How far a task of the maintenance is that takes several runs. */
export interface TaskState {
  /** ISO 8601, UTC: when this round of it began. */
  readonly started: string
  /** What is done; absent when the round is. */
  readonly after?: string
}

/** What the runs of the maintenance share. */
export interface MaintenanceStore {
  /**
   * Takes the lease until a time, when nobody has it.
   * @param holder names the run; what it has already it may take again.
   */
  acquire(holder: string, now: Date, until: Date): Promise<boolean>
  /** Gives the lease back; one that somebody else has by now stays. */
  release(holder: string): Promise<void>
  task(name: string): Promise<TaskState | undefined>
  keepTask(name: string, state: TaskState): Promise<void>
}

/** The order of credentials and of definitions. */
export function oldestFirst<Value extends Pick<Credential, 'id' | 'created'>>(
  values: readonly Value[],
): readonly Value[] {
  const age = (each: Value): string => `${each.created} ${each.id}`
  return values.toSorted((one, other) => (age(one) < age(other) ? -1 : 1))
}

/** Whether a summary is one that a query asks for, but for its place. */
export function summaryMatches(summary: TenantSummary, { q, status }: SummaryQuery): boolean {
  if (status !== undefined && summary.status !== status) return false
  if (q === undefined) return true
  const wanted = q.toLowerCase()
  const { id, name, reference = '' } = summary
  return [id, name, reference].some((text) => text.toLowerCase().includes(wanted))
}
