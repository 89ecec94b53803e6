import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { changedPeople, listPeople } from '../../../lib/people/people.ts'
import { peopleOf } from '../../../lib/people/people-context.ts'
import { tenantTypes } from '../../../lib/people/tenant-types.ts'
import { createRuntime, type Stores } from '../../../lib/runtime.ts'
import { DEFAULT_RESOURCE_TYPES, USER } from '../../../lib/scim/default-resource-types.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { issueCredential } from '../../../lib/tenants/credentials.ts'
import { changeTenant, createTenant, deleteTenant } from '../../../lib/tenants/tenants.ts'
import { issueToken } from '../../../lib/tenants/tokens.ts'
import { contentsOf, exportOf, importOf, partsOn, placeOf } from '../../support/backup.ts'
import { take } from '../../support/backup-history.ts'
import { aChange, deletion } from '../../support/changes.ts'
import { aDefinition } from '../../support/definitions.ts'
import { refusalOf } from '../../support/refusal.ts'

const NOW = new Date()
const ENTRA = '9122040d-6c67-4c5b-b112-36a304b66dad'

let from: Stores
let to: Stores

beforeEach(async () => {
  from = memoryStores()
  to = memoryStores()
  const settings = { deletionPolicy: 'deactivate', requestsPerSecond: 50 }
  const acme = { id: 'acme', name: 'Acme Inc.', reference: 'C-4711', settings, now: NOW }
  await createTenant(from.tenants, acme)
  for (const place of [0, 1, 2, 3]) {
    for (const does of ['come', 'come', 'found', 'join', 'gather', 'take'] as const) {
      await take(from, 'acme', { does, name: place, other: 0, place })
    }
  }
  for (const does of ['hide', 'declare', 'rename'] as const) {
    await take(from, 'acme', { does, name: 0, other: 0, place: 0 })
  }
})

async function aCopy(id = 'copy'): Promise<void> {
  await createTenant(to.tenants, { id, now: NOW })
}

describe('into a tenant of another id', () => {
  test('everything comes, with name, reference and settings; the copy says that it came by the CLI, and when', async () => {
    await aCopy()
    const before = new Date().toISOString()
    const imported = await importOf(partsOn(to), 'copy', await exportOf(partsOn(from), 'acme'))
    const original = await contentsOf(from, 'acme')
    expect(await contentsOf(to, 'copy')).toEqual(original)
    expect(imported).toMatchObject({
      from: { id: 'acme', name: 'Acme Inc.' },
      whole: true,
      brought: { users: original.users.length, hidden: 1, groups: original.groups.length },
      there: 0,
      left: { count: 0, first: [] },
    })
    const copy = await to.tenants.get('copy')
    if (copy === undefined) throw new Error('there is no copy')
    const { entries } = await to.activity.read(copy, { count: 1000, tables: ['users', 'groups'] })
    expect(entries.length).toBeGreaterThan(original.users.length)
    for (const entry of entries) {
      expect(entry.author).toEqual({ actor: 'cli' })
      expect(entry.at >= before).toBe(true)
    }
  })

  test('no line has a secret, a hash, the key of cursors, or the PartitionKey', async () => {
    const { secretToken } = await issueToken(from.tenants, 'acme', { now: NOW })
    const [credential] = await from.tenants.credentials('acme')
    const tenant = await from.tenants.get('acme')
    const hash = credential?.kind === 'token' ? credential.secretHash : ''
    const file = (await exportOf(partsOn(from), 'acme')).toString()
    const secrets = [secretToken, hash, tenant?.signingKey ?? '', tenant?.partitionKey ?? '']
    for (const secret of secrets) {
      expect(secret).not.toBe('')
      expect(file).not.toContain(secret)
    }
    const withHash = await exportOf(partsOn(from), 'acme', { withCredentials: true })
    expect(withHash.toString()).toContain(hash)
    for (const secret of secrets.filter((each) => each !== hash)) {
      expect(withHash.toString()).not.toContain(secret)
    }
  })

  test('credentials in the file are left alone, and refused where they are asked for', async () => {
    await issueToken(from.tenants, 'acme', { now: NOW })
    const file = await exportOf(partsOn(from), 'acme', { withCredentials: true })
    await aCopy()
    const { kind, detail } = await refusalOf(() =>
      importOf(partsOn(to), 'copy', file, { withCredentials: true }),
    )
    expect([kind, detail]).toEqual([
      'invalidValue',
      expect.stringContaining('are good for the tenant acme alone, not for copy'),
    ])
    expect((await contentsOf(to, 'copy')).users).toEqual([])
    await importOf(partsOn(to), 'copy', file)
    expect(await to.tenants.credentials('copy')).toEqual([])
  })
})

