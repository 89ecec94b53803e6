import { beforeAll, describe, expect, test } from 'vitest'
import { URN } from '../../lib/scim/urn.ts'
import { memoryApp, textOf, type MemoryApp, type SendAs } from '../support/memory-app.ts'

/** The two catch-alls: `scim/{*path}` and, behind all others, `{*path}`. */

let app: MemoryApp
let send: SendAs
beforeAll(async () => {
  app = await memoryApp()
  send = (await app.tenant('any-path')).send
})

/** A request whose whole path is given, without a credential unless one is. */
async function raw(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: string; headers: Readonly<Record<string, string>> }> {
  const answer = await app.host.handle({
    method,
    target,
    headers: { host: 'scim.example', ...headers },
    body: new Uint8Array(),
  })
  return { ...answer, body: Buffer.from(answer.body).toString() }
}

describe('a path that is not SCIM’s gets a bare 404, with or without a credential', () => {
  test.each([
    '/api/manage//tenants',
    '/api/manage///tenants',
    '/api',
    '/api/',
    '/api/x//y',
    '/api/scimitar//Users',
    '/api/scim%2F%2FUsers',
    '/api//scim/Users',
    '//api/scim/Users',
  ])('%s', async (target) => {
    for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE']) {
      const answer = await raw(method, target)
      expect([answer.status, answer.body]).toEqual([404, ''])
    }
  })
})

describe('repeated slashes below the Tenant URL', () => {
  test('want the same credential as one', async () => {
    for (const path of ['/api/scim//Users', '/api/scim/Users//x', '/API/SCIM///users']) {
      const answer = await raw('GET', path)
      expect(answer).toMatchObject({ status: 401 })
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/)
    }
  })

  test('an id keeps what is encoded in it', async () => {
    const one = await send('GET', '/Users/a%2Fb%20c')
    const two = await send('GET', '//Users//a%2Fb%20c')
    expect([two.status, two.json]).toEqual([one.status, one.json])
  })

  test('a body, its limit and its errors are those of the verb', async () => {
    const created = await send('POST', '//Users', {
      body: { schemas: [URN.user], userName: 'slashes' },
    })
    expect(created.status).toBe(201)
    expect(created.headers['location']).toMatch(/[^/]\/Users\/[^/]+$/)
    const again = await send('POST', '///Users/', {
      body: { schemas: [URN.user], userName: 'slashes' },
    })
    expect(again).toMatchObject({ status: 409, json: { scimType: 'uniqueness' } })
    const large = await send('POST', '//Users', { body: Buffer.alloc(1_048_577, 32) })
    expect(large.status).toBe(413)
    expect((await send('POST', '//Users')).status).toBe(400)
  })
})

test(
  'a group of 50,000 members can be sent back as it was answered',
  { timeout: 60_000 },
  async () => {
    const members = Array.from({ length: 50_000 }, (_, index) => ({
      value: `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
    }))
    const group = { schemas: [URN.group], displayName: 'All', members }
    const id = textOf(await send('POST', '/Groups', { body: group }), 'id')
    const { text, headers } = await send('GET', `/Groups/${id}`)
    expect(text.length).toBeGreaterThan(6_000_000)
    const back = await send('PUT', `/Groups/${id}`, { body: Buffer.from(text) })
    expect(back.status).toBe(200)
    expect(back.headers['etag']).toBe(headers['etag'])
    const tooLarge = await send('PUT', `/Groups/${id}`, { body: Buffer.alloc(8_388_609, 32) })
    expect(tooLarge.status).toBe(413)
    expect(textOf(tooLarge, 'detail')).toContain('8388608')
  },
)
