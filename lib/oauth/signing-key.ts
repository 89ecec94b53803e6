import { calculateJwkThumbprint, type JWK } from 'jose'

/** A private key for access tokens, wherever it is. */
export interface SigningKey {
  readonly kid: string
  /** P-256, public members only. */
  readonly publicJwk: Readonly<Record<'kty' | 'crv' | 'x' | 'y' | 'kid' | 'alg' | 'use', string>>
  /** The ES256 signature of the bytes, as JWS has it (RFC 7518 §3.4). */
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>
}

/** What an operator can do about the keys; the message is for people, and quotes none. */
export class KeySourceError extends Error {
  override readonly name = 'KeySourceError'
}

/** Where the private keys are. */
export interface KeySource {
  /** Those that can sign, oldest first, at least one: the first is made when there is none. */
  readonly keys: () => Promise<readonly SigningKey[]>
  /** Makes one more, for a rotation. @throws KeySourceError when that is done elsewhere. */
  readonly add: () => Promise<SigningKey>
}

/** A public key as it is published: its id is its thumbprint (RFC 7638), so no two keys have the same. */
export async function publicKey({
  crv = '',
  x = '',
  y = '',
}: JWK): Promise<Pick<SigningKey, 'kid' | 'publicJwk'>> {
  if (crv !== 'P-256' || x === '' || y === '') {
    throw new KeySourceError('A key for access tokens must be an elliptic curve key on P-256.')
  }
  const kid = await calculateJwkThumbprint({ kty: 'EC', crv, x, y })
  return { kid, publicJwk: { kty: 'EC', crv, x, y, kid, alg: 'ES256', use: 'sig' } }
}
