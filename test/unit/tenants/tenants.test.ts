import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { memoryTenantStore } from '../../../lib/storage/memory/tenants.ts'
import type { TenantStore } from '../../../lib/storage/tenant-port.ts'
import {
  beginDeletion,
  changeTenant,
  CREDENTIAL_CACHE_SECONDS,
  createTenant,
  deleteTenant,
  LONGEST_REQUEST_SECONDS,
  renameTenant,
  requireTenant,
  secondsToSettle,
  setTenantStatus,
} from '../../../lib/tenants/tenants.ts'
import { issueToken } from '../../../lib/tenants/tokens.ts'

const HOST = z.object({ functionTimeout: z.string() })

const NOW = new Date('2026-11-22T08:00:00.000Z')

async function nothing(): Promise<void> {
  // No instance has to be waited for.
}

async function storeWith(...ids: readonly string[]): Promise<TenantStore> {
  const store = memoryTenantStore()
  for (const id of ids) await createTenant(store, { id, now: NOW })
  return store
}

describe('createTenant', () => {
  test('keeps an enabled tenant with a signing key of 32 random bytes', async () => {
    const store = memoryTenantStore()
    const tenant = await createTenant(store, { id: 'acme-1', name: '  Acme Inc. ', now: NOW })
    const { signingKey, partitionKey, version, ...rest } = tenant
    expect(version).toMatch(/^[a-z0-9]{16}$/)
    expect(partitionKey).toMatch(/^acme-1_[a-z0-9]{16}$/)
    expect(rest).toEqual({
      id: 'acme-1',
      name: 'Acme Inc.',
      status: 'enabled',
      created: '2026-11-22T08:00:00.000Z',
      settings: {},
      indexes: { complete: ['manager', 'level', 'familyName', 'givenName'] },
    })
    expect(Buffer.from(signingKey, 'base64url')).toHaveLength(32)
    expect(await store.get('acme-1')).toEqual(tenant)
    const other = await createTenant(store, { id: 'acme-2', now: NOW })
    expect(other.signingKey).not.toBe(tenant.signingKey)
    expect(other.name).toBe('acme-2')
  })

  test('gives a tenant another partition than an earlier one of the same id had', async () => {
    const store = await storeWith('acme')
    const before = await requireTenant(store, 'acme')
    await store.delete(before)
    const later = await createTenant(store, { id: 'acme', now: NOW })
    expect(later.partitionKey).not.toBe(before.partitionKey)
  })

  test.each(['', 'Acme', 'acme inc', 'acme_inc', 'a/b', 'ä', 'a'.repeat(33)])(
    'refuses the id %j',
    async (id) => {
      const created = createTenant(memoryTenantStore(), { id, now: NOW })
      await expect(created).rejects.toThrow(/^invalidValue: .*tenant id .*32.*a-z, 0-9 and -/)
    },
  )

  test.each(['a\u001B[2Jb', 'a\nb', 'a\u202Eb', 'a'.repeat(201)])(
    'refuses the name %j, which a terminal would not show as it is',
    async (name) => {
      const created = createTenant(memoryTenantStore(), { id: 'acme', name, now: NOW })
      await expect(created).rejects.toThrow(/^invalidValue: .*name of the tenant .*200/)
    },
  )

  test('refuses an id that is taken and leaves the tenant as it is', async () => {
    const store = await storeWith('acme')
    const before = await store.get('acme')
    const again = createTenant(store, { id: 'acme', name: 'Other', now: NOW })
    await expect(again).rejects.toMatchObject({ kind: 'uniqueness', status: 409 })
    expect(await store.get('acme')).toEqual(before)
  })
})

describe('a tenant that is not there', () => {
  test('is told with those that are', async () => {
    const store = await storeWith('demo', 'contoso')
    await expect(requireTenant(store, 'acme')).rejects.toMatchObject({
      kind: 'notFound',
      detail: 'no tenant acme; there are: contoso, demo',
    })
  })

  test('is told when there is none at all', async () => {
    await expect(requireTenant(await storeWith(), 'acme')).rejects.toMatchObject({
      detail: 'no tenant acme; there is none yet',
    })
  })

  test('is told with a list that ends', async () => {
    const ids = Array.from({ length: 22 }, (_, n) => `t${String(n).padStart(2, '0')}`)
    await expect(requireTenant(await storeWith(...ids), 'acme')).rejects.toThrow(
      /t00, t01, .*, t19 and 2 more$/,
    )
  })

  test.each([
    ['enabled', 'enabled' as const],
    ['disabled', 'disabled' as const],
  ])('is not %s', async (_, status) => {
    const changed = setTenantStatus(await storeWith('demo'), 'acme', status)
    await expect(changed).rejects.toMatchObject({ kind: 'notFound' })
  })
})

