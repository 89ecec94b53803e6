import { claimOf, oldestKeyFirst } from '../tenant-changes.ts'
import type { AccessKey, IssuerClaim, TenantIdentity, TenantStore } from '../tenant-port.ts'

/** What tenants claim of Entra's issuers. */
type Issuers = Pick<TenantStore, 'claimIssuer' | 'releaseIssuer' | 'issuerOf'> & {
  /** Gives up all claims of a partition. */
  readonly releaseAll: (partitionKey: string) => void
}

/** @param owns whether a tenant is there: a claim of one that is not counts for nothing. */
export function memoryIssuers(owns: (tenant: TenantIdentity) => boolean): Issuers {
  const claims = new Map<string, IssuerClaim>()
  return {
    async claimIssuer(entraTenantId, partitionKey) {
      const claim = claims.get(entraTenantId)
      const isTaken =
        claim !== undefined && owns({ id: claim.tenantId, partitionKey: claim.partitionKey })
      if (isTaken) return claim.partitionKey === partitionKey
      claims.set(entraTenantId, claimOf(partitionKey))
      return true
    },
    async releaseIssuer(entraTenantId, partitionKey) {
      if (claims.get(entraTenantId)?.partitionKey === partitionKey) claims.delete(entraTenantId)
    },
    issuerOf: async (entraTenantId) => claims.get(entraTenantId),
    releaseAll(partitionKey) {
      for (const [issuer, claim] of claims) {
        if (claim.partitionKey === partitionKey) claims.delete(issuer)
      }
    },
  }
}

/** The public keys of access tokens. */
export function memoryAccessKeys(): Pick<
  TenantStore,
  'accessKeys' | 'addAccessKey' | 'retireAccessKey'
> {
  const keys = new Map<string, AccessKey>()
  return {
    async accessKeys() {
      return oldestKeyFirst([...keys.values()])
    },
    async addAccessKey(key) {
      const there = keys.get(key.kid)
      if (there !== undefined) return JSON.stringify(there.jwk) === JSON.stringify(key.jwk)
      keys.set(key.kid, key)
      return true
    },
    async retireAccessKey(kid, at) {
      const key = keys.get(kid)
      if (key === undefined) return false
      keys.set(kid, { retired: at, ...key })
      return true
    },
  }
}
