import { describe, expect, test } from 'vitest'
import { memoryTenantStore } from '../../../lib/storage/memory/tenants.ts'
import type { Credential, TenantStore } from '../../../lib/storage/tenant-port.ts'
import {
  changeCredential,
  clientIdOf,
  credentialStatus,
  issueCredential,
  OVERLAP_HOURS,
  revokeCredential,
  rotateCredential,
  tenantOfClientId,
} from '../../../lib/tenants/credentials.ts'
import { ENTRA_AUDIENCE } from '../../../lib/tenants/new-credential.ts'
import { parseClientSecret, secretMatches } from '../../../lib/tenants/secret-token.ts'
import { beginDeletion, createTenant, requireTenant } from '../../../lib/tenants/tenants.ts'
import { refusalOf } from '../../support/refusal.ts'

const NOW = new Date('2026-11-22T08:00:00.000Z')
const LATER = new Date('2026-11-22T09:00:00.000Z')

describe('credentialStatus', () => {
  const at = NOW.toISOString()

  test.each<readonly [string, Partial<Credential>, Date, string]>([
    ['without an expiry', {}, LATER, 'active'],
    ['before its expiry', { expires: LATER.toISOString() }, NOW, 'active'],
    ['at its expiry', { expires: at }, NOW, 'expired'],
    ['after its expiry', { expires: at }, LATER, 'expired'],
    ['with an expiry that cannot be read', { expires: 'soon' }, NOW, 'expired'],
    ['revoked', { revoked: at }, NOW, 'revoked'],
    ['revoked and expired', { revoked: at, expires: at }, LATER, 'revoked'],
  ])('%s', (_, change, now, status) => {
    expect(credentialStatus(change, now)).toBe(status)
  })
})

const ENTRA = '9188040d-6c67-4c5b-b112-36a304b66dad'

const FEDERATED = {
  kind: 'federated',
  issuer: `https://login.microsoftonline.com/${ENTRA}/v2.0`,
  audience: 'api://app',
  subject: 'sub',
  jwksUri: `https://login.microsoftonline.com/${ENTRA}/discovery/v2.0/keys`,
} as const

async function storeWith(...ids: readonly string[]): Promise<TenantStore> {
  const store = memoryTenantStore()
  for (const id of ids) await createTenant(store, { id, now: NOW })
  return store
}

