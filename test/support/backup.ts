import { importTenant, type Imported, type ImportOptions } from '../../lib/backup/import.ts'
import type { BackupParts } from '../../lib/backup/backup-parts.ts'
import { exportRecords } from '../../lib/backup/export.ts'
import { sealedLines } from '../../lib/backup/sealed.ts'
import { tenantTypes, unfilledIndexes } from '../../lib/people/tenant-types.ts'
import type { Stores } from '../../lib/runtime.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../lib/scim/default-resource-types.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import type { ResolvedFilter } from '../../lib/scim/filter/filter.ts'
import { parseFilter } from '../../lib/scim/filter/parse.ts'
import { resolveFilter } from '../../lib/scim/filter/resolve.ts'
import type { Member, StoredResource } from '../../lib/scim/resource.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { peopleTypeOf, teamTypeOf } from '../../lib/scim/types-of-people.ts'
import { URN } from '../../lib/scim/urn.ts'
import { deadlineIn } from '../../lib/storage/deadline.ts'
import type { Scope } from '../../lib/storage/port.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import type { DeclaredAttribute } from '../../lib/storage/tenant-port.ts'
import { newVersion } from '../../lib/storage/tenant-changes.ts'
import { scopeOf } from './changes.ts'
import type { TableService } from './table-service/service.ts'
import { madeTables } from './table-service/tables.ts'

/** What a backup takes of stores. */
export type BackedStores = Pick<
  Stores,
  'resources' | 'memberships' | 'teams' | 'activity' | 'tenants'
>

/** Stores on a table service in this process. */
export async function storesOn(service?: TableService): Promise<Stores> {
  return tableStores(await madeTables(service))
}

const TYPES_OF = tenantTypes(DEFAULT_RESOURCE_TYPES)

export function partsOn(stores: BackedStores, change: Partial<BackupParts> = {}): BackupParts {
  return {
    ...stores,
    typesOf: TYPES_OF,
    now: () => new Date(),
    random: Math.random,
    newVersion,
    newDeadline: () => deadlineIn(20_000, () => new Date()),
    pause: async () => undefined,
    ...change,
  }
}

/** The file of a tenant, not compressed. */
export async function exportOf(
  parts: BackupParts,
  tenantId: string,
  { withCredentials = false } = {},
): Promise<Buffer> {
  const lines: string[] = []
  const options = { withCredentials, report: () => undefined }
  for await (const line of sealedLines(exportRecords(parts, tenantId, options))) lines.push(line)
  return Buffer.from(lines.join(''))
}

const IMPORT: ImportOptions = {
  resume: false,
  withCredentials: false,
  dryRun: false,
  author: { actor: 'cli' },
  requestId: 'an import',
  report: () => undefined,
}

/** Brings such a file into a tenant; it comes in pieces of any length. */
export async function importOf(
  parts: BackupParts,
  tenantId: string,
  file: Buffer,
  options: Partial<ImportOptions> = {},
): Promise<Imported> {
  return importTenant(parts, tenantId, () => inPieces(file), { ...IMPORT, ...options })
}

const PIECE = 1000

async function* inPieces(file: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += PIECE) yield file.subarray(at, at + PIECE)
}

/** All that a tenant has, as it is compared with another's. */
export interface Contents {
  readonly tenant: unknown
  readonly definitions: readonly unknown[]
  readonly users: readonly unknown[]
  readonly hidden: readonly unknown[]
  readonly groups: readonly unknown[]
  readonly teams: readonly unknown[]
  readonly members: Readonly<Record<string, readonly Member[]>>
  readonly byHand: Readonly<Record<string, readonly string[]>>
  readonly groupsOf: Readonly<Record<string, readonly string[]>>
  readonly levels: readonly unknown[]
  readonly invitations: readonly unknown[]
  readonly totals: readonly number[]
  /** The ids that some filters find. */
  readonly found: Readonly<Record<string, readonly string[]>>
}

/** A tenant as it is in the stores. */
export interface Place {
  readonly scope: Scope
  readonly users: ResourceType
  readonly groups: ResourceType
}

