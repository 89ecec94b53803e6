import type { DefinitionChange, NewDefinition } from '../people/definitions.ts'
import type { ToldAttribute } from '../people/told-attribute.ts'
import type {
  ChangeOptions,
  Credential,
  Declarations,
  DeclaredAttribute,
  SummaryQuery,
  Tenant,
  TenantSummary,
} from '../storage/tenant-port.ts'
import type { CredentialPatch, CredentialStatus, Issued, Rotated } from '../tenants/credentials.ts'
import type { CredentialSpec } from '../tenants/new-credential.ts'
import type { NewTenant, TenantPatch } from '../tenants/tenants.ts'

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
  get(tenantId: string): Promise<Tenant | undefined>
  countPeople(partitionKey: string): Promise<{ readonly users: number; readonly groups: number }>
  /** What the list has of this tenant; undefined where that is not known yet. */
  summary(tenant: Tenant): Promise<TenantSummary | undefined>
  createTenant(tenant: NewTenant): Promise<Tenant>
  changeTenant(id: string, change: TenantPatch, condition: ChangeOptions): Promise<Tenant>
  beginDeletion(id: string, now: Date, condition: ChangeOptions): Promise<Tenant>

  /** Oldest first, revoked and expired ones included. */
  listCredentials(tenantId: string): Promise<readonly Credential[]>
  findCredential(
    tenantId: string,
    credentialId: string,
  ): Promise<{ readonly tenant?: Tenant; readonly credential?: Credential }>
  /** The tenant and all of them in one read. */
  findCredentials(
    tenantId: string,
  ): Promise<{ readonly tenant?: Tenant; readonly credentials: readonly Credential[] }>
  issueCredential(tenantId: string, spec: CredentialSpec, now: Date): Promise<Issued>
  changeCredential(
    tenantId: string,
    credentialId: string,
    change: CredentialPatch,
    condition: ChangeOptions & { readonly now: Date },
  ): Promise<Credential>
  revokeCredential(
    tenantId: string,
    credentialId: string,
    now: Date,
    condition: ChangeOptions,
  ): Promise<Credential>
  /** The new one first, then the other one's expiry. */
  rotateCredential(
    tenantId: string,
    credentialId: string,
    options: ChangeOptions & { readonly overlapHours: number },
    now: Date,
  ): Promise<Rotated>

  /** The tenant and all that it has declared, oldest first, removed ones included. */
  attributes(tenantId: string): Promise<Declarations | undefined>
  declareAttribute(tenantId: string, given: NewDefinition, now: Date): Promise<DeclaredAttribute>
  changeAttribute(
    tenantId: string,
    id: string,
    change: DefinitionChange,
    condition: ChangeOptions,
  ): Promise<DeclaredAttribute>
  removeAttribute(
    tenantId: string,
    id: string,
    removal: { readonly purge: boolean; readonly now: Date },
    condition: ChangeOptions,
  ): Promise<DeclaredAttribute>
  /** With the URN that it is under, and the names for an identity provider's mappings. */
  told(definition: DeclaredAttribute): ToldAttribute

  credentialStatus(credential: Credential, now: Date): CredentialStatus
  /** What an OAuth client of the tenant is called. */
  clientIdOf(tenantId: string): string
}
