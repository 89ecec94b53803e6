import { describe, expect, test } from 'vitest'
import type { MaintenanceStore } from '../../lib/storage/tenant-port.ts'

const AT = Date.parse('2026-11-22T08:00:00.000Z')
const MINUTE = 60 * 1000

function at(minutes: number): Date {
  return new Date(AT + minutes * MINUTE)
}

/** What every MaintenanceStore does; `makeStore` gives an empty one each time. */
export function maintenanceStoreContract(makeStore: () => Promise<MaintenanceStore>): void {
  describe('the lease', () => {
    test('is one’s until its time is over, or it is given back', async () => {
      const store = await makeStore()
      expect(await store.acquire('a', at(0), at(2))).toBe(true)
      expect(await store.acquire('b', at(1), at(3))).toBe(false)
      expect(await store.acquire('a', at(1), at(3))).toBe(true)
      expect(await store.acquire('b', at(2), at(4))).toBe(false)
      expect(await store.acquire('b', at(3), at(5))).toBe(true)
      await store.release('a')
      expect(await store.acquire('c', at(4), at(6))).toBe(false)
      await store.release('b')
      await store.release('b')
      expect(await store.acquire('c', at(4), at(6))).toBe(true)
    })

    test('is one’s when many want it at the same time, free or over', async () => {
      const store = await makeStore()
      for (const minutes of [0, 10]) {
        const wanted = ['a', 'b', 'c', 'd', 'e'].map((name) =>
          store.acquire(`${name}${String(minutes)}`, at(minutes), at(minutes + 1)),
        )
        expect((await Promise.all(wanted)).filter(Boolean)).toHaveLength(1)
      }
    })
  })

  test('a task is as it was kept last', async () => {
    const store = await makeStore()
    expect(await store.task('orphans')).toBeUndefined()
    const started = at(0).toISOString()
    await store.keepTask('orphans', { started, after: 'acme_0123456789abcdef' })
    await store.keepTask('other', { started: at(1).toISOString() })
    expect(await store.task('orphans')).toEqual({ started, after: 'acme_0123456789abcdef' })
    await store.keepTask('orphans', { started })
    expect(await store.task('orphans')).toEqual({ started })
  })
}