export async function placeOf({ tenants }: BackedStores, tenantId: string): Promise<Place> {
  const declared = await tenants.definitions(tenantId)
  if (declared === undefined) throw new Error(`there is no tenant ${tenantId}`)
  const live = declared.definitions.filter(({ removed }) => removed === undefined)
  const types = TYPES_OF(live, unfilledIndexes(declared.tenant))
  return {
    scope: scopeOf(declared.tenant.partitionKey),
    users: peopleTypeOf(types),
    groups: teamTypeOf(types),
  }
}

export async function contentsOf(stores: BackedStores, tenantId: string): Promise<Contents> {
  const { resources, teams, tenants } = stores
  const { scope, users, groups } = await placeOf(stores, tenantId)
  const declared = await tenants.definitions(tenantId)
  const all = { count: 100_000 }
  const [live, hidden, made, byHand, levels, invitations] = await Promise.all([
    resources.listFrom(scope, users, all),
    resources.listHidden(scope, users, all),
    resources.listFrom(scope, groups, all),
    teams.all(scope),
    resources.levels(scope, users),
    resources.listInvitations(scope, users, all),
  ])
  const ids = [...new Set([...made.resources, ...byHand].map(({ id }) => id))].toSorted()
  const people = live.resources.map(({ id }) => id)
  const totals = await Promise.all(
    [users, groups].map((type) => resources.list(scope, type, { startIndex: 1, count: 0 })),
  )
  return {
    tenant: [declared?.tenant.name, declared?.tenant.reference, declared?.tenant.settings],
    definitions: (declared?.definitions ?? []).map(said),
    users: live.resources.map(comparable),
    hidden: hidden.resources.map(comparable),
    groups: made.resources.map(comparable),
    teams: byHand,
    members: Object.fromEntries(
      await Promise.all(ids.map(async (id) => [id, await membersOf(stores, scope, id)] as const)),
    ),
    byHand: Object.fromEntries(await teams.teamsOf(scope, people)),
    groupsOf: Object.fromEntries(await stores.memberships.groupsOf(scope, people)),
    // A level that nobody has any more is left out of the file.
    levels: levels.levels.filter(({ people: many }) => many > 0),
    invitations: invitations.items,
    totals: totals.map(({ totalResults }) => totalResults),
    found: await foundIn(stores, { scope, users, groups }),
  }
}

/** By unique and other indexes, those of declared attributes among them, and by a scan. */
const FILTERS = [
  'userName eq "N1@acme.example"',
  'externalId eq "e2"',
  'emails.value eq "mail3@acme.example"',
  `${URN.enterpriseUser}:manager.value eq "manager-0"`,
  `${URN.peopleUser}:level eq "L1"`,
  `${URN.peopleUser}:costCentre eq "costCentre 0"`,
  `${URN.peopleUser}:badge eq "badge 1"`,
  'name.familyName sw "Fam" and active eq false',
  'displayName pr',
]

async function foundIn(
  { resources }: BackedStores,
  { scope, users }: Place,
): Promise<Contents['found']> {
  const found = await Promise.all(
    FILTERS.map(async (text): Promise<readonly [string, readonly string[]]> => {
      const filter = filterOf(users, text)
      if (filter === undefined) return [text, ['is no filter']]
      const page = await resources.list(scope, users, { filter, startIndex: 1, count: 1000 })
      return [text, page.resources.map(({ id }) => id)]
    }),
  )
  return Object.fromEntries(found)
}

/** Undefined where the tenant has declared no such attribute. */
function filterOf(users: ResourceType, text: string): ResolvedFilter | undefined {
  try {
    return resolveFilter(users, parseFilter(text))
  } catch (error) {
    if (error instanceof ScimError && error.kind === 'invalidFilter') return undefined
    throw error
  }
}

async function membersOf(
  { memberships }: BackedStores,
  scope: Scope,
  id: string,
): Promise<readonly Member[]> {
  const members: Member[] = []
  for await (const batch of memberships.members(scope, id)) members.push(...batch)
  return members
}

/** What each store notes for itself does not count. */
function comparable(stored: StoredResource): unknown {
  const { revision: _, characters: __, indexed: ___, ...rest } = stored
  return rest
}

function said(definition: DeclaredAttribute): unknown {
  const { version: _, index: __, ...rest } = definition
  return rest
}
