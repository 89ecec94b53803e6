import { ScimError } from '../scim/errors.ts'
import type { AttributeDefinition } from '../scim/attribute-definition.ts'
import { peopleTypeOf, teamTypeOf } from '../scim/types-of-people.ts'
import { unfilledIndexes } from '../people/tenant-types.ts'
import type { Author } from '../storage/port.ts'
import type { Declarations, Tenant } from '../storage/tenant-port.ts'
import { beingDeleted, requireTenant } from '../tenants/tenants.ts'
import { again } from './again.ts'
import { scopeIn, type BackupParts, type Report } from './backup-parts.ts'
import { bringAll, bringCredentials } from './bring-all.ts'
import { checkFile, type CheckedFile, type OpenFile } from './checked-file.ts'
import { NO_COUNTS } from './format.ts'
import { goneFrom, NOTHING_GONE } from './gone.ts'
import { bringTenant, planTenant, type TenantPlan } from './import-tenant.ts'
import { plannedDefinitions } from './planned-definitions.ts'
import { rehearsing } from './rehearsal.ts'
import { surveyFile, type Survey } from './survey.ts'
import { refuseTakenIssuers } from './taken-issuers.ts'
import type { BroughtCounts, LeftMemberships, Target } from './target.ts'

export interface ImportOptions {
  /** Goes on with an import that was interrupted: what is there already stays as it is. */
  readonly resume: boolean
  /** Takes the credentials, too: they are good for a tenant of the same id. */
  readonly withCredentials: boolean
  /** Writes nothing. */
  readonly dryRun: boolean
  readonly author: Author
  readonly requestId: string
  readonly report: Report
}

/** What came into the tenant, or would. */
export interface Imported {
  readonly from: { readonly id: string; readonly name: string; readonly exported: string }
  /** Whether nothing had changed any more when the export came to its end. */
  readonly whole: boolean
  readonly brought: BroughtCounts
  /** How many were there already, in the same version. */
  readonly there: number
  /** What was there in another version, or did not fit what is there, and was left as it is. */
  readonly left: { readonly count: number; readonly first: readonly string[] }
  readonly leftMemberships: LeftMemberships
  readonly unknownSettings: readonly string[]
}

/**
 * Brings the export of a tenant into a tenant. The file is read to its end before anything is written.
 * @throws ScimError `notFound`; `mutability` when the tenant is being deleted, or has people and nothing is resumed; `invalidValue`
 *   for a file that is no whole export; `unavailable`: what is written stays, and `resume` goes on.
 */
export async function importTenant(
  parts: BackupParts,
  tenantId: string,
  open: OpenFile,
  options: ImportOptions,
): Promise<Imported> {
  const { resume, dryRun, withCredentials } = options
  const declarations = await declarationsOf(parts, tenantId)
  const file = await checkFile(open, parts.typesOf, parts.now())
  checkCredentials(file, tenantId, options)
  const { tenant } = declarations
  const present = typesIn(parts, tenant, liveIn(declarations))
  if (!resume) await refusePeople(parts, tenant, present)
  const every = peopleTypeOf(parts.typesOf([], []))
  const plan = planTenant(file.tenant, declarations, every)
  const planned = typesIn(parts, tenant, plannedDefinitions(declarations.definitions, plan))
  const survey = await surveyFile(file, open, { ...parts, ...planned })
  if (withCredentials) await refuseTakenIssuers(parts, tenant, survey.credentials)
  if (!dryRun) await bringTenant(parts, tenantId, plan, every)
  const place = dryRun
    ? { parts: { ...parts, ...rehearsing(parts, { ...survey, resume }) }, tenant, ...planned }
    : await placeNow(parts, tenantId)
  const gone = resume ? await goneFrom(parts, tenant) : NOTHING_GONE
  const target = targetOf(place, { ...survey, gone }, options)
  await bringAll(target, file, open, survey)
  if (withCredentials) await bringCredentials(target, survey.credentials, !dryRun)
  return importedOf(target, file, plan)
}

async function declarationsOf(
  { tenants, pause }: BackupParts,
  tenantId: string,
): Promise<Declarations> {
  const found = (await again(pause, async () => tenants.definitions(tenantId))) ?? {
    tenant: await requireTenant(tenants, tenantId),
    definitions: [],
  }
  if (found.tenant.status === 'deleting') throw beingDeleted(tenantId)
  return found
}

function liveIn({ definitions }: Declarations): readonly AttributeDefinition[] {
  return definitions.filter(({ removed }) => removed === undefined)
}

function typesIn(
  { typesOf }: BackupParts,
  tenant: Tenant,
  definitions: readonly AttributeDefinition[],
): Pick<Target, 'users' | 'groups'> {
  const types = typesOf(definitions, unfilledIndexes(tenant))
  return { users: peopleTypeOf(types), groups: teamTypeOf(types) }
}

/** A tenant, and what it is written with. */
type Place = Pick<Target, 'parts' | 'tenant' | 'users' | 'groups'>

async function placeNow(parts: BackupParts, tenantId: string): Promise<Place> {
  const declarations = await declarationsOf(parts, tenantId)
  const { tenant } = declarations
  return { parts, tenant, ...typesIn(parts, tenant, liveIn(declarations)) }
}

function targetOf(
  place: Place,
  { byHand, gone }: Pick<Survey, 'byHand'> & Pick<Target, 'gone'>,
  { resume, author, requestId, report }: ImportOptions,
): Target {
  const { removed: _, ...brought } = NO_COUNTS
  return {
    ...place,
    resume,
    author,
    requestId,
    report,
    brought,
    left: { count: 0, first: [] },
    leftMemberships: { ofLeftOut: 0, ofNobody: 0, takenOut: 0 },
    changed: new Set(),
    leftOut: new Set(),
    removed: new Set(),
    byHand,
    gone,
    state: { there: 0 },
  }
}

function checkCredentials(
  { tenant, end }: CheckedFile,
  tenantId: string,
  { withCredentials }: ImportOptions,
): void {
  if (!withCredentials) return
  if (end.counts.credentials === 0) {
    throw new ScimError('invalidValue', 'the file has no credentials: it was exported without')
  }
  if (tenant.id === tenantId) return
  throw new ScimError(
    'invalidValue',
    `the credentials in the file are good for the tenant ${tenant.id} alone, not for ${tenantId}: import it without --with-credentials, and issue others`,
  )
}

async function refusePeople(
  parts: BackupParts,
  tenant: Tenant,
  { users, groups }: Pick<Target, 'users' | 'groups'>,
): Promise<void> {
  const { resources, teams } = parts
  const one = { count: 1 }
  const [people, hidden, all, made] = await again(parts.pause, async () => {
    const scope = scopeIn(parts, tenant.partitionKey)
    return Promise.all([
      resources.listFrom(scope, users, one),
      resources.listHidden(scope, users, one),
      resources.listFrom(scope, groups, one),
      teams.all(scope),
    ])
  })
  const isEmpty = [people, hidden, all].every(({ resources: found }) => found.length === 0)
  if (isEmpty && made.length === 0) return
  throw new ScimError(
    'mutability',
    `tenant ${tenant.id} has people or teams already: import into a new one, or give --resume to go on with an import that was interrupted`,
  )
}

function importedOf(
  { left, leftMemberships, brought, state }: Target,
  { tenant: { id, name, exported }, end: { whole } }: CheckedFile,
  { unknownSettings }: TenantPlan,
): Imported {
  const { there } = state
  const from = { id, name, exported }
  return { from, whole, brought, there, left, leftMemberships, unknownSettings }
}