test('credentials of an Entra tenant that another tenant has are refused before anything is written, by a dry run as well', async () => {
  const issued = { kind: 'entra', entraTenantId: ENTRA } as const
  await issueCredential(from.tenants, 'acme', issued, NOW)
  const file = await exportOf(partsOn(from), 'acme', { withCredentials: true })
  await aCopy('other')
  await aCopy('acme')
  await issueCredential(to.tenants, 'other', issued, NOW)
  for (const dryRun of [true, false]) {
    const options = { withCredentials: true, dryRun }
    const { kind, detail } = await refusalOf(() => importOf(partsOn(to), 'acme', file, options))
    expect([kind, detail]).toEqual([
      'uniqueness',
      expect.stringContaining('another tenant already'),
    ])
  }
  expect((await contentsOf(to, 'acme')).users).toEqual([])
  await to.tenants.update('other', () => ({ status: 'deleting' }))
  await deleteTenant(to.tenants, 'other', { settle: async () => undefined, erase: to.erase })
  const dry = { withCredentials: true, dryRun: true }
  const rehearsed = await importOf(partsOn(to), 'acme', file, dry)
  expect(rehearsed.brought.credentials).toBe(1)
  expect(await to.tenants.credentials('acme')).toEqual([])
  const imported = await importOf(partsOn(to), 'acme', file, { withCredentials: true })
  expect(imported).toEqual(rehearsed)
})

describe('a tenant that has people', () => {
  test('is refused, whatever it has, unless the import goes on', async () => {
    const file = await exportOf(partsOn(from), 'acme')
    for (const does of ['come', 'found', 'gather'] as const) {
      const id = `has-${does}`
      await aCopy(id)
      await take(to, id, { does, name: 5, other: 0, place: 0 })
      const { kind, detail } = await refusalOf(() => importOf(partsOn(to), id, file))
      expect([kind, detail]).toEqual(['mutability', expect.stringMatching(/give --resume/)])
    }
  })

  test('that was changed since an import was interrupted keeps what was changed', async () => {
    const file = await exportOf(partsOn(from), 'acme')
    await aCopy()
    await importOf(partsOn(to), 'copy', file)
    const { scope, users, groups } = await placeOf(to, 'copy')
    const [user] = (await to.resources.listFrom(scope, users, { count: 1 })).resources
    const [group] = (await to.resources.listFrom(scope, groups, { count: 1 })).resources
    if (user === undefined || group === undefined) throw new Error('there is nobody')
    const attributes = { ...user.attributes, displayName: 'Changed' }
    await to.resources.replace(scope, users, user, attributes, aChange('put'))
    const one = { add: [{ value: 'x', type: 'User' as const }], remove: [] }
    await to.memberships.changeMembers(scope, group.id, one, aChange('members'))
    const changed = await contentsOf(to, 'copy')
    const { left, brought } = await importOf(partsOn(to), 'copy', file, { resume: true })
    expect(left).toEqual({
      count: 2,
      first: [
        `user ${user.id}: it is there in another version`,
        `group ${group.id}: it is there in another version`,
      ],
    })
    expect(brought).toMatchObject({ users: 0, groups: 0, members: 0, membersByHand: 0 })
    expect(await contentsOf(to, 'copy')).toEqual(changed)
  })

  test.each([1, 3, 8, 20, 40])(
    'is whole when an import that ended behind %i writes goes on',
    async (writes) => {
      const file = await exportOf(partsOn(from), 'acme')
      await aCopy()
      let left = writes
      const bring: Stores['resources']['bring'] = async (...args) => {
        left -= 1
        if (left < 0) throw new TypeError('the machine is off')
        return to.resources.bring(...args)
      }
      const changeMembers: Stores['memberships']['changeMembers'] = async (...args) => {
        left -= 1
        if (left < 0) throw new TypeError('the machine is off')
        return to.memberships.changeMembers(...args)
      }
      const ending = {
        ...to,
        resources: { ...to.resources, bring },
        memberships: { ...to.memberships, changeMembers },
      }
      await importOf(partsOn(ending), 'copy', file).catch(() => undefined)
      const { left: leftOut } = await importOf(partsOn(to), 'copy', file, { resume: true })
      expect(leftOut.count).toBe(0)
      expect(await contentsOf(to, 'copy')).toEqual(await contentsOf(from, 'acme'))
    },
  )
})

