import { randomUUID } from 'node:crypto'
import { base64url, type JWK } from 'jose'
import { CLOCK_SKEW_SECONDS, readJwt, verifyJwt, type JwtProblem } from './jwt.ts'
import type { SigningKey } from './signing-key.ts'
import { clientIdOf } from '../tenants/credentials.ts'

/** RFC 9068 §2.1. */
const TYPE = 'at+jwt'
const ALGORITHM = 'ES256'
export const SCOPE = 'scim'

/** Who makes access tokens, and what they are for. */
export interface AccessTokenParties {
  /** The authorization server's identifier (RFC 8414 §2). */
  readonly issuer: string
  /** The Tenant URL. */
  readonly audience: string
}

/** What an access token stands for. */
export interface AccessGrant {
  readonly tenantId: string
  /** That of the credential that earned it. */
  readonly credentialId: string
}

/** An access token (RFC 9068) for a credential, good from now on for so many seconds. */
export async function makeAccessToken(
  key: SigningKey,
  { issuer, audience }: AccessTokenParties,
  { tenantId, credentialId }: AccessGrant,
  { now, seconds }: { readonly now: Date; readonly seconds: number },
): Promise<string> {
  const issued = Math.floor(now.getTime() / 1000)
  const clientId = clientIdOf(tenantId)
  const header = { alg: ALGORITHM, typ: TYPE, kid: key.kid }
  const claims = {
    iss: issuer,
    aud: audience,
    sub: clientId,
    client_id: clientId,
    tenant: tenantId,
    credential: credentialId,
    scope: SCOPE,
    iat: issued,
    exp: issued + seconds,
    jti: randomUUID(),
  }
  const text = `${encoded(header)}.${encoded(claims)}`
  return `${text}.${base64url.encode(await key.sign(new TextEncoder().encode(text)))}`
}

function encoded(value: object): string {
  return base64url.encode(JSON.stringify(value))
}

/** An access token of the right form, as far as that can be told without its key. */
export interface ReadAccessToken extends AccessGrant {
  readonly token: string
  readonly kid: string
}

/** Whether a JWT says that it is an access token: Entra ID's and others' are of other types. */
export function isAccessToken(token: string): boolean {
  return readJwt(token)?.typ?.toLowerCase() === TYPE
}

/** Reads an access token without checking it; undefined when it cannot be one of ours. */
export function readAccessToken(token: string): ReadAccessToken | undefined {
  const jwt = readJwt(token)
  if (jwt?.alg !== ALGORITHM || jwt.kid === undefined) return undefined
  const { tenant, credential } = jwt.claims
  if (typeof tenant !== 'string' || typeof credential !== 'string') return undefined
  return { token, kid: jwt.kid, tenantId: tenant, credentialId: credential }
}

/** When the token expires, clock skew included, if it is right in every respect; else why it is not. */
export async function verifyAccessToken(
  { token, tenantId }: ReadAccessToken,
  key: JWK,
  { issuer, audience }: AccessTokenParties,
  now: Date,
): Promise<{ readonly expires: Date } | JwtProblem> {
  const verified = await verifyJwt(token, key, {
    algorithms: [ALGORITHM],
    typ: TYPE,
    issuer,
    audience,
    subject: clientIdOf(tenantId),
    requiredClaims: ['exp', 'iat', 'jti', 'client_id'],
    now,
  })
  if ('problem' in verified) return verified
  const { exp = 0 } = verified.claims
  return { expires: new Date((exp + CLOCK_SKEW_SECONDS) * 1000) }
}
