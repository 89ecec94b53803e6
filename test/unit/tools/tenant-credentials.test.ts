import { issueCredential } from '../../../lib/tenants/credentials.ts'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { createAuthenticator } from '../../../lib/auth/authenticate.ts'
import { parseClientSecret } from '../../../lib/tenants/secret-token.ts'
import { aDesk, type Desk } from './tenant-terminal.ts'

const ENTRA = '9188040d-6c67-4c5b-b112-36a304b66dad'

const FEDERATED = [
  '--kind',
  'federated',
  '--issuer',
  `https://login.microsoftonline.com/${ENTRA}/v2.0`,
  '--audience',
  'api://app',
  '--subject',
  'sub',
  '--jwks-uri',
  `https://login.microsoftonline.com/${ENTRA}/discovery/v2.0/keys`,
]

const ISSUED = z.object({
  secret: z.string().optional(),
  clientId: z.string().optional(),
  tokenUrl: z.string().optional(),
  credential: z.looseObject({ id: z.string(), kind: z.string() }),
})

type Issued = z.infer<typeof ISSUED>

async function deskWith(...ids: readonly string[]): Promise<Desk> {
  const desk = aDesk()
  for (const id of ids) await desk.run('create', id)
  return desk
}

async function issue(desk: Desk, ...args: readonly string[]): Promise<Issued> {
  const { out, err } = await desk.run('credential', 'issue', 'acme', '--json', ...args)
  expect(err).toBe('')
  return ISSUED.parse(JSON.parse(out))
}

async function opens(desk: Desk, secretToken: string): Promise<string> {
  const authenticate = createAuthenticator({ store: desk.store, now: () => desk.at })
  return (await authenticate(`Bearer ${secretToken}`)).tenantId
}

describe('credential issue', () => {
  test('of a client secret prints what OAuth needs, once, and says when it expires', async () => {
    const desk = await deskWith('acme')
    const url = ['--url', 'https://scim.example']
    const { code, out } = await desk.run(
      'credential',
      'issue',
      'acme',
      '--kind',
      'clientSecret',
      ...url,
    )
    expect(code).toBe(0)
    const [tenantUrl, tokenUrl, clientId, secret = '', , note] = out.split('\n')
    expect([tenantUrl, tokenUrl, clientId]).toEqual([
      'Tenant URL    https://scim.example/api/scim',
      'Token URL     https://scim.example/api/oauth/token',
      'Client ID     scim_acme',
    ])
    expect(parseClientSecret(secret.replace('Client Secret ', ''))).toMatchObject({
      tenantId: 'acme',
    })
    expect(note).toMatch(/^The Client Secret is not shown again\. .* 2027-11-22T08:00:00\.000Z\.$/)
    const never = ['--kind', 'clientSecret', '--expires', 'never']
    expect((await issue(desk, ...never)).credential).not.toHaveProperty('expires')
  })

  test('of a token is token issue', async () => {
    const desk = await deskWith('acme')
    const { secret = '', clientId } = await issue(desk, '--kind', 'token')
    expect(clientId).toBeUndefined()
    expect(await opens(desk, secret)).toBe('acme')
  })

  test('of a federated credential has no secret, and the client id', async () => {
    const desk = await deskWith('acme')
    const { secret, clientId, credential } = await issue(desk, ...FEDERATED, '--label', 'Entra')
    expect([secret, clientId]).toEqual([undefined, 'scim_acme'])
    expect(credential).toMatchObject({ audience: 'api://app', subject: 'sub', label: 'Entra' })
    const { out } = await desk.run('credential', 'issue', 'acme', ...FEDERATED)
    expect(out).toMatch(/^Token URL {5}https:\/\/<your host>\/api\/oauth\/token$/m)
  })

  test('of an Entra credential claims the Entra tenant for one tenant', async () => {
    const desk = await deskWith('acme', 'demo')
    const entra = ['--kind', 'entra', '--entra-tenant', ENTRA.toUpperCase()]
    expect((await issue(desk, ...entra)).credential).toMatchObject({ entraTenantId: ENTRA })
    const { code, err } = await desk.run('credential', 'issue', 'demo', ...entra)
    expect([code, err]).toEqual([1, 'that Entra tenant id belongs to another tenant already'])
  })

  test.each([
    [[], '--kind must be one of token, clientSecret, federated, entra'],
    [['--kind', 'password'], '--kind must be one of'],
    [FEDERATED.slice(0, 4), '--kind federated needs --audience'],
    [['--kind', 'entra'], '--kind entra needs --entra-tenant'],
    [['--kind', 'token', '--issuer', 'x'], '--kind token has no --issuer'],
    [['--kind', 'entra', '--entra-tenant', ENTRA, '--subject', 'x'], 'entra has no --subject'],
    [['--kind', 'token', '--expires', 'soon'], '--expires must be a date'],
  ])('%j is misunderstood', async (args, message) => {
    const desk = await deskWith('acme')
    const { code, err } = await desk.run('credential', 'issue', 'acme', ...args)
    expect(code).toBe(2)
    expect(err).toContain(message)
    expect(await desk.store.credentials('acme')).toHaveLength(1)
  })

  test.each([
    [['--entra-tenant', 'acme.onmicrosoft.com'], 'the Entra tenant id must be a UUID'],
    [['--entra-tenant', ENTRA, '--audience', ' '], 'the audience must have 1 to 512 characters'],
  ])('of an Entra credential refuses %j', async (args, message) => {
    const desk = await deskWith('acme')
    const { code, err } = await desk.run('credential', 'issue', 'acme', '--kind', 'entra', ...args)
    expect(code).toBe(1)
    expect(err).toContain(message)
  })
})

