import { describe, expect, test } from 'vitest'
import { readCredential } from '../../../lib/auth/read-credential.ts'
import type { ScimError } from '../../../lib/scim/errors.ts'
import { formatSecretToken, newSecret } from '../../../lib/tenants/secret-token.ts'
import { refusalOf } from '../../support/refusal.ts'

const PARTS = { tenantId: 'acme', tokenId: 'abcdefghij01', secret: newSecret() }
const TOKEN = formatSecretToken(PARTS)

async function refusal(header: string | undefined): Promise<ScimError> {
  return refusalOf(() => readCredential(header))
}

describe('accepted', () => {
  test.each([
    ['as RFC 6750 §2.1 has it', `Bearer ${TOKEN}`],
    ['with the scheme in lower case', `bearer ${TOKEN}`],
    ['with the scheme in capitals', `BEARER ${TOKEN}`],
    ['with more spaces', `  Bearer    ${TOKEN}  `],
    ['with a tab', `Bearer\t${TOKEN}`],
    ['bare, without a scheme', TOKEN],
    ['bare, with spaces around', `  ${TOKEN} `],
  ])('%s', (_, header) => {
    const { tenantId, tokenId } = PARTS
    expect(readCredential(header)).toMatchObject({
      token: TOKEN,
      presented: { tenantId, credentialId: tokenId },
    })
  })
})

describe('refused without an error code, as it is no bearer token (RFC 6750 §3.1)', () => {
  test.each([
    ['no header', undefined, 'missing'],
    ['an empty header', '', 'missing'],
    ['a blank header', '   ', 'missing'],
    ['Basic', `Basic ${Buffer.from('a:b').toString('base64')}`, 'scheme'],
    ['another token without a scheme', 'sk-1234', 'scheme'],
    ['a longer scheme', `Bearers ${TOKEN}`, 'scheme'],
  ])('%s', async (_, header, detail) => {
    const error = await refusal(header)
    expect(error).toMatchObject({ kind: 'unauthorized', status: 401 })
    expect(error.detail).toContain(detail)
    expect(error.detail).toMatch(/^[A-Z].*\.$/)
    expect(error.headers).toEqual({ 'WWW-Authenticate': 'Bearer realm="scim"' })
  })
})

describe('refused as invalid_token', () => {
  test.each([
    ['no token', 'Bearer', 'no token'],
    ['a blank token', 'Bearer    ', 'no token'],
    ['two tokens', `Bearer ${TOKEN} ${TOKEN}`, 'space within'],
    ['a token broken in two', `Bearer ${TOKEN.slice(0, 40)} ${TOKEN.slice(40)}`, 'space within'],
    ['the scheme pasted too', `Bearer Bearer ${TOKEN}`, 'Bearer comes twice'],
    ['two headers joined into one', `Bearer ${TOKEN}, Bearer ${TOKEN}`, 'space within'],
    ['a JWT of Entra ID', 'Bearer eyJhbGciOiJub25lIn0.e30.', 'Secret Token field is empty'],
    ['some other key', 'Bearer sk-1234', 'begins with scim_'],
    ['a token that is cut off', `Bearer ${TOKEN.slice(0, -1)}`, 'cut off'],
    ['a bare token that is cut off', TOKEN.slice(0, -1), 'cut off'],
    ['a token with another check digit', `Bearer ${otherEnd(TOKEN)}`, 'mistyped'],
    ['a token with something behind it', `Bearer ${TOKEN}${'x'.repeat(60)}`, 'too long'],
    ['a header that is too long', `Bearer ${'x'.repeat(8192)}`, 'header is too long'],
    ['many spaces', `Bearer${' '.repeat(1_000_000)}x`, 'header is too long'],
  ])('%s', async (_, header, detail) => {
    const error = await refusal(header)
    expect(error).toMatchObject({ kind: 'unauthorized', status: 401 })
    expect(error.detail).toContain(detail)
    expect(error.detail).toMatch(/^[A-Z].*\.$/)
    // RFC 6750 §3: no attribute twice, and error_description without " and \.
    const challenge = error.headers['WWW-Authenticate'] ?? ''
    const form = /^Bearer realm="scim", error="invalid_token", error_description="([^"]*)"$/
    expect(form.exec(challenge)?.[1]).toBe(error.detail)
    expect(error.detail).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/)
    expect(error.detail).not.toContain(TOKEN.slice(-20))
  })
})

function otherEnd(token: string): string {
  return token.slice(0, -1) + (token.endsWith('0') ? '1' : '0')
}
