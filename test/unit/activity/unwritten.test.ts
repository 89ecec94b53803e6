import { beforeEach, describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { endRuntime } from '../../../lib/runtime.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { memoryStores, type MemoryStores } from '../../../lib/storage/memory/stores.ts'
import { ENTRA, openScene, type Scene } from '../../support/activity-scene.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

let stores: MemoryStores
let scene: Scene
let send: Awaited<ReturnType<Scene['client']>>
/** How often the uses of a tenant were written. */
let writes: number
/** Runs inside the next read of hours, once. */
let whileReading: () => Promise<void>

beforeEach(async () => {
  stores = memoryStores()
  writes = 0
  whileReading = async () => undefined
  const { activity } = stores
  const counting = {
    ...activity,
    noteUse: async (...args: Parameters<typeof activity.noteUse>) => {
      writes += 1
      await activity.noteUse(...args)
    },
    hours: async (...args: Parameters<typeof activity.hours>) => {
      const hours = await activity.hours(...args)
      const work = whileReading
      whileReading = async () => undefined
      await work()
      return hours
    },
  }
  scene = await openScene({ ...stores, activity: counting }, '2026-11-27T10:00:00.000Z')
  send = await scene.client('contoso', 'Entra ID', ENTRA)
})

const later = (milliseconds: number): void => {
  scene.at = new Date(scene.at.getTime() + milliseconds)
}

const person = (userName: string, more: JsonObject = {}): JsonObject => ({
  schemas: [URN.user],
  userName,
  ...more,
})

async function burst(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await send('POST', '/Users', person(`u${n}@contoso.example`))
    later(100)
  }
}

const ask = async (path: string): Promise<JsonObject> =>
  (await scene.manage('GET', `tenants/contoso${path}`)).json

describe('what is counted and not written yet', () => {
  test('is told all the same by the instance that has counted it', async () => {
    await burst(10)
    expect(writes).toBe(1)
    const counts = { requests: 10, served: 10, writes: 10 }
    expect(await scene.health('contoso')).toMatchObject({
      state: 'healthy',
      lastRequest: '2026-11-27T10:00:00.900Z',
      lastSuccess: '2026-11-27T10:00:00.900Z',
      client: 'entra',
      last24Hours: counts,
    })
    expect(await ask('/stats')).toMatchObject({ items: [counts] })
    expect(await ask('/connection')).toMatchObject({
      items: [{ last: '2026-11-27T10:00:00.900Z', lastSuccess: '2026-11-27T10:00:00.900Z' }],
    })
    expect(await ask('/attributes/seen')).toMatchObject({
      items: [{ path: 'userName', count: 10 }],
    })
    for (const answer of [await ask(''), await listed()]) {
      expect(answer).toMatchObject({ lastRequest: '2026-11-27T10:00:00.900Z' })
    }
  })

  test('is not counted twice once it is written', async () => {
    await burst(5)
    later(MINUTE)
    await send('GET', '/Users?count=0')
    expect(writes).toBe(2)
    expect((await scene.health('contoso')).last24Hours).toMatchObject({ requests: 6, served: 6 })
    expect(await ask('/attributes/seen')).toMatchObject({ items: [{ path: 'userName', count: 5 }] })
  })

  test('nor when it is written while somebody reads', async () => {
    await burst(5)
    whileReading = async () => {
      later(MINUTE)
      await send('GET', '/Users?count=0')
    }
    expect((await scene.health('contoso')).last24Hours).toMatchObject({ requests: 6, served: 6 })
  })

  test('has what a look-up that was told as served came to', async () => {
    vi.spyOn(stores.resources, 'get').mockRejectedValueOnce(new Error('down'))
    await send('GET', '/Users/1')
    expect((await scene.health('contoso')).last24Hours).toMatchObject({
      requests: 1,
      served: 0,
      failed: 1,
      lookups: 1,
    })
  })

  test('is written when the app ends in order', async () => {
    await burst(3)
    await endRuntime()
    expect(writes).toBe(2)
    scene = await openScene(stores, scene.at.toISOString())
    expect((await scene.health('contoso')).last24Hours).toMatchObject({ requests: 3, served: 3 })
  })
})

async function listed(): Promise<unknown> {
  const { json } = await scene.manage('GET', 'tenants')
  const items: unknown = json['items']
  return Array.isArray(items) ? items[0] : undefined
}

