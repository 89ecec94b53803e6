import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MANAGE_ROUTES } from '../../lib/http/manage.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import { PROVISIONING_SERVICE } from '../../lib/oauth/entra.ts'
import { isArray, isObject, type JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { ENTRA_AUDIENCE } from '../../lib/tenants/new-credential.ts'
import { signJwt, testKey } from '../support/jwt.ts'
import { startIssuer, type LocalIssuer } from '../support/local-issuer.ts'
import { textOf } from '../support/memory-app.ts'
import { oauthApp, requestToken, TENANT_URL, type OAuthApp } from '../support/oauth-app.ts'

/**
 * Tenant A's credentials of every kind against all that tenant B has, on every route; `tenants.test.ts` has more queries
 * of one kind.
 */

const KEYS = { master: 'the master key', host: 'the host key' }
const MANAGE_URL = 'http://localhost:7071/api/manage'
/** One directory of Entra ID in which both tenants have registered an application of their own. */
const DIRECTORY = 'ce5f061f-abe6-4e40-9615-301f87bcb7f0'
const ORIGIN = `https://login.microsoftonline.com/${DIRECTORY}`
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const TENANTS = ['tenant-a', 'tenant-b'] as const
type TenantId = (typeof TENANTS)[number]

/** What tells the two tenants' clients apart. */
const OF_TENANT = {
  'tenant-a': { subject: 'subject-a', audience: 'api://a', directory: DIRECTORY },
  'tenant-b': {
    subject: 'subject-b',
    audience: 'api://b',
    directory: '11111111-2222-3333-4444-555555555555',
  },
} as const

const KINDS = ['token', 'clientSecret', 'federated', 'entra'] as const
type Kind = (typeof KINDS)[number]

const key = await testKey('one')
let issuer: LocalIssuer
let oauth: OAuthApp

/** What each kind of credential has come to: the bearer token that is sent. */
const bearers: Record<TenantId, Record<Kind, string>> = {
  'tenant-a': { token: '', clientSecret: '', federated: '', entra: '' },
  'tenant-b': { token: '', clientSecret: '', federated: '', entra: '' },
}
const secrets: Record<TenantId, string> = { 'tenant-a': '', 'tenant-b': '' }
/** What B has. */
const ids = { user: '', other: '', group: '', outer: '', credential: '' }
const cursors = { users: '', groups: '', all: '' }
/** B's resources and credentials, to see that A changed nothing. */
let before: unknown

/** What must never be in an answer to A. */
const SECRETS = /hidden-|Hidden /

interface Sent {
  readonly status: number
  readonly text: string
  readonly json: JsonObject
}

async function fetched(url: string, init: RequestInit): Promise<Sent> {
  const answer = await oauth.fetch(url, init)
  const text = await answer.text()
  const json: unknown = text === '' ? {} : JSON.parse(text)
  return { status: answer.status, text, json: isObject(json) ? json : {} }
}

function scim(token: string, method: string, path: string, body?: JsonObject): Promise<Sent> {
  const type = body === undefined ? {} : { 'content-type': 'application/scim+json' }
  const headers = { authorization: `Bearer ${token}`, ...type }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  return fetched(`${TENANT_URL}${path}`, { method, headers, ...sent })
}

const asB = (method: string, path: string, body?: JsonObject): Promise<Sent> =>
  scim(bearers['tenant-b'].token, method, path, body)

async function everythingOfB(): Promise<unknown> {
  const { json } = await asB('GET', '?count=1000&sortBy=id')
  const credentials = await oauth.app.stores.tenants.credentials('tenant-b')
  const kept = credentials.map((each) => {
    const { lastUsed: _, version: __, ...rest } = each
    return rest
  })
  return { json, kept }
}

function entraClaims(tenant: TenantId, more: JsonObject): JsonObject {
  const now = Math.floor(oauth.at / 1000)
  return { iat: now, nbf: now, exp: now + 3900, tid: OF_TENANT[tenant].directory, ...more }
}

/** What Entra ID gives the application of a tenant's customer, to show at the token endpoint. */
function assertionOf(tenant: TenantId): Promise<string> {
  const { subject, audience } = OF_TENANT[tenant]
  const iss = `${ORIGIN}/v2.0`
  return signJwt(key, entraClaims(tenant, { iss, aud: audience, sub: subject }))
}

/** What Entra ID's provisioning sends of itself. */
function entraTokenOf(tenant: TenantId): Promise<string> {
  const iss = `https://sts.windows.net/${OF_TENANT[tenant].directory}/`
  const more = { iss, aud: ENTRA_AUDIENCE, appid: PROVISIONING_SERVICE, ver: '1.0' }
  return signJwt(key, entraClaims(tenant, more))
}

const secretOf = (tenant: TenantId): Record<string, string> => ({ client_secret: secrets[tenant] })

const assertedBy = (client_assertion: string): Record<string, string> => ({
  client_assertion_type: JWT_BEARER,
  client_assertion,
})

async function accessToken(tenant: TenantId, by: Record<string, string>): Promise<string> {
  const answer = await requestToken(oauth, { client_id: `scim_${tenant}`, ...by })
  return textOf(answer, 'access_token')
}

async function registerAll(tenant: TenantId): Promise<void> {
  const { subject, audience, directory } = OF_TENANT[tenant]
  bearers[tenant].token = (await oauth.app.tenant(tenant)).secretToken
  const { secret = '', credential } = await oauth.issue(tenant, { kind: 'clientSecret' })
  secrets[tenant] = secret
  ids.credential = credential.id
  await oauth.issue(tenant, {
    kind: 'federated',
    issuer: `${ORIGIN}/v2.0`,
    subject,
    audience,
    jwksUri: `${ORIGIN}/discovery/v2.0/keys`,
  })
  await oauth.issue(tenant, { kind: 'entra', entraTenantId: directory })
  bearers[tenant].clientSecret = await accessToken(tenant, secretOf(tenant))
  bearers[tenant].federated = await accessToken(tenant, assertedBy(await assertionOf(tenant)))
  bearers[tenant].entra = await entraTokenOf(tenant)
}

async function idOf(created: Promise<Sent>): Promise<string> {
  return textOf(await created, 'id')
}

const user = (userName: string, more: JsonObject = {}): JsonObject => ({
  schemas: [URN.user],
  userName,
  externalId: 'shared',
  ...more,
})
const group = (displayName: string, ...members: readonly string[]): JsonObject => ({
  schemas: [URN.group],
  displayName,
  members: members.map((value) => ({ value })),
})
const patch = (...operations: readonly JsonObject[]): JsonObject => ({
  schemas: [MESSAGE.patchOp],
  Operations: operations,
})
const query = (more: JsonObject): JsonObject => ({ schemas: [MESSAGE.searchRequest], ...more })
const filtered = (filter: string): string => `filter=${encodeURIComponent(filter)}`

beforeAll(async () => {
  issuer = await startIssuer(key)
  oauth = await oauthApp({ fetchText: issuer.fetchText, keys: KEYS })
  for (const tenant of TENANTS) await registerAll(tenant)
  const details = {
    displayName: 'hidden-display',
    title: 'hidden-title',
    emails: [{ value: 'hidden-mail@b.example', type: 'work' }],
    [URN.enterpriseUser]: { employeeNumber: 'hidden-number' },
  }
  ids.user = await idOf(asB('POST', '/Users', user('ada@b.example', details)))
  const more = { title: 'hidden-other', [URN.enterpriseUser]: { manager: { value: ids.user } } }
  ids.other = await idOf(asB('POST', '/Users', { ...user('bob@b.example'), ...more }))
  ids.group = await idOf(asB('POST', '/Groups', group('Hidden group', ids.user, ids.other)))
  ids.outer = await idOf(asB('POST', '/Groups', group('Hidden outer', ids.group)))
  const cursorOf = async (path: string): Promise<string> =>
    textOf(await asB('GET', `${path}?count=1&cursor=`), 'nextCursor')
  cursors.users = await cursorOf('/Users')
  cursors.groups = await cursorOf('/Groups')
  cursors.all = await cursorOf('')
  before = await everythingOfB()
})
afterAll(async () => issuer.stop())

describe('each kind of credential is good, and for its own tenant', () => {
  test.each(KINDS)('%s', async (kind) => {
    for (const [tenant, totalResults] of [
      ['tenant-a', 0],
      ['tenant-b', 4],
    ] as const) {
      const { status, json } = await scim(bearers[tenant][kind], 'GET', '?count=10')
      expect([status, json['totalResults']]).toEqual([200, totalResults])
      expect(JSON.parse(oauth.logged.at(-1) ?? '')).toMatchObject({ tenant, status: 200 })
    }
  })
})

/**
 * What has to come of an attempt: a refusal of this status; a list with nothing in it; something of A's own, which says
 * nothing of B; or what everybody may read.
 */
type Outcome = 400 | 404 | 501 | 'empty' | 'own' | 'public'

interface Attempt {
  readonly method: string
  readonly path: string
  readonly body?: JsonObject
  readonly outcome: Outcome
}

const attempt = (outcome: Outcome, method: string, path: string, body?: JsonObject): Attempt => ({
  outcome,
  method,
  path,
  ...(body === undefined ? {} : { body }),
})

const listed = (path: string, cursor: string, filters: readonly string[]): readonly Attempt[] => [
  attempt('empty', 'GET', `${path}?count=100`),
  attempt('empty', 'GET', `${path}?count=1&cursor=`),
  attempt('empty', 'GET', `${path}?startIndex=2&sortBy=id`),
  attempt(400, 'GET', `${path}?count=1&cursor=${cursor}`),
  ...filters.map((each) => attempt('empty', 'GET', `${path}?${filtered(each)}`)),
]

const searched = (path: string, cursor: string, filters: readonly string[]): readonly Attempt[] => [
  attempt('empty', 'POST', `${path}/.search`, query({})),
  attempt(400, 'POST', `${path}/.search`, query({ count: 1, cursor })),
  ...filters.map((filter) => attempt('empty', 'POST', `${path}/.search`, query({ filter }))),
]

const userFilters = (): readonly string[] => [
  `id eq "${ids.user}"`,
  'userName eq "ada@b.example"',
  'externalId eq "shared"',
  'emails.value eq "hidden-mail@b.example"',
  `groups.value eq "${ids.group}"`,
  `${URN.enterpriseUser}:manager.value eq "${ids.user}"`,
]
const groupFilters = (): readonly string[] => [
  `id eq "${ids.group}"`,
  'displayName eq "Hidden group"',
  `members.value eq "${ids.user}"`,
  `members[value eq "${ids.group}"]`,
]
const anyFilters = (): readonly string[] => [`id eq "${ids.user}" or id eq "${ids.group}"`]

const rename = patch({ op: 'replace', path: 'displayName', value: 'A' })
const empty = patch({ op: 'remove', path: 'members' })

/** What A tries with each route, by the route's name. */
const ATTEMPTS: Readonly<Record<string, () => readonly Attempt[]>> = {
  'users-create': () => [
    attempt('own', 'POST', '/Users', user('ada@b.example')),
    attempt('own', 'POST', '/Users', user('a', { id: ids.user })),
    attempt(
      'own',
      'POST',
      '/Users',
      user('a', { [URN.enterpriseUser]: { manager: { value: ids.user } } }),
    ),
  ],
  'users-list': () => listed('/Users', cursors.users, userFilters()),
  'users-search': () => searched('/Users', cursors.users, userFilters()),
  'users-get': () =>
    [ids.user, ids.other, ids.group].flatMap((id) => [
      attempt(404, 'GET', `/Users/${id}`),
      attempt(404, 'HEAD', `/Users/${id}`),
      attempt(404, 'GET', `/Users/${id}?attributes=userName`),
    ]),
  'users-replace': () => [attempt(404, 'PUT', `/Users/${ids.user}`, user('a'))],
  'users-patch': () => [attempt(404, 'PATCH', `/Users/${ids.user}`, rename)],
  'users-delete': () => [attempt(404, 'DELETE', `/Users/${ids.user}`)],
  'groups-create': () => [
    attempt('own', 'POST', '/Groups', group('A', ids.user, ids.group)),
    attempt('own', 'POST', '/Groups', { ...group('A'), id: ids.group }),
  ],
  'groups-list': () => listed('/Groups', cursors.groups, groupFilters()),
  'groups-search': () => searched('/Groups', cursors.groups, groupFilters()),
  'groups-get': () =>
    [ids.group, ids.outer, ids.user].flatMap((id) => [
      attempt(404, 'GET', `/Groups/${id}`),
      attempt(404, 'HEAD', `/Groups/${id}`),
      attempt(404, 'GET', `/Groups/${id}?excludedAttributes=members`),
    ]),
  'groups-replace': () => [attempt(404, 'PUT', `/Groups/${ids.group}`, group('A'))],
  'groups-patch': () => [
    attempt(404, 'PATCH', `/Groups/${ids.group}`, empty),
    attempt(404, 'PATCH', `/Groups/${ids.group}`, rename),
    attempt(
      404,
      'PATCH',
      `/Groups/${ids.group}`,
      patch({ op: 'remove', path: `members[value eq "${ids.user}"]` }),
    ),
  ],
  'groups-delete': () => [attempt(404, 'DELETE', `/Groups/${ids.group}`)],
  'service-provider-config': () => [attempt('public', 'GET', '/ServiceProviderConfig')],
  'resource-types-list': () => [attempt('public', 'GET', '/ResourceTypes')],
  'resource-types-get': () => [
    attempt('public', 'GET', '/ResourceTypes/User'),
    attempt(404, 'GET', `/ResourceTypes/${ids.user}`),
  ],
  'schemas-list': () => [attempt('public', 'GET', '/Schemas')],
  'schemas-get': () => [
    attempt('public', 'GET', `/Schemas/${URN.user}`),
    attempt(404, 'GET', `/Schemas/${ids.user}`),
  ],
  'root-list': () => listed('', cursors.all, anyFilters()),
  'root-search': () => searched('', cursors.all, anyFilters()),
  bulk: () => [],
  me: () =>
    ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => attempt(501, method, '/Me', {})),
}

