import { randomBytes } from 'node:crypto'
import { ScimError } from '../scim/errors.ts'
import type {
  AccessKey,
  ChangeOptions,
  Credential,
  CredentialChange,
  IssuerClaim,
  SummaryFacts,
  Tenant,
  TenantChange,
  TenantSummary,
} from './tenant-port.ts'

/** A version that nothing has had before. */
export function newVersion(): string {
  return randomBytes(9).toString('base64url')
}

/** @throws ScimError `preconditionFailed` when something is in another version than it must be. */
export function checkVersion(
  what: string,
  { version }: { readonly version: string },
  { ifMatch }: ChangeOptions = {},
): void {
  if (ifMatch === undefined || ifMatch === version) return
  throw new ScimError(
    'preconditionFailed',
    `The ${what} has been changed since that version was read. Read it again.`,
  )
}

/** The tenant after a change, in a new version; itself when nothing changes. */
export function changedTenant(tenant: Tenant, change: TenantChange): Tenant {
  const { name, status, settings, deletion, takesEntraTokens } = { ...tenant, ...change }
  const { reference: before = null, deletion: _, takesEntraTokens: __, ...rest } = tenant
  const { reference = before } = change
  const after: Tenant = {
    ...rest,
    name,
    status,
    settings,
    ...(deletion === undefined ? {} : { deletion }),
    ...(reference === null ? {} : { reference }),
    ...(takesEntraTokens === true ? { takesEntraTokens } : {}),
  }
  const isSame = fieldsOf(after) === fieldsOf(tenant)
  return isSame ? tenant : { ...after, version: newVersion() }
}

function fieldsOf({ takesEntraTokens = false, ...tenant }: Tenant): string {
  const { name, reference, status, settings, deletion } = tenant
  return JSON.stringify([name, reference, status, settings, deletion, takesEntraTokens])
}

/** Whether a change is of something that summaries have. */
export function concernsSummary({ name, reference, status }: TenantChange): boolean {
  return [name, reference, status].some((each) => each !== undefined)
}

/** The credential after a change, in a new version; itself when nothing changes. */
export function changedCredential(credential: Credential, change: CredentialChange): Credential {
  const { expires: before, ...rest } = credential
  const { expires = before ?? null, ...others } = change
  const after: Credential = { ...rest, ...others, ...(expires === null ? {} : { expires }) }
  const isSame = factsOf(after) === factsOf(credential)
  return isSame ? credential : { ...after, version: newVersion() }
}

function factsOf({ label, expires, revoked, rotated }: Credential): string {
  return JSON.stringify([label, expires, revoked, rotated])
}

/** The summary of a tenant: what it tells itself, and beside it what was noted in the summary that it has. */
export function summaryOf(
  { id, name, reference, status, created, partitionKey }: Tenant,
  before?: TenantSummary,
  facts: SummaryFacts = {},
): TenantSummary {
  const noted = before?.partitionKey === partitionKey ? notedIn(before) : {}
  const { nextExpiry, removedAttributes, indexed, ...counted } = facts
  const { nextExpiry: earlier, removedAttributes: hadRemoved = false, ...rest } = noted
  const { indexed: was, ...kept } = rest
  const expiry = nextExpiry === undefined ? earlier : (nextExpiry ?? undefined)
  return {
    ...kept,
    ...counted,
    id,
    name,
    ...(reference === undefined ? {} : { reference }),
    status,
    created,
    partitionKey,
    ...(expiry === undefined ? {} : { nextExpiry: expiry }),
    ...((removedAttributes ?? hadRemoved) ? { removedAttributes: true } : {}),
    ...indexedFact(indexed ?? was),
  }
}

function indexedFact(indexed = ''): Pick<TenantSummary, 'indexed'> {
  return indexed === '' ? {} : { indexed }
}

function notedIn(summary: TenantSummary): Partial<TenantSummary> {
  const { id: _, name: __, reference: ___, status: ____, created: _____, ...noted } = summary
  return noted
}

/** Whose a partition of users and groups is, or was. */
export function claimOf(partitionKey: string): IssuerClaim {
  const [tenantId = ''] = partitionKey.split('_')
  return { tenantId, partitionKey }
}

/** The order of `TenantStore.accessKeys`. */
export function oldestKeyFirst(keys: readonly AccessKey[]): readonly AccessKey[] {
  return keys.toSorted((one, other) => (ageOf(one) < ageOf(other) ? -1 : 1))
}

function ageOf({ created, kid }: AccessKey): string {
  return `${created} ${kid}`
}
