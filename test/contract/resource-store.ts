import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { matches } from '../../lib/scim/filter/match.ts'
import type { ResolvedFilter } from '../../lib/scim/filter/filter.ts'
import { parseFilter } from '../../lib/scim/filter/parse.ts'
import { resolveFilter } from '../../lib/scim/filter/resolve.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import { LIMITS } from '../../lib/scim/limits.ts'
import { toRepresentation } from '../../lib/scim/representation.ts'
import type { Member, StoredResource } from '../../lib/scim/resource.ts'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { parseSort } from '../../lib/scim/sort.ts'
import { URN } from '../../lib/scim/urn.ts'
import type { MembershipStore, ResourcePage, ResourceStore, Scope } from '../../lib/storage/port.ts'
import { aChange, creation, deletion, replacement, scopeOf } from '../support/changes.ts'
import { refusalOf } from '../support/refusal.ts'

/** The stores under test; tests make tenants of their own, so all may share them. */
export interface ResourceStores {
  readonly store: ResourceStore
  readonly memberships: MembershipStore
}

let tenants = 0

/** A tenant that no other test has. */
export function newTenant(): Scope {
  tenants += 1
  return scopeOf(`tenant-${tenants}`)
}

let seconds = 0

/** A resource to be created; every one a second younger than the one before. */
export function newResource(attributes: JsonObject, id: string = randomUUID()): StoredResource {
  seconds += 1
  const created = new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString()
  return { id, version: randomUUID(), created, lastModified: created, attributes }
}

/** A user with this name and whatever else. */
export function newUser(userName: string, attributes: JsonObject = {}): StoredResource {
  return newResource({ userName, ...attributes })
}

/** What a change makes of a resource. */
export function changed(before: StoredResource, attributes: JsonObject): StoredResource {
  return { ...before, attributes, version: randomUUID(), lastModified: '2026-11-22T10:00:00.000Z' }
}

/** A filter as it comes from a client. */
export function filterOf(text: string, resourceType: ResourceType = USER): ResolvedFilter {
  return resolveFilter(resourceType, parseFilter(text))
}

/** A page of what `sorted` finds, read as the order tells. */
export async function sortedPage(
  store: ResourceStore,
  tenant: Scope,
  resourceType: ResourceType,
  query: Parameters<ResourceStore['sorted']>[2],
  startIndex: number,
  count: number,
): Promise<ResourcePage> {
  const entries = await store.sorted(tenant, resourceType, query)
  const found = entries.slice(startIndex - 1, startIndex - 1 + count)
  const read = await store.getAll(
    tenant,
    resourceType,
    found.map(({ id }) => id),
  )
  const known = found.flatMap(({ stored }) => stored ?? [])
  expect(known).toEqual(known.length === 0 ? [] : read)
  return { totalResults: entries.length, resources: read }
}

const ids = (resources: readonly StoredResource[]): string[] => resources.map(({ id }) => id)

const emailsAt = (count: number, domain: string): JsonObject => ({
  emails: Array.from({ length: count }, (_, n) => ({ value: `${n}@${domain}` })),
})

const sorted = (...resources: readonly StoredResource[]): string[] => ids(resources).toSorted()

const asMembers = (...users: readonly StoredResource[]): readonly Member[] =>
  users.map(({ id }) => ({ value: id, type: 'User' }))

const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~ \t\n\u0000\u007F'

/** Texts that a key could stumble over, each different from the others also in its folded form. */
const WEIRD_TEXTS: readonly string[] = [
  PUNCTUATION,
  ...PUNCTUATION.split(''),
  '%2F',
  '=2F',
  '==',
  'a:b',
  '../a',
  'zoë@例え.jp',
  '😀',
  '😀😀',
  '\uD83D',
  '\uDE00',
  '\uFFFD',
  '__proto__',
  'constructor',
  "O'Neil",
  'x'.repeat(1000),
  `${'x'.repeat(999)}y`,
  'é'.repeat(400),
  '例'.repeat(1000),
]