describe('issueCredential', () => {
  test('of a client secret keeps its hash, and lets it expire after a year', async () => {
    const store = await storeWith('acme')
    const spec = { kind: 'clientSecret', label: ' Okta ' } as const
    const { credential, secret = '' } = await issueCredential(store, 'acme', spec, NOW)
    const parts = parseClientSecret(secret)
    if (typeof parts === 'string' || !('secretHash' in credential)) throw new TypeError('a secret')
    expect(parts).toMatchObject({ tenantId: 'acme', tokenId: credential.id })
    expect(secretMatches(parts.secret, credential.secretHash)).toBe(true)
    expect(credential).toMatchObject({ label: 'Okta', expires: '2027-11-22T08:00:00.000Z' })
    expect(await store.credentials('acme')).toEqual([credential])
  })

  test.each([
    [null, undefined],
    [LATER, LATER.toISOString()],
  ])('of a client secret with the expiry %s keeps to it', async (expires, kept) => {
    const store = await storeWith('acme')
    const spec = { kind: 'clientSecret', expires } as const
    const { credential } = await issueCredential(store, 'acme', spec, NOW)
    expect(credential.expires).toBe(kept)
  })

  test('of a federated credential keeps whose assertions are meant, and has no secret', async () => {
    const store = await storeWith('acme')
    const issued = await issueCredential(store, 'acme', FEDERATED, NOW)
    expect(issued).not.toHaveProperty('secret')
    expect(issued.credential).toMatchObject(FEDERATED)
    expect(await store.credentials('acme')).toEqual([issued.credential])
  })

  test.each([
    [{ issuer: 'http://login.example' }, 'the issuer must be an https URL'],
    [{ audience: '' }, 'the audience must have 1 to 512 characters'],
    [{ subject: 'a\nb' }, 'the subject must have 1 to 512 characters without white space'],
    [{ jwksUri: 'http://login.example/keys' }, 'the JWKS address must be an https URL'],
    [{ jwksUri: 'https://me:secret@login.example/keys' }, 'must have no user name or password'],
    [{ jwksUri: 'keys' }, 'the JWKS address must be an https URL'],
    [{ jwksUri: 'https://169.254.169.254/keys' }, 'the JWKS address must have the name of a host'],
    [{ jwksUri: 'https://login.example:8443/keys' }, 'the JWKS address must be on port 443'],
    [{ jwksUri: 'https://scim.example/api/oauth/jwks' }, 'must not lead to this service'],
  ])('of a federated credential refuses %j', async (change, message) => {
    const store = await storeWith('acme')
    const spec = { ...FEDERATED, ...change }
    const issued = issueCredential(store, 'acme', spec, NOW, { ownHost: 'scim.example' })
    await expect(issued).rejects.toThrow(message)
    expect(await store.credentials('acme')).toEqual([])
  })

  test.each([{ kind: 'clientSecret' }, FEDERATED] as const)(
    'of what is for OAuth is refused while that is off, with what has to be set',
    async (spec) => {
      const store = await storeWith('acme')
      const off = { oauthNeeds: 'THIS' }
      const refused = await refusalOf(() => issueCredential(store, 'acme', spec, NOW, off))
      expect(refused.kind).toBe('mutability')
      expect(refused.detail).toMatch(/opens nothing while OAuth is off, which needs THIS$/)
      expect(await store.credentials('acme')).toEqual([])
      for (const kind of ['token', 'entra'] as const) {
        await issueCredential(store, 'acme', { kind, entraTenantId: ENTRA }, NOW, off)
      }
    },
  )

  test('of an Entra credential claims that Entra tenant, and names nobody who has it', async () => {
    const store = await storeWith('acme', 'demo')
    const spec = { kind: 'entra', entraTenantId: ENTRA.toUpperCase() } as const
    const { credential } = await issueCredential(store, 'acme', spec, NOW)
    expect(credential).toMatchObject({ entraTenantId: ENTRA, audience: ENTRA_AUDIENCE })
    expect(await store.issuerOf(ENTRA)).toMatchObject({ tenantId: 'acme' })
    const taken = await refusalOf(() => issueCredential(store, 'demo', spec, NOW))
    expect(taken).toMatchObject({ kind: 'uniqueness', status: 409 })
    expect(taken.detail).not.toContain('acme')
    expect(await store.credentials('demo')).toEqual([])
    const another = { ...spec, audience: 'api://app' }
    expect((await issueCredential(store, 'acme', another, NOW)).credential).toMatchObject({
      audience: 'api://app',
    })
  })

  test('of an Entra credential for a tenant that goes meanwhile leaves no claim', async () => {
    const store = await storeWith('acme')
    const going = { ...store, addCredential: async () => false }
    const spec = { kind: 'entra', entraTenantId: ENTRA } as const
    await expect(issueCredential(going, 'acme', spec, NOW)).rejects.toThrow('notFound')
    expect(await store.issuerOf(ENTRA)).toBeUndefined()
  })

  test('beside the revocation of the other one for that Entra tenant keeps the claim', async () => {
    const store = await storeWith('acme')
    const spec = { kind: 'entra', entraTenantId: ENTRA } as const
    const { credential } = await issueCredential(store, 'acme', spec, NOW)
    const racing: TenantStore = {
      ...store,
      async addCredential(...args) {
        await revokeCredential(store, 'acme', credential.id, NOW)
        return store.addCredential(...args)
      },
    }
    await issueCredential(racing, 'acme', spec, NOW)
    expect(await store.issuerOf(ENTRA)).toMatchObject({ tenantId: 'acme' })
  })

  test('notes the next expiry for the list, and does not fail with it', async () => {
    const store = await storeWith('acme')
    const tenant = await requireTenant(store, 'acme')
    await issueCredential(store, 'acme', { kind: 'clientSecret' }, NOW)
    await issueCredential(store, 'acme', { kind: 'token', expires: LATER }, NOW)
    expect(await store.summary(tenant)).toMatchObject({ nextExpiry: LATER.toISOString() })
    const broken = { ...store, repairSummary: () => Promise.reject(new Error('down')) }
    expect(await issueCredential(broken, 'acme', { kind: 'token' }, NOW)).toHaveProperty('secret')
  })
})

