import type { Member, StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { peopleTypeOf, teamTypeOf } from '../scim/types-of-people.ts'
import { unfilledIndexes } from '../people/tenant-types.ts'
import type { PositionedPage, Scope } from '../storage/port.ts'
import type { Team } from '../storage/team-port.ts'
import type { Declarations, Tenant } from '../storage/tenant-port.ts'
import { credentialStatus, listCredentials } from '../tenants/credentials.ts'
import { beingDeleted, requireTenant } from '../tenants/tenants.ts'
import { again } from './again.ts'
import { scopeIn, type BackupParts, type Report } from './backup-parts.ts'
import { ChangesSince, type Changed } from './changed-since.ts'
import { MEMBERS_OF_LINE, MOST_PASSES, type BackupRecord, type EndRecord } from './format.ts'
import {
  credentialRecord,
  groupRecord,
  membersRecord,
  tenantRecord,
  userRecord,
} from './records.ts'
import { inOrderOfIds } from './in-order-of-ids.ts'
import type { Ending } from './sealed.ts'

/** Resources of one read. */
const PAGE = 500

/** Of what has changed meanwhile. */
const IDS_AT_ONCE = 100

export interface ExportOptions {
  readonly withCredentials: boolean
  readonly report: Report
}

type Records = AsyncGenerator<Exclude<BackupRecord, EndRecord>>

/** What is read of one tenant. */
interface Source {
  readonly parts: BackupParts
  readonly tenant: Tenant
  readonly users: ResourceType
  readonly groups: ResourceType
  readonly options: ExportOptions
  readonly done: { users: number; groups: number; members: number; pass?: number }
}

/**
 * All that is kept of a tenant, as the records of a file but for the last one; memory holds a page of them, and the ids of what
 * changes meanwhile.
 * @throws ScimError `notFound`; `mutability` when the tenant is being deleted; `unavailable`.
 */
export async function* exportRecords(
  parts: BackupParts,
  tenantId: string,
  options: ExportOptions,
): AsyncGenerator<Exclude<BackupRecord, EndRecord>, Ending> {
  let declarations = await declarationsOf(parts, tenantId)
  yield tenantRecord(declarations.tenant, declarations.definitions, parts.now())
  const { tenant } = declarations
  const source = sourceOf(parts, declarations, options)
  const changes = new ChangesSince(parts, tenant)
  // What was there before it is read; only what comes behind is read again.
  await changes.look()
  yield* usersOf(source)
  yield* groupsOf(source)
  let passes = 0
  let whole: boolean
  for (;;) {
    const changed = await changes.look()
    const now = await declarationsOf(parts, tenantId)
    if (now.tenant.partitionKey !== tenant.partitionKey) throw beingDeleted(tenantId)
    const isOther = versionsOf(declarations) !== versionsOf(now)
    whole = !isOther && changed.users.size + changed.groups.size === 0
    if (whole || passes === MOST_PASSES) break
    passes += 1
    yield { kind: 'pass', pass: passes }
    if (isOther) yield tenantRecord(now.tenant, now.definitions, parts.now())
    declarations = now
    source.done.pass = passes
    yield* changedOf({ ...source, ...typesIn(parts, now) }, changed)
  }
  if (options.withCredentials) yield* credentialsOf(parts, tenantId)
  return { passes, whole }
}

async function declarationsOf(
  { tenants, pause }: BackupParts,
  tenantId: string,
): Promise<Declarations> {
  const found = await again(pause, async () => tenants.definitions(tenantId))
  const declarations = found ?? {
    tenant: await requireTenant(tenants, tenantId),
    definitions: [],
  }
  if (declarations.tenant.status === 'deleting') throw beingDeleted(tenantId)
  return declarations
}

function typesIn(
  { typesOf }: BackupParts,
  { tenant, definitions }: Declarations,
): Pick<Source, 'users' | 'groups'> {
  const live = definitions.filter(({ removed }) => removed === undefined)
  const types = typesOf(live, unfilledIndexes(tenant))
  return { users: peopleTypeOf(types), groups: teamTypeOf(types) }
}

function sourceOf(parts: BackupParts, declarations: Declarations, options: ExportOptions): Source {
  const done = { users: 0, groups: 0, members: 0 }
  return { parts, tenant: declarations.tenant, options, done, ...typesIn(parts, declarations) }
}

function versionsOf({ tenant, definitions }: Declarations): string {
  return [tenant, ...definitions].map(({ version }) => version).join(' ')
}

async function inScope<Result>(
  { parts, tenant }: Source,
  read: (scope: Scope) => Promise<Result>,
): Promise<Result> {
  return again(parts.pause, async () => read(scopeIn(parts, tenant.partitionKey)))
}

/** Accounts that are there and those out of sight, in the order of ids. */
async function* usersOf(source: Source): Records {
  const { users, parts } = source
  const { resources } = parts
  const there = pagesOf(source, (scope, query) => resources.listFrom(scope, users, query))
  const hidden = pagesOf(source, (scope, query) => resources.listHidden(scope, users, query))
  for await (const { id, one, other } of inOrderOfIds(there, hidden)) {
    // It has gone, or come back, between the two: the journal tells, and it is read again.
    const stored = one ?? other
    if (stored === undefined) throw new TypeError(`nothing has the id ${id}`)
    yield userRecord(users, stored, one === undefined)
    source.done.users += 1
    source.options.report(source.done)
  }
}

type ReadPage = (
  scope: Scope,
  query: { readonly after?: string; readonly count: number },
) => Promise<PositionedPage>

async function* pagesOf(source: Source, read: ReadPage): AsyncGenerator<StoredResource> {
  let after: string | undefined
  do {
    const query = { count: PAGE, ...(after === undefined ? {} : { after }) }
    const page = await inScope(source, (scope) => read(scope, query))
    yield* page.resources
    after = page.next
  } while (after !== undefined)
}

/** Groups and teams made by hand, in the order of ids, each with its members behind it. */
async function* groupsOf(source: Source): Records {
  const { groups, parts } = source
  const teams = await inScope(source, (scope) => parts.teams.all(scope))
  const there = pagesOf(source, (scope, query) => parts.resources.listFrom(scope, groups, query))
  for await (const { id, one, other } of inOrderOfIds(there, teams)) {
    yield* groupOf(source, id, one, other)
  }
}

async function* groupOf(
  source: Source,
  id: string,
  group: StoredResource | undefined,
  team: Team | undefined,
): Records {
  yield groupRecord(source.groups, id, group, team)
  if (group !== undefined) yield* membersOf(source, id)
  yield* membersByHand(source, id)
  source.done.groups += 1
  source.options.report(source.done)
}

/** A read of them that ends early is begun anew, and goes on where it was. */
async function* membersOf(source: Source, groupId: string): Records {
  const { parts, done, options } = source
  let reached = 0
  let isOver = false
  while (!isOver) {
    const batches: (readonly Member[])[] = []
    let passed = 0
    isOver = await inScope(source, async (scope) => {
      batches.length = 0
      passed = 0
      for await (const batch of parts.memberships.members(scope, groupId)) {
        passed += batch.length
        if (passed <= reached) continue
        batches.push(batch.slice(Math.max(0, reached - (passed - batch.length))))
        if (batches.length === BATCHES_HELD) return false
      }
      return true
    })
    reached = passed
    for (const members of batches.flatMap(inLines)) {
      yield membersRecord(groupId, members)
      done.members += members.length
      options.report(done)
    }
  }
}

/** Of the members of one group: those before them are read once more for the next ones. */
const BATCHES_HELD = 50

function inLines<Each>(members: readonly Each[]): readonly (readonly Each[])[] {
  const count = Math.ceil(members.length / MEMBERS_OF_LINE)
  return Array.from({ length: count }, (_, at) =>
    members.slice(at * MEMBERS_OF_LINE, (at + 1) * MEMBERS_OF_LINE),
  )
}

async function* membersByHand(source: Source, teamId: string): Records {
  const { teams } = source.parts
  let after: string | undefined
  do {
    const query = { count: MEMBERS_OF_LINE, ...(after === undefined ? {} : { after }) }
    const { ids, more } = await inScope(source, (scope) =>
      teams.membersByHand(scope, teamId, query),
    )
    if (ids.length > 0) yield { kind: 'members', of: teamId, byHand: [...ids] }
    after = more ? ids.at(-1) : undefined
  } while (after !== undefined)
}

async function* changedOf(source: Source, changed: Changed): Records {
  const ids = [...changed.users]
  for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
    yield* changedUsers(source, ids.slice(start, start + IDS_AT_ONCE))
  }
  for (const id of changed.groups) yield* changedGroup(source, id)
}

