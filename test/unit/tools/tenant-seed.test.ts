import { expect, test } from 'vitest'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import type { Host } from '../../../tools/local-host/host.ts'
import { memoryApp } from '../../support/memory-app.ts'
import { aDesk, type Desk } from './tenant-terminal.ts'

/** An operator's desk with the app's functions on its store, and one tenant. */
async function deskWithApp(): Promise<Desk> {
  const desk = aDesk()
  // The functions go by the clock of the machine.
  desk.at = new Date()
  desk.host = (await memoryApp({ stores: { ...memoryStores(), tenants: desk.store } })).host
  await desk.run('create', 'acme')
  return desk
}

/** What became of the tokens that were issued for the demo data. */
async function seedTokens(desk: Desk): Promise<{ revoked: boolean; minutes: number }[]> {
  const tokens = (await desk.store.credentials('acme')).filter(({ label }) => label === 'demo data')
  return tokens.map(({ created, expires = '', revoked }) => ({
    revoked: revoked !== undefined,
    minutes: (Date.parse(expires) - Date.parse(created)) / 60_000,
  }))
}

test('makes the demo data once, and leaves no token that opens anything', async () => {
  const desk = await deskWithApp()
  expect(await desk.run('seed', 'acme')).toMatchObject({
    code: 0,
    out: 'tenant acme: 12 people in 4 teams are made',
    err: '',
  })
  expect(await desk.run('seed', 'acme')).toMatchObject({
    code: 0,
    out: 'tenant acme: demo data is there already',
  })
  const token = { revoked: true, minutes: 10 }
  expect(await seedTokens(desk)).toEqual([token, token])
})

test('as JSON has how much was made', async () => {
  const desk = await deskWithApp()
  const { out } = await desk.run('seed', 'acme', '--json')
  const made = { users: 12, groups: 4, references: 0 }
  expect(JSON.parse(out)).toEqual({ tenant: { id: 'acme' }, made })
})

test('revokes the token when a request fails, and makes the rest at the next time', async () => {
  const desk = await deskWithApp()
  const whole = desk.host
  let left = 10
  const failing: Host = {
    routes: [],
    timers: [],
    run: async () => undefined,
    handle: async (request) => {
      left -= 1
      if (left < 0) return { status: 500, headers: {}, body: new Uint8Array() }
      return whole?.handle(request) ?? { status: 404, headers: {}, body: new Uint8Array() }
    },
  }
  desk.host = failing
  expect(await desk.run('seed', 'acme')).toMatchObject({
    code: 1,
    out: '',
    err: 'the demo data is not complete: GET /Users was answered 500',
  })
  expect(await seedTokens(desk)).toEqual([{ revoked: true, minutes: 10 }])
  desk.host = whole
  expect((await desk.run('seed', 'acme')).out).toBe(
    'tenant acme: demo data completed: 9 people, 4 teams and 1 managers or members were missing',
  )
})

test('issues no token when the functions cannot be loaded', async () => {
  const desk = await deskWithApp()
  desk.host = undefined
  expect((await desk.run('seed', 'acme')).code).toBe(1)
  expect(await seedTokens(desk)).toEqual([])
})

test('refuses a tenant that is disabled or not there', async () => {
  const desk = await deskWithApp()
  await desk.run('disable', 'acme')
  expect(await desk.run('seed', 'acme')).toMatchObject({
    code: 1,
    err: 'tenant acme is disabled and takes no requests; enable acme',
  })
  expect(await desk.run('seed', 'nobody')).toMatchObject({
    code: 1,
    err: 'no tenant nobody; there are: acme',
  })
  expect(await seedTokens(desk)).toEqual([])
})
