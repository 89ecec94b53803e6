import { beforeEach, describe, expect, test } from 'vitest'
import { Refusals } from '../../../lib/activity/refusals.ts'
import { Uses } from '../../../lib/activity/uses.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../../lib/scim/urn.ts'
import type { RefusalNote, UseNotes } from '../../../lib/storage/activity-port.ts'
import { CREDENTIAL_CACHE_SECONDS, setTenantStatus } from '../../../lib/tenants/tenants.ts'
import { issueToken, revokeToken } from '../../../lib/tenants/tokens.ts'
import { memoryApp, textOf, type MemoryApp, type SendAs } from '../../support/memory-app.ts'

const MINUTE = 60_000
const ENTRA = { adscimversion: '6.0' }

let at: number
let app: MemoryApp
let log: string[]
let refusals: (RefusalNote & { readonly tenant: string })[]
let uses: (UseNotes & { readonly tenant: string })[]
/** Runs inside each write, before it is done. */
let whileWriting: () => Promise<void>

beforeEach(async () => {
  at = Date.UTC(2026, 10, 27, 10, 0, 1)
  log = []
  refusals = []
  uses = []
  whileWriting = async () => undefined
  const activity = {
    async noteRefusals({ id: tenant }: { id: string }, _: string, notes: readonly RefusalNote[]) {
      await whileWriting()
      for (const note of notes) refusals.push({ tenant, ...note })
    },
    async noteUse({ id: tenant }: { id: string }, notes: UseNotes) {
      await whileWriting()
      uses.push({ tenant, ...notes })
    },
  }
  const now = (): Date => new Date(at)
  const options = { now, newInstance: () => 'aaaaaaaa' }
  app = await memoryApp({
    runtime: { now },
    adjust: (runtime) => ({
      ...runtime,
      activity: { uses: new Uses(activity, options), refusals: new Refusals(activity, options) },
    }),
    log: (message) => log.push(message),
  })
})

const user = (userName: string, more: JsonObject = {}): JsonObject => ({
  schemas: [URN.user],
  userName,
  ...more,
})

/** What the next request writes of those before. */
async function counted(send: SendAs): Promise<UseNotes> {
  at += MINUTE
  // No look-up, which would be told with those before.
  await send('DELETE', '/Users/nobody')
  const last = uses.at(-1)
  if (last === undefined) throw new Error('Nothing was written.')
  return last
}

const operation = (method: string, path: string, data: JsonObject): JsonObject => ({
  method,
  path,
  bulkId: path,
  data,
})

async function acme(): Promise<{ send: SendAs; tokenId: string; secretToken: string }> {
  const { send, secretToken } = await app.tenant('acme')
  const tokenId = secretToken.split('_')[2] ?? ''
  return { send, tokenId, secretToken }
}

const pass = (): void => {
  at += CREDENTIAL_CACHE_SECONDS * 1000
}

