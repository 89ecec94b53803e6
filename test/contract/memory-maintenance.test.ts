import { describe, expect, test } from 'vitest'
import { USER } from '../../lib/scim/default-resource-types.ts'
import { memoryMaintenance } from '../../lib/storage/memory/maintenance.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { aChange, scopeOf } from '../support/changes.ts'
import { maintenanceStoreContract } from './maintenance-store.ts'

describe('the maintenance in memory', () => {
  maintenanceStoreContract(async () => memoryMaintenance())
})

test('partitions in memory are listed, counted and erased', async () => {
  const { resources, partitions, erase } = memoryStores()
  for (const key of ['b', 'a', 'c']) {
    const user = { id: `u-${key}`, created: '2026-11-22T08:00:00.000Z', attributes: {} }
    const change = aChange('create')
    await resources.create(scopeOf(key), USER, user, change)
  }
  expect(await partitions.list()).toEqual(['a', 'b', 'c'])
  expect(await partitions.next('a', 1)).toEqual(['b'])
  expect(await partitions.count('b')).toBe(1)
  expect(await erase('b', () => true)).toBe(0)
  expect(await erase('b')).toBe(1)
  expect(await resources.get(scopeOf('b'), USER, 'u-b')).toBeUndefined()
  expect(await partitions.list()).toEqual(['a', 'c'])
})
