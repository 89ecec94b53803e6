import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWK,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose'

/** Seconds by which the clocks of who makes and who checks a token may differ. */
export const CLOCK_SKEW_SECONDS = 60

/** The longest that is read; those of Entra ID have about 2,000 characters. */
const MAX_LENGTH = 16_384

/** What a JWT says of itself; nothing of it is vouched for. */
export interface UnverifiedJwt {
  readonly alg: string | undefined
  readonly typ: string | undefined
  readonly kid: string | undefined
  readonly claims: JWTPayload
}

/** Why a JWT is not right; `claim` is the claim or the header member that is not. */
export type JwtProblem =
  | { readonly problem: 'signature' }
  | { readonly problem: 'unknown key' }
  | { readonly problem: 'expired' }
  | { readonly problem: 'claim'; readonly claim: string }

/** Reads a JWT in compact form without checking it; undefined when it is none. */
export function readJwt(text: string): UnverifiedJwt | undefined {
  if (text.length > MAX_LENGTH || !text.startsWith('eyJ')) return undefined
  try {
    const { alg, typ, kid } = decodeProtectedHeader(text)
    if (typeof kid === 'string' && kid.length > 200) return undefined
    return { alg: textOf(alg), typ: textOf(typ), kid: textOf(kid), claims: decodeJwt(text) }
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** What a JWT must be. The algorithms are named always: what the token says of itself chooses none. */
export type JwtRules = Readonly<
  Omit<JWTVerifyOptions, 'algorithms' | 'currentDate' | 'clockTolerance' | 'crit'>
> & {
  readonly algorithms: readonly ('ES256' | 'RS256' | 'PS256')[]
  readonly now: Date
}

/** The claims of a JWT that is right in every respect, else why it is not: its signature is checked first. */
export async function verifyJwt(
  token: string,
  key: JWK | JWTVerifyGetKey,
  { now, algorithms, ...rules }: JwtRules,
): Promise<{ readonly claims: JWTPayload } | JwtProblem> {
  try {
    const { payload } = await jwtVerify(token, key, {
      ...rules,
      algorithms: [...algorithms],
      currentDate: now,
      clockTolerance: CLOCK_SKEW_SECONDS,
    })
    return { claims: payload }
  } catch (error) {
    return problemOf(error)
  }
}

/** Whatever else can go wrong is the key's or the signature's: nothing here reads, and a key set may hold anything. */
function problemOf(error: unknown): JwtProblem {
  if (error instanceof errors.JWTExpired) return { problem: 'expired' }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return { problem: 'claim', claim: error.claim }
  }
  if (error instanceof errors.JWKSNoMatchingKey) return { problem: 'unknown key' }
  if (error instanceof errors.JWKSMultipleMatchingKeys) return { problem: 'unknown key' }
  if (error instanceof errors.JOSEAlgNotAllowed) return { problem: 'claim', claim: 'alg' }
  return { problem: 'signature' }
}
