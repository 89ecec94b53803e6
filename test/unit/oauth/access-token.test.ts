import { createHmac, createPublicKey } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'
import {
  isAccessToken,
  makeAccessToken,
  readAccessToken,
  verifyAccessToken,
} from '../../../lib/oauth/access-token.ts'
import type { JwtProblem } from '../../../lib/oauth/jwt.ts'
import { forgedJwt, memoryKeySource, signJwt, testKey } from '../../support/jwt.ts'

const PARTIES = {
  issuer: 'https://scim.example/api/oauth',
  audience: 'https://scim.example/api/scim',
}
const GRANT = { tenantId: 'acme', credentialId: 'abcdefghij01' }
const NOW = new Date('2026-11-22T08:00:00.500Z')
const KEY = await memoryKeySource().add()
const { publicJwk } = KEY
const ISSUED = Math.floor(NOW.getTime() / 1000)

async function made(parties = PARTIES): Promise<string> {
  return makeAccessToken(KEY, parties, GRANT, { now: NOW, seconds: 3600 })
}

const SAMPLE = decodeJwt(await made())

/** What becomes of a token, so many seconds after it was made. */
async function verified(
  token: string,
  seconds = 0,
): Promise<{ readonly expires: Date } | JwtProblem | undefined> {
  const read = readAccessToken(token)
  if (read === undefined) return undefined
  return verifyAccessToken(read, publicJwk, PARTIES, new Date(NOW.getTime() + seconds * 1000))
}

/** Signed with our own key, as far as that is possible. */
async function ours(claims: object, header: object = {}): Promise<string> {
  const text = forgedJwt(
    { alg: 'ES256', typ: 'at+jwt', kid: KEY.kid, ...header },
    { ...decodeJwt(await made()), ...claims },
  ).slice(0, -1)
  return `${text}.${Buffer.from(await KEY.sign(Buffer.from(text))).toString('base64url')}`
}

const SAMPLE_ID: unknown = expect.stringMatching(/^[0-9a-f-]{36}$/)

test('has the claims of RFC 9068 §2.2, and whose credential has earned it', async () => {
  const token = await made()
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: KEY.kid })
  expect(decodeJwt(token)).toEqual({
    iss: PARTIES.issuer,
    aud: PARTIES.audience,
    sub: 'scim_acme',
    client_id: 'scim_acme',
    tenant: 'acme',
    credential: 'abcdefghij01',
    scope: 'scim',
    iat: ISSUED,
    exp: ISSUED + 3600,
    jti: SAMPLE_ID,
  })
  expect(decodeJwt(await made()).jti).not.toBe(decodeJwt(token).jti)
})

test('is good until it expires, and a minute longer, as clocks differ', async () => {
  const token = await made()
  const expires = new Date((ISSUED + 3660) * 1000)
  expect(await verified(token)).toEqual({ expires })
  expect(await verified(token, 3600 + 59)).toEqual({ expires })
  expect(await verified(token, 3600 + 61)).toEqual({ problem: 'expired' })
})

test('of an instance whose clock is a minute ahead is good', async () => {
  const soon = { iat: ISSUED + 59, nbf: ISSUED + 59 }
  expect(await verified(await ours(soon))).toHaveProperty('expires')
  expect(await verified(await ours({ nbf: ISSUED + 90 }))).toEqual({
    problem: 'claim',
    claim: 'nbf',
  })
})

describe('signed by us, and yet refused', () => {
  test.each<[string, object, object, string]>([
    ['another audience', { aud: 'https://other.example/api/scim' }, {}, 'aud'],
    ['no audience', { aud: undefined }, {}, 'aud'],
    ['another issuer', { iss: 'https://other.example/api/oauth' }, {}, 'iss'],
    ['no issuer', { iss: undefined }, {}, 'iss'],
    ['another subject', { sub: 'scim_demo' }, {}, 'sub'],
    ['another tenant than its client', { tenant: 'demo' }, {}, 'sub'],
    ['no expiry', { exp: undefined }, {}, 'exp'],
    ['no id', { jti: undefined }, {}, 'jti'],
    ['another type', {}, { typ: 'JWT' }, 'typ'],
    ['no type', {}, { typ: undefined }, 'typ'],
  ])('%s', async (_case, claims, header, claim) => {
    expect(await verified(await ours(claims, header))).toEqual({ problem: 'claim', claim })
  })
})