test('a dry run says what would be brought, and writes nothing', async () => {
  const file = await exportOf(partsOn(from), 'acme')
  await aCopy()
  const before = await contentsOf(to, 'copy')
  const rehearsed = await importOf(partsOn(to), 'copy', file, { dryRun: true })
  expect(await contentsOf(to, 'copy')).toEqual(before)
  expect(await importOf(partsOn(to), 'copy', file)).toEqual(rehearsed)
})

test('an attribute that the tenant has declared otherwise is refused before anything is written', async () => {
  const file = await exportOf(partsOn(from), 'acme')
  await aCopy()
  await to.tenants.addDefinition('copy', () => ({
    ...aDefinition('COSTCENTRE', { type: 'integer' }),
    created: NOW.toISOString(),
  }))
  const { kind, detail } = await refusalOf(() => importOf(partsOn(to), 'copy', file))
  expect([kind, detail]).toEqual(['uniqueness', expect.stringContaining('COSTCENTRE otherwise')])
  expect((await contentsOf(to, 'copy')).users).toEqual([])
})

test('two who have one name, as a file may have them that is not whole, are told; the others come', async () => {
  await take(from, 'acme', { does: 'come', name: 6, other: 2, place: 0 })
  const file = (await exportOf(partsOn(from), 'acme')).toString()
  await aCopy()
  await take(to, 'copy', { does: 'come', name: 6, other: 2, place: 0 })
  const { left } = await importOf(partsOn(to), 'copy', Buffer.from(file), { resume: true })
  expect(left).toEqual({
    count: 1,
    first: [expect.stringMatching(/^user \S+: Another User has this userName: id \S+$/)],
  })
  expect((await contentsOf(to, 'copy')).users).toHaveLength(
    (await contentsOf(from, 'acme')).users.length,
  )
})

test('a tenant that is being deleted is neither exported nor imported into', async () => {
  const file = await exportOf(partsOn(from), 'acme')
  for (const stores of [from]) {
    await stores.tenants.update('acme', () => ({ status: 'deleting' }))
    expect((await refusalOf(() => exportOf(partsOn(stores), 'acme'))).kind).toBe('mutability')
    expect((await refusalOf(() => importOf(partsOn(stores), 'acme', file))).kind).toBe('mutability')
  }
})

