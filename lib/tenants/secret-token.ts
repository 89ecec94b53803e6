import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What a Secret Token says before anything is looked up. */
export interface SecretTokenParts {
  readonly tenantId: string
  readonly tokenId: string
  readonly secret: string
}

/** What a secret begins with: a Secret Token, a client secret. */
type Prefix = 'scim' | 'scims'

/** The longest Secret Token there can be: `scim_`, tenant id, `_`, token id, `_`, secret, check. */
export const SECRET_TOKEN_MAX_LENGTH = 5 + 32 + 1 + 12 + 1 + 43 + 6

const SECRET_LENGTH = 43 // 256 bits in base 62
const CHECK_LENGTH = 6 // 32 bits in base 62
const SHAPE = /^((scims?)_([a-z0-9-]{1,32})_([a-z0-9]{12})_([0-9A-Za-z]{43}))([0-9A-Za-z]{6})$/
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const UNMATCHABLE_HASH = '0'.repeat(64)

/** 256 random bits in base 62: 43 characters, none of which is the separator `_`. */
export function newSecret(): string {
  return base62(BigInt(`0x${randomBytes(32).toString('hex')}`), SECRET_LENGTH)
}

/** `scim_<tenantId>_<tokenId>_<secret><check>`: a double click selects all of it, and secret scanners can know it. */
export function formatSecretToken(parts: SecretTokenParts): string {
  return format('scim', parts)
}

/** `scims_<tenantId>_<credentialId>_<secret><check>`: a client secret, in the same form. */
export function formatClientSecret(parts: SecretTokenParts): string {
  return format('scims', parts)
}

function format(prefix: Prefix, { tenantId, tokenId, secret }: SecretTokenParts): string {
  const text = `${prefix}_${tenantId}_${tokenId}_${secret}`
  return text + check(text)
}

/**
 * Reads a Secret Token. `malformed`: it has not the form of one. `mistyped`: it has, but its check digits are wrong; a
 * CRC-32 finds every change of a single character and every swap of neighbours.
 */
export function parseSecretToken(text: string): SecretTokenParts | 'malformed' | 'mistyped' {
  return parse('scim', text)
}

/** Reads a client secret, as `parseSecretToken` does. */
export function parseClientSecret(text: string): SecretTokenParts | 'malformed' | 'mistyped' {
  return parse('scims', text)
}

function parse(prefix: Prefix, text: string): SecretTokenParts | 'malformed' | 'mistyped' {
  if (text.length > SECRET_TOKEN_MAX_LENGTH + prefix.length - 'scim'.length) return 'malformed'
  const [, body, found, tenantId, tokenId, secret, digits] = SHAPE.exec(text) ?? []
  if (body === undefined || found !== prefix || tenantId === undefined) return 'malformed'
  if (tokenId === undefined || secret === undefined) return 'malformed'
  return check(body) === digits ? { tenantId, tokenId, secret } : 'mistyped'
}

/** SHA-256, hex: enough for 256 random bits, which no dictionary holds; a slow hash would only slow requests. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Compares in constant time, and does the same work when there is no hash to compare with. */
export function secretMatches(secret: string, secretHash: string | undefined): boolean {
  const expected = Buffer.from(secretHash ?? UNMATCHABLE_HASH, 'hex')
  const actual = Buffer.from(hashSecret(secret), 'hex')
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

function check(text: string): string {
  return base62(BigInt(crc32(text)), CHECK_LENGTH)
}

function base62(value: bigint, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest /= 62n) {
    text = DIGITS.charAt(Number(rest % 62n)) + text
  }
  return text
}