describe('forged', () => {
  const header = { typ: 'at+jwt', kid: KEY.kid }
  const claims = { ...SAMPLE, tenant: 'demo', sub: 'scim_demo' }

  test.each(['none', 'None', 'NONE', '', 'HS256', 'RS256', 'ES384', 'EdDSA'])(
    'with the algorithm "%s": it cannot be one of ours',
    async (alg) => {
      expect(readAccessToken(forgedJwt({ alg, ...header }, claims))).toBeUndefined()
      expect(readAccessToken(forgedJwt({ alg, ...header }, claims, 'AAAA'))).toBeUndefined()
    },
  )

  test('with our public key as the secret of an HMAC', async () => {
    const pem = createPublicKey({ key: publicJwk, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    })
    const text = forgedJwt({ alg: 'HS256', ...header }, claims).slice(0, -1)
    const mac = createHmac('sha256', pem).update(text).digest('base64url')
    expect(readAccessToken(`${text}.${mac}`)).toBeUndefined()
    // Even where it says that it is ES256.
    const lying = forgedJwt({ alg: 'ES256', ...header }, claims).slice(0, -1)
    const other = createHmac('sha256', pem).update(lying).digest('base64url')
    expect(await verified(`${lying}.${other}`)).toEqual({ problem: 'signature' })
  })

  test('by another key under our kid', async () => {
    const key = { ...(await testKey('x', 'ES256')), kid: KEY.kid }
    const token = await signJwt(key, claims, { typ: 'at+jwt' })
    expect(await verified(token)).toEqual({ problem: 'signature' })
  })

  test('with a signature of zeros, and with none', async () => {
    for (const signature of ['', 'A', Buffer.alloc(64).toString('base64url')]) {
      const token = forgedJwt({ alg: 'ES256', ...header }, claims, signature)
      expect(await verified(token)).toEqual({ problem: 'signature' })
    }
  })

  test('with other claims under our signature', async () => {
    const [head, , signature] = (await made()).split('.')
    const middle = Buffer.from(JSON.stringify(claims)).toString('base64url')
    expect(await verified(`${head}.${middle}.${signature}`)).toEqual({ problem: 'signature' })
  })

  test('with a key in its own header', async () => {
    const key = await testKey(KEY.kid, 'ES256')
    const text = await signJwt(key, claims, { typ: 'at+jwt' })
    expect(await verified(text)).toEqual({ problem: 'signature' })
    const crit = await ours({}, { crit: ['x'], x: 1 })
    expect(await verified(crit)).toEqual({ problem: 'signature' })
  })
})

test.each([
  ['no JWT', 'eyJhbGciOiJub25lIn0'],
  ['two parts', 'eyJhbGciOiJub25lIn0.e30'],
  ['no JSON', 'eyJ.eyJ.x'],
  ['a JWT of another type', forgedJwt({ alg: 'ES256', typ: 'JWT', kid: 'x' }, {})],
  ['a JWT without ids', forgedJwt({ alg: 'ES256', typ: 'at+jwt', kid: 'x' }, { tenant: 5 })],
  ['too long', `${forgedJwt({ alg: 'ES256', typ: 'at+jwt', kid: 'x' }, {})}${'x'.repeat(20_000)}`],
])('%s is none', (_case, text) => {
  expect(readAccessToken(text)).toBeUndefined()
})

test('is told from other JWTs by its type', async () => {
  expect(isAccessToken(await made())).toBe(true)
  expect(isAccessToken(forgedJwt({ alg: 'none', typ: 'AT+JWT' }, {}))).toBe(true)
  expect(isAccessToken(forgedJwt({ alg: 'RS256', typ: 'JWT' }, {}))).toBe(false)
})