describe('while OAuth is off', () => {
  const ACCOUNT = 'https://account.table.core.windows.net'
  const KEY = 'https://vault.vault.azure.net/keys/scim'
  const NEEDS =
    'OAuth is off, which needs PUBLIC_BASE_URL (or --url) and KEY_VAULT_KEY_ID in the environment, as the app has them'

  test.each([
    [['--kind', 'clientSecret'], `a client secret opens nothing while ${NEEDS}`],
    [FEDERATED, `a federated credential opens nothing while ${NEEDS}`],
  ])('%j is refused', async (args, message) => {
    const desk = await deskWith('acme')
    desk.environment = { TABLES_ENDPOINT: ACCOUNT, KEY_VAULT_KEY_ID: KEY }
    const issued = ['credential', 'issue', 'acme', ...args]
    expect(await desk.run(...issued)).toMatchObject({ code: 1, err: message })
    expect(await desk.store.credentials('acme')).toHaveLength(1)
    desk.environment = { TABLES_ENDPOINT: ACCOUNT }
    const url = ['--url', 'https://scim.example']
    expect(await desk.run(...issued, ...url)).toMatchObject({ code: 1, err: message })
    desk.environment = { TABLES_ENDPOINT: ACCOUNT, KEY_VAULT_KEY_ID: KEY }
    expect(await desk.run(...issued, ...url)).toMatchObject({ code: 0 })
  })

  test('a client secret is not rotated, and a token is', async () => {
    const desk = await deskWith('acme')
    const secret = await issue(desk, '--kind', 'clientSecret')
    const token = await issue(desk, '--kind', 'token')
    desk.environment = { TABLES_ENDPOINT: ACCOUNT }
    const rotate = ['credential', 'rotate', 'acme']
    const refused = await desk.run(...rotate, secret.credential.id)
    expect(refused).toMatchObject({ code: 1, err: `a client secret opens nothing while ${NEEDS}` })
    expect(await desk.run(...rotate, token.credential.id)).toMatchObject({ code: 0 })
  })
})

test.each([
  ['https://127.0.0.1/keys', 'the JWKS address must have the name of a host, no IP address'],
  ['https://idp.example:8443/keys', 'the JWKS address must be on port 443'],
  ['https://scim.example/api/oauth/jwks', 'the JWKS address must not lead to this service'],
])('credential issue refuses keys at %s', async (address, message) => {
  const desk = await deskWith('acme')
  const args = [...FEDERATED.slice(0, -1), address, '--url', 'https://scim.example']
  const refused = await desk.run('credential', 'issue', 'acme', ...args)
  expect(refused).toMatchObject({ code: 1, err: message })
})