const withoutBody = new Set(['GET', 'HEAD'])

function made(kind: Kind, each: Attempt): Promise<Sent> {
  const { method, path, body } = each
  const token = bearers['tenant-a'][kind]
  return scim(token, method, path, withoutBody.has(method) ? undefined : body)
}

/** What has come of an attempt, in the words above; a text for what must not be. */
async function outcomeOf(
  kind: Kind,
  { method, path, outcome }: Attempt,
  answer: Sent,
): Promise<number | string> {
  const { status, json, text } = answer
  if (SECRETS.test(text)) return `tells of B: ${text}`
  if (status === 201) return outcomeOfOwn(kind, path, answer)
  if (status !== 200) return status
  if (outcome === 'public') return method === 'GET' ? 'public' : status
  const { totalResults, Resources: resources } = json
  return totalResults === 0 && isArray(resources) && resources.length === 0 ? 'empty' : text
}

/** What A has made stays its own: its answers have B's ids where A sent them, and nothing that only B knows. */
async function outcomeOfOwn(kind: Kind, path: string, { json, text }: Sent): Promise<string> {
  const token = bearers['tenant-a'][kind]
  const id = textOf({ json }, 'id')
  const read = await scim(token, 'GET', `${path}/${id}`)
  const removed = await scim(token, 'DELETE', `${path}/${id}`)
  const isNew = ![ids.user, ids.other, ids.group, ids.outer].includes(id)
  const tells = [text, read.text].some((each) => SECRETS.test(each) || each.includes('"display":'))
  const isOwn = isNew && !tells && read.status === 200 && removed.status === 204
  return isOwn ? 'own' : `not only its own: ${read.text}`
}