describe('setTenantStatus', () => {
  test('disables and enables, each as often as one likes', async () => {
    const store = await storeWith('acme')
    for (const status of ['disabled', 'disabled', 'enabled', 'enabled'] as const) {
      expect(await setTenantStatus(store, 'acme', status)).toMatchObject({ status })
      expect(await store.get('acme')).toMatchObject({ status, name: 'acme' })
    }
  })

  test('does not write what is so already', async () => {
    const store = await storeWith('acme')
    const changed = { ...store, update: () => Promise.reject(new Error('written')) }
    expect((await setTenantStatus(changed, 'acme', 'enabled')).status).toBe('enabled')
  })

  test.each(['enabled', 'disabled'] as const)(
    'to %s is refused while the tenant is being deleted, also when that began in between',
    async (status) => {
      const store = await storeWith('acme')
      await setTenantStatus(store, 'acme', status === 'enabled' ? 'disabled' : 'enabled')
      const stale = await requireTenant(store, 'acme')
      await store.update('acme', () => ({ status: 'deleting' }))
      for (const each of [store, { ...store, get: async () => stale }]) {
        await expect(setTenantStatus(each, 'acme', status)).rejects.toMatchObject({
          kind: 'mutability',
          detail: 'tenant acme is being deleted, which cannot be undone; delete acme finishes it',
        })
      }
      expect(await store.get('acme')).toMatchObject({ status: 'deleting' })
    },
  )
})

test('the longest request is what host.json allows', () => {
  const { functionTimeout } = HOST.parse(JSON.parse(readFileSync('host.json', 'utf8')))
  const [hours = NaN, minutes = NaN, seconds = NaN] = functionTimeout.split(':').map(Number)
  expect(LONGEST_REQUEST_SECONDS).toBe((hours * 60 + minutes) * 60 + seconds)
})

describe('renameTenant', () => {
  test('changes the name and nothing else', async () => {
    const store = await storeWith('acme')
    const before = await requireTenant(store, 'acme')
    const renamed = await renameTenant(store, 'acme', ' Acme Inc. ')
    const { version } = renamed
    expect(renamed).toEqual({ ...before, name: 'Acme Inc.', version })
    expect(version).not.toBe(before.version)
    expect(await store.get('acme')).toEqual(renamed)
  })

  test('keeps what somebody else changed at the same moment', async () => {
    const store = await storeWith('acme')
    await Promise.all([
      renameTenant(store, 'acme', 'Acme Inc.'),
      setTenantStatus(store, 'acme', 'disabled'),
    ])
    expect(await store.get('acme')).toMatchObject({ name: 'Acme Inc.', status: 'disabled' })
  })

  test.each([
    ['', 'must not be empty'],
    ['  ', 'must not be empty'],
    ['a\nb', 'all of them printable'],
    ['x'.repeat(201), 'at most 200 characters'],
  ])('refuses the name %j', async (name, message) => {
    const store = await storeWith('acme')
    await expect(renameTenant(store, 'acme', name)).rejects.toThrow(message)
    expect(await store.get('acme')).toMatchObject({ name: 'acme' })
  })

  test('refuses a tenant that is not there, or is being deleted', async () => {
    const store = await storeWith('acme', 'gone')
    await expect(renameTenant(store, 'amce', 'x')).rejects.toThrow('there are: acme, gone')
    await store.update('gone', () => ({ status: 'deleting' }))
    await expect(renameTenant(store, 'gone', 'x')).rejects.toThrow('is being deleted')
  })
})

describe('deleteTenant', () => {
  test('refuses it, waits for all requests, removes the resources, the tenant, and looks again', async () => {
    const store = await storeWith('acme', 'demo')
    await issueToken(store, 'acme', { now: NOW })
    const { partitionKey } = await requireTenant(store, 'acme')
    const steps: string[] = []
    const status = async (): Promise<string> => (await store.get('acme'))?.status ?? 'gone'
    const removed = await deleteTenant(store, 'acme', {
      settle: async (seconds) => {
        expect(seconds).toBe(CREDENTIAL_CACHE_SECONDS + LONGEST_REQUEST_SECONDS)
        steps.push(`settle: ${await status()}`)
      },
      erase: async (key) => {
        steps.push(`erase ${key === partitionKey ? 'its partition' : key}: ${await status()}`)
        return steps.length === 2 ? 7 : 1
      },
    })
    expect(steps).toEqual([
      'settle: deleting',
      'erase its partition: deleting',
      'erase its partition: gone',
    ])
    expect(removed).toBe(8)
    expect(await store.get('acme')).toBeUndefined()
    expect(await store.credentials('acme')).toEqual([])
    expect(await store.get('demo')).toMatchObject({ status: 'enabled' })
  })

  test('that was interrupted leaves a tenant that is refused, and can be repeated', async () => {
    const store = await storeWith('acme')
    const failing = deleteTenant(store, 'acme', {
      settle: nothing,
      erase: () => Promise.reject(new Error('interrupted')),
    })
    await expect(failing).rejects.toThrow('interrupted')
    expect(await store.get('acme')).toMatchObject({ status: 'deleting' })
    await expect(issueToken(store, 'acme', { now: NOW })).rejects.toThrow(/being deleted/)
    await deleteTenant(store, 'acme', { settle: nothing, erase: async () => 0 })
    expect(await store.get('acme')).toBeUndefined()
  })

  test('of a tenant that is not there removes nothing', async () => {
    const erased: string[] = []
    const deleted = deleteTenant(await storeWith('demo'), 'acme', {
      settle: nothing,
      erase: async (id) => erased.push(id),
    })
    await expect(deleted).rejects.toMatchObject({ kind: 'notFound' })
    expect(erased).toEqual([])
  })
})

