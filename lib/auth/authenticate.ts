import { createHash } from 'node:crypto'
import type { AuthenticationSchemeName } from '../scim/authentication-scheme.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { NO_DEADLINE, type Deadline } from '../storage/deadline.ts'
import type {
  CredentialKind as StoredKind,
  DeclaredAttribute,
  Tenant,
  TenantStore,
} from '../storage/tenant-port.ts'
import { count } from '../telemetry/metrics.ts'
import { CREDENTIAL_CACHE_SECONDS } from '../tenants/tenants.ts'
import { invalidToken } from './challenge.ts'
import type { CredentialKind, PresentedCredential, Verdict } from './credential-kind.ts'
import { readCredential } from './read-credential.ts'
import { RefusedCredential, type RefusalFacts, type RefusalReason } from './refused-credential.ts'
import type { TenantContext } from './tenant-context.ts'
import { createVerdictCache } from './verdict-cache.ts'

const MAX_ACCEPTED = 1000
const MAX_REFUSED = 250

/** What a scheme tells of the kind of credential; of an access token only its row tells it. */
const KIND_OF_SCHEME: Readonly<Partial<Record<AuthenticationSchemeName, StoredKind>>> = {
  secretToken: 'token',
  entra: 'entra',
}

/** The resource types of a tenant that has declared these attributes: the same list gives the same types. */
export type ResourceTypesOf = (
  tenant: Tenant,
  definitions: readonly DeclaredAttribute[],
) => readonly ResourceType[]

const NOTHING: readonly DeclaredAttribute[] = []

/** A verdict with what every request of the tenant needs, made once. */
type Remembered =
  | (Verdict & { readonly authentic: false })
  | (Verdict & { readonly authentic: true; readonly context: TenantContext })

/**
 * Makes the check of the Authorization header. A credential is looked up in one read and then believed, or refused,
 * for `cacheSeconds`; what is remembered is the SHA-256 of the token, not the token.
 * @throws (the check) RefusedCredential: `unauthorized` with a `WWW-Authenticate` header, the same one for an unknown
 *   tenant, an unknown token, a wrong secret and a revoked token; `forbidden` when the tenant is disabled; whatever the
 *   store throws, so that an outage is never taken for a wrong token.
 */
export function createAuthenticator(options: {
  readonly store: TenantStore
  readonly now: () => Date
  /** For one look-up, which others may wait for too; without it a look-up has none. */
  readonly newDeadline?: () => Deadline
  /** What a tenant has; nothing for tools that only ask whether a credential is good. */
  readonly resourceTypesOf?: ResourceTypesOf
  readonly kinds?: readonly CredentialKind[]
  readonly cacheSeconds?: number
}): (authorization: string | undefined) => Promise<TenantContext> {
  const { store, now } = options
  const { newDeadline = () => NO_DEADLINE, resourceTypesOf = () => [] } = options
  const { kinds, cacheSeconds = CREDENTIAL_CACHE_SECONDS } = options
  const verdictOf = createVerdictCache<Remembered>({
    now,
    maxAgeSeconds: cacheSeconds,
    isGood: (verdict) => verdict.authentic,
    maxGood: MAX_ACCEPTED,
    maxBad: MAX_REFUSED,
    onAnswer: (how) => count('credentials.lookUps', how),
  })
  const lookUp = async (presented: PresentedCredential): Promise<Remembered> => {
    const verdict = await presented.lookUp(store, now(), newDeadline())
    if (!verdict.authentic) return verdict
    const { id, partitionKey, signingKey, settings, takesEntraTokens } = verdict.tenant
    const context: TenantContext = {
      tenantId: id,
      credentialId: verdict.credentialId ?? presented.credentialId ?? '',
      ...kindOf(verdict, presented),
      ...(presented.scheme === undefined ? {} : { scheme: presented.scheme }),
      partitionKey,
      signingKey,
      resourceTypes: resourceTypesOf(verdict.tenant, verdict.definitions ?? NOTHING),
      settings,
      ...(takesEntraTokens === true ? { takesEntraTokens } : {}),
    }
    return { ...verdict, context }
  }

  return async (authorization) => {
    const { token, presented } = readCredential(authorization, kinds)
    const key = createHash('sha256').update(token).digest('hex')
    const verdict = await verdictOf(key, () => lookUp(presented))
    return admit(verdict, presented, now())
  }
}

/** For the log. */
function kindOf(
  { credentialKind }: Verdict,
  { scheme = 'secretToken' }: PresentedCredential,
): { readonly credentialKind?: StoredKind } {
  const kind = credentialKind ?? KIND_OF_SCHEME[scheme]
  return kind === undefined ? {} : { credentialKind: kind }
}

function admit(verdict: Remembered, presented: PresentedCredential, now: Date): TenantContext {
  const { called = 'Secret Token' } = presented
  if (!verdict.authentic) {
    const { reason, detail = `The ${called} is not valid; it may have been revoked.` } = verdict
    const tenant = verdict.tenantId ?? presented.tenantId
    const credential = verdict.credentialId ?? presented.credentialId
    const facts = {
      reason,
      ...(tenant === undefined ? {} : { tenant }),
      ...(credential === undefined ? {} : { credential }),
      ...kindOf(verdict, presented),
    }
    throw invalidToken(detail, facts, verdict.tenant)
  }
  const { tenant, expires, context } = verdict
  const facts = (reason: RefusalReason): RefusalFacts => ({
    reason,
    tenant: tenant.id,
    credential: context.credentialId,
    ...kindOf(verdict, presented),
  })
  if (expires !== undefined && !(now.getTime() < Date.parse(expires))) {
    const detail = `The ${called} expired at ${expires}; ask for a new one.`
    throw invalidToken(detail, facts('expired'), tenant)
  }
  if (tenant.status !== 'enabled') {
    const reason = tenant.status === 'deleting' ? 'tenant being deleted' : 'tenant disabled'
    throw new RefusedCredential('forbidden', 'The tenant is disabled.', facts(reason), { tenant })
  }
  return context
}
