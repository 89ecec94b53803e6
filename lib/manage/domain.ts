import type { TenantSettings, TenantStatus } from '../storage/tenant-port.ts'

export type CredentialStatus = 'active' | 'expired' | 'revoked'

/** What every credential has. */
interface CredentialFacts {
  /** 12 characters `a-z 0-9`. */
  readonly id: string
  readonly label: string
  /** ISO 8601, UTC, as all times. */
  readonly created: string
  readonly expires?: string
  readonly lastUsed?: string
  readonly revoked?: string
  /** Of what is kept: another one after each change. */
  readonly version: string
}

interface SecretCredential extends CredentialFacts {
  readonly kind: 'token' | 'clientSecret'
}

interface FederatedCredential extends CredentialFacts {
  readonly kind: 'federated'
  readonly issuer: string
  readonly audience: string
  readonly subject: string
  readonly jwksUri: string
}

interface EntraCredential extends CredentialFacts {
  readonly kind: 'entra'
  readonly entraTenantId: string
  readonly audience: string
}

export type Credential = SecretCredential | FederatedCredential | EntraCredential

/** What a credential is made of; what is left out is the kind's default. */
export type CredentialSpec = {
  readonly label?: string
  /** `null`: never, also where something else is usual. */
  readonly expires?: Date | null
} & (
  | { readonly kind: 'token' | 'clientSecret' }
  | {
      readonly kind: 'federated'
      readonly issuer: string
      readonly audience: string
      readonly subject: string
      readonly jwksUri: string
    }
  | { readonly kind: 'entra'; readonly entraTenantId: string; readonly audience?: string }
)

/** A tenant, as far as it is managed. */
export interface ManagedTenant {
  readonly id: string
  readonly name: string
  /** The vendor's own id. */
  readonly reference?: string
  readonly status: TenantStatus
  readonly created: string
  readonly partitionKey: string
  readonly settings: TenantSettings
  /** Of what is kept: another one after each change. */
  readonly version: string
  /** How far its deletion has come. */
  readonly deletion?: {
    readonly started: string
    readonly phase: 'settling' | 'erasing'
    readonly rows: number
  }
}

/** What the list has of a tenant; the counts and times may be minutes behind. */
export interface TenantSummary {
  readonly id: string
  readonly name: string
  readonly reference?: string
  readonly status: TenantStatus
  readonly created: string
  readonly users?: number
  readonly groups?: number
  readonly lastRequest?: string
  readonly lastSuccess?: string
  readonly lastRefusal?: string
  readonly nextExpiry?: string
}

export interface SummaryQuery {
  /** In id, name or reference, case ignored. */
  readonly q?: string
  readonly status?: TenantStatus
  /** The id of a tenant: those behind it. */
  readonly after?: string
  readonly count: number
}

/** What a tenant is made of. */
export interface NewTenant {
  readonly id: string
  /** The id when absent. */
  readonly name?: string
  readonly reference?: string
  readonly settings?: TenantSettings
  readonly now: Date
}

/** What may be changed of a tenant. */
export interface TenantChange {
  readonly name?: string
  readonly reference?: string | null
  readonly status?: Exclude<TenantStatus, 'deleting'>
  /** All of them as they are to be, made of those that there are at that moment. */
  readonly settings?: (now: TenantSettings) => TenantSettings
}

/** On condition that what is kept has this version still. */
export interface Condition {
  readonly ifMatch?: string
}

/**
 * What the manage API does with tenants and credentials; the command line does the same by the same functions. What is
 * refused is a ScimError: `notFound`, `invalidValue`, `uniqueness` for what is taken, `mutability` for what the state
 * does not allow, `preconditionFailed` for another version.
 */
export interface ManageDomain {
  /** In order of the ids. `next` is the id of the last one, when there are more. */
  summaries(
    query: SummaryQuery,
  ): Promise<{ readonly items: readonly TenantSummary[]; readonly next?: string }>
  get(tenantId: string): Promise<ManagedTenant | undefined>
  countPeople(partitionKey: string): Promise<{ readonly users: number; readonly groups: number }>
  /** What the list has of this tenant; undefined where that is not known yet. */
  summary(tenant: ManagedTenant): Promise<TenantSummary | undefined>
  createTenant(tenant: NewTenant): Promise<ManagedTenant>
  changeTenant(id: string, change: TenantChange, condition: Condition): Promise<ManagedTenant>
  beginDeletion(id: string, now: Date, condition: Condition): Promise<ManagedTenant>

  /** Oldest first, revoked and expired ones included. */
  listCredentials(tenantId: string): Promise<readonly Credential[]>
  findCredential(
    tenantId: string,
    credentialId: string,
  ): Promise<{ readonly tenant?: ManagedTenant; readonly credential?: Credential }>
  issueCredential(
    tenantId: string,
    spec: CredentialSpec,
    now: Date,
  ): Promise<{ readonly credential: Credential; readonly secret?: string }>
  changeCredential(
    tenantId: string,
    credentialId: string,
    change: { readonly label?: string; readonly expires?: Date | null },
    condition: Condition & { readonly now: Date },
  ): Promise<Credential>
  revokeCredential(
    tenantId: string,
    credentialId: string,
    now: Date,
    condition: Condition,
  ): Promise<Credential>
  /** The new one first, then the other one's expiry. */
  rotateCredential(
    tenantId: string,
    credentialId: string,
    options: Condition & { readonly overlapHours: number },
    now: Date,
  ): Promise<{
    readonly credential: Credential
    readonly secret: string
    readonly previous: Credential
  }>
  credentialStatus(credential: Credential, now: Date): CredentialStatus
  /** What an OAuth client of the tenant is called. */
  clientIdOf(tenantId: string): string
}
