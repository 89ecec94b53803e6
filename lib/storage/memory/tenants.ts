import {
  isTenantId,
  isTokenId,
  oldestFirst,
  type Tenant,
  type TenantStore,
  type Token,
} from '../tenant-port.ts'

interface Entry {
  tenant: Tenant
  readonly tokens: Map<string, Token>
}

/** Tenants in memory, for tests: what `TenantStore` says, without a service that can fail. */
export function memoryTenantStore(): TenantStore {
  const entries = new Map<string, Entry>()

  function mergeToken(tenantId: string, tokenId: string, change: Partial<Token>): boolean {
    const tokens = entries.get(tenantId)?.tokens
    const token = tokens?.get(tokenId)
    if (tokens === undefined || token === undefined) return false
    tokens.set(tokenId, { ...token, ...change })
    return true
  }

  return {
    async findCredential(tenantId, tokenId) {
      const entry = entries.get(tenantId)
      const token = entry?.tokens.get(tokenId)
      return {
        ...(entry === undefined ? {} : { tenant: entry.tenant }),
        ...(token === undefined ? {} : { token }),
      }
    },
    async get(tenantId) {
      return entries.get(tenantId)?.tenant
    },
    async list() {
      const ids = [...entries.keys()].toSorted()
      return ids.flatMap((id) => entries.get(id)?.tenant ?? [])
    },
    async create(tenant) {
      if (!isTenantId(tenant.id)) throw new TypeError('not a tenant id')
      if (entries.has(tenant.id)) return false
      entries.set(tenant.id, { tenant, tokens: new Map() })
      return true
    },
    async update(tenantId, change) {
      const entry = entries.get(tenantId)
      if (entry === undefined) return undefined
      const { name, status, settings } = { ...entry.tenant, ...change(entry.tenant) }
      entry.tenant = { ...entry.tenant, name, status, settings }
      return entry.tenant
    },
    async delete({ id, signingKey }) {
      if (entries.get(id)?.tenant.signingKey === signingKey) entries.delete(id)
    },
    async tokens(tenantId) {
      return oldestFirst([...(entries.get(tenantId)?.tokens.values() ?? [])])
    },
    async addToken(tenantId, token) {
      if (!isTokenId(token.id)) throw new TypeError('not a token id')
      const entry = entries.get(tenantId)
      if (entry === undefined || entry.tenant.status === 'deleting') return false
      entry.tokens.set(token.id, token)
      return true
    },
    async revokeToken(tenantId, tokenId, at) {
      return mergeToken(tenantId, tokenId, { revoked: at })
    },
    async touchToken(tenantId, tokenId, at) {
      mergeToken(tenantId, tokenId, { lastUsed: at })
    },
  }
}