async function check(kind: Kind, each: Attempt): Promise<void> {
  const { method, path, outcome } = each
  const came = await outcomeOf(kind, each, await made(kind, each))
  expect([method, path, came]).toEqual([method, path, outcome])
}

describe.each(KINDS)('A by %s', (kind) => {
  test.each(Object.entries(ATTEMPTS))('%s', async (_route, attempts) => {
    for (const each of attempts()) await check(kind, each)
    expect(await everythingOfB()).toEqual(before)
  })

  test('by a bulk, B’s ids are those of nobody', async () => {
    const operations = [
      { method: 'PUT', path: `/Users/${ids.user}`, data: user('a') },
      { method: 'PATCH', path: `/Users/${ids.user}`, data: rename },
      { method: 'PATCH', path: `/Groups/${ids.group}`, data: empty },
      { method: 'PUT', path: `/Groups/${ids.group}`, data: group('A') },
      { method: 'DELETE', path: `/Users/${ids.other}` },
      { method: 'DELETE', path: `/Groups/${ids.outer}` },
      { method: 'POST', path: '/Groups', bulkId: 'g', data: group('A', ids.user, ids.group) },
    ]
    const body = { schemas: [MESSAGE.bulkRequest], Operations: operations }
    const { text, json } = await made(kind, attempt('own', 'POST', '/Bulk', body))
    const results = isArray(json['Operations']) ? json['Operations'].filter(isObject) : []
    expect(results.map(({ status }) => status)).toEqual([
      '404',
      '404',
      '404',
      '404',
      '404',
      '404',
      '201',
    ])
    expect(text).not.toMatch(SECRETS)
    const path = textOf({ json: results.at(-1) ?? {} }, 'location').slice(TENANT_URL.length)
    const token = bearers['tenant-a'][kind]
    expect((await scim(token, 'GET', path)).text).not.toMatch(SECRETS)
    expect((await scim(token, 'DELETE', path)).status).toBe(204)
    expect(await everythingOfB()).toEqual(before)
  })

  test('no header, parameter or path says which tenant it is', async () => {
    const headers = {
      authorization: `Bearer ${bearers['tenant-a'][kind]}`,
      'x-tenant-id': 'tenant-b',
      'x-forwarded-host': 'tenant-b.example',
    }
    const asked = `${TENANT_URL}/Users?tenant=tenant-b&client_id=scim_tenant-b`
    expect((await fetched(asked, { headers })).json).toMatchObject({ totalResults: 0 })
    expect((await fetched(`${TENANT_URL}/tenant-b/Users`, { headers })).status).toBe(404)
  })
})