describe('credential list, change and revoke', () => {
  test('list has all kinds, and no hash', async () => {
    const desk = await deskWith('acme')
    desk.at = new Date('2026-11-22T08:01:00.000Z')
    await issue(desk, ...FEDERATED)
    const { out } = await desk.run('credential', 'list', 'acme')
    expect(out.split('\n')).toEqual([
      'CREDENTIAL    KIND       LABEL  STATUS  CREATED            EXPIRES  LAST USED',
      expect.stringMatching(/^\w{12} {2}token {6}- {6}active {2}\S+ {2}never {4}never$/),
      expect.stringMatching(/^\w{12} {2}federated {2}- {6}active {2}\S+ {2}never {4}never$/),
    ])
    const { out: json } = await desk.run('credential', 'list', 'acme', '--json')
    expect(json).not.toMatch(/secretHash|version|warned/)
  })

  test('change gives another label and expiry, or takes the expiry away', async () => {
    const desk = await deskWith('acme')
    const { credential } = await issue(desk, '--kind', 'clientSecret')
    const change = ['credential', 'change', 'acme', credential.id]
    const { out } = await desk.run(...change, '--label', 'Okta', '--expires', '90d')
    expect(out).toContain('is changed: it expires 2027-02-20T08:00:00.000Z')
    const { out: json } = await desk.run(...change, '--expires', 'never', '--json')
    const { credential: changed } = ISSUED.parse(JSON.parse(json))
    expect(changed).toMatchObject({ label: 'Okta', status: 'active' })
    expect(changed).not.toHaveProperty('expires')
    expect(await desk.run(...change)).toMatchObject({ code: 2 })
  })

  test('revoke ends it, can be repeated, and says which there are', async () => {
    const desk = await deskWith('acme')
    const { credential } = await issue(desk, ...FEDERATED, '--label', 'Entra')
    for (let n = 0; n < 2; n += 1) {
      const { code, out } = await desk.run('credential', 'revoke', 'acme', credential.id)
      expect([code, out]).toEqual([
        0,
        `credential ${credential.id} of tenant acme is revoked, everywhere within 30 s`,
      ])
    }
    const { err } = await desk.run('credential', 'revoke', 'acme', 'missing00000')
    expect(err).toContain(`has no credential missing00000; there are: `)
    expect(err).toContain(`${credential.id} (Entra)`)
  })
})

describe('rotate', () => {
  test('of a token gives one more, and the old one is good for a day', async () => {
    const desk = await deskWith('acme')
    const { secret: old = '', credential } = await issue(desk, '--kind', 'token', '--label', 'Okta')
    const { code, out } = await desk.run('token', 'rotate', 'acme', credential.id)
    expect(code).toBe(0)
    expect(out).toContain(`The old one, ${credential.id}, is good until 2026-11-23T08:00Z.`)
    const token = /scim_\S+/.exec(out)?.[0] ?? ''
    desk.at = new Date('2026-11-23T07:59:59.000Z')
    for (const each of [old, token]) expect(await opens(desk, each)).toBe('acme')
    desk.at = new Date('2026-11-23T08:00:00.000Z')
    expect(await opens(desk, token)).toBe('acme')
    await expect(opens(desk, old)).rejects.toThrow(/expired/)
  })

  test('takes the overlap, and 0 ends the old one at once', async () => {
    const desk = await deskWith('acme')
    const { credential } = await issue(desk, '--kind', 'clientSecret')
    const { out } = await desk.run(
      'credential',
      'rotate',
      'acme',
      credential.id,
      '--overlap-hours',
      '0',
      '--json',
    )
    expect(JSON.parse(out)).toMatchObject({
      secret: expect.stringMatching(/^scims_acme_/) as unknown,
      clientId: 'scim_acme',
      credential: { status: 'active', expires: '2027-11-22T08:00:00.000Z' },
      previous: { id: credential.id, status: 'expired' },
    })
  })

  test.each([
    ['721', 1, 'the overlap must be a whole number of hours from 0 to 720'],
    ['1.5', 2, '--overlap-hours must be a whole number of hours, not "1.5"'],
    ['-1', 2, ''],
  ])('refuses an overlap of %s', async (hours, code, message) => {
    const desk = await deskWith('acme')
    const { credential } = await issue(desk, '--kind', 'token')
    const ran = await desk.run('token', 'rotate', 'acme', credential.id, '--overlap-hours', hours)
    expect(ran.code).toBe(code)
    expect(ran.err).toContain(message)
    expect(await desk.store.credentials('acme')).toHaveLength(2)
  })

  test('refuses what has no secret, and token rotate what is no token', async () => {
    const desk = await deskWith('acme')
    const { credential } = await issue(desk, ...FEDERATED)
    expect(await desk.run('credential', 'rotate', 'acme', credential.id)).toMatchObject({
      code: 1,
      err: 'a federated credential has no secret to rotate; issue another one',
    })
    const { err } = await desk.run('token', 'rotate', 'acme', credential.id)
    expect(err).toContain(`tenant acme has no token ${credential.id}`)
  })
})