describe('a refused request', () => {
  test('is found by the name that was sent; its detail has ids and no values', async () => {
    const { send } = await app.tenant('acme')
    const created = await send('POST', '/Users', {
      body: user('jane@example.com', { active: false }),
    })
    const headers = ENTRA
    const answer = await send('POST', '/Users', { body: user('Jane@Example.com'), headers })
    expect(answer.status).toBe(409)
    expect(refusals).toMatchObject([
      {
        tenant: 'acme',
        status: 409,
        scimType: 'uniqueness',
        reason: 'uniqueness',
        verb: 'POST',
        type: 'User',
        subject: 'Jane@Example.com',
        author: {
          actor: expect.stringMatching(/^credential:[a-z0-9]{12}$/) as unknown,
          client: 'entra',
        },
        detail: `Another User has this userName: id ${textOf(created, 'id')}, inactive.`,
        count: 1,
      },
    ])
    expect(log.join()).not.toMatch(new RegExp(`jane|${textOf(created, 'id')}`, 'i'))
  })

  test('is found by the id in the path', async () => {
    const { send } = await app.tenant('acme')
    const operations = [{ op: 'replace', path: 'nickNam', value: 'x' }]
    const body = { schemas: [MESSAGE.patchOp], Operations: operations }
    await send('PATCH', '/Groups/0b6e', { body })
    await send('DELETE', '/Users/1fa8')
    const told = refusals.map(({ status, reason, verb, type, subject, isId }) => {
      return [status, reason, verb, type, subject, isId]
    })
    expect(told).toEqual([
      [400, 'invalidPath', 'PATCH', 'Group', '0b6e', true],
      [404, 'notFound', 'DELETE', 'User', '1fa8', true],
    ])
  })

  test('that only looks up what is not there is none; one that asks wrongly is', async () => {
    const { send } = await app.tenant('acme')
    await send('GET', '/Users/1fa8')
    expect(refusals).toEqual([])
    await send('GET', '/Users?filter=bogus')
    await send('POST', '/Users/.search', { body: { schemas: [MESSAGE.searchRequest], count: 'x' } })
    await send('GET', '/Nothing')
    expect(refusals.map(({ verb, reason }) => `${verb} ${reason}`)).toEqual([
      'GET invalidFilter',
      'SEARCH invalidValue',
      'GET notFound',
    ])
  })

  test('by POST that is no creation, or by HEAD, is told as what it is', async () => {
    const { send } = await app.tenant('acme')
    await send('HEAD', '/Users?filter=bogus')
    await send('POST', '/Bulk', { body: { schemas: [MESSAGE.bulkRequest], Operations: 7 } })
    await send('POST', '/Groups', { body: { displayName: 7 } })
    expect(refusals.map(({ verb }) => verb)).toEqual(['GET', 'BULK', 'POST'])
  })

  test('has no name where the tenant has switched names off', async () => {
    const { send } = await app.tenant('acme')
    await app.stores.tenants.update('acme', () => ({ settings: { namesInActivity: false } }))
    await send('POST', '/Users', { body: user('') })
    await send('POST', '/Users', { body: { userName: 'jane', name: 7 } })
    expect(refusals.length).toBeGreaterThan(0)
    for (const refusal of refusals) expect(refusal).not.toHaveProperty('subject')
    expect(JSON.stringify(refusals)).not.toContain('jane')
  })

  test('of an operation of a bulk is told with its own id and name', async () => {
    const { send } = await app.tenant('acme')
    const Operations = [
      operation('POST', '/Users', user('jane')),
      operation('POST', '/users', user('', { displayName: 'John' })),
      operation('PUT', '/Users/1fa8', user('jack')),
    ]
    const body = { schemas: [MESSAGE.bulkRequest], Operations }
    expect((await send('POST', '/Bulk', { body })).status).toBe(200)
    const told = refusals.map(({ verb, subject, requestId }) => [
      verb,
      subject,
      requestId.slice(-2),
    ])
    expect(told).toEqual([
      ['POST', 'John', ':1'],
      ['PUT', '1fa8', ':2'],
    ])
    const { hours } = await counted(send)
    expect(hours[0]).toMatchObject({
      requests: 2,
      served: 1,
      writes: 3,
      writesRefused: 2,
      lookups: 0,
    })
  })

  test('is written before it is answered, and its answer waits a second at most', async () => {
    const { send } = await app.tenant('acme')
    let isWritten = false
    whileWriting = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      isWritten = true
    }
    await send('POST', '/Users', { body: user('') })
    expect(isWritten).toBe(true)
    whileWriting = () => new Promise(() => undefined)
    const started = performance.now()
    expect((await send('DELETE', '/Users/1fa8')).status).toBe(404)
    expect(performance.now() - started).toBeLessThan(3000)
  })

  test('is answered as ever when it cannot be noted, and no failure is logged', async () => {
    const { send } = await app.tenant('acme')
    whileWriting = () => Promise.reject(new Error('down'))
    expect((await send('POST', '/Users', { body: user('') })).status).toBe(400)
    expect(log.filter((line) => line.includes('"event":"failure"'))).toEqual([])
  })
})

describe('a refused credential', () => {
  test('that expired, that was revoked, or whose tenant is disabled is the tenant’s to know', async () => {
    const { send, tokenId } = await acme()
    const expires = new Date(at + 1000)
    const now = new Date(at)
    const issued = await issueToken(app.stores.tenants, 'acme', { expires, now })
    pass()
    const authorization = `Bearer ${issued.secretToken}`
    await send('GET', '/Users', { headers: { authorization, ...ENTRA } })
    await setTenantStatus(app.stores.tenants, 'acme', 'disabled')
    pass()
    expect((await send('GET', '/Users')).status).toBe(403)
    await setTenantStatus(app.stores.tenants, 'acme', 'enabled')
    await revokeToken(app.stores.tenants, 'acme', tokenId, new Date(at))
    pass()
    expect((await send('POST', '/Users', { body: user('jane') })).status).toBe(401)
    const told = refusals.map(({ status, reason, author, subject }) => {
      return [status, reason, author.actor, subject]
    })
    expect(told).toEqual([
      [401, 'credentialExpired', `credential:${issued.token.id}`, undefined],
      [403, 'tenantDisabled', `credential:${tokenId}`, undefined],
      [401, 'credentialRevoked', `credential:${tokenId}`, undefined],
    ])
    expect(uses[0]).toMatchObject({
      activity: { lastRefusal: expect.any(String) as unknown },
      hours: [{ requests: 1, refused: 1 }],
      days: [
        {
          connections: [
            { credentialId: issued.token.id, client: 'entra', lastReason: 'credentialExpired' },
          ],
        },
      ],
    })
  })

  test('that is wrong, or of a tenant that is being deleted, is nobody’s', async () => {
    const { send, tokenId, secretToken } = await acme()
    const now = new Date(at)
    const other = await issueToken(app.stores.tenants, 'acme', { now })
    const [, , , secret = ''] = other.secretToken.split('_')
    const wrong = [
      `Bearer ${secretToken.slice(0, -1)}`,
      `Bearer scim_acme_${tokenId}_${secret}`,
      'Bearer scim_nobody_abc_def',
      'Basic abc',
      '',
    ]
    for (const authorization of wrong) {
      expect((await send('GET', '/Users', { headers: { authorization } })).status).toBe(401)
    }
    await setTenantStatus(app.stores.tenants, 'acme', 'disabled')
    await app.stores.tenants.update('acme', () => ({
      status: 'deleting',
      deletion: { started: now.toISOString(), phase: 'settling', rows: 0 },
    }))
    pass()
    expect((await send('GET', '/Users')).status).toBe(403)
    expect([refusals, uses]).toEqual([[], []])
  })
})

