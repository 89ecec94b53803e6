import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { PROBLEM, TENANT_LIST } from '../../../lib/manage/answers.ts'
import { MANAGE_OPERATIONS } from '../../../lib/manage/operations.ts'
import { ScimError, unavailable } from '../../../lib/scim/errors.ts'
import { createRuntime } from '../../../lib/runtime.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { readSettings } from '../../../lib/tenants/settings.ts'
import { manageDomain } from '../../support/manage-domain.ts'
import { manageClient, NOW, type ManageAnswer } from '../../support/manage-client.ts'

/** What applies to a tenant that has chosen nothing. */
const DEFAULTS = readSettings({})

function textIn(json: JsonObject, name: string): string {
  const value = json[name]
  if (typeof value !== 'string') throw new Error(`there is no text ${name}`)
  return value
}

/** A problem in one line. */
function problemOf({ status, json }: ManageAnswer): string {
  const { type, detail } = PROBLEM.parse(json)
  return `${status} ${type.replace('urn:scim-endpoint:problem:', '')}: ${detail}`
}

async function withTenant(): Promise<ReturnType<typeof manageClient>> {
  const client = manageClient()
  await client.send('POST', 'tenants', { body: { id: 'acme', name: 'Acme' } })
  return client
}

/** The id of a new credential. */
async function newCredential(
  { send }: ReturnType<typeof manageClient>,
  body: unknown = { kind: 'token' },
): Promise<string> {
  const { status, json } = await send('POST', 'tenants/acme/credentials', { body })
  expect(status).toBe(201)
  return textIn(json, 'id')
}

describe('tenants', () => {
  test('are created, read, changed, and deleted in the background', async () => {
    const { send } = manageClient()
    const created = await send('POST', 'tenants', {
      body: {
        id: 'acme',
        name: ' Acme Ltd ',
        reference: 'C-1',
        settings: { requestsPerSecond: 50 },
      },
    })
    expect(created.headers['location']).toBe('/api/manage/tenants/acme')
    expect(created.json).toEqual({
      id: 'acme',
      name: 'Acme Ltd',
      reference: 'C-1',
      status: 'enabled',
      created: NOW.toISOString(),
      tenantUrl: 'https://scim.example/api/scim',
      users: 3,
      groups: 1,
      settings: { ...DEFAULTS, requestsPerSecond: 50 },
    })
    const read = await send('GET', 'tenants/acme')
    expect(read.json).toEqual(created.json)
    expect(read.headers['etag']).toBe(created.headers['etag'])
    const changed = await send('PATCH', 'tenants/acme', {
      body: { name: 'Acme', reference: null, status: 'disabled' },
    })
    const { reference: _, ...others } = created.json
    expect(changed.json).toEqual({ ...others, name: 'Acme', status: 'disabled' })
    expect(changed.headers['etag']).not.toBe(created.headers['etag'])
    const deleted = await send('DELETE', 'tenants/acme')
    expect(deleted.status).toBe(202)
    expect(deleted.headers['location']).toBe('/api/manage/tenants/acme')
    expect((await send('GET', 'tenants/acme')).json).toMatchObject({
      status: 'deleting',
      deletion: { phase: 'settling', rowsRemoved: 0 },
    })
    expect(problemOf(await send('PATCH', 'tenants/acme', { body: { name: 'x' } }))).toMatch(
      /^409 not-possible: /,
    )
  })

  test('tell what is known of their use', async () => {
    const domain = manageDomain()
    const [lastRequest, nextExpiry] = ['2026-12-01T11:59:00.000Z', '2027-01-01T00:00:00.000Z']
    const { send } = manageClient({
      domain: {
        ...domain,
        summary: async ({ id, name, status, created, partitionKey }) => {
          return { id, name, status, created, partitionKey, lastRequest, nextExpiry }
        },
      },
    })
    await send('POST', 'tenants', { body: { id: 'acme' } })
    expect((await send('GET', 'tenants/acme')).json).toMatchObject({ lastRequest, nextExpiry })
  })

  test('that are there are taken', async () => {
    const { send } = await withTenant()
    const again = await send('POST', 'tenants', { body: { id: 'acme' } })
    expect(problemOf(again)).toBe('409 taken: there is a tenant acme already')
  })

  test('settings are merged, and null takes one, or all, back to the default', async () => {
    const { send, domain } = await withTenant()
    await domain.changeTenant('acme', { settings: () => ({ future: [1] }) }, {})
    const patch = async (settings: unknown): Promise<unknown> =>
      (await send('PATCH', 'tenants/acme', { body: { settings } })).json['settings']
    const kept = async (): Promise<unknown> => (await domain.get('acme'))?.settings
    expect(await patch({ requestsPerSecond: 25 })).toEqual({ ...DEFAULTS, requestsPerSecond: 25 })
    expect(await kept()).toEqual({ future: [1], requestsPerSecond: 25 })
    expect(await patch({})).toEqual({ ...DEFAULTS, requestsPerSecond: 25 })
    expect(await patch({ requestsPerSecond: null })).toEqual(DEFAULTS)
    expect(await kept()).toEqual({ future: [1] })
    await patch({ requestsPerSecond: 26 })
    expect(await patch(null)).toEqual(DEFAULTS)
    expect(await kept()).toEqual({ future: [1] })
  })

  test('of several changes at once none is lost', async () => {
    const { send } = await withTenant()
    const bodies = [
      { settings: { requestsPerSecond: 30 } },
      { reference: 'C-7' },
      { name: 'Renamed' },
    ]
    await Promise.all(bodies.map((body) => send('PATCH', 'tenants/acme', { body })))
    expect((await send('GET', 'tenants/acme')).json).toMatchObject({
      name: 'Renamed',
      reference: 'C-7',
      settings: { requestsPerSecond: 30 },
    })
  })

  test('are listed page by page, by text and by status', async () => {
    const { send } = manageClient()
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      await send('POST', 'tenants', { body: { id, reference: `ref-${id}` } })
    }
    await send('PATCH', 'tenants/b', { body: { status: 'disabled' } })
    const pages: string[] = []
    let cursor: string | undefined = ''
    while (cursor !== undefined) {
      const page = TENANT_LIST.parse((await send('GET', `tenants?count=2${cursor}`)).json)
      pages.push(page.items.map(({ id }) => id).join(''))
      cursor = page.nextCursor === undefined ? undefined : `&cursor=${page.nextCursor}`
    }
    expect(pages).toEqual(['ab', 'cd', 'e'])
    expect((await send('GET', 'tenants?status=disabled')).json['items']).toMatchObject([
      { id: 'b' },
    ])
    expect((await send('GET', 'tenants?q=REF-C')).json['items']).toMatchObject([{ id: 'c' }])
    expect((await send('GET', 'tenants?q=nobody&code=the+key')).json).toEqual({ items: [] })
  })
})