describe('revokeCredential', () => {
  test('gives an Entra tenant free with the last credential for it, also when repeated', async () => {
    const store = await storeWith('acme')
    const spec = { kind: 'entra', entraTenantId: ENTRA } as const
    const [one, two] = [
      await issueCredential(store, 'acme', spec, NOW),
      await issueCredential(store, 'acme', spec, NOW),
    ]
    await revokeCredential(store, 'acme', one.credential.id, NOW)
    expect(await store.issuerOf(ENTRA)).toBeDefined()
    const interrupted = { ...store, releaseIssuer: () => Promise.reject(new Error('crash')) }
    const revoked = revokeCredential(interrupted, 'acme', two.credential.id, NOW)
    await expect(revoked).rejects.toThrow('crash')
    await revokeCredential(store, 'acme', two.credential.id, LATER)
    expect(await store.issuerOf(ENTRA)).toBeUndefined()
    expect((await store.credentials('acme')).map((each) => each.revoked)).toEqual([
      NOW.toISOString(),
      NOW.toISOString(),
    ])
  })

  test('keeps to If-Match', async () => {
    const store = await storeWith('acme')
    const { credential } = await issueCredential(store, 'acme', { kind: 'token' }, NOW)
    const { id, version } = credential
    await changeCredential(store, 'acme', id, { label: 'x' }, { ifMatch: version })
    const late = revokeCredential(store, 'acme', id, NOW, { ifMatch: version })
    await expect(late).rejects.toMatchObject({ kind: 'preconditionFailed' })
  })
})

describe('changeCredential', () => {
  test('changes label and expiry, and takes the expiry away', async () => {
    const store = await storeWith('acme')
    const { credential } = await issueCredential(store, 'acme', { kind: 'clientSecret' }, NOW)
    const change = { label: ' Okta ', expires: LATER }
    const changed = await changeCredential(store, 'acme', credential.id, change, { now: NOW })
    expect(changed).toMatchObject({ label: 'Okta', expires: LATER.toISOString() })
    expect(changed.version).not.toBe(credential.version)
    const tenant = await requireTenant(store, 'acme')
    expect(await store.summary(tenant)).toMatchObject({ nextExpiry: LATER.toISOString() })
    const endless = await changeCredential(store, 'acme', credential.id, { expires: null })
    expect(endless).not.toHaveProperty('expires')
    expect(await store.summary(tenant)).not.toHaveProperty('nextExpiry')
  })

  test('refuses what cannot be, and what is not there', async () => {
    const store = await storeWith('acme')
    const { credential } = await issueCredential(store, 'acme', { kind: 'token' }, NOW)
    const { id } = credential
    const noDate = changeCredential(store, 'acme', id, { expires: new Date('soon') })
    await expect(noDate).rejects.toThrow('the expiry of the token must be a date')
    const label = changeCredential(store, 'acme', id, { label: 'x'.repeat(101) })
    await expect(label).rejects.toThrow('the label of the token must have at most 100')
    const missing = changeCredential(store, 'acme', 'missing00000', {})
    await expect(missing).rejects.toThrow('tenant acme has no credential missing00000')
    await beginDeletion(store, 'acme', NOW)
    await expect(changeCredential(store, 'acme', id, { label: 'x' })).rejects.toThrow('deleted')
  })
})

