import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRuntime } from '../../lib/runtime.ts'
import { isObject } from '../../lib/scim/json.ts'
import { clientIdOf, issueCredential, revokeCredential } from '../../lib/tenants/credentials.ts'
import { memoryKeySource } from '../support/jwt.ts'
import { inLockstep } from '../support/lockstep.ts'
import { startTableApp, textOf, type Client, type TableApp } from '../support/table-app.ts'

/** OAuth on tables: what is kept, and what a request with an access token costs. */

const NOBODY = '/Users?filter=userName+eq+%22nobody%22'

let app: TableApp
let client: Client
/** Milliseconds that the app's clock is ahead. */
let ahead = 0

beforeAll(async () => {
  app = await startTableApp({
    transport: inLockstep(),
    adjust: (_runtime, stores) =>
      createRuntime(stores, {
        keySource: memoryKeySource(),
        now: () => new Date(Date.now() + ahead),
      }),
  })
  client = await app.client('acme')
})

afterAll(() => app.stop())

async function accessToken(secret: string): Promise<string> {
  const answer = await fetch(new URL('/api/oauth/token', app.tenantUrl), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientIdOf('acme'),
      client_secret: secret,
    }),
  })
  const body: unknown = await answer.json()
  return textOf(isObject(body) ? body : {}, 'access_token')
}

test('an access token costs as many round trips as a Secret Token, remembered or not', async () => {
  const { tenants } = app.stores
  const { secret = '', credential } = await issueCredential(
    tenants,
    'acme',
    { kind: 'clientSecret' },
    new Date(),
  )
  const bearer = app.clientWith(await accessToken(secret))

  const bySecretToken = await client.send('GET', NOBODY)
  const byAccessToken = await bearer.send('GET', NOBODY)
  expect([bySecretToken.status, byAccessToken.status]).toEqual([200, 200])
  // Its key is read beside the credential.
  expect([byAccessToken.roundTrips, byAccessToken.calls]).toEqual([bySecretToken.roundTrips, 3])
  expect(bySecretToken.calls).toBe(3) // the first use of a Secret Token is noted
  const again = await bearer.send('GET', NOBODY)
  expect([again.roundTrips, again.calls]).toEqual([1, 1])

  ahead += 31_000
  const later = await bearer.send('GET', NOBODY)
  expect([later.roundTrips, later.calls]).toEqual([2, 2])

  await revokeCredential(tenants, 'acme', credential.id, new Date())
  ahead += 31_000
  expect((await bearer.send('GET', NOBODY)).status).toBe(401)
})

test('a credential that is remembered no more costs one read, of either kind', async () => {
  const spec = { kind: 'clientSecret' } as const
  const { secret = '' } = await issueCredential(app.stores.tenants, 'acme', spec, new Date())
  const bearer = app.clientWith(await accessToken(secret))
  for (const each of [client, bearer]) {
    // The first use is noted, and the keys are read.
    await each.send('GET', NOBODY)
    const warm = await each.send('GET', NOBODY)
    ahead += 31_000
    const cold = await each.send('GET', NOBODY)
    expect([warm.status, warm.roundTrips, warm.calls]).toEqual([200, 1, 1])
    expect([cold.status, cold.roundTrips, cold.calls]).toEqual([200, 2, 2])
  }
})

test('one that was mistyped costs none', async () => {
  const mistyped = client.secretToken.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))
  const { status, calls } = await app.clientWith(mistyped).send('GET', NOBODY)
  expect([status, calls]).toEqual([401, 0])
})

test('neither a client secret nor a token is kept', async () => {
  const spec = { kind: 'clientSecret' } as const
  const { secret = '' } = await issueCredential(app.stores.tenants, 'acme', spec, new Date())
  const token = await accessToken(secret)
  const rows: unknown[] = []
  for await (const row of app.tables.tenants.listEntities()) rows.push(row)
  const stored = JSON.stringify(rows)
  expect(stored).toContain('secretHash')
  expect(stored).toContain('P-256')
  expect(stored).not.toContain(secret.slice(-49, -6))
  expect(stored).not.toContain(token.split('.').at(-1))
  expect(stored).not.toMatch(/\\?"d\\?":/)
})
