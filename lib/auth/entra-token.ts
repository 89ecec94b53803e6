import {
  isEntraToken,
  isForCredential,
  readEntraToken,
  verifyEntraToken,
  type ReadEntraToken,
} from '../oauth/entra.ts'
import { UnreachableKeys } from '../oauth/fetch-text.ts'
import type { RemoteKeys } from '../oauth/remote-keys.ts'
import type { Deadline } from '../storage/deadline.ts'
import { ScimError } from '../scim/errors.ts'
import type {
  Credential,
  EntraCredential,
  IssuerClaim,
  Tenant,
  TenantStore,
} from '../storage/tenant-port.ts'
import { credentialStatus } from '../tenants/credentials.ts'
import { CREDENTIAL_CACHE_SECONDS } from '../tenants/tenants.ts'
import { invalidToken } from './challenge.ts'
import type { CredentialKind, Verdict } from './credential-kind.ts'
import { noteUse } from './note-use.ts'
import { JWT_REASONS, type RefusalReason } from './refused-credential.ts'
import { createVerdictCache } from './verdict-cache.ts'

interface EntraTokenSetup {
  readonly keys: RemoteKeys
  readonly now: () => Date
}

/** Whether its directory is registered is told to nobody who has no good token of it. */
const NOT_VALID =
  'The token of Entra ID is not accepted; its directory must be registered, and Entra ID itself must have sent it.'

/** A token that Entra ID sends when its Secret Token field is empty. */
export function entraTokenKind(setup: EntraTokenSetup): CredentialKind {
  const issuers = rememberIssuers(setup)
  return {
    recognises: isEntraToken,
    read(token) {
      const read = readEntraToken(token)
      if (read === undefined) throw invalidToken(NOT_VALID, 'malformed')
      return {
        called: 'token of Entra ID',
        scheme: 'entra',
        lookUp: async (store, now, deadline) =>
          lookUp(setup, issuers, read, { store, now, deadline }),
      }
    },
  }
}

interface Reading {
  readonly store: TenantStore
  readonly now: Date
  readonly deadline: Deadline
}

/** Which tenant a directory belongs to. */
interface Issuers {
  readonly of: (entraTenantId: string, reading: Reading) => Promise<IssuerClaim | undefined>
  /** What was remembered led nowhere. */
  readonly forget: (entraTenantId: string) => void
}

const MOST_ISSUERS = 1000

/**
 * Seldom changes, so it is remembered until it leads nowhere; whether the directory still is the tenant's is read with the
 * tenant each time. That nobody has it is remembered for as long as a refused credential.
 */
function rememberIssuers({ now }: EntraTokenSetup): Issuers {
  const known = new Map<string, IssuerClaim>()
  const ask = createVerdictCache<IssuerClaim | undefined>({
    now,
    maxAgeSeconds: CREDENTIAL_CACHE_SECONDS,
    isGood: (claim) => claim !== undefined,
    maxGood: 250,
    maxBad: 250,
  })
  return {
    async of(entraTenantId, { store, deadline }) {
      const remembered = known.get(entraTenantId)
      if (remembered !== undefined) return remembered
      const claim = await ask(entraTenantId, () => store.issuerOf(entraTenantId, deadline))
      if (claim !== undefined) known.set(entraTenantId, claim)
      for (const first of known.keys()) {
        if (known.size <= MOST_ISSUERS) break
        known.delete(first)
      }
      return claim
    },
    forget(entraTenantId) {
      known.delete(entraTenantId)
    },
  }
}

async function lookUp(
  { keys }: EntraTokenSetup,
  issuers: Issuers,
  read: ReadEntraToken,
  reading: Reading,
): Promise<Verdict> {
  const { store, now, deadline } = reading
  const claim = await issuers.of(read.entraTenantId, reading)
  if (claim === undefined) return refusal('unknown issuer')
  const verified = await verifyEntraToken(read, keys, now).catch(unavailable)
  if ('problem' in verified) {
    return verified.problem === 'expired'
      ? { authentic: false, reason: 'expired', detail: 'The token of Entra ID has expired.' }
      : refusal(JWT_REASONS[verified.problem])
  }
  const { tenant, credentials, definitions } = await store.findCredentials(claim.tenantId, deadline)
  // A row that a deleted tenant has left belongs to no later one of its id.
  if (tenant?.partitionKey !== claim.partitionKey) {
    issuers.forget(read.entraTenantId)
    return refusal('unknown tenant')
  }
  const isMeant = (each: EntraCredential): boolean => isForCredential(verified, each)
  const credential = bestOf(credentials, read, isMeant, now)
  if (credential === undefined) {
    issuers.forget(read.entraTenantId)
    return refusal('revoked', tenant)
  }
  if (!isMeant(credential)) return refusal('wrong claim', tenant, credential.id)
  if (tenant.status === 'enabled') noteUse(store, tenant, credential, now)
  const expires = verified.expires.toISOString()
  const isFirst = credential.expires !== undefined && credential.expires < expires
  return {
    authentic: true,
    tenant,
    credentialId: credential.id,
    expires: isFirst ? credential.expires : expires,
    ...(definitions === undefined ? {} : { definitions }),
  }
}

/** One replaces another by being issued beside it: the first that is good counts, else the first that is meant. */
function bestOf(
  credentials: readonly Credential[],
  { entraTenantId }: ReadEntraToken,
  isMeant: (credential: EntraCredential) => boolean,
  now: Date,
): EntraCredential | undefined {
  const own = credentials.filter(
    (each): each is EntraCredential =>
      each.kind === 'entra' && each.entraTenantId === entraTenantId && each.revoked === undefined,
  )
  const meant = own.filter(isMeant)
  const active = meant.find((each) => credentialStatus(each, now) === 'active')
  return active ?? meant[0] ?? own[0]
}

function refusal(reason: RefusalReason, tenant?: Tenant, credentialId?: string): Verdict {
  return {
    authentic: false,
    reason,
    detail: NOT_VALID,
    ...(tenant === undefined ? {} : { tenant, tenantId: tenant.id }),
    ...(credentialId === undefined ? {} : { credentialId }),
  }
}

/** Entra ID's own keys: without them nobody can say whether the token is good, and the client shall come again. */
function unavailable(cause: unknown): never {
  if (!(cause instanceof UnreachableKeys)) throw cause
  throw new ScimError('unavailable', 'The keys of Entra ID cannot be had at the moment.', {
    cause,
    headers: { 'Retry-After': '60' },
  })
}