describe('a tenant that was deleted and is made again from its file', () => {
  const steps = { settle: async (): Promise<void> => undefined, now: NOW }

  async function restored(file: Buffer): Promise<void> {
    await deleteTenant(from.tenants, 'acme', { ...steps, erase: from.erase })
    await createTenant(from.tenants, { id: 'acme', now: NOW })
    await importOf(partsOn(from), 'acme', file, { withCredentials: true })
  }

  test('takes the tokens that were out: no customer notices', async () => {
    const { secretToken } = await issueToken(from.tenants, 'acme', { now: NOW, label: 'Okta' })
    const issued = { kind: 'entra', entraTenantId: ENTRA } as const
    await issueCredential(from.tenants, 'acme', issued, NOW)
    const { token } = await issueToken(from.tenants, 'acme', { now: NOW })
    await from.tenants.updateCredential('acme', token.id, () => ({ revoked: NOW.toISOString() }))
    await restored(await exportOf(partsOn(from), 'acme', { withCredentials: true }))
    const { tenantId } = await createRuntime(from).authenticate(`Bearer ${secretToken}`)
    expect(tenantId).toBe('acme')
    const kept = await from.tenants.credentials('acme')
    const told = kept.map(({ kind, label }) => `${kind} ${label}`)
    expect(told.toSorted()).toEqual(['entra ', 'token Okta'])
    const tenant = await from.tenants.get('acme')
    expect(tenant?.takesEntraTokens).toBe(true)
    expect(await from.tenants.issuerOf(ENTRA)).toMatchObject({ partitionKey: tenant?.partitionKey })
  })

  test('answers a position from before with "start again", and none of its people', async () => {
    const contextOf = async (): Promise<ReturnType<typeof peopleOf>> => {
      const declared = await from.tenants.definitions('acme')
      if (declared === undefined) throw new Error('there is no tenant')
      const { service, sign } = createRuntime(from)
      const parts = {
        service,
        sides: { scim: from.memberships, manual: from.teams },
        sign,
        activity: from.activity,
        typesOf: tenantTypes(DEFAULT_RESOURCE_TYPES),
      }
      return peopleOf(parts, declared, { actor: 'cli' })
    }
    const { items, position, nextCursor } = await listPeople(await contextOf(), { count: 2 })
    expect(items).toHaveLength(2)
    await issueToken(from.tenants, 'acme', { now: NOW })
    await restored(await exportOf(partsOn(from), 'acme', { withCredentials: true }))
    const context = await contextOf()
    const since = { changedSince: position, cursor: undefined }
    const changes = await refusalOf(() => changedPeople(context, since, 100))
    const page = await refusalOf(() => listPeople(context, { cursor: nextCursor, count: 2 }))
    for (const { kind, detail } of [changes, page]) {
      expect(kind).toBe('invalidCursor')
      expect(detail).toMatch(/Read everything again|Start again/)
    }
    const again = await listPeople(context, { count: 1000 })
    expect(again.items.map(({ id }) => id)).toEqual(
      expect.arrayContaining(items.map(({ id }) => id)),
    )
  })
})

test('what came while nobody looked is not lost: a person who was deleted meanwhile is not brought', async () => {
  const { scope, users } = await placeOf(from, 'acme')
  const { resources } = from
  const [first] = (await resources.listFrom(scope, users, { count: 1 })).resources
  if (first === undefined) throw new Error('there is nobody')
  let isDone = false
  const listHidden: Stores['resources']['listHidden'] = async (...args) => {
    const gone = { ...deletion(), position: `${Date.now()}-${randomUUID().slice(0, 8)}` }
    const change = { ...gone, note: { type: USER.name, subject: first.id } }
    if (!isDone) await resources.delete(scope, users, first, change)
    isDone = true
    return resources.listHidden(...args)
  }
  const file = await exportOf(partsOn({ ...from, resources: { ...resources, listHidden } }), 'acme')
  expect(file.toString()).toContain(`{"kind":"removed","of":"user","id":"${first.id}"}`)
  await aCopy()
  await importOf(partsOn(to), 'copy', file)
  expect(await contentsOf(to, 'copy')).toEqual(await contentsOf(from, 'acme'))
})

test('settings that are not known here are left out, and told', async () => {
  await changeTenant(from.tenants, 'acme', { settings: (all) => ({ ...all, ofTomorrow: true }) })
  const file = await exportOf(partsOn(from), 'acme')
  await aCopy()
  const { unknownSettings } = await importOf(partsOn(to), 'copy', file)
  expect(unknownSettings).toEqual(['ofTomorrow'])
  expect((await to.tenants.get('copy'))?.settings).toEqual({
    deletionPolicy: 'deactivate',
    requestsPerSecond: 50,
  })
})