describe('list and change', () => {
  test('list finds by a text and by status, and shows what the summaries tell', async () => {
    const desk = await deskWith('acme', 'demo')
    await desk.run('create', 'contoso', '--reference', 'CRM-4711', '--name', 'Contoso Ltd')
    await desk.run('disable', 'demo')
    expect((await desk.run('list', 'crm-47')).out.split('\n')).toEqual([
      'TENANT   NAME         STATUS   CREATED            STATE    REFERENCE',
      'contoso  Contoso Ltd  enabled  2026-11-22T08:00Z  waiting  CRM-4711',
    ])
    expect((await desk.run('list', '--status', 'disabled')).out).toMatch(/^demo +demo +disabled/m)
    expect((await desk.run('list', 'nobody')).out).toBe('there is no such tenant')
    expect(await desk.run('list', '--status', 'gone')).toMatchObject({ code: 2 })
    await desk.run('maintenance')
    const { out } = await desk.run('list')
    expect(out).toMatch(/^TENANT +NAME +STATUS +CREATED +STATE +REFERENCE +USERS +GROUPS$/m)
    const { out: json } = await desk.run('list', 'contoso', '--json')
    const tenant = { id: 'contoso', reference: 'CRM-4711', users: 0, groups: 0 }
    expect(JSON.parse(json)).toMatchObject({ tenants: [tenant] })
    expect(json).not.toContain('partitionKey')
  })

  test('change gives name, reference and settings, and takes them away', async () => {
    const desk = await deskWith('acme')
    // Of a later version of the app.
    await desk.store.update('acme', () => ({ settings: { later: false } }))
    const settings = ['--settings', '{"requestsPerSecond": 50, "later": true}']
    const { out } = await desk.run(
      'change',
      'acme',
      '--name',
      'Acme',
      '--reference',
      'CRM-1',
      ...settings,
      '--json',
    )
    expect(JSON.parse(out)).toMatchObject({
      tenant: {
        name: 'Acme',
        reference: 'CRM-1',
        settings: { requestsPerSecond: 50, later: true },
      },
    })
    await desk.run('change', 'acme', '--reference', '', '--settings', '{"requestsPerSecond":null}')
    const tenant = await desk.store.get('acme')
    expect(tenant).toMatchObject({ name: 'Acme', settings: { later: true } })
    expect(tenant).not.toHaveProperty('reference')
  })

  test.each([
    [[], 2, 'change needs --name TEXT, --reference TEXT or --settings JSON'],
    [['--settings', '[]'], 2, '--settings must be a JSON object'],
    [['--settings', '{'], 2, '--settings must be a JSON object'],
    [['--settings', '{"requestsPerSecond": 24}'], 1, 'the setting requestsPerSecond: '],
    [['--settings', '{"requestPerSecond": 50}'], 1, 'there is no setting "requestPerSecond"'],
    [['--settings', '{"__proto__": {"x": 1}}'], 1, 'there is no setting "__proto__"'],
    [['--reference', 'x'.repeat(101)], 1, 'the reference of the tenant must have at most 100'],
  ])('change refuses %j', async (args, code, message) => {
    const desk = await deskWith('acme')
    const before = await desk.store.get('acme')
    const ran = await desk.run('change', 'acme', ...args)
    expect(ran.code).toBe(code)
    expect(ran.err).toContain(message)
    expect(await desk.store.get('acme')).toEqual(before)
  })
})