const FEDERATED = {
  kind: 'federated',
  issuer: 'https://login.example/t',
  audience: 'api://acme',
  subject: 'client',
  jwksUri: 'https://login.example/keys',
}

describe('credentials', () => {
  const entraTenantId = '7F58F645-C190-4CE5-9DE4-E2B7ACD2A6AB'

  test.each([
    [{ kind: 'token', label: 'Okta' }, { label: 'Okta' }],
    [
      { kind: 'clientSecret' },
      { clientId: 'scim_acme', tokenUrl: 'https://scim.example/api/oauth/token' },
    ],
    [FEDERATED, { ...FEDERATED, clientId: 'scim_acme' }],
    [
      { kind: 'entra', entraTenantId },
      {
        entraTenantId: entraTenantId.toLowerCase(),
        audience: '8adf8e6e-67b2-4cf2-a259-e3dc5476c621',
      },
    ],
  ])('%j is created, and its secret shown once', async (body, shown) => {
    const { send } = await withTenant()
    const created = await send('POST', 'tenants/acme/credentials', { body })
    const path = `tenants/acme/credentials/${textIn(created.json, 'id')}`
    expect(created.headers['location']).toBe(`/api/manage/${path}`)
    const { secret, ...plain } = created.json
    expect(plain).toMatchObject({ ...shown, kind: body.kind, status: 'active' })
    expect(secret !== undefined).toBe(['token', 'clientSecret'].includes(body.kind))
    const read = await send('GET', path)
    expect(read.json).toEqual(plain)
    expect(read.headers['etag']).toBe(created.headers['etag'])
    expect((await send('GET', 'tenants/acme/credentials')).json).toEqual({ items: [plain] })
  })

  test('are changed, expire, and are revoked without being lost', async () => {
    const client = await withTenant()
    const { send } = client
    const path = `tenants/acme/credentials/${await newCredential(client)}`
    const body = { label: 'Entra ID', expires: '2027-01-01T00:00:00+01:00' }
    expect((await send('PATCH', path, { body })).json).toMatchObject({
      label: 'Entra ID',
      expires: '2026-12-31T23:00:00.000Z',
    })
    const endless = await send('PATCH', path, { body: { expires: null, label: null } })
    expect(endless.json).not.toHaveProperty('expires')
    expect(endless.json).toMatchObject({ label: '' })
    const revoked = await send('DELETE', path)
    expect(revoked.json).toMatchObject({ status: 'revoked', revoked: NOW.toISOString() })
    expect((await send('GET', path)).json).toEqual(revoked.json)
  })

  test('a member name that is half a pair is told', async () => {
    const { send } = await withTenant()
    const { status, json } = await send('POST', 'tenants', { body: { '\ud800': 1 } })
    expect(status).toBe(400)
    expect(JSON.stringify(json)).toContain('"pointer":"#/%EF%BF%BD"')
  })

  test('have ETags of their own, and an id that cannot be is told', async () => {
    const client = await withTenant()
    const { send } = client
    const [one, other] = [await newCredential(client), await newCredential(client)]
    const { headers } = await send('GET', `tenants/acme/credentials/${one}`)
    const ifMatch = { headers: { 'if-match': headers['etag'] ?? '' } }
    const wrong = await send('DELETE', `tenants/acme/credentials/${other}`, ifMatch)
    expect(wrong.status).toBe(412)
    const malformed = await send('GET', 'tenants/acme/credentials/__proto__')
    expect(malformed.status).toBe(404)
    expect(malformed.json).toMatchObject({
      detail: expect.stringContaining('12 characters') as unknown,
    })
  })

  test('are rotated: a new one, and the one before for some hours', async () => {
    const client = await withTenant()
    const { send } = client
    const id = await newCredential(client, { kind: 'clientSecret', label: 'Okta' })
    const rotated = await send('POST', `tenants/acme/credentials/${id}/rotate`, {
      body: { overlapHours: 1 },
    })
    expect(rotated.json).toMatchObject({
      kind: 'clientSecret',
      label: 'Okta',
      clientId: 'scim_acme',
      previous: { id, expires: '2026-12-01T13:00:00.000Z' },
    })
    expect(rotated.json['id']).not.toBe(id)
    expect(rotated.headers['location']).toContain(textIn(rotated.json, 'id'))
    const other = await newCredential(client)
    const again = await send('POST', `tenants/acme/credentials/${other}/rotate`)
    expect(again.json).toMatchObject({
      previous: { id: other, expires: '2026-12-02T12:00:00.000Z' },
    })
  })

  test.each([FEDERATED, { kind: 'entra', entraTenantId }])(
    'without a secret cannot be rotated: $kind',
    async (body) => {
      const client = await withTenant()
      const id = await newCredential(client, body)
      const answer = await client.send('POST', `tenants/acme/credentials/${id}/rotate`)
      expect(problemOf(answer)).toMatch(/^409 not-possible: .* no secret/)
    },
  )

  test('come page by page, oldest first', async () => {
    const client = await withTenant()
    for (let i = 0; i < 3; i += 1) await newCredential(client)
    const all = await client.domain.listCredentials('acme')
    const ids = all.map(({ id }) => id)
    const list = 'tenants/acme/credentials?count=2'
    const first = await client.send('GET', list)
    expect(first.json['items']).toMatchObject([{ id: ids[0] }, { id: ids[1] }])
    const next = `${list}&cursor=${textIn(first.json, 'nextCursor')}`
    expect((await client.send('GET', next)).json).toMatchObject({ items: [{ id: ids[2] }] })
    expect((await client.send('GET', next)).json).not.toHaveProperty('nextCursor')
  })

  test('of one tenant are not found below another', async () => {
    const client = await withTenant()
    await client.send('POST', 'tenants', { body: { id: 'other' } })
    const id = await newCredential(client)
    for (const [method, path, body] of [
      ['GET', `tenants/other/credentials/${id}`, undefined],
      ['PATCH', `tenants/other/credentials/${id}`, {}],
      ['DELETE', `tenants/other/credentials/${id}`, undefined],
      ['POST', `tenants/other/credentials/${id}/rotate`, undefined],
    ] as const) {
      const answer = await client.send(method, path, { body })
      expect(problemOf(answer)).toBe(`404 not-found: The tenant has no credential "${id}".`)
    }
  })
})