test('every route of SCIM is tried', () => {
  const names = ROUTES.map(({ name }) => name)
  expect(Object.keys(ATTEMPTS).toSorted()).toEqual(names.toSorted())
})

describe('a token with the claims of B and the signature of A', () => {
  test.each(['clientSecret', 'federated', 'entra'] as const)('%s', async (kind) => {
    const [header = '', , signature = ''] = bearers['tenant-a'][kind].split('.')
    const [otherHeader = '', claims = ''] = bearers['tenant-b'][kind].split('.')
    for (const head of [header, otherHeader]) {
      const { status, text } = await scim(`${head}.${claims}.${signature}`, 'GET', '/Users')
      expect(status).toBe(401)
      expect(text).not.toMatch(SECRETS)
    }
  })

  test('nor does a Secret Token with the tenant of B', async () => {
    const token = bearers['tenant-a'].token.replace('tenant-a', 'tenant-b')
    expect((await scim(token, 'GET', '/Users')).status).toBe(401)
  })
})

describe('the token endpoint', () => {
  /** Of an issuer that B trusts, too; who has its signature is told which claim is wrong. */
  const ASSERTED = 'The sub of the client_assertion is not the registered subject.'

  const CREDENTIALS: Readonly<Record<string, () => Promise<Record<string, string>>>> = {
    'the client secret': async () => secretOf('tenant-a'),
    'the assertion': async () => assertedBy(await assertionOf('tenant-a')),
    'the Secret Token': async () => ({ client_secret: bearers['tenant-a'].token }),
    'an access token': async () => assertedBy(bearers['tenant-a'].clientSecret),
    'a token of Entra ID': async () => assertedBy(bearers['tenant-a'].entra),
  }

  test.each(Object.entries(CREDENTIALS))(
    '%s of A is none of the client_id of B',
    async (_what, credential) => {
      const by = await credential()
      const asOther = await requestToken(oauth, { client_id: 'scim_tenant-b', ...by })
      const asNobody = await requestToken(oauth, { client_id: 'scim_nobody', ...by })
      expect([asOther.status, asOther.json['error']]).toEqual([401, 'invalid_client'])
      const { error_description: told } = asOther.json
      expect([ASSERTED, asNobody.json['error_description']]).toContain(told)
      expect(JSON.stringify(asOther.json)).not.toMatch(/tenant-b|access_token/)
    },
  )

  test.each([
    ['scim_tenant-b', {}],
    ['scim_tenant-b', { client_id: 'scim_tenant-a' }],
    ['scim_tenant-a', { client_id: 'scim_tenant-b' }],
  ])('nor in a Basic header of %s, with %j', async (name, parameters) => {
    const basic = Buffer.from(`${name}:${secrets['tenant-a']}`).toString('base64')
    const headers = { authorization: `Basic ${basic}` }
    const { status, json } = await requestToken(oauth, parameters, headers)
    expect([400, 401]).toContain(status)
    expect(json).not.toHaveProperty('access_token')
  })

  test('a scope or a resource names no tenant', async () => {
    const more = { scope: 'tenant-b', resource: `${TENANT_URL}/tenant-b`, tenant: 'tenant-b' }
    const token = await accessToken('tenant-a', { ...secretOf('tenant-a'), ...more })
    expect((await scim(token, 'GET', '')).json).toMatchObject({ totalResults: 0 })
  })

  test('what is public names no tenant', async () => {
    for (const path of [
      'jwks',
      '.well-known/oauth-authorization-server',
      '.well-known/oauth-protected-resource',
    ]) {
      const url = new URL(`/api/oauth/${path}`, TENANT_URL)
      const headers = { authorization: `Bearer ${bearers['tenant-a'].clientSecret}` }
      const { status, text } = await fetched(url.href, { headers })
      expect(status).toBe(200)
      expect(text).not.toMatch(/tenant-[ab]/)
    }
  })
})