describe('maintenance', () => {
  test('does what the timer does, once, and says it', async () => {
    const desk = await deskWith('acme')
    await issue(desk, '--kind', 'token', '--expires', '7d')
    const { code, out, err } = await desk.run('maintenance')
    expect(code).toBe(0)
    expect(out.split('\n')).toEqual([
      '1 summaries made anew, 0 removed',
      '3 interrupted deletions of users and groups finished',
      '0 tenants deleted, 0 under way, 0 rows removed',
      '0 rows of activity purged, 0 without names of deleted people now',
      '1 expiries and 0 orphans told',
      'all is done',
    ])
    expect(err).toMatch(/^tenant acme: its credential \w{12} expires 2026-11-29T08:00Z$/)
  })

  test('says when another run is under way', async () => {
    const desk = await deskWith('acme')
    await desk.maintenance.acquire('other', desk.at, new Date(desk.at.getTime() + 60_000))
    const { out } = await desk.run('maintenance')
    expect(out).toBe('another run is under way: nothing is done')
    expect(JSON.parse((await desk.run('maintenance', '--json')).out)).toMatchObject({ ran: false })
  })
})

test('show has the settings in effect, and credentials of all kinds', async () => {
  const desk = await deskWith('acme')
  expect((await desk.run('create', 'contoso', '--settings', '{"requestsPerSecond":50}')).code).toBe(
    0,
  )
  await issue(desk, '--kind', 'clientSecret', '--label', 'Okta')
  const { out } = await desk.run('show', 'acme')
  expect(out).toMatch(/clientSecret +Okta +active/)
  const { out: json } = await desk.run('show', 'acme', '--json')
  expect(JSON.parse(json)).toMatchObject({
    settings: { requestsPerSecond: 100, accessTokenHours: 1 },
    credentials: [{ kind: 'clientSecret', label: 'Okta', status: 'active' }],
  })
  expect(json).not.toContain('secretHash')
  const { out: other } = await desk.run('show', 'contoso', '--json')
  expect(JSON.parse(other)).toMatchObject({ settings: { requestsPerSecond: 50 }, credentials: [] })
  const wrong = await desk.run('create', 'fabrikam', '--settings', '{"requestPerSecond":50}')
  expect(wrong.err).toContain('there is no setting "requestPerSecond"')
  expect(await desk.store.get('fabrikam')).toBeUndefined()
})

test('credential show has what a credential is for, and settings what can be set', async () => {
  const desk = await deskWith('acme')
  const facts = { issuer: 'https://login.example', audience: 'a', subject: 's' }
  const spec = { kind: 'federated', jwksUri: 'https://login.example/keys', ...facts } as const
  const { credential } = await issueCredential(desk.store, 'acme', spec, desk.at)
  const { out } = await desk.run('credential', 'show', 'acme', credential.id)
  expect(out).toContain('issuer: https://login.example\n')
  const { out: json } = await desk.run('credential', 'show', 'acme', credential.id, '--json')
  expect(JSON.parse(json)).toMatchObject({ credential: { ...facts, status: 'active' } })
  const { out: settings } = await desk.run('settings')
  expect(settings).toMatch(/\nrequestsPerSecond +100 +25 to 1000 +Requests a second/)
  expect(settings).toMatch(/\nnamesInActivity +true +true, false +Whether/)
  expect(settings).toMatch(/\nallowedEmailDomains +none +a list +Domains that userName/)
  expect(settings).toMatch(/\ndeletionPolicy +delete +delete, deactivate +What a DELETE/)
})