describe('a wrong body is refused, and each wrong member named with what would be right', () => {
  const PRINTABLE = 'must have 1 to 200 characters, all of them printable'
  const ID = 'must have 1 to 32 characters out of a-z, 0-9 and -'

  test.each<[string, string, unknown, Readonly<Record<string, string>>]>([
    ['POST', 'tenants', {}, { '#/id': `is missing: it ${ID}` }],
    ['POST', 'tenants', [1], { '#': 'must be a JSON object, not an array' }],
    ['POST', 'tenants', 'null', { '#': 'must be a JSON object, not null' }],
    ['POST', 'tenants', { id: 'ACME' }, { '#/id': `${ID}, not "ACME"` }],
    [
      'POST',
      'tenants',
      { id: 7, name: '\u0007', constructor: 1 },
      {
        '#/id': `${ID}, not 7`,
        '#/name': `${PRINTABLE}, not "\u0007"`,
        '#/constructor': 'is not known here; known are id, name, reference, settings',
      },
    ],
    [
      'POST',
      'tenants',
      '{"id":"a","__proto__":{"admin":true}}',
      { '#/__proto__': 'is not known here; known are id, name, reference, settings' },
    ],
    [
      'POST',
      'tenants',
      { id: 'a', settings: { requestsPerSecond: 24.5, rate: 1, namesInActivity: 'no' } },
      {
        '#/settings/requestsPerSecond': 'must be a whole number from 25 to 1000, not 24.5',
        '#/settings/namesInActivity': 'must be true or false, not "no"',
        '#/settings/rate': `is not known here; known are ${Object.keys(DEFAULTS).join(', ')}`,
      },
    ],
    ['PATCH', 'tenants/acme', { name: null }, { '#/name': `${PRINTABLE}, not null` }],
    [
      'PATCH',
      'tenants/acme',
      { status: 'deleting' },
      { '#/status': 'must be enabled or disabled, not "deleting"' },
    ],
    [
      'PATCH',
      'tenants/acme',
      { 'a/b~c': 1 },
      { '#/a~1b~0c': 'is not known here; known are name, reference, status, settings' },
    ],
    [
      'POST',
      'tenants/acme/credentials',
      {},
      { '#/kind': 'is missing: it must be token, clientSecret, federated or entra' },
    ],
    [
      'POST',
      'tenants/acme/credentials',
      { kind: 'token', expires: '2027-01-01' },
      {
        '#/expires': 'must be a time with its zone, such as 2027-06-30T23:59:59Z, not "2027-01-01"',
      },
    ],
    [
      'POST',
      'tenants/acme/credentials',
      { kind: 'token', expires: '2026-12-01T12:00:00Z' },
      { '#/expires': 'must be in the future, not "2026-12-01T12:00:00.000Z"' },
    ],
    [
      'POST',
      'tenants/acme/credentials',
      { kind: 'entra', entraTenantId: 'contoso' },
      { '#/entraTenantId': 'must be a UUID, the Directory (tenant) ID, not "contoso"' },
    ],
    ...[
      ['http://login.example/keys', 'must be an https URL'],
      ['https://10.0.0.1/keys', 'must have the name of a host, no IP address'],
      ['https://[::1]/keys', 'must have the name of a host, no IP address'],
      ['https://2130706433/keys', 'must have the name of a host, no IP address'],
      ['https://localhost/keys', 'must have the full name of a host'],
      ['https://login.localhost/keys', 'must not lead to this machine'],
      ['https://login.example:8443/keys', 'must be on port 443'],
      ['https://user@login.example/keys', 'must have no user name or password in it'],
      ['https://login.example/keys#a', 'must have no fragment'],
      ['https://login.example./keys', 'must have no dot behind the name of its host'],
      ['https://scim.example/api/oauth/jwks', 'must not lead to this service'],
      ['keys', 'must be an https URL'],
    ].map(([jwksUri, problem]): [string, string, unknown, Record<string, string>] => [
      'POST',
      'tenants/acme/credentials',
      { ...FEDERATED, jwksUri },
      { '#/jwksUri': `${problem}, not "${jwksUri}"` },
    ]),
    [
      'POST',
      'tenants/acme/credentials',
      { ...FEDERATED, issuer: 'https://10.0.0.1/' },
      {
        '#/issuer':
          'must be an https URL with a host name, without user, port and fragment, or the client_id, not "https://10.0.0.1/"',
      },
    ],
  ])('%s %s %j', async (method, path, body, wrong) => {
    const { send, log } = await withTenant()
    const answer = await send(method, path, { body })
    expect(answer.status).toBe(400)
    const { errors } = answer.json
    expect(errors).toEqual(
      expect.arrayContaining(
        Object.entries(wrong).map(([pointer, detail]) => ({ pointer, detail })),
      ),
    )
    expect(errors).toHaveLength(Object.keys(wrong).length)
    expect(log.at(-1)).not.toMatch(/contoso|ACME|__proto__|login\.|oauth|2130706433/)
  })

  test.each<[string, unknown, Readonly<Record<string, string>>, string]>([
    ['no JSON', '{', {}, '400 invalid-request: The body is not valid JSON'],
    ['a name twice', '{"id":"a","id":"b"}', {}, '400 invalid-request: The body has "id" twice'],
    ['too deep', '['.repeat(40) + ']'.repeat(40), {}, '400 invalid-request: The body nests'],
    ['no UTF-8', new Uint8Array([0x22, 0xff, 0x22]), {}, '400 invalid-request: The body is not'],
    ['none', undefined, {}, '400 invalid-request: The request needs a JSON body.'],
    ['chunked', undefined, { 'transfer-encoding': 'chunked' }, '411 length-required: '],
    ['too large', ' '.repeat(65_537), {}, '413 payload-too-large: The body is larger than 65536'],
    [
      'a form',
      'id=acme',
      { 'content-type': 'application/x-www-form-urlencoded' },
      '415 unsupported-media-type: Content-Type must be application/json.',
    ],
    [
      'a patch',
      '{"id":"a"}',
      { 'content-type': 'application/merge-patch+json' },
      '415 unsupported-media-type: Content-Type must be application/json.',
    ],
  ])('a body that is %s', async (_, body, headers, expected) => {
    const { send } = manageClient()
    const answer = await send('POST', 'tenants', { body, headers })
    expect(problemOf(answer)).toContain(expected)
  })

  test('a merge patch may say that it is one', async () => {
    const { send } = await withTenant()
    const headers = { 'content-type': 'application/merge-patch+json; charset=utf-8' }
    const answer = await send('PATCH', 'tenants/acme', { body: { name: 'New' }, headers })
    expect(answer.json).toMatchObject({ name: 'New' })
  })
})

