import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatClientSecret,
  formatSecretToken,
  hashSecret,
  newSecret,
  parseClientSecret,
  parseSecretToken,
  SECRET_TOKEN_MAX_LENGTH,
  secretMatches,
} from '../../../lib/tenants/secret-token.ts'

const PARTS = {
  tenantId: 'acme-1',
  tokenId: 'abcdefghij01',
  secret: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg',
}
/** Written down, so that a change of the form cannot pass unseen: it would lock out every customer. */
const TOKEN = 'scim_acme-1_abcdefghij01_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg'

const CHARACTER = fc.constantFrom(
  ...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-. '.split(''),
)

describe('the form', () => {
  test('is scim_<tenant>_<token>_<secret><check>', () => {
    expect(formatSecretToken(PARTS)).toBe(`${TOKEN}1yWP1g`)
  })

  test('of a client secret is the same behind another prefix, and neither is the other', () => {
    const secret = formatClientSecret(PARTS)
    expect(secret).toMatch(/^scims_acme-1_abcdefghij01_[0-9A-Za-z]{49}$/)
    expect(parseClientSecret(secret)).toEqual(PARTS)
    expect(parseClientSecret(secret.replace('g', 'h'))).toBe('mistyped')
    expect(parseSecretToken(secret)).toBe('malformed')
    expect(parseClientSecret(formatSecretToken(PARTS))).toBe('malformed')
    const longest = { ...PARTS, tenantId: 'a'.repeat(32) }
    expect(parseClientSecret(formatClientSecret(longest))).toEqual(longest)
    expect(parseClientSecret(`${formatClientSecret(longest)}0`)).toBe('malformed')
  })

  test('is read back', () => {
    expect(parseSecretToken(formatSecretToken(PARTS))).toEqual(PARTS)
  })

  test('is read back for every tenant and secret', () => {
    const tenantId = fc.stringMatching(/^[a-z0-9-]{1,32}$/)
    const tokenId = fc.stringMatching(/^[a-z0-9]{12}$/)
    fc.assert(
      fc.property(tenantId, tokenId, (tenant, token) => {
        const parts = { tenantId: tenant, tokenId: token, secret: newSecret() }
        expect(parseSecretToken(formatSecretToken(parts))).toEqual(parts)
      }),
    )
  })

  test('has a longest token, which is read too', () => {
    const token = formatSecretToken({ ...PARTS, tenantId: 'a'.repeat(32) })
    expect(token).toHaveLength(SECRET_TOKEN_MAX_LENGTH)
    expect(parseSecretToken(token)).toMatchObject({ tenantId: 'a'.repeat(32) })
  })

  test.each([
    ['nothing', ''],
    ['another word', 'demo'],
    ['another prefix', formatSecretToken(PARTS).replace('scim_', 'SCIM_')],
    ['no check digits', TOKEN],
    ['one character too many', `${formatSecretToken(PARTS)}0`],
    ['one character too few', formatSecretToken(PARTS).slice(0, -1)],
    ['a line break behind it', `${formatSecretToken(PARTS)}\n`],
    ['a tenant in capitals', formatSecretToken({ ...PARTS, tenantId: 'ACME' })],
    ['a tenant that is too long', formatSecretToken({ ...PARTS, tenantId: 'a'.repeat(33) })],
    ['a tenant with a quote', formatSecretToken({ ...PARTS, tenantId: "a'b" })],
    ['no tenant', formatSecretToken({ ...PARTS, tenantId: '' })],
    ['a token id that is too short', formatSecretToken({ ...PARTS, tokenId: 'abc' })],
    ['a very long text', 'scim_'.repeat(100_000)],
  ])('with %s is malformed', (_, text) => {
    expect(parseSecretToken(text)).toBe('malformed')
  })
})

describe('the check digits', () => {
  test('find every change of one character', () => {
    const token = formatSecretToken(PARTS)
    for (let at = 'scim_'.length; at < token.length; at += 1) {
      if (token[at] === '_') continue
      const other = token[at] === '7' ? '8' : '7'
      const changed = token.slice(0, at) + other + token.slice(at + 1)
      expect([at, parseSecretToken(changed)]).toEqual([at, 'mistyped'])
    }
  })

  test('let no changed character pass, whatever it became', () => {
    const position = fc.nat({ max: formatSecretToken(PARTS).length - 1 })
    fc.assert(
      fc.property(position, CHARACTER, (at, character) => {
        const token = formatSecretToken({ ...PARTS, secret: newSecret() })
        fc.pre(token[at] !== character)
        const read = parseSecretToken(token.slice(0, at) + character + token.slice(at + 1))
        expect(['malformed', 'mistyped']).toContain(read)
      }),
    )
  })

  test('find every swap of neighbours', () => {
    const token = formatSecretToken({ ...PARTS, secret: newSecret() })
    for (let at = 0; at + 1 < token.length; at += 1) {
      const [one = '', two = ''] = [token[at], token[at + 1]]
      if (one === two) continue
      const swapped = token.slice(0, at) + two + one + token.slice(at + 2)
      expect(typeof parseSecretToken(swapped)).toBe('string')
    }
  })
})

describe('the secret', () => {
  test('has 256 bits in 43 characters, and is another each time', () => {
    const secrets = Array.from({ length: 200 }, newSecret)
    for (const secret of secrets) expect(secret).toMatch(/^[0-9A-Za-z]{43}$/)
    expect(new Set(secrets).size).toBe(200)
    // 43 digits of base 62 hold a little more than 256 bits: the first digit is at most the one of 2^256 - 1.
    expect(new Set(secrets.map((secret) => secret.at(-1))).size).toBeGreaterThan(40)
  })

  test('is kept as its SHA-256', () => {
    expect(hashSecret('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })

  test('matches its own hash only', () => {
    const secret = newSecret()
    expect(secretMatches(secret, hashSecret(secret))).toBe(true)
    expect(secretMatches(secret, hashSecret(newSecret()))).toBe(false)
  })

  test.each([undefined, '', 'zz', '00', '0'.repeat(64), '0'.repeat(128)])(
    'does not match %j',
    (hash) => {
      expect(secretMatches(newSecret(), hash)).toBe(false)
    },
  )
})
