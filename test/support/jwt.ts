import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose'
import { publicKey, type KeySource, type SigningKey } from '../../lib/oauth/signing-key.ts'

/** A key pair made for a test. */
export interface TestKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

/** A new key pair. */
export async function testKey(kid: string, alg = 'RS256'): Promise<TestKey> {
  const { privateKey, publicKey: open } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(open)), kid, use: 'sig' } }
}

/** A JWT with these claims and nothing else. */
export async function signJwt(
  { kid, alg, privateKey }: TestKey,
  claims: JWTPayload,
  header: Readonly<Record<string, string | undefined>> = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg, typ: 'JWT', kid, ...header })
    .sign(privateKey)
}

/** A JWT without a signature, or with one that is no signature. */
export function forgedJwt(header: object, claims: object, signature = ''): string {
  return `${encoded(header)}.${encoded(claims)}.${signature}`
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** Keys in memory that sign access tokens; `all` are those of the source, oldest first. */
export interface MemoryKeySource extends KeySource {
  readonly all: SigningKey[]
}

export function memoryKeySource(): MemoryKeySource {
  const all: SigningKey[] = []
  const add = async (): Promise<SigningKey> => {
    const key = await newSigningKey()
    all.push(key)
    return key
  }
  return {
    all,
    add,
    async keys() {
      if (all.length === 0) await add()
      return [...all]
    },
  }
}

async function newSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey: open } = await generateKeyPair('ES256', { extractable: true })
  return {
    ...(await publicKey(await exportJWK(open))),
    sign: async (bytes) => {
      const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
      const copy = Uint8Array.from(bytes)
      return new Uint8Array(await crypto.subtle.sign(algorithm, privateKey, copy))
    },
  }
}