describe('a wrong id, parameter or header is refused', () => {
  test.each([
    ['tenants?count=0', 'count must be a whole number from 1 to 1000, not "0"'],
    ['tenants?count=1001', 'count must be a whole number from 1 to 1000, not "1001"'],
    ['tenants?count=1e2', 'count must be a whole number from 1 to 1000, not "1e2"'],
    ['tenants?count=1&count=2', 'count must be given once'],
    ['tenants?state=x', 'state is not known here; known are q, status, cursor, count'],
    ['tenants?status=on', 'status must be enabled, disabled or deleting, not "on"'],
    ['tenants?q=', 'q must have 1 to 200 characters, not ""'],
    ['tenants?cursor=%21', 'cursor must be the nextCursor of an answer, not "!"'],
    ['tenants/acme/credentials?cursor=YWJj', 'cursor must be the nextCursor of an answer'],
    ['tenants/acme/attributes?cursor=YWJj', 'cursor must be the nextCursor of an answer'],
    ['tenants/acme?verbose=1', 'verbose is not known here; there are none'],
  ])('%s', async (path, expected) => {
    const { send } = await withTenant()
    const answer = await send('GET', path)
    expect(problemOf(answer)).toContain(`400 invalid-request: ${expected}`)
    const [wrong] = PROBLEM.parse(answer.json).errors ?? []
    expect(wrong?.parameter).toBe(/^\w+/.exec(expected)?.[0])
  })

  test.each([
    ['tenants/nobody', 'There is no tenant "nobody".'],
    ['tenants/NOBODY', 'There is no tenant "NOBODY": an id has 1 to 32 characters out of'],
    ['tenants/_tenants', 'There is no tenant "_tenants": an id has'],
    ['tenants/nobody/credentials', 'There is no tenant "nobody".'],
    ['tenants/nobody/credentials/abc', 'There is no tenant "nobody".'],
    ['tenants/acme/credentials/abc', 'no credential "abc": an id has 12 characters out of'],
    ['tenants/nobody/attributes', 'There is no tenant "nobody".'],
    ['tenants/nobody/attributes/shoe', 'There is no tenant "nobody".'],
    ['tenants/acme/attributes/shoe', 'The tenant has declared no attribute "shoe".'],
    ['tenants/acme/credentials/abcdefghijkl', 'The tenant has no credential "abcdefghijkl".'],
  ])('%s is not found', async (path, detail) => {
    const { send } = await withTenant()
    expect(problemOf(await send('GET', path))).toContain(`404 not-found: `)
    expect(problemOf(await send('GET', path))).toContain(detail)
  })

  test.each(['x'.repeat(101), 'a\u0001b', 'Zoë'])('X-Actor %j', async (actor) => {
    const { send } = manageClient()
    // A header of a request object takes no control characters: the host would refuse them, too.
    const answer = await send('GET', 'tenants', { headers: { 'x-actor': actor } }).catch(
      () => undefined,
    )
    if (answer === undefined) return
    expect(answer.status).toBe(400)
    expect(answer.json['errors']).toMatchObject([{ header: 'X-Actor' }])
  })
})