/** The suite that every store of resources has to pass. */
export function resourceStoreContract(open: () => ResourceStores): void {
  const total = async (
    tenant: Scope,
    resourceType: ResourceType,
    filter?: string,
  ): Promise<number> => {
    const page = await open().store.list(tenant, resourceType, {
      startIndex: 1,
      count: 0,
      ...(filter === undefined ? {} : { filter: filterOf(filter, resourceType) }),
    })
    expect(page.resources).toEqual([])
    return page.totalResults
  }
  const find = async (
    tenant: Scope,
    filter: string,
    resourceType: ResourceType = USER,
  ): Promise<readonly StoredResource[]> => {
    const page = await open().store.list(tenant, resourceType, {
      startIndex: 1,
      count: 1000,
      filter: filterOf(filter, resourceType),
    })
    expect(page.totalResults).toBe(page.resources.length)
    return page.resources
  }
  const createAll = async (
    tenant: Scope,
    resources: readonly StoredResource[],
    resourceType: ResourceType = USER,
  ): Promise<void> => {
    await Promise.all(
      resources.map((each) => open().store.create(tenant, resourceType, ...creation(each))),
    )
  }
  const read = async (
    tenant: Scope,
    id: string,
    resourceType: ResourceType = USER,
  ): Promise<StoredResource> => {
    const stored = await open().store.get(tenant, resourceType, id)
    if (stored === undefined) throw new Error(`no ${resourceType.name} ${id}`)
    return stored
  }

  describe('get', () => {
    test('gives back what was created, and a revision', async () => {
      const tenant = newTenant()
      const attributes = {
        userName: 'Barbara',
        active: false,
        externalId: 'B-1',
        name: { familyName: 'Jensen', formatted: 'Ms. "B" \\ \u0000 \uD83D 😀' },
        emails: [{ value: 'b@example.com', primary: true }],
        [URN.enterpriseUser]: { employeeNumber: '701984' },
      }
      const user = newResource(attributes)
      await open().store.create(tenant, USER, ...creation(user))
      const { revision, characters, indexed: _, ...rest } = await read(tenant, user.id)
      expect(rest).toEqual(user)
      expect(revision).toEqual(expect.any(String))
      expect(characters).toBe(JSON.stringify(attributes).length)
    })

    test('keeps resource types apart', async () => {
      const tenant = newTenant()
      const user = newUser('a')
      await open().store.create(tenant, USER, ...creation(user))
      expect(await open().store.get(tenant, GROUP, user.id)).toBeUndefined()
      expect(await total(tenant, GROUP)).toBe(0)
    })

    test.each([...WEIRD_TEXTS, '', 'x'.repeat(100_000)].map((id) => [id]))(
      'knows no resource with the id %j',
      async (id) => {
        const tenant = newTenant()
        expect(await open().store.get(tenant, USER, id)).toBeUndefined()
        expect(await open().store.get(tenant, GROUP, id)).toBeUndefined()
      },
    )

    test('tells weird ids apart', async () => {
      const tenant = newTenant()
      const users = WEIRD_TEXTS.map((id, index) =>
        newResource({ userName: `user-${index}`, externalId: 'same' }, id),
      )
      await createAll(tenant, users)
      for (const user of users) expect(await read(tenant, user.id)).toMatchObject(user)
      expect(await total(tenant, USER)).toBe(WEIRD_TEXTS.length)
      expect(await find(tenant, 'externalId eq "same"')).toHaveLength(WEIRD_TEXTS.length)
      const inOrder = ids(await find(tenant, 'userName pr'))
      const paged: string[] = []
      for (let startIndex = 1; startIndex <= users.length; startIndex += 7) {
        const page = await open().store.list(tenant, USER, { startIndex, count: 7 })
        paged.push(...ids(page.resources))
      }
      expect(paged).toEqual(inOrder)
      await Promise.all(
        users.map(async ({ id }) =>
          open().store.delete(tenant, USER, await read(tenant, id), deletion()),
        ),
      )
      expect(await total(tenant, USER)).toBe(0)
      expect(await find(tenant, 'userName pr')).toEqual([])
    })
  })

  describe('create', () => {
    test.each([
      ['bjensen', 'bjensen'],
      ['bjensen', 'BJensen'],
      ['BJENSEN@EXAMPLE.COM', 'bjensen@example.com'],
      ['bjensen', 'ｂｊｅｎｓｅｎ'],
      ['é', 'e\u0301'],
      ['Ä', 'ä'],
      ['x'.repeat(1000), 'X'.repeat(1000)],
    ])('refuses a user named as another: %j and %j', async (first, second) => {
      const tenant = newTenant()
      await open().store.create(tenant, USER, ...creation(newUser(first)))
      const refused = newUser(second, { externalId: 'refused' })
      const error = await refusalOf(() => open().store.create(tenant, USER, ...creation(refused)))
      expect(error.kind).toBe('uniqueness')
      expect(error.detail).toContain('userName')
      expect(error.detail).not.toContain(second)
      expect(await open().store.get(tenant, USER, refused.id)).toBeUndefined()
      expect(await find(tenant, 'externalId eq "refused"')).toEqual([])
      expect(await total(tenant, USER)).toBe(1)
    })

    test.each<[JsonObject, string]>([
      [{}, ''],
      [{ active: true }, ''],
      [{ active: false }, ', inactive'],
    ])('tells who has the name, of a user with %j', async (more, state) => {
      const tenant = newTenant()
      const [user, other] = [newUser('bjensen', more), newUser('BJensen')]
      await open().store.create(tenant, USER, ...creation(user))
      const error = await refusalOf(() => open().store.create(tenant, USER, ...creation(other)))
      expect(error.detail).toBe(`Another User has this userName: id ${user.id}${state}.`)
      expect(error.loggedDetail).toBe(`Another User has this userName: id …${state}.`)
    })

    test('refuses a group named as another', async () => {
      const tenant = newTenant()
      await open().store.create(
        tenant,
        GROUP,
        ...creation(newResource({ displayName: 'Tour Guides' })),
      )
      const again = newResource({ displayName: 'tour guides' })
      const error = await refusalOf(() => open().store.create(tenant, GROUP, ...creation(again)))
      expect(error.kind).toBe('uniqueness')
      expect(error.detail).toContain('displayName')
      await open().store.create(tenant, USER, ...creation(newUser('tour guides')))
    })

    test('takes weird names and finds each again', async () => {
      const tenant = newTenant()
      const users = WEIRD_TEXTS.map((text) =>
        newUser(text, { externalId: text, emails: [{ value: text }] }),
      )
      await createAll(tenant, users)
      for (const user of users) {
        const literal = JSON.stringify(user.attributes['userName'])
        expect(ids(await find(tenant, `userName eq ${literal}`))).toEqual([user.id])
        expect(ids(await find(tenant, `externalId eq ${literal}`))).toEqual([user.id])
        expect(ids(await find(tenant, `emails.value eq ${literal}`))).toEqual([user.id])
        expect(ids(await find(tenant, `userName sw ${literal}`))).toContain(user.id)
      }
      const error = await refusalOf(() =>
        open().store.create(tenant, USER, ...creation(newUser('X'.repeat(1000)))),
      )
      expect(error.kind).toBe('uniqueness')
    })

    test('of a hundred creations with one name exactly one succeeds', async () => {
      const tenant = newTenant()
      const users = Array.from({ length: 100 }, () => newUser('bjensen'))
      const created = await Promise.allSettled(
        users.map((user) => open().store.create(tenant, USER, ...creation(user))),
      )
      const refused = created.filter(({ status }) => status === 'rejected')
      expect(refused).toHaveLength(99)
      for (const each of refused) {
        expect(each).toMatchObject({ reason: { kind: 'uniqueness' } })
      }
      expect(await total(tenant, USER)).toBe(1)
      expect(await find(tenant, 'userName eq "bjensen"')).toHaveLength(1)
      expect(await find(tenant, 'userName pr')).toHaveLength(1)
    })

    test('done again with the same id is the same creation', async () => {
      const tenant = newTenant()
      const user = newUser('a')
      await open().store.create(tenant, USER, ...creation(user))
      await open().store.create(tenant, USER, ...creation(user))
      expect(await total(tenant, USER)).toBe(1)
    })

    test('refuses what is too large to be kept', async () => {
      const tenant = newTenant()
      const large = newUser('a', { title: 'x'.repeat(480_001) })
      const error = await refusalOf(() => open().store.create(tenant, USER, ...creation(large)))
      expect(error.kind).toBe('invalidValue')
      expect(error.detail).toContain('480000')
      const emails = Array.from({ length: 49 }, (_, n) => ({ value: `${n}@example.com` }))
      const many = await refusalOf(() =>
        open().store.create(tenant, USER, ...creation(newUser('a', { emails }))),
      )
      expect(many.kind).toBe('invalidValue')
      expect(many.detail).toContain('emails')
      expect(await total(tenant, USER)).toBe(0)
    })

    test('keeps as many indexed values as it may, and replaces all of them', async () => {
      const tenant = newTenant()
      const user = newUser('a', emailsAt(LIMITS.indexEntries - 1, 'x.org'))
      await open().store.create(tenant, USER, ...creation(user))
      const before = await read(tenant, user.id)
      const many = changed(before, { userName: 'b', ...emailsAt(LIMITS.indexEntries, 'y.org') })
      const error = await refusalOf(() =>
        open().store.replace(tenant, USER, before, ...replacement(many)),
      )
      expect(error.kind).toBe('invalidValue')
      expect(error.detail).toContain('45 values together; at most 44')
      const after = changed(before, {
        userName: 'b',
        ...emailsAt(LIMITS.indexEntries - 1, 'y.org'),
      })
      expect(await open().store.replace(tenant, USER, before, ...replacement(after))).toBe(true)
      expect(ids(await find(tenant, 'emails eq "42@Y.org"'))).toEqual([user.id])
      expect(await find(tenant, 'emails eq "42@x.org"')).toEqual([])
      const current = await read(tenant, user.id)
      expect(await open().store.delete(tenant, USER, current, deletion())).toBe(true)
      expect(await find(tenant, 'emails eq "42@y.org"')).toEqual([])
    })

    test('keeps what is as large as it may be', async () => {
      const tenant = newTenant()
      const emails = Array.from({ length: 40 }, (_, n) => ({ value: `${'é'.repeat(400)}${n}` }))
      const title = '😀'.repeat(200_000)
      const user = newUser('a', { emails, title, externalId: '例'.repeat(500) })
      await open().store.create(tenant, USER, ...creation(user))
      const before = await read(tenant, user.id)
      expect(before.attributes).toEqual(user.attributes)
      const others = emails.map(({ value }) => ({ value: `${value}@example.com` }))
      const after = changed(before, { userName: 'b', emails: others, title: `x${title}` })
      expect(await open().store.replace(tenant, USER, before, ...replacement(after))).toBe(true)
      expect((await read(tenant, user.id)).attributes).toEqual(after.attributes)
    })
  })

  describe('replace', () => {
    test('writes attributes, version and time, and keeps id and created', async () => {
      const tenant = newTenant()
      const user = newUser('a', { title: 'Guide', nickName: 'A' })
      await open().store.create(tenant, USER, ...creation(user))
      const before = await read(tenant, user.id)
      const after = changed(before, { userName: 'a', title: 'Chief', active: true })
      expect(await open().store.replace(tenant, USER, before, ...replacement(after))).toBe(true)
      const { revision, characters: _, ...stored } = await read(tenant, user.id)
      const { revision: old, characters: __, ...expected } = after
      expect(stored).toEqual(expected)
      expect(revision).not.toBe(old)
      expect(await total(tenant, USER)).toBe(1)
    })

    test('frees the old name and takes the new one', async () => {
      const tenant = newTenant()
      const user = newUser('old', { externalId: '1', emails: [{ value: 'a@x' }, { value: 'b@x' }] })
      await open().store.create(tenant, USER, ...creation(user))
      const before = await read(tenant, user.id)
      const after = changed(before, {
        userName: 'new',
        externalId: '2',
        emails: [{ value: 'B@x' }, { value: 'c@x' }],
      })
      expect(await open().store.replace(tenant, USER, before, ...replacement(after))).toBe(true)
      for (const gone of ['userName eq "old"', 'externalId eq "1"', 'emails.value eq "a@x"']) {
        expect(await find(tenant, gone)).toEqual([])
      }
      for (const there of ['userName eq "NEW"', 'externalId eq "2"', 'emails.value eq "b@X"']) {
        expect(ids(await find(tenant, there))).toEqual([user.id])
      }
      const error = await refusalOf(() =>
        open().store.create(tenant, USER, ...creation(newUser('new'))),
      )
      expect(error.kind).toBe('uniqueness')
      await open().store.create(tenant, USER, ...creation(newUser('old')))
    })

    test('lets a resource change the case of its own name', async () => {
      const tenant = newTenant()
      const user = newUser('bjensen')
      await open().store.create(tenant, USER, ...creation(user))
      const before = await read(tenant, user.id)
      const after = changed(before, { userName: 'BJensen' })
      expect(await open().store.replace(tenant, USER, before, ...replacement(after))).toBe(true)
      expect((await read(tenant, user.id)).attributes).toEqual({ userName: 'BJensen' })
    })

    test('keeps in mind whether who has a name is inactive', async () => {
      const tenant = newTenant()
      const [user, other] = [newUser('a'), newUser('b')]
      await createAll(tenant, [user, other])
      const replaceWith = async (id: string, attributes: JsonObject): Promise<boolean> => {
        const before = await read(tenant, id)
        const after = changed(before, attributes)
        return open().store.replace(tenant, USER, before, ...replacement(after))
      }
      for (const [attributes, state] of [
        [{ userName: 'a', active: false }, ', inactive'],
        [{ userName: 'A', active: false }, ', inactive'],
        [{ userName: 'a', title: 'x', active: true }, ''],
        [{ userName: 'c', active: false }, ', inactive'],
        [{ userName: 'a', active: false }, ', inactive'],
        [{ userName: 'A' }, ''],
      ] as const) {
        expect(await replaceWith(user.id, attributes)).toBe(true)
        const { userName } = attributes
        const error = await refusalOf(async () => replaceWith(other.id, { userName }))
        expect(error.detail).toBe(`Another User has this userName: id ${user.id}${state}.`)
        expect(ids(await find(tenant, `userName eq "${userName}"`))).toEqual([user.id])
      }
      expect(ids(await find(tenant, 'userName eq "c"'))).toEqual([])
    })

    test('refuses the name of another and changes nothing', async () => {
      const tenant = newTenant()
      const user = newUser('a', { externalId: '1' })
      await createAll(tenant, [user, newUser('b')])
      const before = await read(tenant, user.id)
      const after = changed(before, { userName: 'B', externalId: '2' })
      const error = await refusalOf(() =>
        open().store.replace(tenant, USER, before, ...replacement(after)),
      )
      expect(error.kind).toBe('uniqueness')
      expect(error.detail).toContain('userName')
      expect(await read(tenant, user.id)).toEqual(before)
      expect(await find(tenant, 'externalId eq "2"')).toEqual([])
      expect(ids(await find(tenant, 'externalId eq "1"'))).toEqual([user.id])
    })

    test('changes nothing when the resource was changed since it was read', async () => {
      const tenant = newTenant()
      const user = newUser('a')
      await open().store.create(tenant, USER, ...creation(user))
      const before = await read(tenant, user.id)
      const first = changed(before, { userName: 'first' })
      expect(await open().store.replace(tenant, USER, before, ...replacement(first))).toBe(true)
      const second = changed(before, { userName: 'second' })
      expect(await open().store.replace(tenant, USER, before, ...replacement(second))).toBe(false)
      expect((await read(tenant, user.id)).attributes).toEqual({ userName: 'first' })
      expect(await find(tenant, 'userName eq "second"')).toEqual([])
    })

    test('writes nothing for a resource that was never read, or is gone', async () => {
      const tenant = newTenant()
      const user = newUser('a')
      const replaced = changed(user, { userName: 'b' })
      expect(await open().store.replace(tenant, USER, user, ...replacement(replaced))).toBe(false)
      await open().store.create(tenant, USER, ...creation(user))
      expect(await open().store.replace(tenant, USER, user, ...replacement(replaced))).toBe(false)
      const before = await read(tenant, user.id)
      expect(await open().store.delete(tenant, USER, before, deletion())).toBe(true)
      expect(await open().store.replace(tenant, USER, before, ...replacement(replaced))).toBe(false)
      expect(await open().store.get(tenant, USER, user.id)).toBeUndefined()
      expect(await find(tenant, 'userName eq "b"')).toEqual([])
    })

    test('of parallel changes exactly one succeeds', async () => {
      const tenant = newTenant()
      const user = newUser('a')
      await open().store.create(tenant, USER, ...creation(user))
      const before = await read(tenant, user.id)
      const changes = Array.from({ length: 10 }, (_, n) => changed(before, { userName: `a${n}` }))
      const done = await Promise.all(
        changes.map((after) => open().store.replace(tenant, USER, before, ...replacement(after))),
      )
      expect(done.filter(Boolean)).toHaveLength(1)
      const winner = changes[done.indexOf(true)]
      expect((await read(tenant, user.id)).version).toBe(winner?.version)
      expect(await find(tenant, 'userName sw "a"')).toHaveLength(1)
    })
  })

  describe('delete', () => {
    test('removes the resource, frees its name and counts it out', async () => {
      const tenant = newTenant()
      const user = newUser('a', { externalId: '1' })
      await createAll(tenant, [user, newUser('b')])
      const before = await read(tenant, user.id)
      expect(await open().store.delete(tenant, USER, before, deletion())).toBe(true)
      expect(await open().store.get(tenant, USER, user.id)).toBeUndefined()
      expect(await total(tenant, USER)).toBe(1)
      expect(await find(tenant, 'externalId eq "1"')).toEqual([])
      expect(await find(tenant, 'userName sw "a"')).toEqual([])
      expect(await find(tenant, `id eq "${user.id}"`)).toEqual([])
      const page = await open().store.listFrom(tenant, USER, { count: 10 })
      expect(page.resources).toHaveLength(1)
      await open().store.create(tenant, USER, ...creation(newUser('A')))
      expect(await open().store.delete(tenant, USER, before, deletion())).toBe(false)
      expect(await total(tenant, USER)).toBe(2)
    })

    test('removes nothing when the resource was changed since it was read', async () => {
      const tenant = newTenant()
      const user = newUser('a')
      await open().store.create(tenant, USER, ...creation(user))
      const before = await read(tenant, user.id)
      await open().store.replace(
        tenant,
        USER,
        before,
        ...replacement(changed(before, { userName: 'b' })),
      )
      expect(await open().store.delete(tenant, USER, before, deletion())).toBe(false)
      expect(await total(tenant, USER)).toBe(1)
      expect(await find(tenant, 'userName eq "b"')).toHaveLength(1)
    })

    test('takes memberships along, in both directions', async () => {
      const tenant = newTenant()
      const { store, memberships } = open()
      const [user, other] = [newUser('a'), newUser('b')]
      const [team, outer] = ['Team', 'Outer'].map((displayName) => newResource({ displayName }))
      if (team === undefined || outer === undefined) throw new Error('no groups')
      await createAll(tenant, [user, other])
      await createAll(tenant, [team, outer], GROUP)
      const members = [user, other].map(({ id }) => ({ value: id, type: 'User' as const }))
      expect(
        await memberships.changeMembers(
          tenant,
          team.id,
          { add: members, remove: [] },
          aChange('members'),
        ),
      ).toBe('changed')
      const nested = [{ value: team.id, type: 'Group' as const }]
      expect(
        await memberships.changeMembers(
          tenant,
          outer.id,
          { add: nested, remove: [] },
          aChange('members'),
        ),
      ).toBe('changed')

      expect(await store.delete(tenant, USER, await read(tenant, user.id), deletion())).toBe(true)
      expect(await memberships.isMember(tenant, team.id, user.id)).toBe(false)
      expect(await memberships.isMember(tenant, team.id, other.id)).toBe(true)
      expect(
        await store.delete(tenant, GROUP, await read(tenant, team.id, GROUP), deletion()),
      ).toBe(true)
      expect((await memberships.groupsOf(tenant, [other.id, team.id])).size).toBe(0)
      expect(
        await memberships.changeMembers(
          tenant,
          team.id,
          { add: members, remove: [] },
          aChange('members'),
        ),
      ).toBe('noGroup')
      expect(await total(tenant, GROUP)).toBe(1)
    })

    test('a change of members is a change of the group', async () => {
      const tenant = newTenant()
      const { store, memberships } = open()
      const group = newResource({ displayName: 'Team' })
      await store.create(tenant, GROUP, ...creation(group))
      const before = await read(tenant, group.id, GROUP)
      const stamp = { version: 'v2', lastModified: '2026-11-22T11:00:00.000Z' }
      const members = [{ value: randomUUID(), type: 'User' as const }]
      await memberships.changeMembers(
        tenant,
        group.id,
        { add: members, remove: [] },
        aChange('members', stamp),
      )
      expect(await read(tenant, group.id, GROUP)).toMatchObject({ ...stamp, id: group.id })
      const renamed = changed(before, { displayName: 'Squad' })
      expect(await store.replace(tenant, GROUP, before, ...replacement(renamed))).toBe(false)
      expect(await store.delete(tenant, GROUP, before, deletion())).toBe(false)
      const current = await read(tenant, group.id, GROUP)
      expect(await store.replace(tenant, GROUP, current, ...replacement(renamed))).toBe(true)
      expect(await read(tenant, group.id, GROUP)).toMatchObject({ version: renamed.version })
    })

    test('counts stay exact when many create and delete at once', async () => {
      const tenant = newTenant()
      // One counter for all of them.
      const users = Array.from({ length: 30 }, (_, n) =>
        newResource({ userName: `user-${n}` }, `00${randomUUID().slice(2)}`),
      )
      await createAll(tenant, users)
      expect(await total(tenant, USER)).toBe(30)
      const more = Array.from({ length: 10 }, (_, n) =>
        newResource({ userName: `more-${n}` }, `00${randomUUID().slice(2)}`),
      )
      const gone = users.slice(0, 20).map(async ({ id }) => {
        return open().store.delete(tenant, USER, await read(tenant, id), deletion())
      })
      const [deleted] = await Promise.all([Promise.all(gone), createAll(tenant, more)])
      expect(deleted.every(Boolean)).toBe(true)
      expect(await total(tenant, USER)).toBe(20)
      expect(await find(tenant, 'userName pr')).toHaveLength(20)
    })
  })

  describe('list', () => {
    test('of a tenant without resources is empty', async () => {
      const tenant = newTenant()
      const nothing = { totalResults: 0, resources: [] }
      expect(await open().store.list(tenant, USER, { startIndex: 1, count: 10 })).toEqual(nothing)
      expect(await open().store.list(tenant, GROUP, { startIndex: 5, count: 0 })).toEqual(nothing)
    })

    test('pages by index have each resource once, in the order of ids', async () => {
      const tenant = newTenant()
      const users = Array.from({ length: 40 }, (_, n) => newUser(`user-${n}`))
      await createAll(tenant, users)
      for (const count of [1, 7, 39, 40, 1000]) {
        const paged: string[] = []
        for (let startIndex = 1; startIndex <= 40; startIndex += count) {
          const page = await open().store.list(tenant, USER, { startIndex, count })
          expect(page.totalResults).toBe(40)
          paged.push(...ids(page.resources))
        }
        expect(paged).toEqual(ids(users).toSorted())
      }
      const behind = await open().store.list(tenant, USER, { startIndex: 41, count: 10 })
      expect(behind).toEqual({ totalResults: 40, resources: [] })
      const far = await open().store.list(tenant, USER, { startIndex: 2 ** 40, count: 10 })
      expect(far).toEqual({ totalResults: 40, resources: [] })
    })

    test('pages of a filter have each match once', async () => {
      const tenant = newTenant()
      const users = Array.from({ length: 30 }, (_, n) => {
        return newUser(`user-${n}`, { title: n % 3 === 0 ? 'Guide' : 'Chief' })
      })
      await createAll(tenant, users)
      const filter = filterOf('title eq "guide"')
      const paged: string[] = []
      for (let startIndex = 1; startIndex <= 10; startIndex += 4) {
        const page = await open().store.list(tenant, USER, { startIndex, count: 4, filter })
        expect(page.totalResults).toBe(10)
        paged.push(...ids(page.resources))
      }
      const guides = users.filter(({ attributes }) => attributes['title'] === 'Guide')
      expect(paged).toEqual(ids(guides).toSorted())
      expect(await total(tenant, USER, 'title eq "guide"')).toBe(10)
    })

    test.each([
      ['userName', undefined, ['a', 'B', 'c', 'D']],
      ['userName', 'descending', ['D', 'c', 'B', 'a']],
      ['title', 'ascending', ['D', 'a', 'B', 'c']],
      ['title', 'descending', ['c', 'B', 'a', 'D']],
      ['meta.created', 'descending', ['c', 'a', 'D', 'B']],
    ])('sorts by %s %s', async (sortBy, sortOrder, names) => {
      const tenant = newTenant()
      await createAll(tenant, [
        newUser('B', { title: 'y' }),
        newUser('D', { title: 'a' }),
        newUser('a', { title: 'X' }),
        newUser('c'),
      ])
      const parameters = { sortBy, ...(sortOrder === undefined ? {} : { sortOrder }) }
      const sort = parseSort(USER, parameters)
      if (sort === undefined) throw new Error('no order')
      const page = await sortedPage(open().store, tenant, USER, { sort }, 1, 10)
      const userNames = page.resources.map(({ attributes }) => attributes['userName'])
      expect(userNames).toEqual(names)
      const filter = filterOf('userName pr')
      const second = await sortedPage(open().store, tenant, USER, { sort, filter }, 2, 2)
      expect(second.resources.map(({ attributes }) => attributes['userName'])).toEqual(
        names.slice(1, 3),
      )
      expect(second.totalResults).toBe(4)
    })
  })

  describe('getAll', () => {
    test('gives those that exist, in the order of the ids', async () => {
      const tenant = newTenant()
      const users = Array.from({ length: 40 }, (_, n) => newUser(`user-${n}`))
      await createAll(tenant, users)
      const wanted = ids(users).toReversed()
      const found = await open().store.getAll(tenant, USER, ['nobody', ...wanted, 'no one'])
      expect(ids(found)).toEqual(wanted)
      expect(found[0]).toEqual(await read(tenant, wanted[0] ?? ''))
      expect(await open().store.getAll(tenant, USER, [])).toEqual([])
      expect(await open().store.getAll(tenant, GROUP, wanted)).toEqual([])
    })
  })

  describe('resources as large as they may be', () => {
    // 35 of them are more than an answer may hold.
    const COUNT = 40
    const FIT = Math.floor(LIMITS.answerBytes / 470_000)
    const title = 'x'.repeat(469_960)
    const tenant = newTenant()
    const users = Array.from({ length: COUNT }, (_, n) => newUser(`user-${10 + n}`, { title }))
    const inOrder = ids(users).toSorted()

    beforeAll(async () => {
      for (let start = 0; start < COUNT; start += 8) {
        await createAll(tenant, users.slice(start, start + 8))
      }
    })

    test('are counted, and listed as far as an answer goes', async () => {
      const paged: string[] = []
      while (paged.length < COUNT) {
        const startIndex = paged.length + 1
        const page = await open().store.list(tenant, USER, { startIndex, count: 100 })
        expect(page.totalResults).toBe(COUNT)
        expect(page.resources.length).toBe(Math.min(FIT, COUNT - paged.length))
        paged.push(...ids(page.resources))
      }
      expect(paged).toEqual(inOrder)
    })

    test('are counted exactly where a filter finds them', async () => {
      const filter = filterOf('userName sw "user-"')
      const page = await open().store.list(tenant, USER, { startIndex: 2, count: 100, filter })
      expect(page.totalResults).toBe(COUNT)
      expect(ids(page.resources)).toEqual(inOrder.slice(1, 1 + FIT))
    })

    test.each([undefined, 'userName co "user-"'])('are paged by position: %s', async (text) => {
      const filter = text === undefined ? {} : { filter: filterOf(text) }
      const { store } = open()
      const first = await store.listFrom(tenant, USER, { count: 100, ...filter })
      expect(ids(first.resources)).toEqual(inOrder.slice(0, FIT))
      expect(first.next).toBe(store.positionBehind(inOrder[FIT - 1] ?? ''))
      expect(first.totalResults).toBeUndefined()
      const query = { count: 100, after: first.next ?? '', ...filter }
      const rest = await store.listFrom(tenant, USER, query)
      expect(ids(rest.resources)).toEqual(inOrder.slice(FIT))
      expect(rest.next).toBeUndefined()
    })

    test('are read as far as an answer goes', async () => {
      const found = await open().store.getAll(tenant, USER, inOrder)
      expect(ids(found)).toEqual(inOrder.slice(0, FIT))
    })

    test('are sorted without being held', async () => {
      const sort = parseSort(USER, { sortBy: 'meta.created', sortOrder: 'descending' })
      if (sort === undefined) throw new Error('no order')
      const entries = await open().store.sorted(tenant, USER, { sort })
      expect(entries.map(({ id }) => id)).toEqual(ids(users).toReversed())
      expect(entries.every(({ stored }) => stored === undefined)).toBe(true)
    })
  })

  describe('the candidates of a filter', () => {
    test('are told before they are read, where they are told', async () => {
      const tenant = newTenant()
      const users = ['a', 'b', 'c'].map((name) => newUser(name, { externalId: 'x', title: name }))
      await createAll(tenant, users)
      for (const text of ['userName eq "a"', 'externalId eq "x" and title eq "b"', 'title pr']) {
        const told: string[] = []
        const page = await open().store.list(tenant, USER, {
          startIndex: 1,
          count: 10,
          filter: filterOf(text),
          onCandidates: (candidates) => told.push(...candidates),
        })
        expect(page.totalResults).toBeGreaterThan(0)
        expect(told.length === 0 || ids(page.resources).every((id) => told.includes(id))).toBe(true)
      }
    })
  })

  describe('listFrom', () => {
    test.each([undefined, 'title eq "guide"', 'userName sw "user"', 'active ne true'])(
      'pages by position have each match once, in the order of ids: %s',
      async (text) => {
        const tenant = newTenant()
        const users = Array.from({ length: 23 }, (_, n) => newUser(`user-${n}`, { title: 'Guide' }))
        await createAll(tenant, users)
        const filter = text === undefined ? {} : { filter: filterOf(text) }
        for (const count of [1, 5, 22, 23, 24]) {
          const paged: string[] = []
          let after: string | undefined
          do {
            const page = await open().store.listFrom(tenant, USER, {
              count,
              ...filter,
              ...(after === undefined ? {} : { after }),
            })
            expect(page.resources.length).toBeLessThanOrEqual(count)
            paged.push(...ids(page.resources))
            after = page.next
          } while (after !== undefined)
          expect(paged).toEqual(ids(users).toSorted())
        }
      },
    )

    test('of no resources tells only whether there are any', async () => {
      const tenant = newTenant()
      const empty = await open().store.listFrom(tenant, USER, { count: 0 })
      expect(empty).toEqual({ resources: [], totalResults: 0 })
      const user = newUser('a')
      await open().store.create(tenant, USER, ...creation(user))
      const { resources, next } = await open().store.listFrom(tenant, USER, { count: 0 })
      expect(resources).toEqual([])
      if (next === undefined) throw new Error('no position')
      const page = await open().store.listFrom(tenant, USER, { count: 1, after: next })
      expect(ids(page.resources)).toEqual([user.id])
      expect(page.next).toBeUndefined()
    })

    test('goes on behind a resource that is gone', async () => {
      const tenant = newTenant()
      const users = Array.from({ length: 6 }, (_, n) => newUser(`user-${n}`))
      await createAll(tenant, users)
      const first = await open().store.listFrom(tenant, USER, { count: 3 })
      const last = first.resources.at(-1)
      if (last === undefined || first.next === undefined) throw new Error('no page')
      await open().store.delete(tenant, USER, last, deletion())
      const rest = await open().store.listFrom(tenant, USER, { count: 5, after: first.next })
      expect([...ids(first.resources), ...ids(rest.resources)]).toEqual(ids(users).toSorted())
    })

    test.each(['a/b', '%', "'", 'x'.repeat(1000), 'é'])(
      'refuses the position %j',
      async (after) => {
        const error = await refusalOf(() =>
          open().store.listFrom(newTenant(), USER, { count: 1, after }),
        )
        expect(error.kind).toBe('invalidCursor')
      },
    )
  })

  describe('filters', () => {
    const users = [
      newUser('Anna', { active: true, externalId: 'x', emails: [{ value: 'a@x.org' }] }),
      newUser('annabel', {
        active: false,
        externalId: 'X',
        name: { familyName: "O'Neil" },
        emails: [
          { value: 'a@x.org', type: 'work' },
          { value: 'b@x.org', type: 'home' },
        ],
      }),
      newUser('Bea', { active: true, externalId: 'x', title: 'Guide' }),
      newUser('béa', { [URN.enterpriseUser]: { employeeNumber: '1', department: 'Tours' } }),
      newUser('jo', { [URN.enterpriseUser]: { employeeNumber: '1' }, title: 'Guide' }),
      newUser(`jo${'x'.repeat(600)}`, { nickName: 'long' }),
      newUser(`jo${'x'.repeat(600)}y`),
    ]
    const [anna, , bea] = users
    const middle = bea?.created ?? ''
    const inOtherZone = middle.replace('Z', '999999+00:00')

    test.each([
      'userName eq "ANNA"',
      'userName eq "nobody"',
      'userName ne "anna"',
      'userName sw "ann"',
      'userName sw "JO"',
      `userName sw "jo${'x'.repeat(400)}"`,
      `userName sw "jo${'x'.repeat(601)}"`,
      'userName sw ""',
      'userName sw "b"',
      'userName co "e"',
      'userName ew "a"',
      'userName gt "b"',
      'userName pr',
      'externalId eq "x"',
      'externalId eq "x" and active eq true and title eq "guide"',
      'externalId sw "X"',
      'externalId eq "x" or userName eq "jo"',
      'not (externalId eq "x")',
      'not (active eq true)',
      'active eq false',
      'active ne false',
      'emails.value eq "A@X.org"',
      'emails eq "a@x.org"',
      'emails[type eq "work" and value eq "a@x.org"]',
      'emails[type eq "home" and value eq "a@x.org"]',
      'emails[value sw "b@"]',
      'emails.type eq "work" and emails.value eq "b@x.org"',
      'not (emails[value eq "a@x.org"])',
      `${URN.enterpriseUser}:employeeNumber eq "1"`,
      'employeeNumber eq "1" and department eq "tours"',
      `id eq "${anna?.id}"`,
      `id eq "${anna?.id.toUpperCase()}"`,
      `id eq "${anna?.id}" and userName eq "bea"`,
      `id eq "${anna?.id}" or userName eq "bea"`,
      `id sw "${anna?.id.slice(0, 2)}"`,
      `name.familyName eq "O'Neil"`,
      `userName eq "x' or RowKey ge '"`,
      `externalId eq null`,
      `externalId ne null and active eq true`,
      `meta.created gt "${middle}"`,
      `meta.created ge "${middle}"`,
      `meta.created lt "${middle}"`,
      `meta.created le "${middle}" and active eq true`,
      `meta.created eq "${middle}"`,
      `meta.created ne "${middle}"`,
      `meta.created gt "${inOtherZone}"`,
      `meta.created lt "${inOtherZone}"`,
      `meta.created eq "${inOtherZone}"`,
      `meta.created lt "${middle.slice(0, -1)}"`,
      `meta.lastModified ge "2026-01-01T02:00:00+14:00"`,
      `meta.created gt "9999-12-31T23:59:59-14:00"`,
      `meta.created gt "0001-01-01T00:00:00+14:00"`,
      'active eq true and active eq false',
      'title eq "guide" and (active eq true or userName sw "j")',
    ])('%s finds what it finds in the whole list', async (text) => {
      const tenant = newTenant()
      await createAll(tenant, users)
      const filter = filterOf(text)
      const all = await open().store.list(tenant, USER, { startIndex: 1, count: 1000 })
      const expected = all.resources.filter((stored) =>
        matches(filter, toRepresentation(USER, stored)),
      )
      expect(await find(tenant, text)).toEqual(expected)
      const byPosition = await open().store.listFrom(tenant, USER, { count: 1000, filter })
      expect(byPosition.resources).toEqual(expected)
      expect(await total(tenant, USER, text)).toBe(expected.length)
    })
  })

  describe('filters on memberships', () => {
    test('find groups by member and users by group', async () => {
      const tenant = newTenant()
      const { memberships } = open()
      const [a, b, c] = [newUser('a'), newUser('b'), newUser('c')]
      const [one, two, empty] = ['One', 'Two', 'Empty'].map((displayName) =>
        newResource({ displayName }),
      )
      if (one === undefined || two === undefined || empty === undefined) throw new Error('none')
      await createAll(tenant, [a, b, c])
      await createAll(tenant, [one, two, empty], GROUP)
      const [first, second] = [aChange('members'), aChange('members')]
      await memberships.changeMembers(tenant, one.id, { add: asMembers(a, b), remove: [] }, first)
      await memberships.changeMembers(tenant, two.id, { add: asMembers(b), remove: [] }, second)
      const groupsBy = async (text: string): Promise<string[]> =>
        ids(await find(tenant, text, GROUP)).toSorted()
      const usersBy = async (text: string): Promise<string[]> =>
        ids(await find(tenant, text)).toSorted()

      expect(await groupsBy(`members eq "${a.id}"`)).toEqual(sorted(one))
      expect(await groupsBy(`members.value eq "${b.id}"`)).toEqual(sorted(one, two))
      expect(await groupsBy(`members[value eq "${b.id}"]`)).toEqual(sorted(one, two))
      expect(await groupsBy(`members.value eq "${c.id}"`)).toEqual([])
      expect(await groupsBy(`members.value eq "nobody"`)).toEqual([])
      expect(await groupsBy(`id eq "${one.id}" and members eq "${a.id}"`)).toEqual(sorted(one))
      expect(await groupsBy(`id eq "${two.id}" and members eq "${a.id}"`)).toEqual([])
      expect(await groupsBy(`displayName eq "one" and members eq "${a.id}"`)).toEqual(sorted(one))
      expect(await groupsBy(`displayName eq "two" and members eq "${a.id}"`)).toEqual([])
      expect(await groupsBy(`members eq "${a.id}" and members eq "${b.id}"`)).toEqual(sorted(one))
      expect(await groupsBy(`not (members eq "${a.id}")`)).toEqual(sorted(two, empty))
      expect(await groupsBy(`members eq "${a.id}" or displayName eq "empty"`)).toEqual(
        sorted(one, empty),
      )
      expect(await groupsBy(`members[value eq "${a.id}" or value eq "${b.id}"]`)).toEqual(
        sorted(one, two),
      )
      expect(await usersBy(`groups.value eq "${one.id}"`)).toEqual(sorted(a, b))
      expect(await usersBy(`groups eq "${two.id}"`)).toEqual(sorted(b))
      expect(await usersBy(`groups eq "${empty.id}"`)).toEqual([])
      expect(await usersBy(`not (groups eq "${two.id}")`)).toEqual(sorted(a, c))
      expect(await usersBy(`groups eq "${one.id}" and not (groups eq "${two.id}")`)).toEqual(
        sorted(a),
      )
      expect(await usersBy(`userName eq "b" and groups eq "${two.id}"`)).toEqual(sorted(b))
    })

    test.each([
      [GROUP, 'members pr'],
      [GROUP, 'members.value pr'],
      [GROUP, 'members ne "x"'],
      [GROUP, 'members.value sw "x"'],
      [GROUP, 'members.value co "x"'],
      [GROUP, 'members.display eq "x"'],
      [GROUP, 'members.type eq "User"'],
      [GROUP, 'members eq null'],
      [GROUP, 'members[type eq "User"]'],
      [GROUP, 'members[value eq "x" and type eq "User"]'],
      [GROUP, 'members[not (value eq "x")]'],
      [GROUP, 'displayName eq "x" and members pr'],
      [GROUP, 'not (members pr)'],
      [USER, 'groups pr'],
      [USER, 'groups.display eq "x"'],
      [USER, 'groups.value ne "x"'],
      [USER, 'userName eq "x" or groups.value gt "x"'],
    ])('of %o: %s is refused', async (resourceType, text) => {
      const filter = filterOf(text, resourceType)
      for (const work of [
        open().store.list(newTenant(), resourceType, { startIndex: 1, count: 1, filter }),
        open().store.listFrom(newTenant(), resourceType, { count: 1, filter }),
      ]) {
        const error = await refusalOf(() => work)
        expect(error.kind).toBe('invalidFilter')
        expect(error.detail).toContain('eq only')
      }
    })
  })

  describe('tenants', () => {
    test.each([
      ['tenant-a', 'tenant-b'],
      ['tenant-b', 'tenant-a'],
      ['tenant-a', 'tenant-a0'],
      ['tenant-a0', 'tenant-a'],
    ])('nothing of %s is seen or touched by %s', async (first, second) => {
      const { partitionKey } = newTenant()
      const [mine, yours] = [first, second].map((name) => scopeOf(`${partitionKey}-${name}`))
      if (mine === undefined || yours === undefined) throw new Error('no tenants')
      const { store } = open()
      const user = newUser('bjensen', { externalId: 'x', emails: [{ value: 'b@x.org' }] })
      const group = newResource({ displayName: 'Team' })
      await store.create(mine, USER, ...creation(user))
      await store.create(mine, GROUP, ...creation(group))
      const [ours, team] = [await read(mine, user.id), await read(mine, group.id, GROUP)]

      for (const [resourceType, stored] of [
        [USER, ours],
        [GROUP, team],
      ] as const) {
        expect(await store.get(yours, resourceType, stored.id)).toBeUndefined()
        const after = changed(stored, { ...stored.attributes, externalId: 'stolen' })
        expect(await store.replace(yours, resourceType, stored, ...replacement(after))).toBe(false)
        expect(await store.delete(yours, resourceType, stored, deletion())).toBe(false)
        const all = { startIndex: 1, count: 10 }
        const nothing = { totalResults: 0, resources: [] }
        expect(await store.list(yours, resourceType, all)).toEqual(nothing)
        expect(await store.listFrom(yours, resourceType, { count: 10 })).toEqual(nothing)
        for (const text of [`id eq "${stored.id}"`, 'externalId eq "x"', 'meta.created pr']) {
          const filter = filterOf(text, resourceType)
          expect(await store.list(yours, resourceType, { ...all, filter })).toEqual(nothing)
          const page = await store.listFrom(yours, resourceType, { count: 10, filter })
          expect(page).toEqual(nothing)
        }
      }
      for (const text of ['userName eq "bjensen"', 'emails eq "b@x.org"', 'userName sw "b"']) {
        expect(await find(yours, text)).toEqual([])
      }
      // The same names and ids are free for the other tenant, whose deletions do not reach over.
      await store.create(yours, USER, ...creation({ ...user, version: 'theirs' }))
      await store.create(yours, GROUP, ...creation({ ...group, version: 'theirs' }))
      expect(await read(mine, user.id)).toEqual(ours)
      expect(await store.delete(yours, USER, await read(yours, user.id), deletion())).toBe(true)
      expect(await store.delete(yours, GROUP, await read(yours, group.id, GROUP), deletion())).toBe(
        true,
      )
      expect(await read(mine, user.id)).toEqual(ours)
      expect(await read(mine, group.id, GROUP)).toEqual(team)
      expect(ids(await find(mine, 'userName eq "bjensen"'))).toEqual([user.id])
      expect([await total(mine, USER), await total(mine, GROUP)]).toEqual([1, 1])
    })
  })
}