async function* changedUsers(source: Source, ids: readonly string[]): Records {
  const { users, parts } = source
  const { resources } = parts
  for (const id of ids) {
    const stored = await inScope(source, (scope) => resources.get(scope, users, id))
    const hidden =
      stored === undefined
        ? await inScope(source, (scope) => resources.getHidden(scope, users, id))
        : undefined
    const found = stored ?? hidden
    yield found === undefined
      ? { kind: 'removed', of: 'user', id }
      : userRecord(users, found, stored === undefined)
  }
  source.options.report(source.done)
}

async function* changedGroup(source: Source, id: string): Records {
  const { groups, parts } = source
  const [group, team] = await inScope(source, (scope) =>
    Promise.all([parts.resources.get(scope, groups, id), parts.teams.get(scope, id)]),
  )
  if (group === undefined && team === undefined) yield { kind: 'removed', of: 'group', id }
  else yield* groupOf(source, id, group, team)
}

/** Those that open the tenant; what is revoked or expired opens nothing anywhere. */
async function* credentialsOf({ tenants, now, pause }: BackupParts, tenantId: string): Records {
  const all = await again(pause, async () => listCredentials(tenants, tenantId))
  for (const credential of all) {
    if (credentialStatus(credential, now()) === 'active') yield credentialRecord(credential)
  }
}