describe('versions', () => {
  const CONDITIONAL = [
    ['PATCH', 'tenants/acme', { name: 'Renamed' }],
    ['DELETE', 'tenants/acme', undefined],
    ['PATCH', 'tenants/acme/credentials/{}', { label: 'x' }],
    ['DELETE', 'tenants/acme/credentials/{}', undefined],
    ['POST', 'tenants/acme/credentials/{}/rotate', {}],
    ['PATCH', 'tenants/acme/attributes/shoe', { label: 'x' }],
    ['DELETE', 'tenants/acme/attributes/shoe', undefined],
  ] as const

  test('every operation that changes something is tried', () => {
    // Those of people and teams are tried in manage-people.test.ts and manage-teams.test.ts.
    const taking = MANAGE_OPERATIONS.filter(
      ({ takesIfMatch, path }) => takesIfMatch === true && !/\{(?:person|team)Id\}/.test(path),
    )
    expect(taking).toHaveLength(CONDITIONAL.length)
  })

  test.each(CONDITIONAL)('%s %s keeps to If-Match', async (method, template, body) => {
    const client = await withTenant()
    const path = template.replace('{}', await newCredential(client))
    const { send } = client
    await send('POST', 'tenants/acme/attributes', { body: { id: 'shoe' } })
    const of = path.replace('/rotate', '')
    const old = (await send('GET', of)).headers['etag'] ?? ''
    await send('PATCH', of, { body: of === 'tenants/acme' ? { name: 'B' } : { label: 'B' } })
    const refused = await send(method, path, { body, headers: { 'if-match': old } })
    expect(problemOf(refused)).toMatch(/^412 precondition-failed: /)
    const { etag = '' } = (await send('GET', of)).headers
    const accepted = await send(method, path, {
      body,
      headers: { 'if-match': `"other", ${etag.replace('W/', '')}` },
    })
    expect(accepted.status).toBeLessThan(300)
  })

  test('a missing If-Match is allowed, and so is *', async () => {
    const { send } = await withTenant()
    for (const headers of [{}, { 'if-match': '*' }]) {
      const answer = await send('PATCH', 'tenants/acme', { body: { name: 'N' }, headers })
      expect(answer.status).toBe(200)
    }
  })

  test('where nothing has a version, If-Match is refused', async () => {
    const { send } = await withTenant()
    const headers = { 'if-match': '"x"' }
    for (const [path, body] of [
      ['tenants', { id: 'new' }],
      ['tenants/acme/credentials', { kind: 'token' }],
      ['tenants/acme/attributes', { id: 'shoe' }],
      ['maintenance', undefined],
    ] as const) {
      expect((await send('POST', path, { body, headers })).status).toBe(412)
    }
  })

  test('a count is another answer, but no other version', async () => {
    const domain = manageDomain()
    let users = 3
    const { send } = manageClient({
      domain: { ...domain, countPeople: async () => ({ users, groups: 0 }) },
    })
    const { etag = '' } = (await send('POST', 'tenants', { body: { id: 'acme' } })).headers
    const known = { headers: { 'if-none-match': etag } }
    expect((await send('GET', 'tenants/acme', known)).status).toBe(304)
    expect((await send('HEAD', 'tenants/acme', known)).status).toBe(304)
    users += 1
    expect((await send('GET', 'tenants/acme', known)).json).toMatchObject({ users: 4 })
    const patch = { body: { name: 'N' }, headers: { 'if-match': etag } }
    expect((await send('PATCH', 'tenants/acme', patch)).status).toBe(200)
  })

  test('the documents have them', async () => {
    const { send } = manageClient()
    for (const path of ['settings/schema', 'openapi.json']) {
      const { etag = '' } = (await send('GET', path)).headers
      expect((await send('GET', path, { headers: { 'if-none-match': etag } })).status).toBe(304)
    }
  })

  test('a change that is overtaken after the check is refused when it names a version', async () => {
    const domain = manageDomain()
    const { send } = manageClient({
      domain: {
        ...domain,
        changeTenant: async (id, change, condition) => {
          await domain.changeTenant(id, { name: 'Overtaken' }, {})
          return domain.changeTenant(id, change, condition)
        },
      },
    })
    const { etag = '' } = (await send('POST', 'tenants', { body: { id: 'acme' } })).headers
    const body = { settings: { requestsPerSecond: 30 } }
    const bound = await send('PATCH', 'tenants/acme', { body, headers: { 'if-match': etag } })
    expect(bound.status).toBe(412)
    const free = await send('PATCH', 'tenants/acme', { body })
    expect(free.json).toMatchObject({ name: 'Overtaken', settings: { requestsPerSecond: 30 } })
  })
})

