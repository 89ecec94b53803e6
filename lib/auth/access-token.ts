import type { AccessKeys } from '../oauth/access-keys.ts'
import {
  isAccessToken,
  readAccessToken,
  verifyAccessToken,
  type AccessTokenParties,
  type ReadAccessToken,
} from '../oauth/access-token.ts'
import type { JwtProblem } from '../oauth/jwt.ts'
import type { Deadline } from '../storage/deadline.ts'
import type { TenantStore } from '../storage/tenant-port.ts'
import { invalidToken } from './challenge.ts'
import type { CredentialKind, Verdict } from './credential-kind.ts'
import { noteUse } from './note-use.ts'
import { JWT_REASONS, type RefusalReason } from './refused-credential.ts'

interface AccessTokenSetup {
  readonly keys: AccessKeys
  readonly parties: AccessTokenParties
}

/** An access token that our own token endpoint has made. */
export function accessTokenKind(setup: AccessTokenSetup): CredentialKind {
  return {
    recognises: isAccessToken,
    read(token) {
      const read = readAccessToken(token)
      if (read === undefined) {
        const where = `${setup.parties.issuer}/token`
        throw invalidToken(
          `This access token is not one of this service; ask ${where}.`,
          'malformed',
        )
      }
      return {
        called: 'access token',
        scheme: 'oauth',
        lookUp: async (store, now, deadline) => lookUp(setup, read, { store, now, deadline }),
      }
    },
  }
}

type Row = Awaited<ReturnType<TenantStore['findCredential']>>

interface Reading {
  readonly store: TenantStore
  readonly now: Date
  readonly deadline: Deadline
}

/**
 * A token is good for only as long as the credential that earned it. Where the key is known nothing is read for a token
 * that it has not signed; where it is not, the key is read beside the row.
 */
async function lookUp(
  { keys, parties }: AccessTokenSetup,
  read: ReadAccessToken,
  { store, now, deadline }: Reading,
): Promise<Verdict> {
  const readRow = (): Promise<Row> =>
    store.findCredential(read.tenantId, read.credentialId, deadline)
  const found = keys.find(read.kid)
  const [key, early] =
    found instanceof Promise ? await Promise.all([found, readRow()]) : [found, undefined]
  if (key === undefined) return { authentic: false, reason: 'unknown key' }
  const verified = await verifyAccessToken(read, key, parties, now)
  if ('problem' in verified) return refusal(verified)
  const { tenant, credential, ...declared } = early ?? (await readRow())
  const { tenantId, credentialId } = read
  const refused = (reason: RefusalReason): Verdict => {
    return {
      authentic: false,
      reason,
      tenantId,
      credentialId,
      ...(credential === undefined ? {} : { credentialKind: credential.kind }),
      ...(tenant === undefined ? {} : { tenant }),
    }
  }
  if (tenant === undefined) return refused('unknown tenant')
  if (credential?.kind !== 'clientSecret' && credential?.kind !== 'federated') {
    return refused('unknown token')
  }
  if (credential.revoked !== undefined) return refused('revoked')
  if (tenant.status === 'enabled') noteUse(store, tenant, credential, now)
  return {
    authentic: true,
    tenant,
    ...declared,
    credentialId,
    credentialKind: credential.kind,
    expires: earliest(verified.expires.toISOString(), credential.expires),
  }
}

/** Only who has a token that we signed is told what has become of it. */
function refusal({ problem }: JwtProblem): Verdict {
  if (problem !== 'expired') return { authentic: false, reason: JWT_REASONS[problem] }
  const detail = 'The access token has expired; ask for a new one.'
  return { authentic: false, reason: 'expired', detail }
}

/** An expiry that cannot be read counts as passed. */
function earliest(one: string, other: string | undefined): string {
  if (other === undefined || Date.parse(one) < Date.parse(other)) return one
  return other
}
