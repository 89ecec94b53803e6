import { ScimError } from '../scim/errors.ts'
import { peopleTypeOf, teamTypeOf } from '../scim/types-of-people.ts'
import { unfilledIndexes } from '../people/tenant-types.ts'
import type { Author } from '../storage/port.ts'
import type { Declarations, NewCredential } from '../storage/tenant-port.ts'
import { keepCredential } from '../tenants/credentials.ts'
import { keptCredential } from '../tenants/kept-credential.ts'
import { beingDeleted, requireTenant } from '../tenants/tenants.ts'
import { again } from './again.ts'
import { scopeIn, type BackupParts, type Report } from './backup-parts.ts'
import {
  bringGroup,
  bringMembers,
  bringUser,
  type BroughtCounts,
  type OpenGroup,
  type Target,
} from './bring.ts'
import { checkFile, type CheckedFile, type OpenFile } from './checked-file.ts'
import { counted, NO_COUNTS, parseRecord, type BackupRecord } from './format.ts'
import { bringTenant, planTenant, type TenantPlan } from './import-tenant.ts'
import { linesOf } from './lines.ts'
import { credentialIn } from './records.ts'
import { SideBySide } from './side-by-side.ts'

/** Lines that are worked on at the same time. */
const AT_ONCE = 16

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
  const declarations = await declarationsOf(parts, tenantId)
  const file = await checkFile(open, parts.typesOf)
  checkCredentials(file, tenantId, options)
  const target = targetOf(parts, declarations, options)
  if (!options.resume) await refusePeople(target)
  const users = peopleTypeOf(parts.typesOf([], []))
  const plan = planTenant(file.tenant, declarations, users)
  if (options.dryRun) {
    return importedOf(target, file, plan, await rehearsed(file, open, options))
  }
  await bringTenant(parts, tenantId, plan, users)
  const ready = targetOf(parts, await declarationsOf(parts, tenantId), options)
  await bringAll(ready, file, open, options)
  return importedOf(ready, file, plan, ready.brought)
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

function targetOf(
  parts: BackupParts,
  { tenant, definitions }: Declarations,
  options: ImportOptions,
): Target {
  const live = definitions.filter(({ removed }) => removed === undefined)
  const types = parts.typesOf(live, unfilledIndexes(tenant))
  const { removed: _, ...brought } = NO_COUNTS
  return {
    parts,
    tenant,
    users: peopleTypeOf(types),
    groups: teamTypeOf(types),
    resume: options.resume,
    author: options.author,
    requestId: options.requestId,
    report: options.report,
    brought,
    left: { count: 0, first: [] },
    changed: new Set(),
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

async function refusePeople({ parts, tenant, users, groups }: Target): Promise<void> {
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

async function bringAll(
  target: Target,
  file: CheckedFile,
  open: OpenFile,
  { withCredentials }: ImportOptions,
): Promise<void> {
  const work = new SideBySide(AT_ONCE)
  const credentials: NewCredential[] = []
  let group: OpenGroup = { id: '', stamp: undefined }
  await eachThatCounts(file, open, async (record) => {
    if (record.kind === 'user') {
      await work.add(`user ${record.id}`, async () => bringUser(target, record))
    } else if (record.kind === 'group') {
      group = { id: record.id, stamp: record.group }
      await work.add(`group ${record.id}`, async () => bringGroup(target, record))
    } else if (record.kind === 'members') {
      const of = group
      await work.add(`group ${record.of}`, async () => bringMembers(target, of, record))
    } else if (record.kind === 'credential') {
      credentials.push(keptCredential(credentialIn(record)))
    }
  })
  await work.done()
  // They let the identity provider in, which is to find everybody.
  if (withCredentials) await bringCredentials(target, credentials)
}

/** Each record that no later one stands for. */
async function eachThatCounts(
  { isLast }: CheckedFile,
  open: OpenFile,
  take: (record: BackupRecord) => Promise<void>,
): Promise<void> {
  let isTaken = false
  for await (const line of linesOf(open())) {
    const record = parseRecord(line)
    if (record.kind !== 'members') isTaken = isLast(record, line.number)
    if (isTaken) await take(record)
  }
}

async function bringCredentials(
  { parts, tenant, brought, state }: Target,
  credentials: readonly NewCredential[],
): Promise<void> {
  const { tenants, now, pause } = parts
  const present = await again(pause, async () => tenants.credentials(tenant.id))
  for (const credential of credentials) {
    if (present.some(({ id }) => id === credential.id)) {
      state.there += 1
      continue
    }
    await again(pause, async () => {
      // Of a try before this one nobody may know.
      const kept = await tenants.credentials(tenant.id)
      if (kept.some(({ id }) => id === credential.id)) return
      await keepCredential(tenants, tenant.id, credential, now())
    })
    brought.credentials += 1
  }
}

/** What the file has, counted as if it were written. */
async function rehearsed(
  file: CheckedFile,
  open: OpenFile,
  options: ImportOptions,
): Promise<BroughtCounts> {
  let counts = NO_COUNTS
  await eachThatCounts(file, open, async (record) => {
    counts = counted(counts, record)
  })
  const { removed: _, credentials, ...brought } = counts
  return { ...brought, credentials: options.withCredentials ? credentials : 0 }
}

function importedOf(
  { left, state }: Target,
  { tenant: { id, name, exported }, end: { whole } }: CheckedFile,
  { unknownSettings }: TenantPlan,
  brought: BroughtCounts,
): Imported {
  const { there } = state
  return { from: { id, name, exported }, whole, brought, there, left, unknownSettings }
}