describe('the uses of a tenant', () => {
  test('are written beside the request, once a minute', async () => {
    const { send } = await app.tenant('acme')
    for (let n = 0; n < 120; n += 1) {
      await send('GET', '/Users?count=0')
      at += 1000
    }
    expect(uses).toHaveLength(2)
    expect(uses[1]?.hours.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(50)
  })

  test('have what came: lookups, writes, attributes, and what is no attribute', async () => {
    const { send } = await app.tenant('acme')
    const headers = ENTRA
    await send('GET', '/Users?filter=userName+eq+%227d420df3-9995-4831-a406-ecf8166f5f6a%22', {
      headers,
    })
    expect(uses[0]?.days[0]?.connections).toMatchObject([
      { client: 'entra', lastProbe: new Date(at).toISOString() },
    ])
    await send('POST', '/Users', { body: user('jane', { departmnt: 'x' }), headers })
    await send('POST', '/Users', { body: user('jane'), headers })
    const { days, activity, hours } = await counted(send)
    const seen = days[0]?.attributes.map(({ path, known, count }) => [path, known, count])
    expect(seen).toEqual([
      ['userName', true, 2],
      ['departmnt', false, 1],
    ])
    expect(activity).toHaveProperty('lastSuccess')
    expect(hours[0]).toMatchObject({ lookups: 1, writes: 2, writesRefused: 1, writesFailed: 0 })
  })

  test('discovery writes nothing', async () => {
    const { send } = await app.tenant('acme')
    for (const path of ['/Schemas', '/ServiceProviderConfig', '/ResourceTypes', '/Me']) {
      await send('GET', path)
    }
    expect(uses).toEqual([])
    expect((await counted(send)).hours[0]).toMatchObject({ requests: 5 })
  })

  test('write what is left of a burst of refusals', async () => {
    const { send } = await app.tenant('acme')
    for (let n = 0; n < 30; n += 1) await send('POST', '/Users', { body: user('') })
    expect(refusals.map(({ count }) => count)).toEqual([1])
    at += MINUTE
    await send('GET', '/Users?count=0')
    expect(refusals.map(({ count }) => count)).toEqual([1, 30])
  })

  test('of two tenants at once: nothing of one is in what is written of the other', async () => {
    const [one, other] = [await app.tenant('acme'), await app.tenant('fabrikam')]
    for (let n = 0; n < 5; n += 1) {
      await one.send('POST', '/Users', {
        body: user('', { displayName: `of-acme-${n}`, acmes: 1 }),
      })
      await other.send('POST', '/Users', {
        body: user('', { displayName: `of-fabrikam-${n}`, fabrikams: 1 }),
      })
      await one.send('POST', '/Users', { body: user(`of-acme-${n}`, { acmes: 1 }) })
    }
    await counted(one.send)
    await counted(other.send)
    const rowsOf = (tenant: string): string =>
      JSON.stringify([...refusals, ...uses].filter((each) => each.tenant === tenant))
    expect(rowsOf('acme')).toContain('of-acme-4')
    expect(rowsOf('acme')).toContain('acmes')
    expect(rowsOf('acme')).not.toContain('fabrikam')
    expect(rowsOf('fabrikam')).toContain('of-fabrikam-4')
    expect(rowsOf('fabrikam')).not.toContain('acme')
    expect(uses.at(-1)?.hours[0]?.requests).toBe(6)
  })
})

test('the line of a request says who sent it', async () => {
  const { send } = await app.tenant('acme')
  await send('GET', '/Users?count=0', { headers: { 'user-agent': 'Okta SCIM Client 1.0.0' } })
  await send('GET', '/Users', { headers: { authorization: 'Bearer x', ...ENTRA } })
  await send('GET', '/Users?count=0')
  const clients = log.map((line) => /"client":"(\w+)"/.exec(line)?.[1])
  expect(clients).toEqual(['okta', 'entra', 'other'])
})
