import type { Deadline } from '../storage/deadline.ts'
import type { Credential, FederatedCredential, Tenant } from '../storage/tenant-port.ts'
import { hasAudience } from './audience.ts'
import { credentialStatus, tenantOfClientId } from '../tenants/credentials.ts'
import { admit, type AuthenticatedClient } from './client.ts'
import { UnreachableKeys } from './fetch-text.ts'
import {
  CLOCK_SKEW_SECONDS,
  readJwt,
  verifyJwt,
  type JwtProblem,
  type UnverifiedJwt,
} from './jwt.ts'
import { OAuthError } from './oauth-error.ts'
import type { RemoteKeys } from './remote-keys.ts'

const ALGORITHMS = ['RS256', 'PS256', 'ES256'] as const
export const ASSERTION_ALGORITHMS: readonly string[] = ALGORITHMS

/** Seconds that an assertion may live; Entra ID's live for little more than an hour. */
const LONGEST_LIFE = 24 * 60 * 60

/** A tenant with all its credentials. */
export type TenantLookUp = (
  tenantId: string,
  deadline: Deadline,
) => Promise<{ readonly tenant?: Tenant; readonly credentials: readonly Credential[] }>

/** An assertion, with what is known of it before any key. */
interface Assertion {
  readonly text: string
  readonly jwt: UnverifiedJwt
  readonly now: Date
}

type Judged =
  | { readonly credential: FederatedCredential; readonly good: true }
  | { readonly credential: FederatedCredential; readonly good: false; readonly why: Refusal }

/** How much of an assertion was right; who is told more has proved more. */
interface Refusal {
  readonly authentic: boolean
  readonly reason: string
  readonly description: string
}

/**
 * The client that has an assertion of an issuer that its tenant trusts (RFC 7523 §3). The same assertion may come again
 * for as long as it lives, which those of Entra ID do for an hour.
 * @throws OAuthError `invalid_client`. What is registered is told to nobody: an assertion that no registered issuer has
 *   signed is refused like one for an unknown client.
 */
export async function authenticateByAssertion(
  { find, keys }: { readonly find: TenantLookUp; readonly keys: RemoteKeys },
  { clientId, assertion }: { readonly clientId: string; readonly assertion: string },
  now: Date,
  deadline: Deadline,
): Promise<AuthenticatedClient> {
  const jwt = readJwt(assertion)
  if (jwt === undefined) {
    throw refused('The client_assertion must be a signed JWT.', { reason: 'malformed' })
  }
  if (!ALGORITHMS.some((algorithm) => algorithm === jwt.alg)) {
    const right = ALGORITHMS.join(', ')
    throw refused(`The alg of the client_assertion must be one of ${right}.`, { reason: 'alg' })
  }
  const tenantId = tenantOfClientId(clientId)
  const { tenant, credentials } =
    tenantId === undefined ? { credentials: [] } : await find(tenantId, deadline)
  const trusted = credentials.filter(
    (each): each is FederatedCredential =>
      each.kind === 'federated' && each.revoked === undefined && each.issuer === jwt.claims.iss,
  )
  if (tenant === undefined || trusted.length === 0) {
    throw refused(NOT_AUTHENTIC, { reason: tenant === undefined ? 'unknown client' : 'iss' })
  }
  const judged = await Promise.all(
    trusted.map((credential) => judge(credential, keys, { text: assertion, jwt, now })),
  )
  const good = judged.filter((each) => each.good)
  const active =
    good.find(({ credential }) => credentialStatus(credential, now) === 'active') ?? good[0]
  if (active !== undefined) return admit(tenant, active.credential, now)
  throw refusalOf(tenant, judged)
}

const NOT_AUTHENTIC =
  'The client_assertion is not valid: its iss must be an issuer that is registered for this client_id, and its signature by a key of that issuer.'

/** Of several the one that got furthest. */
function refusalOf(tenant: Tenant, judged: readonly Judged[]): OAuthError {
  const whys = judged.flatMap((each) => (each.good ? [] : [{ ...each.why, of: each.credential }]))
  const [furthest] = whys.toSorted((a, b) => Number(b.authentic) - Number(a.authentic))
  if (furthest === undefined) return refused(NOT_AUTHENTIC, { reason: 'iss' })
  const { reason, description, of } = furthest
  const facts = furthest.authentic ? { reason, tenant: tenant.id, credential: of.id } : { reason }
  return refused(description, facts)
}

async function judge(
  credential: FederatedCredential,
  keys: RemoteKeys,
  { text, jwt, now }: Assertion,
): Promise<Judged> {
  const bad = (why: Refusal): Judged => ({ credential, good: false, why })
  const verified = await verify(credential, keys, { text, jwt, now })
  if ('reason' in verified) return bad(verified)
  const { sub, aud, exp = 0 } = verified.claims
  if (exp > now.getTime() / 1000 + LONGEST_LIFE + CLOCK_SKEW_SECONDS) {
    return bad(authentic('exp', 'The exp of the client_assertion is more than 24 hours ahead.'))
  }
  if (sub !== credential.subject) {
    return bad(authentic('sub', 'The sub of the client_assertion is not the registered subject.'))
  }
  if (!hasAudience(aud, credential.audience)) {
    return bad(authentic('aud', 'The aud of the client_assertion is not the registered audience.'))
  }
  return { credential, good: true }
}

async function verify(
  { issuer, jwksUri }: FederatedCredential,
  keys: RemoteKeys,
  { text, jwt, now }: Assertion,
): Promise<Refusal | { readonly claims: UnverifiedJwt['claims'] }> {
  try {
    const verified = await verifyJwt(text, await keys.at(jwksUri, jwt.kid), {
      algorithms: ALGORITHMS,
      issuer,
      requiredClaims: ['exp', 'sub', 'aud'],
      now,
    })
    return 'problem' in verified ? refusalFor(verified) : verified
  } catch (error) {
    if (!(error instanceof UnreachableKeys)) throw error
    return forged(`keys unreachable: ${error.message}`)
  }
}

function refusalFor(problem: JwtProblem): Refusal {
  if (problem.problem === 'expired') {
    return authentic('exp', 'The client_assertion has expired; send a new one.')
  }
  if (problem.problem !== 'claim') return forged(problem.problem)
  const { claim } = problem
  const description =
    claim === 'nbf'
      ? 'The client_assertion is not valid yet: its nbf is in the future.'
      : `The client_assertion has no right ${claim}.`
  return authentic(claim, description)
}

function authentic(reason: string, description: string): Refusal {
  return { authentic: true, reason, description }
}

function forged(reason: string): Refusal {
  return { authentic: false, reason, description: NOT_AUTHENTIC }
}

function refused(
  description: string,
  facts: { readonly reason: string; readonly tenant?: string; readonly credential?: string },
): OAuthError {
  return new OAuthError('invalid_client', description, {
    facts: { ...facts, credentialKind: 'federated' },
  })
}