describe('a credential', () => {
  test('is not refused by what is forbidden to anybody', async () => {
    expect(await send('GET', '/Schemas?filter=name+eq+%22User%22')).toMatchObject({ status: 403 })
    expect(await scene.health('contoso')).toMatchObject({
      state: 'healthy',
      quarantineRisk: 'none',
    })
    expect(await ask('/health')).not.toHaveProperty('lastRefusal')
  })

  test('that is let in again is told at once', async () => {
    await send('GET', '/Users?count=0')
    const { json } = await scene.manage('GET', 'tenants/contoso/credentials')
    const [id = ''] = z
      .object({ items: z.array(z.object({ id: z.string() })) })
      .parse(json)
      .items.map((each) => each.id)
    await scene.manage('DELETE', `tenants/contoso/credentials/${id}`)
    later(31_000)
    expect(await send('GET', '/Users?count=0')).toMatchObject({ status: 401 })
    expect(await scene.health('contoso')).toMatchObject({ state: 'refused' })
    send = await scene.client('contoso', 'another one', ENTRA)
    expect(await send('GET', '/Users?count=0')).toMatchObject({ status: 200 })
    expect(writes).toBe(2)
    expect(await scene.health('contoso')).toMatchObject({ state: 'healthy' })
    // Another instance knows it, too.
    scene = await openScene(stores, scene.at.toISOString())
    expect(await scene.health('contoso')).toMatchObject({ state: 'healthy' })
  })

  test('has one last refusal, whoever is asked', async () => {
    await send('GET', '/Users?count=0')
    await scene.manage('PATCH', 'tenants/contoso', { status: 'disabled' })
    // A clock that goes on between two looks at it.
    let now = scene.at.getTime() + 31_000
    Object.defineProperty(scene, 'at', { get: () => new Date((now += 1)) })
    for (let n = 0; n < 3; n += 1) await send('GET', '/Users?count=0')
    const { lastRefusal } = await scene.health('contoso')
    expect(lastRefusal).toBeDefined()
    for (const answer of [await ask(''), await listed()])
      expect(answer).toMatchObject({ lastRefusal })
  })
})

describe('a request that comes to nothing', () => {
  test('at a path that there is not is a request, and a refusal', async () => {
    expect(await send('GET', '/users/v2/Users')).toMatchObject({ status: 404 })
    expect(await scene.health('contoso')).toMatchObject({ state: 'healthy' })
    expect(await scene.activity('contoso/activity?outcome=refused')).toMatchObject({
      items: [{ reason: 'notFound', action: 'read', count: 1 }],
    })
    // Another instance knows it, too.
    scene = await openScene(stores, scene.at.toISOString())
    expect(await scene.health('contoso')).toMatchObject({ lastRequest: scene.at.toISOString() })
  })

  test('for another version is told as what it is', async () => {
    expect(await send('GET', '/v2/Users')).toMatchObject({ status: 400 })
    expect(await scene.activity('contoso/activity?outcome=refused')).toMatchObject({
      items: [{ reason: 'invalidVers' }],
    })
  })

  test('for a user who is not there is none', async () => {
    expect(await send('GET', '/Users/1')).toMatchObject({ status: 404 })
    expect((await scene.activity('contoso/activity?outcome=refused')).items).toEqual([])
  })

  test('of discovery is a request', async () => {
    expect(await send('GET', '/ServiceProviderConfig')).toMatchObject({ status: 200 })
    expect(writes).toBe(0)
    expect(await scene.health('contoso')).toMatchObject({
      state: 'healthy',
      last24Hours: { requests: 1, served: 1, lookups: 1 },
    })
  })
})

describe('a tenant that is quiet', () => {
  test('stays silent, whatever is kept of it', async () => {
    await scene.manage('PATCH', 'tenants/contoso', { settings: { activityDays: 7 } })
    await send('GET', '/Users?count=0')
    later(DAY)
    expect(await scene.health('contoso')).toMatchObject({ state: 'silent', client: 'entra' })
    later(50 * DAY)
    scene = await openScene(stores, scene.at.toISOString())
    expect(await scene.health('contoso')).toMatchObject({ state: 'silent', client: 'entra' })
  })

  test('is told of for as many days as are kept', async () => {
    await scene.manage('PATCH', 'tenants/contoso', { settings: { activityDays: 7 } })
    for (const path of ['/connection', '/attributes/seen']) {
      expect(await ask(path)).toMatchObject({ since: '2026-11-20T00:00:00.000Z' })
    }
  })
})
