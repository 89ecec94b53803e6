import { expect, test } from 'vitest'
import { createRuntime } from '../../lib/runtime.ts'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'

const { service, sign } = createRuntime(memoryStores())

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** The UUID versions of new ids. */
function versionsOf(resourceType: ResourceType): ReadonlySet<string | undefined> {
  const ids = Array.from({ length: 200 }, () => service.newId(resourceType))
  return new Set(ids.map((id) => UUID.exec(id)?.[1]))
}

test('no user and no group can have the same id: they are UUIDs of different versions', () => {
  expect(versionsOf(USER)).toEqual(new Set(['4']))
  expect(versionsOf(GROUP)).toEqual(new Set(['8']))
})

test('ids and versions are new each time', () => {
  for (const make of [() => service.newId(USER), () => service.newId(GROUP), service.newVersion]) {
    expect(new Set(Array.from({ length: 1000 }, make)).size).toBe(1000)
  }
})

test('versions need no escaping in an ETag', () => {
  for (let i = 0; i < 200; i += 1) expect(service.newVersion()).toMatch(/^[A-Za-z0-9_-]{12}$/)
})

test('a signature depends on the key and on the text', () => {
  const signatures = [sign('a', 'text'), sign('b', 'text'), sign('a', 'texts'), sign('a', 'text')]
  expect(new Set(signatures).size).toBe(3)
  for (const signature of signatures) expect(signature).toMatch(/^[A-Za-z0-9_-]{43}$/)
})

test('the requests of tenants are noted when the app asks for it', () => {
  const stores = memoryStores()
  expect(createRuntime(stores).activity).toBeUndefined()
  expect(createRuntime(stores, { notesActivity: true }).activity).toBeDefined()
})
