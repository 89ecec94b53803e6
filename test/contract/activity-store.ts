import { describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import type {
  ActivityEntry,
  ActivityQuery,
  ActivityStore,
  ChangeEntry,
  DayFacts,
  HourCounts,
  RefusalNote,
} from '../../lib/storage/activity-port.ts'
import type { JournalFacts } from '../../lib/storage/journal-entry.ts'
import { journalPosition } from '../../lib/storage/journal-position.ts'
import type { Change, JournalNote, Memberships, ResourceStore } from '../../lib/storage/port.ts'
import type {
  EraseResources,
  PartitionStore,
  Tenant,
  TenantIdentity,
  TenantStore,
} from '../../lib/storage/tenant-port.ts'
import { aChange, PASSED, scopeOf } from '../support/changes.ts'
import { aDefinition } from '../support/definitions.ts'
import { refusalOf } from '../support/refusal.ts'
import type { RequestMeter } from '../support/tables.ts'
import { user } from './membership-store.ts'
import { changed, newResource, newUser } from './resource-store.ts'
import { aTenant, aToken } from './tenant-store.ts'

/** The stores under test, which share their rows. */
export interface ActivityStores {
  readonly resources: ResourceStore
  readonly memberships: Memberships
  readonly tenants: TenantStore
  readonly activity: ActivityStore
  readonly erase: EraseResources
  readonly partitions: PartitionStore
}

/** What tests work with. */
export interface ActivityRig {
  readonly stores: ActivityStores
  /** Writes rows of changes of users into the journal, many at a time. */
  readonly insert: (tenant: TenantIdentity, facts: readonly JournalFacts[]) => Promise<void>
  /** Counts what some work asks of a service. */
  readonly count: RequestMeter['count']
  /** The service gives pages of any size, so that a page of entries may be short. */
  readonly pagesUnevenly?: boolean
}

/** The clock of the stores: each look at it is a second later. */
export function aClock(): () => Date {
  let milliseconds = Date.parse('2026-11-20T08:00:00.000Z')
  return () => new Date((milliseconds += 1000))
}

const AUTHOR = { actor: 'credential:abcdefghij01', client: 'entra' }
const MINUTE = 60_000

/** Ids and names that would break out of a filter, a key or a URL, or that are long. */
const ODD = [
  "o'neill' or 'a' eq 'a",
  'a/b\\c#d?e%20f&g',
  'Ödön Weiß 名前 😀',
  '"quoted" \u0001 control',
  '__proto__',
  'x'.repeat(161),
  `${'😀'.repeat(100)}z`,
  'half \uD83D a pair',
]

/** What every ActivityStore does. `open` may give the same stores each time. */
export function activityStoreContract(open: () => ActivityRig): void {
  const start = async (): Promise<Started> => {
    const rig = open()
    const tenant = aTenant()
    await rig.stores.tenants.create(tenant)
    return { ...rig, ...rig.stores, tenant }
  }
  describe('changes', () => {
    changesOf(start)
  })
  describe('changes of members', () => {
    membersOf(start)
  })
  describe('changes of tenants and credentials', () => {
    tenantsOf(start)
  })
  describe('pages', () => {
    pagesOf(start)
  })
  describe('a query', () => {
    queriesOf(start)
  })
  describe('refusals', () => {
    refusalsOf(start)
  })
  describe('uses', () => {
    usesOf(start)
  })
  describe('purging', () => {
    purgingOf(start)
  })
  describe('forgetting', () => {
    forgettingOf(start)
  })
  describe('tenants', () => {
    isolationOf(start)
  })
}

type Started = ActivityRig & ActivityStores & { readonly tenant: Tenant }
type Start = () => Promise<Started>

/** A change of something, by somebody. */
function change(operation: Change['operation'], note: Partial<JournalNote> = {}): Change {
  const made = aChange(operation)
  return { ...made, author: AUTHOR, note: { ...made.note, ...note } }
}

async function created(
  { resources, tenant }: Started,
  resource: StoredResource,
  note: Partial<JournalNote> = {},
  resourceType: ResourceType = USER,
): Promise<StoredResource> {
  const { id } = resource
  const scope = scopeOf(tenant.partitionKey)
  const creating = change('create', { type: resourceType.name, subject: id, ...note })
  await resources.create(scope, resourceType, resource, creating)
  const stored = await resources.get(scope, resourceType, id)
  if (stored === undefined) throw new Error('it was not created')
  return stored
}

const aGroup = async (started: Started): Promise<string> =>
  (await created(started, newResource({ displayName: 'g' + numbered() }), {}, GROUP)).id

let numbers = 0
function numbered(): string {
  numbers += 1
  return String(numbers)
}

async function move(
  { memberships, tenant }: Started,
  groupId: string,
  add: readonly string[],
  leaving: readonly string[] = [],
): Promise<Change> {
  const moving = change('members', { type: 'Group', subject: groupId })
  const members = { add: add.map(user), remove: leaving }
  await memberships.changeMembers(scopeOf(tenant.partitionKey), groupId, members, moving)
  return moving
}

async function remove(
  { resources, tenant }: Started,
  id: string,
  resourceType: ResourceType = USER,
): Promise<Change> {
  const scope = scopeOf(tenant.partitionKey)
  const stored = await resources.get(scope, resourceType, id)
  const deleting = change('delete', { type: resourceType.name, subject: id })
  if (stored !== undefined) await resources.delete(scope, resourceType, stored, deleting)
  return deleting
}

const ALL: ActivityQuery = { count: 1000 }

/** All entries that a query finds, page by page. */
async function readAll(
  { activity, tenant }: Pick<Started, 'activity' | 'tenant'>,
  query: ActivityQuery = ALL,
): Promise<readonly ActivityEntry[]> {
  const entries: ActivityEntry[] = []
  let behind: { readonly behind?: string } = {}
  for (;;) {
    const page = await activity.read(tenant, { ...query, ...behind })
    expect(page.entries.length).toBeLessThanOrEqual(query.count)
    entries.push(...page.entries)
    if (page.next === undefined) return entries
    behind = { behind: page.next }
  }
}

async function changesIn(started: Started, query?: ActivityQuery): Promise<readonly ChangeEntry[]> {
  const entries = await readAll(started, query)
  return entries.filter((entry) => entry.kind === 'change')
}

/** Those in the tables of users and groups. */
async function ofResources(started: Started): Promise<readonly ChangeEntry[]> {
  return (await changesIn(started)).filter(({ table }) => table !== 'tenants')
}

function entryOf(table: ChangeEntry['table'], made: Change): ChangeEntry {
  const { position, stamp, operation, requestId, author, note } = made
  const { version, lastModified: at } = stamp
  return { kind: 'change', table, position, at, operation, version, requestId, author, ...note }
}

function changesOf(start: Start): void {
  test('come back with all that was told of them', async () => {
    const started = await start()
    const { resources, tenant } = started
    const scope = scopeOf(tenant.partitionKey)
    const resource = newUser('ada')
    const about = { type: 'User', subject: resource.id, name: 'Ada', externalId: 'e-1' }
    const creating = change('create', { ...about, changed: ['userName', 'emails'] })
    await resources.create(scope, USER, resource, creating)
    const stored = await resources.get(scope, USER, resource.id)
    if (stored === undefined) throw new Error('it was not created')
    const patching = change('patch', {
      ...about,
      changed: ['active'],
      cleared: ['title', 'name.givenName'],
      flip: 'deactivated',
      ignored: ['departmnt (department?)', 'and 5 more'],
    })
    const after = changed(stored, { userName: 'ada', active: false }).attributes
    expect(await resources.replace(scope, USER, stored, after, patching)).toBe(true)
    const undoing = change('delete', { ...about, cause: resource.id })
    const current = await resources.get(scope, USER, resource.id)
    expect(current && (await resources.delete(scope, USER, current, undoing))).toBe(true)
    expect(await ofResources(started)).toEqual(
      [undoing, patching, creating].map((made) => entryOf('users', made)),
    )
  })

  test('have no lists that are empty, and need no name', async () => {
    const started = await start()
    const { id } = await created(started, newUser('a'), { changed: [], cleared: [], ignored: [] })
    const [entry] = await ofResources(started)
    expect(entry).toMatchObject({ subject: id, type: 'User' })
    for (const absent of ['changed', 'cleared', 'ignored', 'added', 'removed', 'name', 'flip']) {
      expect(entry).not.toHaveProperty(absent)
    }
  })

  test('that are refused, or change nothing, leave none', async () => {
    const started = await start()
    const stored = await created(started, newUser('taken'))
    await refusalOf(() => created(started, newUser('TAKEN')))
    const { resources, tenant } = started
    const scope = scopeOf(tenant.partitionKey)
    const { attributes } = changed(stored, { userName: 'other' })
    expect(await resources.replace(scope, USER, stored, attributes, change('put'))).toBe(true)
    expect(await resources.replace(scope, USER, stored, attributes, change('put'))).toBe(false)
    expect(await ofResources(started)).toHaveLength(2)
  })
}

function membersOf(start: Start): void {
  test('name those who really moved', async () => {
    const started = await start()
    const groupId = await aGroup(started)
    const first = await move(started, groupId, ['a', 'b'])
    const second = await move(started, groupId, ['a', 'b', 'c'])
    const third = await move(started, groupId, ['d', 'e'], ['a', 'nobody'])
    const fourth = await move(started, groupId, [], ['b', 'nobody'])
    await move(started, groupId, ['c'], ['nobody'])
    const entries = await changesIn(started, { ...ALL, about: { ids: [groupId], names: [] } })
    expect(entries.slice(0, 4)).toEqual([
      { ...entryOf('groups', fourth), removed: ['b'] },
      { ...entryOf('groups', third), added: ['d', 'e'], removed: ['a'] },
      { ...entryOf('groups', second), added: ['c'] },
      { ...entryOf('groups', first), added: ['a', 'b'] },
    ])
    expect(entries).toHaveLength(5)
  })

  test.each([
    [47, [47]],
    [48, [47, 1]],
  ])('of %i members have %j of them', async (count, expected) => {
    const started = await start()
    const groupId = await aGroup(started)
    const ids = Array.from({ length: count }, (_, n) => `m${String(n)}`)
    const { requestId } = await move(started, groupId, ids)
    const entries = (await ofResources(started)).filter((each) => each.requestId === requestId)
    const sizes = entries.map(({ added = [] }) => added.length)
    expect(sizes.toSorted((one, other) => other - one)).toEqual(expected)
    expect(entries.flatMap(({ added = [] }) => added).toSorted()).toEqual(ids.toSorted())
  })

  test('are in the history of a member, single and in batches', async () => {
    const started = await start()
    const { id } = await created(started, newUser('a'))
    const [one, other] = [await aGroup(started), await aGroup(started)]
    await move(started, one, [id])
    await move(started, other, ['x', id, 'y'])
    await move(started, one, ['z'])
    await move(started, one, ['w'], [id])
    await move(started, other, [], ['x'])
    const told = (await changesIn(started, { ...ALL, about: { ids: [id], names: [] } })).map(
      ({ operation, subject, added = [], removed = [] }) => [operation, subject, added, removed],
    )
    expect(told).toEqual([
      ['members', one, ['w'], [id]],
      ['members', other, ['x', id, 'y'], []],
      ['members', one, [id], []],
      ['create', id, [], []],
    ])
  })

  test('that follow from a deletion tell who asked for it, and of what', async () => {
    const started = await start()
    const { id } = await created(started, newUser('a'))
    const groups = [await aGroup(started), await aGroup(started), await aGroup(started)]
    for (const groupId of groups) await move(started, groupId, [id])
    const deleting = await remove(started, id)
    const { requestId, author, stamp } = deleting
    const entries = await ofResources(started)
    const following = entries.filter((each) => each.requestId === requestId)
    expect(following.find(({ table }) => table === 'users')).toEqual(entryOf('users', deleting))
    const leaving = following.filter(({ table }) => table === 'groups')
    expect(leaving.map(({ subject }) => subject).toSorted()).toEqual(groups.toSorted())
    for (const each of leaving) {
      const { version, lastModified: at } = stamp
      const told = { operation: 'members', type: 'Group', removed: [id], cause: id }
      expect(each).toMatchObject({ ...told, author, version, at })
    }
  })

  test('that follow from the deletion of a group are told where they are asked for', async () => {
    const started = await start()
    const members = Array.from({ length: 50 }, (_, n) => `m${n}`)
    const [group, parent] = [await aGroup(started), await aGroup(started)]
    await move(started, group, members)
    await move(started, parent, [group])
    const deleting = await remove(started, group, GROUP)
    const { requestId, author, stamp } = deleting
    const following = async (withLosses: boolean): Promise<readonly ChangeEntry[]> =>
      (await changesIn(started, { ...ALL, withLosses })).filter(
        (each) => each.requestId === requestId && each.subject === group,
      )
    expect((await following(false)).map(({ operation }) => operation)).toEqual(['delete'])
    const losses = (await following(true)).filter(({ operation }) => operation === 'members')
    const lost = losses.flatMap(({ removed = [] }) => removed)
    expect(lost.toSorted()).toEqual(members.toSorted())
    for (const each of losses) {
      const { version, lastModified: at } = stamp
      expect(each).toMatchObject({ type: 'Group', cause: group, author, version, at })
    }
  })

  test.each(ODD)('are found by an odd id: %j', async (id) => {
    const started = await start()
    const groupId = await aGroup(started)
    await move(started, groupId, [id])
    await move(started, groupId, [`${id}x`, 'y'])
    const find = async (ids: readonly string[]): Promise<number> =>
      (await readAll(started, { ...ALL, about: { ids, names: [] } })).length
    expect(await find([id])).toBe(1)
    expect(await find([`${id}x`])).toBe(1)
    expect(await find([id, 'y', groupId])).toBe(3)
    expect(await find([`${id}z`])).toBe(0)
  })

  test('of 47 ids of 8,190 characters have them in the form of keys', async () => {
    const started = await start()
    const groupId = await aGroup(started)
    const ids = Array.from({ length: 47 }, (_, n) => String(n).padStart(8190, '😀x'))
    await move(started, groupId, ids)
    const entries = await ofResources(started)
    const added = entries.flatMap((each) => each.added ?? [])
    expect(added).toHaveLength(47)
    expect(Math.max(...added.map(({ length }) => length))).toBeLessThanOrEqual(160)
    const about = { ids: [ids[7] ?? ''], names: [] }
    expect(await readAll(started, { ...ALL, about })).toHaveLength(1)
  })
}

function tenantsOf(start: Start): void {
  const BY = { actor: 'manage', onBehalfOf: 'jo@vendor.example', requestId: 'r-1' }

  test('name the fields that really changed, and no value', async () => {
    const started = await start()
    const { tenants, tenant } = started
    const update = async (
      wanted: Parameters<TenantStore['update']>[1] extends (now: Tenant) => infer Wanted
        ? Wanted
        : never,
    ): Promise<unknown> => tenants.update(tenant.id, () => wanted, { by: BY })
    await update({ name: 'MARKER', reference: 'MARKER', settings: { a: 'MARKER', b: 1 } })
    await update({ name: 'MARKER', reference: null, settings: { b: 2 } })
    await update({ status: 'disabled' })
    await update({ status: 'disabled', name: 'MARKER' })
    await update({ status: 'enabled' })
    const entries = await changesIn(started)
    expect(
      entries.map(({ operation, changed: set, cleared, flip }) => [operation, set, cleared, flip]),
    ).toEqual([
      ['patch', ['status'], undefined, 'activated'],
      ['patch', ['status'], undefined, 'deactivated'],
      ['patch', ['settings.b'], ['reference', 'settings.a'], undefined],
      ['patch', ['name', 'reference', 'settings.a', 'settings.b'], undefined, undefined],
      ['create', ['name', 'status'], undefined, undefined],
    ])
    const { requestId, ...author } = BY
    const about = { table: 'tenants', type: 'Tenant', subject: tenant.id, name: tenant.id }
    expect(entries[0]).toMatchObject({ ...about, author, requestId })
    expect(entries[0]?.version).toBe((await tenants.get(tenant.id))?.version)
    expect(entries.at(-1)).toMatchObject({ author: { actor: 'system' }, requestId: '' })
    expect(JSON.stringify(entries)).not.toContain('MARKER')
  })

  test('have the beginning of a deletion, and neither its progress nor copies', async () => {
    const started = await start()
    const { tenants, tenant } = started
    const deletion = { started: '2026-11-22T08:00:00.000Z', phase: 'settling', rows: 0 } as const
    await tenants.update(tenant.id, () => ({ takesEntraTokens: true }))
    await tenants.update(tenant.id, () => ({ status: 'deleting', deletion }))
    await tenants.update(tenant.id, () => ({ status: 'deleting', deletion }))
    await tenants.update(tenant.id, () => ({
      deletion: { ...deletion, phase: 'erasing', rows: 7 },
    }))
    const entries = await changesIn(started)
    expect(entries.map(({ operation }) => operation)).toEqual(['delete', 'create'])
  })

  test('have what becomes of a credential', async () => {
    const started = await start()
    const { tenants, tenant } = started
    const { id } = aToken()
    const update = tenants.updateCredential.bind(tenants, tenant.id, id)
    const expires = '2027-06-30T23:59:59.000Z'
    await tenants.addCredential(tenant.id, aToken({ label: 'MARKER', expires }), BY)
    await tenants.touchCredential(tenant.id, id, expires)
    await tenants.noteWarning(tenant.id, id, { days: 7, expires, at: expires })
    await update(() => ({ label: 'MARKER', expires }), { by: BY })
    await update(() => ({ label: 'MARKER 2', expires: null }), { by: BY })
    await update(() => ({ rotated: { times: 1, lifetime: null } }), { by: BY })
    await update(() => ({ expires, rotated: { times: 1, lifetime: 5 } }), { by: BY })
    await update(() => ({ revoked: expires }), { by: BY })
    const entries = await changesIn(started, { ...ALL, about: { ids: [id], names: [] } })
    expect(
      entries.map(({ operation, changed: set, cleared }) => [operation, set, cleared]),
    ).toEqual([
      ['revoke', ['revoked'], undefined],
      ['patch', ['expires'], undefined],
      ['rotate', ['rotated'], undefined],
      ['patch', ['label'], ['expires']],
      ['issue', ['label', 'expires'], undefined],
    ])
    const { requestId, ...author } = BY
    for (const each of entries) {
      expect(each).toMatchObject({ table: 'tenants', type: 'Credential', author, requestId })
      expect(each).not.toHaveProperty('name')
    }
    expect(JSON.stringify(entries)).not.toMatch(/MARKER|aaaa|2027/)
    expect(entries[0]?.version).toBe((await tenants.credentials(tenant.id))[0]?.version)
  })

  test('have what becomes of an attribute, and nothing that it says', async () => {
    const started = await start()
    const { tenants, tenant } = started
    const { id } = tenant
    const at = '2026-11-22T08:00:00.000Z'
    const given = aDefinition('shoeSize', { label: 'MARKER', unique: true })
    await tenants.addDefinition(id, () => ({ ...given, created: at }), BY)
    const by = { by: BY }
    await tenants.changeDefinition(id, 'shoeSize', (one) => one, by)
    const renamed = { label: 'MARKER 2', unique: false, allowedValues: ['MARKER 3'] }
    await tenants.changeDefinition(id, 'shoeSize', (one) => ({ ...one, ...renamed }), by)
    await tenants.removeDefinition(id, 'shoeSize', { at, purge: false }, by)
    const removal = { at, purge: true }
    const removed = await tenants.removeDefinition(id, 'shoeSize', removal, by)
    await tenants.purgeDefinition(id, removed ?? { id: '', version: '' }, BY)
    const entries = await changesIn(started, { ...ALL, about: { ids: ['shoeSize'], names: [] } })
    expect(
      entries.map(({ operation, changed: set, cleared }) => [operation, set, cleared]),
    ).toEqual([
      ['delete', undefined, ['values']],
      ['patch', ['purging'], undefined],
      ['delete', ['removed'], undefined],
      ['patch', ['label', 'allowedValues'], ['unique']],
      ['create', ['label', 'type', 'unique'], undefined],
    ])
    const { requestId, ...author } = BY
    for (const each of entries) {
      expect(each).toMatchObject({ table: 'tenants', type: 'Attribute', author, requestId })
    }
    expect(JSON.stringify(entries)).not.toMatch(/MARKER/)
  })

  test('of an earlier tenant of the same id are nobody’s', async () => {
    const started = await start()
    const { tenants, activity, tenant } = started
    await tenants.addCredential(tenant.id, aToken())
    await tenants.delete(tenant)
    const later = aTenant({ id: tenant.id, partitionKey: `${tenant.id}_later0later0late` })
    await tenants.create(later)
    const { entries } = await activity.read(later, ALL)
    expect(entries).toMatchObject([{ operation: 'create', version: later.version }])
    expect((await activity.read(tenant, ALL)).entries).toEqual([])
  })
}

/** So many changes of users, a second apart, the oldest first. */
function manyFacts(count: number, from = Date.parse('2026-10-01T00:00:00.000Z')): JournalFacts[] {
  return Array.from({ length: count }, (_, n) => {
    const at = new Date(from + n * 1000).toISOString()
    const subject = `user-${String(n % 100)}`
    return {
      position: journalPosition(at, Math.random),
      at,
      operation: 'patch',
      version: `v${String(n)}`,
      requestId: `r${String(n)}`,
      author: AUTHOR,
      type: 'User',
      subject,
      name: `${subject}@example.com`,
    }
  })
}

function expectNewestFirst(entries: readonly ActivityEntry[]): void {
  const times = entries.map((entry) =>
    entry.kind === 'change' ? Number(entry.position.slice(0, 13)) : Date.parse(entry.at),
  )
  expect(times).toEqual(times.toSorted((one, other) => other - one))
}

/** So many different refusals of the ten minutes from a time on, some milliseconds apart, the oldest first. */
function manyRefusals(count: number, from: number, apart = 1000): readonly RefusalNote[] {
  return Array.from({ length: count }, (_, n) => {
    const at = new Date(from + (n + 1) * apart).toISOString()
    const fingerprint = String(n).padStart(8, '0')
    return aRefusal({ fingerprint, end: from + 10 * MINUTE, first: at, at })
  })
}

function pagesOf(start: Start): void {
  test.each([1, 2, 3, 7, 1000])('of %i have all entries once, the newest first', async (count) => {
    const started = await start()
    const { tenants, tenant, activity } = started
    const groupId = await aGroup(started)
    for (const n of [1, 2, 3, 4]) {
      await created(started, newUser(`u${String(n)}`))
      await move(started, groupId, [`m${String(n)}`])
      await tenants.update(tenant.id, () => ({ name: `name ${String(n)}` }))
      await activity.noteRefusals(tenant, 'instance1', [aRefusal({ end: AT + n * MINUTE })])
    }
    const entries = await readAll(started, { count })
    expect(entries).toHaveLength(1 + 4 * 4 + 1)
    expectNewestFirst(entries)
    expect(new Set(entries.map(({ position }) => position)).size).toBe(entries.length)
  })

  test('tell first what came last, however many were refused before', async () => {
    const started = await start()
    const { activity, tenant, insert, count } = started
    await insert(tenant, manyFacts(1, AT + 5 * MINUTE))
    await activity.noteRefusals(tenant, 'instance1', manyRefusals(60, AT))
    const { result, calls, roundTrips } = await count(async () =>
      activity.read(tenant, { count: 50, until: AT + 9 * MINUTE }),
    )
    expect(result.entries.map(({ kind }) => kind)).toEqual([
      'change',
      ...Array.from({ length: 49 }, () => 'refusal'),
    ])
    expect(calls).toBeLessThanOrEqual(3)
    expect(roundTrips).toBeLessThanOrEqual(1)
    const range = { since: AT, until: AT + 9 * MINUTE }
    expectNewestFirst(await readAll(started, { count: 7, ...range }))
    expect(await readAll(started, { count: 7, ...range })).toHaveLength(61)
    const first = await activity.read(tenant, { count: 1, since: AT })
    expect(first.entries.map(({ kind }) => kind)).not.toContain('refusal')
  })

  test.each([7, 50, 1000])(
    'of %i have refusals where they came, ten minutes of changes before their rows',
    async (count) => {
      const started = await start()
      const { activity, tenant, insert } = started
      const facts = manyFacts(580, AT).filter((_, n) => n % 4 === 0)
      await insert(tenant, facts)
      const early = manyRefusals(90, AT, 250)
      const late = manyRefusals(20, AT + 10 * MINUTE, 500)
      await activity.noteRefusals(tenant, 'instance1', early)
      await activity.noteRefusals(tenant, 'instance2', late)
      const range = { since: AT, until: AT + 20 * MINUTE }
      const entries = await readAll(started, { count, ...range })
      expect(entries).toHaveLength(facts.length + 90 + 20)
      expectNewestFirst(entries)
      const refused = await readAll(started, { count, ...range, outcome: 'refused' })
      expect(refused).toHaveLength(110)
      expectNewestFirst(refused)
      expect(await readAll(started, { count, ...range, outcome: 'changed' })).toHaveLength(
        facts.length,
      )
      const about = { ids: [], names: ['ada@example.com', 'USER-8@example.com'] }
      const named = await readAll(started, { count, ...range, about })
      expect(named).toHaveLength(110 + 6)
      expectNewestFirst(named)
    },
  )

  test('go on over more entries of one millisecond than they have', async () => {
    const started = await start()
    const at = new Date(AT).toISOString()
    const facts = Array.from({ length: 90 }, () => manyFacts(1, AT)).flat()
    expect(new Set(facts.map((each) => each.at))).toEqual(new Set([at]))
    await started.insert(started.tenant, facts)
    for (const count of [1, 7, 50]) {
      const entries = await readAll(started, { count, since: AT, until: AT })
      expect(new Set(entries.map(({ position }) => position)).size).toBe(90)
      expect(entries).toHaveLength(90)
    }
  })

  test('have others once while a refusal comes again, which moves to the front', async () => {
    const started = await start()
    const { activity, tenant } = started
    const refusals = manyRefusals(12, AT)
    await activity.noteRefusals(tenant, 'instance1', refusals)
    const range = { count: 5, since: AT, until: AT + 9 * MINUTE }
    const first = await activity.read(tenant, range)
    const [oldest, shown] = [refusals.at(0), refusals.at(-1)]
    if (oldest === undefined || shown === undefined) throw new Error('twelve')
    const at = new Date(AT + 8 * MINUTE).toISOString()
    await activity.noteRefusals(tenant, 'instance1', [
      { ...oldest, at, count: 2 },
      { ...shown, at, count: 2 },
    ])
    const rest = await readAll(started, { ...range, behind: first.next ?? '' })
    const seen = [...first.entries, ...rest].map(({ position }) => position.split('-r')[1])
    expect(seen).toEqual(
      refusals
        .slice(1)
        .map(({ fingerprint }) => fingerprint)
        .toReversed(),
    )
    const [again] = (await activity.read(tenant, range)).entries
    expect(again).toMatchObject({ count: 2, at })
  })

  test('neither repeat nor skip while writes go on', async () => {
    const started = await start()
    const { activity, tenant, insert } = started
    await insert(tenant, manyFacts(60))
    const seen: string[] = []
    let behind: { readonly behind?: string } = {}
    for (let newer = 0; ; newer += 1) {
      const page = await activity.read(tenant, { count: 7, until: AT, ...behind })
      seen.push(...page.entries.map(({ position }) => position))
      if (page.next === undefined) break
      behind = { behind: page.next }
      await insert(tenant, manyFacts(3, Date.parse('2026-10-02T00:00:00.000Z') + newer * 10_000))
    }
    expect(new Set(seen).size).toBe(seen.length)
    const before = await readAll(started, { ...ALL, until: Date.parse('2026-10-01T12:00:00.000Z') })
    expect(seen.filter((each) => before.some(({ position }) => position === each))).toHaveLength(60)
  })

  test('have a late row where it belongs', async () => {
    const started = await start()
    const { activity, tenant, insert } = started
    const facts = manyFacts(10)
    const [late, ...others] = facts
    if (late === undefined) throw new Error('ten')
    await insert(tenant, others)
    const first = await activity.read(tenant, { count: 4, until: AT })
    await insert(tenant, [late])
    const rest = await readAll(started, { count: 4, until: AT, behind: first.next ?? '' })
    expect(rest.map(({ position }) => position)).toContain(late.position)
    expect(first.entries.length + rest.length).toBe(10)
  })

  test('of the last 50 of 10,000 entries take one round trip', async () => {
    const { activity, tenant, insert, count, pagesUnevenly = false } = await start()
    const facts = manyFacts(10_000)
    await insert(tenant, facts)
    const { result, calls, roundTrips } = await count(async () =>
      activity.read(tenant, { count: 50, until: AT }),
    )
    const latest = facts.slice(-50).toReversed()
    const wanted = pagesUnevenly ? latest.slice(0, result.entries.length) : latest
    expect(result.entries.map(({ position }) => position)).toEqual(
      wanted.map(({ position }) => position),
    )
    expect(result.next).toBeDefined()
    expect(calls).toBeLessThanOrEqual(3)
    expect(roundTrips).toBeLessThanOrEqual(1)
  })

  test('of one subject among 10,000 entries end with the last of them', async () => {
    const started = await start()
    const facts = manyFacts(10_000)
    await started.insert(started.tenant, facts)
    const about = { ids: ['user-7'], names: [] }
    const wanted = facts.filter(({ subject }) => subject === 'user-7')
    for (const query of [{ count: 30 }, { count: 1000 }, { count: 1, since: AT }]) {
      const expected = query.since === undefined ? wanted.length : 0
      expect(await readAll(started, { ...query, about })).toHaveLength(expected)
    }
    const named = await readAll(started, {
      ...ALL,
      about: { ids: [], names: ['USER-7@Example.com'] },
    })
    expect(named).toHaveLength(wanted.length)
  })
}

/** A time behind what tests insert, and before what stores with a clock write. */
const AT = Date.parse('2026-11-15T12:00:00.000Z')

function aRefusal(note: Partial<RefusalNote> = {}): RefusalNote {
  const at = new Date((note.end ?? AT) - MINUTE).toISOString()
  return {
    fingerprint: '0123abcd',
    end: AT,
    first: at,
    at,
    count: 1,
    status: 409,
    scimType: 'uniqueness',
    reason: 'uniqueness',
    verb: 'POST',
    type: 'User',
    subject: 'Ada@example.com',
    author: AUTHOR,
    detail: 'Another User has this userName.',
    requestId: 'r-1',
    ...note,
  }
}

function queriesOf(start: Start): void {
  test('for a time has both ends, refusals by when they came', async () => {
    const started = await start()
    const { tenant, activity, insert } = started
    const facts = manyFacts(5, AT)
    await insert(tenant, facts)
    const refusal = aRefusal({ end: AT + 10 * MINUTE, at: new Date(AT + 1000).toISOString() })
    await activity.noteRefusals(tenant, 'instance1', [refusal])
    const kinds = async (query: Omit<ActivityQuery, 'count'>): Promise<readonly string[]> =>
      (await readAll(started, { ...query, count: 2 })).map(({ kind }) => kind)
    expect(await kinds({ since: AT, until: AT + 1000 })).toEqual(['refusal', 'change', 'change'])
    expect(await kinds({ since: AT + 1001, until: AT + 2000 })).toEqual(['change'])
    expect(await kinds({ since: AT + 1, until: AT + 999 })).toEqual([])
    expect(await kinds({ since: AT + 4000, until: AT + 3000 })).toEqual([])
    expect(await kinds({ since: -5, until: AT })).toEqual(['change'])
  })

  test('for an outcome has the others left out', async () => {
    const started = await start()
    const { tenant, activity, insert } = started
    await insert(tenant, manyFacts(3))
    await activity.noteRefusals(tenant, 'instance1', [aRefusal()])
    const kinds = async (outcome: 'changed' | 'refused'): Promise<readonly string[]> =>
      (await readAll(started, { count: 1, until: AT, outcome })).map(({ kind }) => kind)
    expect(await kinds('changed')).toEqual(['change', 'change', 'change'])
    expect(await kinds('refused')).toEqual(['refusal'])
  })

  test('for some journals has those of the others left out', async () => {
    const started = await start()
    await created(started, newUser(`a${numbered()}`))
    await created(started, newResource({ displayName: 'G' }), {}, GROUP)
    const tables = async (
      ...asked: readonly ChangeEntry['table'][]
    ): Promise<readonly (string | undefined)[]> => {
      const entries = await changesIn(started, { ...ALL, tables: asked })
      return entries.map(({ table }) => table)
    }
    expect(await tables('groups')).toEqual(['groups'])
    expect(await tables('users')).toEqual(['users'])
    expect(await tables('users', 'groups', 'tenants')).toHaveLength(3)
  })

  test.each(ODD)(
    'for a name finds changes and refusals of it, whatever its case: %j',
    async (odd) => {
      const started = await start()
      const { tenant, activity } = started
      const name = `${odd} Q`
      await created(started, newUser(`a${numbered()}`), { name })
      await created(started, newUser(`a${numbered()}`), { name: `${odd} R` })
      await activity.noteRefusals(tenant, 'instance1', [aRefusal({ subject: name })])
      const find = async (names: readonly string[]): Promise<readonly string[]> => {
        const entries = await readAll(started, { ...ALL, about: { ids: [], names } })
        return entries.map(({ kind }) => kind).toSorted()
      }
      expect(await find([`${odd} q`])).toEqual(['change', 'refusal'])
      expect(await find([`${odd} q`, `${odd} r`])).toEqual(['change', 'change', 'refusal'])
      expect(await find([odd])).toEqual([])
      expect(await find([])).toEqual([])
    },
  )

  test('for more than a filter takes is answered all the same', async () => {
    const started = await start()
    await started.insert(started.tenant, manyFacts(100))
    const ids = Array.from({ length: 40 }, (_, n) => `user-${String(n)}`)
    expect(await readAll(started, { ...ALL, about: { ids, names: [] } })).toHaveLength(40)
  })

  test('whose time is up is not asked', async () => {
    const { activity, tenant } = await start()
    const error = await refusalOf(() => activity.read(tenant, ALL, PASSED))
    expect(error).toMatchObject({ kind: 'unavailable' })
  })
}

/** The one refusal that there is. */
async function only(started: Started): Promise<ActivityEntry | undefined> {
  const [entry, ...others] = await readAll(started, { ...ALL, outcome: 'refused' })
  expect(others).toEqual([])
  return entry
}

function refusalsOf(start: Start): void {
  test('come back as they were told', async () => {
    const started = await start()
    const note = aRefusal({ subject: 'abc', isId: true, author: { actor: 'credential:x' } })
    await started.activity.noteRefusals(started.tenant, 'instance1', [note])
    const { end, fingerprint, ...facts } = note
    const position = `${String(end)}-r${fingerprint}`
    expect(await only(started)).toEqual({ kind: 'refusal', position, ...facts })
  })

  test('need neither subject nor type nor scimType', async () => {
    const started = await start()
    const { subject: _, type: __, scimType: ___, ...note } = aRefusal({ fingerprint: 'more' })
    await started.activity.noteRefusals(started.tenant, 'instance1', [note])
    const { end, fingerprint, ...facts } = note
    const position = `${String(end)}-r${fingerprint}`
    expect(await only(started)).toEqual({ kind: 'refusal', position, ...facts })
  })

  test('of several instances are added up, however often each is written', async () => {
    const started = await start()
    const { activity, tenant } = started
    const times = [1, 2, 3, 4].map((n) => new Date(AT - n * 1000).toISOString())
    const [last = '', third = '', second = '', first = ''] = times
    await activity.noteRefusals(tenant, 'instance1', [aRefusal({ first, at: second, count: 3 })])
    await activity.noteRefusals(tenant, 'instance2', [
      aRefusal({ first: third, at: last, count: 5 }),
    ])
    await activity.noteRefusals(tenant, 'instance2', [
      aRefusal({ first: third, at: last, count: 5 }),
    ])
    await activity.noteRefusals(tenant, 'instance1', [aRefusal({ first, at: third, count: 4 })])
    expect(await only(started)).toMatchObject({ first, at: last, count: 9 })
  })

  test('that differ, or of other minutes, stand apart', async () => {
    const started = await start()
    await started.activity.noteRefusals(started.tenant, 'instance1', [
      aRefusal(),
      aRefusal({ fingerprint: 'ffffffff' }),
      aRefusal({ end: AT + 10 * MINUTE }),
      aRefusal({ fingerprint: 'more' }),
    ])
    expect(await readAll(started, { ...ALL, outcome: 'refused' })).toHaveLength(4)
  })

  test('are written as far as there are any', async () => {
    const started = await start()
    await started.activity.noteRefusals(started.tenant, 'instance1', [])
    expect(await readAll(started, { ...ALL, outcome: 'refused' })).toEqual([])
  })
}

/** What an instance has counted in an hour. */
function countsOf(hour: string, requests: number): HourCounts {
  const writes = { writes: 5, writesRefused: 6, writesFailed: 7 }
  return { hour, requests, served: 1, refused: 2, failed: 3, lookups: 4, ...writes }
}

/** What an instance has seen on a day, as much as it can be. */
function dayOf(day: string, count: number): DayFacts {
  const [first, last] = [`${day}T08:00:00.000Z`, `${day}T09:00:00.000Z`]
  const uses = { lastSuccess: last, lastRefusal: first, lastReason: 'uniqueness', lastProbe: first }
  return {
    day,
    connections: [{ credentialId: 'abcdefghij01', client: 'entra', first, last, ...uses }],
    attributes: Array.from({ length: 200 }, (_, n) => {
      const path = `attribute${String(n)}`.padEnd(200, 'ö')
      const known = n % 2 === 0
      const told = known ? { type: 'User' } : { type: 'Group', like: 'title' }
      return { ...told, path, known, first, last, count }
    }),
    more: 3,
  }
}

function usesOf(start: Start): void {
  test('of hours are added up, and each instance replaces its own', async () => {
    const { activity, tenant } = await start()
    const note = async (instance: string, ...hours: HourCounts[]): Promise<void> =>
      activity.noteUse(tenant, { instance, activity: {}, hours, days: [] })
    await note('instance1', countsOf('2026-11-22T08', 10), countsOf('2026-11-22T09', 1))
    await note('instance2', countsOf('2026-11-22T08', 5))
    await note('instance1', countsOf('2026-11-22T08', 12))
    await note('instance1', countsOf('2026-11-23T00', 7))
    const hours = await activity.hours(tenant, '2026-11-22T08', '2026-11-22T23')
    expect(hours.map(({ hour, requests, writes }) => [hour, requests, writes])).toEqual([
      ['2026-11-22T08', 17, 10],
      ['2026-11-22T09', 1, 5],
    ])
    expect(await activity.hours(tenant, '2026-11-23T00', '2026-11-23T00')).toHaveLength(1)
    expect(await activity.hours(tenant, '2026-11-24T00', '2026-11-25T00')).toEqual([])
  })

  test('of days come back as they were told, one for each instance', async () => {
    const { activity, tenant } = await start()
    const [one, other] = [dayOf('2026-11-22', 1), dayOf('2026-11-23', 1)]
    const latest = dayOf('2026-11-22', 2)
    const none = { activity: {}, hours: [] }
    await activity.noteUse(tenant, { instance: 'instance1', ...none, days: [one] })
    await activity.noteUse(tenant, { instance: 'instance2', ...none, days: [other, one] })
    await activity.noteUse(tenant, { instance: 'instance1', ...none, days: [latest] })
    expect(await activity.days(tenant, '2026-11-22', '2026-11-23')).toEqual([latest, one, other])
    expect(await activity.days(tenant, '2026-11-23', '2026-11-23')).toEqual([other])
  })

  test('are in the list of tenants, too', async () => {
    const { activity, tenants, tenant } = await start()
    const lastRequest = '2026-11-22T08:00:00.000Z'
    const notes = { instance: 'instance1', hours: [], days: [] }
    await activity.noteUse(tenant, { ...notes, activity: { lastRequest } })
    await activity.noteUse(tenant, { ...notes, activity: { lastRefusal: lastRequest } })
    const summary = await tenants.summary(tenant)
    expect(summary).toMatchObject({ lastRequest, lastRefusal: lastRequest })
    const gone = aTenant()
    await activity.noteUse(gone, { ...notes, activity: { lastRequest } })
    expect(await tenants.summary(gone)).toBeUndefined()
  })

  test('have how many people there were', async () => {
    const { activity, tenant } = await start()
    const people = [3, 1, 2].map((n) => ({ day: `2026-11-2${String(n)}`, users: n, groups: 0 }))
    for (const each of people) await activity.notePeople(tenant, each)
    await activity.notePeople(tenant, { day: '2026-11-21', users: 9, groups: 4 })
    expect(await activity.people(tenant, '2026-11-21', '2026-11-22')).toEqual([
      { day: '2026-11-21', users: 9, groups: 4 },
      { day: '2026-11-22', users: 2, groups: 0 },
    ])
  })
}

function purgingOf(start: Start): void {
  test('removes what is older, as far as it is told, and nothing else', async () => {
    const started = await start()
    const { activity, tenant, insert } = started
    const limit = new Date(AT)
    await insert(tenant, [...manyFacts(250, AT - 250_000), ...manyFacts(3, AT)])
    await activity.noteRefusals(tenant, 'instance1', [
      aRefusal({ end: AT - 1 }),
      aRefusal({ end: AT, first: new Date(AT - 9 * MINUTE).toISOString() }),
    ])
    expect(await activity.purge(tenant, limit, 120)).toBe(120)
    expect(await activity.purge(tenant, limit, 120)).toBe(120)
    expect(await activity.purge(tenant, limit, 120)).toBe(11)
    expect(await activity.purge(tenant, limit, 120)).toBe(0)
    const left = await readAll(started)
    expect(left.filter(({ kind }) => kind === 'refusal')).toHaveLength(1)
    expect(await ofResources(started)).toHaveLength(3)
    expect(left).toHaveLength(1 + 3 + 1)
  })

  test('removes the journals of all tables, hours, days and counts of people', async () => {
    const started = await start()
    const { activity, tenants, tenant } = started
    const groupId = await aGroup(started)
    await created(started, newUser('a'))
    await move(started, groupId, ['a'])
    await tenants.addCredential(tenant.id, aToken())
    const hours = ['2026-11-22T07', '2026-11-22T08'].map((hour) => countsOf(hour, 1))
    const days = ['2026-11-21', '2026-11-22'].map((day) => ({
      day,
      connections: [],
      attributes: [],
      more: 0,
    }))
    await activity.noteUse(tenant, { instance: 'instance1', activity: {}, hours, days })
    for (const { day } of days) await activity.notePeople(tenant, { day, users: 1, groups: 1 })
    const at = async (time: string): Promise<number> => activity.purge(tenant, new Date(time), 1000)
    expect(await at('2026-11-19T00:00:00.000Z')).toBe(0)
    // Two changes in the table of the tenants; an hour; a day, and how many there were then.
    expect(await at('2026-11-22T08:59:00.000Z')).toBe(2 + 1 + 1 + 1)
    expect(await activity.hours(tenant, '2026-11-20T00', '2026-11-30T00')).toEqual(hours.slice(1))
    expect(await activity.days(tenant, '2026-11-20', '2026-11-30')).toEqual(days.slice(1))
    expect(await activity.people(tenant, '2026-11-20', '2026-11-30')).toHaveLength(1)
    expect(await ofResources(started)).toHaveLength(3)
    expect(await at('2027-11-22T08:59:00.000Z')).toBe(3 + 1 + 1 + 1)
    expect(await readAll(started)).toEqual([])
    expect(await started.resources.get(scopeOf(tenant.partitionKey), GROUP, groupId)).toBeDefined()
    expect(await tenants.credentials(tenant.id)).toHaveLength(1)
  })
}

function forgettingOf(start: Start): void {
  const SINCE = new Date('2026-11-01T00:00:00.000Z')

  test('takes the names of what was deleted, and leaves those of the others', async () => {
    const started = await start()
    const { activity, tenant } = started
    const gone = await created(started, newUser('gone'), { name: 'Gone@x', externalId: 'E-gone' })
    const stays = await created(started, newUser('stays'), { name: 'Stays@x', externalId: 'E-s' })
    const group = newResource({ displayName: 'Team' })
    const { id: groupId } = await created(started, group, { name: 'Team' }, GROUP)
    await move(started, groupId, [gone.id])
    await activity.noteRefusals(tenant, 'instance1', [
      aRefusal({ fingerprint: '00000001', subject: 'GONE@X' }),
      aRefusal({ fingerprint: '00000002', subject: 'e-gone' }),
      aRefusal({ fingerprint: '00000003', subject: gone.id, isId: true }),
      aRefusal({ fingerprint: '00000004', subject: 'Stays@x' }),
    ])
    await remove(started, gone.id)
    expect(await activity.forgetDeleted(tenant, SINCE, () => true)).toBe(0)
    expect(await activity.forgetDeleted(tenant, SINCE)).toBe(3)
    const entries = await readAll(started)
    expect(JSON.stringify(entries)).not.toMatch(/gone@x|e-gone/i)
    const about = await changesIn(started, { ...ALL, about: { ids: [gone.id], names: [] } })
    const operations = about.map(({ operation }) => operation)
    expect(operations.toSorted()).toEqual(['create', 'delete', 'members', 'members'])
    const subjects = entries.flatMap((each) => (each.kind === 'refusal' ? [each.subject] : []))
    expect(subjects.filter((each) => each !== undefined).toSorted()).toEqual(
      [gone.id, 'Stays@x'].toSorted(),
    )
    expect(subjects).toHaveLength(4)
    const named = { ...ALL, about: { ids: [], names: ['gone@x', 'e-gone'] } }
    expect(await readAll(started, named)).toEqual([])
    const others = await changesIn(started, {
      ...ALL,
      about: { ids: [stays.id, groupId], names: [] },
    })
    expect(others.flatMap(({ name }) => name ?? []).toSorted()).toEqual(['Stays@x', 'Team'])
    expect(await activity.forgetDeleted(tenant, SINCE)).toBe(0)
  })

  test('leaves the refusals of who was created anew under the same name', async () => {
    const started = await start()
    const { activity, tenant } = started
    for (const n of [1, 2]) {
      const name = `ada${n}@x`
      const gone = await created(started, newUser(name), { name, externalId: `E-${n}` })
      await activity.noteRefusals(tenant, 'instance1', [
        aRefusal({ fingerprint: `0000000${n}`, subject: name.toUpperCase() }),
        aRefusal({ fingerprint: `1000000${n}`, subject: `e-${n}` }),
      ])
      await remove(started, gone.id)
    }
    await created(started, newUser('ada1@x'), { name: 'Ada1@x', externalId: 'E-1' })
    expect(await activity.forgetDeleted(tenant, SINCE)).toBe(4)
    const entries = await readAll(started, { ...ALL, outcome: 'refused' })
    const subjects = entries.flatMap((each) => (each.kind === 'refusal' ? [each.subject] : []))
    expect(subjects).toHaveLength(4)
    const left = subjects.filter((each) => each !== undefined)
    expect(left.toSorted()).toEqual(['ADA1@X', 'e-1'])
  })

  test('leaves who is kept out of sight their names, until they are deleted for good', async () => {
    const started = await start()
    const { activity, tenant, resources } = started
    const scope = scopeOf(tenant.partitionKey)
    const note = { name: 'ada@x', externalId: 'E-1' }
    const ada = await created(started, newUser('ada@x', { externalId: 'E-1' }), note)
    const hiding = change('delete', { type: 'User', subject: ada.id, ...note })
    expect(await resources.hide(scope, USER, ada, hiding)).toBe(true)
    expect(await activity.forgetDeleted(tenant, SINCE)).toBe(0)
    const again = newUser('Ada@x', { externalId: 'E-2' })
    const arriving = change('create', { type: 'User', subject: again.id, name: 'Ada@x' })
    await resources.createOrRestore(scope, USER, again, arriving)
    const [arrival, deletion] = await ofResources(started)
    expect(arrival).toMatchObject({ operation: 'create', possibleReturner: ada.id, name: 'Ada@x' })
    expect(deletion).toMatchObject({ operation: 'delete', hidden: true, ...note })
    const account = await resources.getHidden(scope, USER, ada.id)
    const removal = change('delete', { type: 'User', subject: ada.id })
    expect(account && (await resources.deleteHidden(scope, USER, account, removal))).toBe(true)
    expect(await activity.forgetDeleted(tenant, SINCE)).toBe(2)
    const left = (await ofResources(started)).flatMap(({ name }) => name ?? [])
    expect(left).toEqual(['Ada@x'])
  })

  test('tells of who has returned', async () => {
    const started = await start()
    const { tenant, resources } = started
    const scope = scopeOf(tenant.partitionKey)
    const kept = { title: 'Buyer', nickName: 'Ada', active: true }
    const ada = await created(started, newUser('ada@x', kept))
    await resources.hide(scope, USER, ada, change('delete', { type: 'User', subject: ada.id }))
    const again = newUser('ada@x', { title: 'Boss', nickName: 'Ada', locale: 'en' })
    const arriving = change('create', {
      type: 'User',
      subject: again.id,
      name: 'ada@x',
      changed: ['userName', 'nickName', 'title', 'locale'],
    })
    expect((await resources.createOrRestore(scope, USER, again, arriving)).id).toBe(ada.id)
    const [entry] = await ofResources(started)
    expect(entry).toMatchObject({
      operation: 'restore',
      subject: ada.id,
      name: 'ada@x',
      changed: ['title', 'locale'],
      cleared: ['active'],
    })
  })

  test('is about what was deleted since a time, groups and many people among it', async () => {
    const started = await start()
    const { activity, tenant } = started
    const group = newResource({ displayName: 'Team' })
    const { id: groupId } = await created(started, group, { name: 'Team' }, GROUP)
    const before = await created(started, newUser('before'), { name: 'before' })
    const early = await remove(started, before.id)
    const since = new Date(Date.parse(early.stamp.lastModified) + 1)
    for (const n of Array.from({ length: 12 }, (_, at) => String(at))) {
      const { id } = await created(started, newUser(`m${n}`), { name: `m'${n}`, externalId: n })
      await remove(started, id)
    }
    await remove(started, groupId, GROUP)
    expect(await activity.forgetDeleted(tenant, since)).toBe(13)
    const names = (await ofResources(started)).flatMap(({ name }) => name ?? [])
    expect(names).toEqual(['before'])
  })
}

function isolationOf(start: Start): void {
  test('see nothing of each other', async () => {
    const [one, other] = [await start(), await start()]
    for (const [started, mark] of [
      [one, 'ONE'],
      [other, 'OTHER'],
    ] as const) {
      const { activity, tenant, tenants } = started
      const { id } = await created(started, newUser('same'), { name: `${mark} same` })
      await move(started, await aGroup(started), [id, mark])
      const refusal = aRefusal({ subject: `${mark} same`, detail: mark })
      await activity.noteRefusals(tenant, 'instance1', [refusal])
      const lastRequest = '2026-11-22T08:00:00.000Z'
      const attribute = { path: mark, known: false, first: '', last: '', count: 1 }
      const day = { day: '2026-11-22', connections: [], attributes: [attribute], more: 0 }
      const notes = { instance: 'instance1', hours: [], days: [day] }
      await activity.noteUse(tenant, { ...notes, activity: { lastRequest } })
      await activity.notePeople(tenant, { day: '2026-11-22', users: mark.length, groups: 0 })
      await tenants.addCredential(tenant.id, aToken({ label: mark }), { actor: mark })
    }
    const all = async (started: Started, about?: ActivityQuery['about']): Promise<string> => {
      const { activity, tenant } = started
      const query = about === undefined ? ALL : { ...ALL, about }
      const entries = await readAll(started, query)
      const days = await activity.days(tenant, '2026-01-01', '2027-01-01')
      const people = await activity.people(tenant, '2026-01-01', '2027-01-01')
      return JSON.stringify([entries, days, people])
    }
    expect(await all(one)).not.toContain('OTHER')
    expect(await all(other)).not.toMatch(/ONE\b/)
    const foreign = { ids: ['OTHER'], names: ['OTHER same'] }
    expect(await readAll(one, { ...ALL, about: foreign })).toEqual([])
    await one.activity.purge(one.tenant, new Date('2030-01-01T00:00:00.000Z'), 1000)
    await one.activity.forgetDeleted(one.tenant, new Date(0))
    expect(await readAll(one)).toEqual([])
    expect(await readAll(other)).toHaveLength(2 + 3 + 1)
    expect(await all(other)).toContain('OTHER')
  })

  test('that are deleted leave nothing', async () => {
    const started = await start()
    const { activity, tenants, tenant, erase, partitions } = started
    await created(started, newUser('a'))
    await activity.noteRefusals(tenant, 'instance1', [aRefusal()])
    await activity.notePeople(tenant, { day: '2026-11-22', users: 1, groups: 0 })
    await tenants.addCredential(tenant.id, aToken())
    expect(await partitions.count(tenant.partitionKey)).toBeGreaterThanOrEqual(3)
    await erase(tenant.partitionKey)
    await tenants.delete(tenant)
    expect(await partitions.count(tenant.partitionKey)).toBe(0)
    expect(await partitions.list()).not.toContain(tenant.partitionKey)
    expect(await readAll(started)).toEqual([])
    expect(await activity.people(tenant, '2026-01-01', '2027-01-01')).toEqual([])
  })

  test('that are deleted leave nothing of who is kept out of sight either', async () => {
    const { tenant, resources, erase, partitions, ...started } = await start()
    const ada = await created({ tenant, resources, erase, partitions, ...started }, newUser('ada'))
    const scope = scopeOf(tenant.partitionKey)
    const hiding = change('delete', { type: 'User', subject: ada.id })
    expect(await resources.hide(scope, USER, ada, hiding)).toBe(true)
    expect(await partitions.list()).toContain(tenant.partitionKey)
    expect(await partitions.count(tenant.partitionKey)).toBeGreaterThanOrEqual(1)
    await erase(tenant.partitionKey)
    expect(await partitions.count(tenant.partitionKey)).toBe(0)
    expect(await resources.getHidden(scope, USER, ada.id)).toBeUndefined()
  })

  test('without users whose refusals came late are found', async () => {
    const { activity, partitions, tenant } = await start()
    await activity.noteRefusals(tenant, 'instance1', [aRefusal()])
    expect(await partitions.count(tenant.partitionKey)).toBe(1)
    expect(await partitions.list()).toContain(tenant.partitionKey)
  })
}
