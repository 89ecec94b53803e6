import type { ChangedBy, TenantStore } from '../storage/tenant-port.ts'

/**
 * The store as somebody changes it: every change that goes through it is theirs, also those that one operation makes
 * beside the one that was asked for.
 */
export function changedBy(store: TenantStore, by: ChangedBy): TenantStore {
  return {
    ...store,
    create: (tenant) => store.create(tenant, by),
    update: (tenantId, change, options) => store.update(tenantId, change, { ...options, by }),
    addCredential: (tenantId, credential) => store.addCredential(tenantId, credential, by),
    updateCredential: (tenantId, credentialId, change, options) =>
      store.updateCredential(tenantId, credentialId, change, { ...options, by }),
    addDefinition: (tenantId, make) => store.addDefinition(tenantId, make, by),
    changeDefinition: (tenantId, id, change, options) =>
      store.changeDefinition(tenantId, id, change, { ...options, by }),
    removeDefinition: (tenantId, id, removal, options) =>
      store.removeDefinition(tenantId, id, removal, { ...options, by }),
    purgeDefinition: (tenantId, definition) => store.purgeDefinition(tenantId, definition, by),
  }
}