/** A change of B, or of what B has, by each route of the manage API. */
function managed(tenant: string): readonly { method: string; path: string }[] {
  return MANAGE_ROUTES.flatMap(({ route, methods }) =>
    methods.map((method) => ({
      method,
      path: route
        .replace(/^manage/, '')
        .replace('{id}', tenant)
        .replace('{credentialId}', ids.credential),
    })),
  )
}

const BODIES: Readonly<Record<string, JsonObject>> = {
  '/tenants': { id: 'tenant-c' },
  '/tenants/tenant-b': { name: 'A' },
  '/credentials': { kind: 'token' },
}

function manage(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Sent> {
  const found = Object.entries(BODIES).find(([end]) => path.endsWith(end))
  const body = withoutBody.has(method) ? {} : { body: JSON.stringify(found?.[1] ?? {}) }
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  const headersOfBody = withoutBody.has(method) ? {} : { 'content-type': type }
  return fetched(`${MANAGE_URL}${path}`, {
    method,
    headers: { ...headersOfBody, ...headers },
    ...body,
  })
}

describe('the manage API', () => {
  test.each(KINDS)('is opened by no credential of a tenant: %s', async (kind) => {
    const token = bearers['tenant-a'][kind]
    for (const { method, path } of [...managed('tenant-a'), ...managed('tenant-b')]) {
      const tries: readonly [string, Record<string, string>][] = [
        [path, { authorization: `Bearer ${token}` }],
        [path, { 'x-functions-key': token }],
        [`${path}?code=${encodeURIComponent(token)}`, {}],
      ]
      for (const [target, headers] of tries) {
        const { status, text } = await manage(method, target, headers)
        expect([status, text], `${method} ${target}`).toEqual([401, ''])
      }
    }
    expect(await everythingOfB()).toEqual(before)
  })

  test('does to the tenant of the path what it does, and finds nothing of another there', async () => {
    const headers = { 'x-functions-key': KEYS.host }
    const answers: Record<string, number> = {}
    for (const { method, path } of managed('tenant-a')) {
      if (!path.includes(ids.credential)) continue
      const { status, text } = await manage(method, path, headers)
      expect(text).not.toContain('secretHash')
      answers[`${method} ${path.split(ids.credential)[1] ?? ''}`] = status
    }
    expect(answers).toEqual({
      'GET ': 404,
      'HEAD ': 404,
      'PATCH ': 404,
      'DELETE ': 404,
      'POST /rotate': 404,
    })
    const { json } = await manage('GET', '/tenants/tenant-a/credentials', headers)
    expect(isArray(json['items']) && json['items']).toHaveLength(KINDS.length)
    expect(JSON.stringify(json)).not.toContain('tenant-b')
    expect(await everythingOfB()).toEqual(before)
    // The same key, and the tenant that has it.
    const own = await manage('GET', `/tenants/tenant-b/credentials/${ids.credential}`, headers)
    expect(own).toMatchObject({ status: 200, json: { clientId: 'scim_tenant-b' } })
  })
})