describe('a path that no operation has', () => {
  test.each([
    ['PUT', 'tenants', 'GET, HEAD, POST'],
    ['POST', 'tenants/acme', 'GET, HEAD, PATCH, DELETE'],
    ['OPTIONS', 'Tenants/acme/CREDENTIALS/', 'GET, HEAD, POST'],
    ['GET', 'tenants/acme/credentials/x/rotate', 'POST'],
    ['PUT', 'tenants/acme/attributes/x', 'GET, HEAD, PATCH, DELETE'],
    ['DELETE', 'openapi.json', 'GET, HEAD'],
  ])('%s %s is 405 with Allow', async (method, path, allow) => {
    const { send } = manageClient()
    const answer = await send(method, path)
    expect(problemOf(answer)).toBe(
      `405 method-not-allowed: ${method} is not allowed on this path; allowed are ${allow}.`,
    )
    expect(answer.headers['allow']).toBe(allow)
  })

  test.each(['', 'tenant', 'tenants/acme/users', '/tenants', 'tenants//credentials'])(
    '%s is 404',
    async (path) => {
      const { send } = manageClient()
      expect(problemOf(await send('GET', path))).toMatch(/^404 not-found: .*openapi\.json/)
    },
  )
})

describe('the log', () => {
  test('has a line with who, whom and what, and no secret', async () => {
    const client = await withTenant()
    const { send, log } = client
    const id = await newCredential(client)
    const rotated = await send('POST', `tenants/acme/credentials/${id}/rotate?code=the-key`, {
      headers: { 'x-actor': 'ada (support)', 'x-functions-key': 'the-key' },
    })
    expect(log).toHaveLength(4)
    const LINE = z.looseObject({ milliseconds: z.int() })
    const { milliseconds: _, ...line } = LINE.parse(
      JSON.parse(log[3]?.replace('information ', '') ?? ''),
    )
    expect(line).toEqual({
      event: 'manage',
      operation: 'manage-credentials-rotate',
      route: '/api/manage/tenants/{id}/credentials/{credentialId}/rotate',
      method: 'POST',
      status: 201,
      storageCalls: 0,
      roundTrips: 0,
      tenant: 'acme',
      credential: id,
      createdCredential: textIn(rotated.json, 'id'),
      actor: 'ada (support)',
    })
    expect(log.join()).not.toMatch(/the-key/)
    expect(log.join()).not.toContain(textIn(rotated.json, 'secret'))
  })

  test('tells of a tenant that is created, and of one that begins to go', async () => {
    const { send, log } = manageClient()
    const headers = { 'x-actor': 'ada' }
    await send('POST', 'tenants', { body: { id: 'acme' }, headers })
    await send('DELETE', 'tenants/acme', { headers })
    expect(log[0]).toBe('information {"event":"tenant created","tenant":"acme","actor":"ada"}')
    expect(log[1]).toMatch(/"operation":"manage-tenants-create".*"tenant":"acme"/)
    expect(log[2]).toMatch(/"event":"tenant deletion begun","tenant":"acme","actor":"ada"/)
    expect(log).toHaveLength(4)
  })

  test('has the kind and the detail of a problem, without what the client sent', async () => {
    const { send, log } = manageClient()
    await send('GET', 'tenants/Nobody')
    expect(log.at(-1)).toMatch(/"error":"not-found","detail":"There is no tenant \\"…\\": an id/)
    expect(log.at(-1)).not.toContain('"tenant"')
    expect(log.join()).not.toContain('Nobody')
  })
})

describe('what fails on our side', () => {
  test('is a 500 that tells nothing but where to look', async () => {
    const { send, log } = manageClient({
      domain: { ...manageDomain(), get: () => Promise.reject(new TypeError('row secret of acme')) },
    })
    const answer = await send('GET', 'tenants/acme')
    expect(problemOf(answer)).toMatch(/^500 internal: Something failed on our side\. The log/)
    expect(log[0]).toMatch(/^error .*"event":"failure".*TypeError/)
    expect(log[1]).toMatch(/"status":500.*"error":"internal"/)
    expect(log.join() + answer.text).not.toContain('row secret')
  })

  test('and may be gone soon is a 503 with Retry-After', async () => {
    const { send } = manageClient({
      domain: { ...manageDomain(), get: () => Promise.reject(unavailable('No storage.')) },
    })
    const answer = await send('GET', 'tenants/acme')
    expect(problemOf(answer)).toBe('503 unavailable: No storage.')
    expect(answer.headers['retry-after']).toBe('5')
  })
})

describe('before anything else', () => {
  test('a request that may not manage is refused, whatever it asks for', async () => {
    const asked: unknown[] = []
    const { send } = manageClient({
      guard: (arrival) => {
        asked.push(arrival)
        throw new ScimError('forbidden', 'Not from here.')
      },
    })
    const headers = { 'x-forwarded-host': 'tunnel.example' }
    for (const path of ['tenants', 'tenants/x', 'openapi.json', 'nothing', 'tenants?count=x']) {
      expect(problemOf(await send('GET', path, { headers }))).toBe('403 forbidden: Not from here.')
    }
    expect(asked[0]).toEqual({ host: 'scim.example', forwardedHost: 'tunnel.example' })
  })
})

test('the Tenant URL and the token URL are those of PUBLIC_BASE_URL', async () => {
  const { send } = manageClient({ publicBaseUrl: 'https://public.example/api/scim' })
  const created = await send('POST', 'tenants', { body: { id: 'acme' } })
  expect(created.json['tenantUrl']).toBe('https://public.example/api/scim')
  const credential = await send('POST', 'tenants/acme/credentials', {
    body: { kind: 'clientSecret' },
  })
  expect(credential.json['tokenUrl']).toBe('https://public.example/api/oauth/token')
})

test.each([{ kind: 'clientSecret' }, FEDERATED])(
  'a credential for OAuth is refused while that is off, with what has to be set: %j',
  async (body) => {
    const publicBaseUrl = 'https://public.example/api/scim'
    const { manage } = createRuntime(memoryStores(), { publicBaseUrl })
    const { send } = manageClient({ domain: manage.domainOf({ actor: 'manage' }), publicBaseUrl })
    await send('POST', 'tenants', { body: { id: 'acme' } })
    const refused = problemOf(await send('POST', 'tenants/acme/credentials', { body }))
    expect(refused).toMatch(/^409 not-possible: a .* opens nothing while OAuth is off, which needs/)
    expect(refused).toMatch(/ the settings PUBLIC_BASE_URL and KEY_VAULT_KEY_ID$/)
    const token = await send('POST', 'tenants/acme/credentials', { body: { kind: 'token' } })
    expect(token.status).toBe(201)
  },
)

test('maintenance tells what it did', async () => {
  const { send } = manageClient()
  expect((await send('POST', 'maintenance')).json).toMatchObject({ ran: true, complete: true })
  expect((await send('POST', 'maintenance', { body: { now: true } })).status).toBe(400)
})

test('changes are whose X-Actor says, each with the id of its request', async () => {
  const { send, authors } = await withTenant()
  await send('PATCH', 'tenants/acme', { body: { name: 'A' }, headers: { 'x-actor': ' ana ' } })
  const requestId: unknown = expect.stringMatching(/./)
  expect(authors).toEqual([
    { actor: 'manage', requestId },
    { actor: 'manage', onBehalfOf: 'ana', requestId },
  ])
  expect(new Set(authors.map((each) => each.requestId)).size).toBe(2)
})