describe('rotateCredential', () => {
  test('issues the new one first; an interruption leaves both good', async () => {
    const store = await storeWith('acme')
    const spec = { kind: 'clientSecret', label: 'Okta' } as const
    const { credential } = await issueCredential(store, 'acme', spec, NOW)
    let updates = 0
    const dying: TenantStore = {
      ...store,
      updateCredential: (...args) =>
        updates++ === 0 ? store.updateCredential(...args) : Promise.reject(new Error('crash')),
    }
    const { id } = credential
    await expect(rotateCredential(dying, 'acme', id, {}, NOW)).rejects.toThrow('crash')
    const all = await store.credentials('acme')
    expect(all.map((each) => credentialStatus(each, NOW))).toEqual(['active', 'active'])
    expect(all.find((each) => each.id === id)).toMatchObject({ id, expires: credential.expires })
    const rotated = await rotateCredential(store, 'acme', id, { overlapHours: 1 }, NOW)
    expect(rotated.credential).toMatchObject({ kind: 'clientSecret', label: 'Okta' })
    expect(rotated.previous).toMatchObject({ id, expires: '2026-11-22T09:00:00.000Z' })
  })

  test('never gives the old one more time, and the new one the same lifetime', async () => {
    const store = await storeWith('acme')
    const spec = { kind: 'token', expires: LATER } as const
    const { credential } = await issueCredential(store, 'acme', spec, NOW)
    const half = new Date('2026-11-22T08:30:00.000Z')
    const rotated = await rotateCredential(store, 'acme', credential.id, {}, half)
    expect(rotated.previous.expires).toBe(LATER.toISOString())
    expect(rotated.credential.expires).toBe('2026-11-22T09:30:00.000Z')
  })

  test.each([[undefined], [LATER]])(
    'again gives the lifetime of the first: %s',
    async (expires) => {
      const store = await storeWith('acme')
      const spec = { kind: 'token', ...(expires === undefined ? {} : { expires }) } as const
      const { credential } = await issueCredential(store, 'acme', spec, NOW)
      const options = { overlapHours: 0 }
      const first = await rotateCredential(store, 'acme', credential.id, options, NOW)
      const second = await rotateCredential(store, 'acme', credential.id, options, NOW)
      expect(second.credential.expires).toBe(first.credential.expires)
      expect(second.credential.expires).toBe(expires?.toISOString())
    },
  )

  test('of several with one version goes on, others are told', async () => {
    const store = await storeWith('acme')
    const { credential } = await issueCredential(store, 'acme', { kind: 'token' }, NOW)
    const options = { ifMatch: credential.version }
    const all = await Promise.allSettled(
      [1, 2, 3].map(() => rotateCredential(store, 'acme', credential.id, options, NOW)),
    )
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await store.credentials('acme')).toHaveLength(2)
  })

  test('has no expiry behind the year 9999', async () => {
    const store = await storeWith('acme')
    const last = new Date('9999-12-31T23:59:59Z')
    const { credential } = await issueCredential(
      store,
      'acme',
      { kind: 'token', expires: last },
      NOW,
    )
    const { credential: next } = await rotateCredential(store, 'acme', credential.id, {}, LATER)
    expect(next.expires).toMatch(/^9999-/)
    const beyond = new Date('9999-12-31T23:59:59-14:00')
    const spec = { kind: 'token', expires: beyond } as const
    await expect(issueCredential(store, 'acme', spec, NOW)).rejects.toMatchObject({
      kind: 'invalidValue',
    })
  })

  test('keeps to If-Match before anything is issued', async () => {
    const store = await storeWith('acme')
    const { credential } = await issueCredential(store, 'acme', { kind: 'token' }, NOW)
    const late = rotateCredential(store, 'acme', credential.id, { ifMatch: 'other' }, NOW)
    await expect(late).rejects.toMatchObject({ kind: 'preconditionFailed' })
    expect(await store.credentials('acme')).toHaveLength(1)
  })

  test('refuses what has no secret, what is revoked, and an overlap that cannot be', async () => {
    const store = await storeWith('acme')
    const { credential: federated } = await issueCredential(store, 'acme', FEDERATED, NOW)
    const { credential: token } = await issueCredential(store, 'acme', { kind: 'token' }, NOW)
    for (const overlapHours of [-1, 1.5, OVERLAP_HOURS.most + 1, Number.NaN]) {
      const rotated = rotateCredential(store, 'acme', token.id, { overlapHours }, NOW)
      await expect(rotated).rejects.toThrow('from 0 to 720')
    }
    await revokeCredential(store, 'acme', token.id, NOW)
    for (const { id } of [federated, token]) {
      const rotated = rotateCredential(store, 'acme', id, {}, NOW)
      await expect(rotated).rejects.toMatchObject({ kind: 'mutability' })
    }
    expect(await store.credentials('acme')).toHaveLength(2)
  })
})

describe('the client_id', () => {
  test('names its tenant', () => {
    expect(clientIdOf('acme-1')).toBe('scim_acme-1')
    expect(tenantOfClientId(clientIdOf('acme-1'))).toBe('acme-1')
  })

  test.each([
    '',
    'acme',
    'scim_',
    'scim_ACME',
    'scim_a_b',
    'scim_acme\n',
    `scim_${'a'.repeat(33)}`,
  ])('%j is none', (text) => {
    expect(tenantOfClientId(text)).toBeUndefined()
  })
})