describe('changeTenant', () => {
  test('changes all that it is told at once, and takes a reference away', async () => {
    const store = await storeWith('acme')
    const before = await requireTenant(store, 'acme')
    const change = { name: ' Acme ', reference: ' CRM-1 ', status: 'disabled' } as const
    const changed = await changeTenant(store, 'acme', change, { ifMatch: before.version })
    expect(changed).toMatchObject({ name: 'Acme', reference: 'CRM-1', status: 'disabled' })
    expect(await store.summary(changed)).toMatchObject({ reference: 'CRM-1', status: 'disabled' })
    for (const reference of [null, '  ']) {
      await changeTenant(store, 'acme', { reference: 'CRM-2' })
      const without = await changeTenant(store, 'acme', { reference })
      expect(without).not.toHaveProperty('reference')
    }
  })

  test('of settings sees those of that moment, keeps unknown ones, and refuses wrong values', async () => {
    const store = await storeWith('acme')
    await changeTenant(store, 'acme', { settings: { later: { a: 1 }, requestsPerSecond: 50 } })
    const changed = await changeTenant(store, 'acme', {
      settings: (now) => ({ ...now, accessTokenHours: 6 }),
    })
    const settings = { later: { a: 1 }, requestsPerSecond: 50, accessTokenHours: 6 }
    expect(changed.settings).toEqual(settings)
    for (const requestsPerSecond of [24, 1001, 25.5, '50', null]) {
      const wrong = changeTenant(store, 'acme', { name: 'x', settings: { requestsPerSecond } })
      await expect(wrong).rejects.toThrow(/^invalidValue: the setting requestsPerSecond: /)
    }
    expect(await requireTenant(store, 'acme')).toEqual(changed)
  })

  test('refuses another version, and a tenant that is being deleted', async () => {
    const store = await storeWith('acme')
    const late = changeTenant(store, 'acme', { name: 'x' }, { ifMatch: 'other' })
    await expect(late).rejects.toMatchObject({ kind: 'preconditionFailed' })
    await beginDeletion(store, 'acme', NOW)
    await expect(changeTenant(store, 'acme', { reference: 'x' })).rejects.toThrow('being deleted')
  })

  test.each(['x'.repeat(101), 'a\nb'])('refuses the reference %j', async (reference) => {
    const store = await storeWith('acme')
    await expect(changeTenant(store, 'acme', { reference })).rejects.toThrow('at most 100')
    const created = createTenant(store, { id: 'demo', reference, now: NOW })
    await expect(created).rejects.toThrow('the reference of the tenant must have at most 100')
  })
})

describe('beginDeletion', () => {
  test('marks the tenant, keeps when it was begun, and says how long to wait', async () => {
    const store = await storeWith('acme')
    const begun = await beginDeletion(store, 'acme', NOW)
    const deletion = { started: NOW.toISOString(), phase: 'settling', rows: 0 }
    expect(begun).toMatchObject({ status: 'deleting', deletion })
    const later = new Date(NOW.getTime() + 100_000)
    expect(await beginDeletion(store, 'acme', later)).toEqual(begun)
    expect(await store.summary(begun)).toMatchObject({ status: 'deleting' })
    expect(secondsToSettle(begun, NOW)).toBe(180)
    expect(secondsToSettle(begun, later)).toBe(80)
    expect(secondsToSettle(begun, new Date(NOW.getTime() + 180_000))).toBe(0)
    // A clock that is behind, and a date that somebody else has written.
    expect(secondsToSettle(begun, new Date(NOW.getTime() - 1))).toBe(180)
    const damaged = { ...begun, deletion: { started: '', phase: 'settling', rows: 0 } } as const
    expect(secondsToSettle(damaged, later)).toBe(180)
  })

  test('refuses another version, and no tenant', async () => {
    const store = await storeWith('acme')
    const late = beginDeletion(store, 'acme', NOW, { ifMatch: 'other' })
    await expect(late).rejects.toMatchObject({ kind: 'preconditionFailed' })
    await expect(beginDeletion(store, 'amce', NOW)).rejects.toThrow('there are: acme')
  })
})
