import {
  changeAttribute,
  declareAttribute,
  removeAttribute,
  type DeclaringParts,
} from '../people/declare.ts'
import { toldAttribute } from '../people/told-attribute.ts'
import { peopleSchemaOf } from '../scim/attribute-definition.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { TenantStore } from '../storage/tenant-port.ts'
import {
  changeCredential,
  clientIdOf,
  credentialStatus,
  issueCredential,
  listCredentials,
  revokeCredential,
  rotateCredential,
} from '../tenants/credentials.ts'
import type { MaintenanceParts } from '../tenants/maintenance.ts'
import type { IssueOptions } from '../tenants/new-credential.ts'
import { beginDeletion, changeTenant, createTenant } from '../tenants/tenants.ts'
import type { ManageDomain } from './domain.ts'

/** What the manage API does, by the functions that the command line uses, too. */
export function tenantDomain(
  store: TenantStore,
  resourceType: ResourceType,
  countPeople: MaintenanceParts['countPeople'],
  issuing: IssueOptions = {},
): ManageDomain {
  return {
    summaries: (query) => store.summaries(query),
    get: (tenantId) => store.get(tenantId),
    countPeople,
    summary: (tenant) => store.summary(tenant),
    createTenant: (tenant) => createTenant(store, tenant),
    changeTenant: (id, change, condition) => changeTenant(store, id, change, condition),
    beginDeletion: (id, now, condition) => beginDeletion(store, id, now, condition),
    listCredentials: (tenantId) => listCredentials(store, tenantId),
    findCredential: (tenantId, credentialId) => store.findCredential(tenantId, credentialId),
    findCredentials: (tenantId) => store.findCredentials(tenantId),
    issueCredential: (tenantId, spec, now) => issueCredential(store, tenantId, spec, now, issuing),
    changeCredential: (tenantId, credentialId, change, options) =>
      changeCredential(store, tenantId, credentialId, change, options),
    revokeCredential: (tenantId, credentialId, now, condition) =>
      revokeCredential(store, tenantId, credentialId, now, condition),
    rotateCredential: (tenantId, credentialId, options, now) =>
      rotateCredential(store, tenantId, credentialId, { ...options, ...issuing }, now),
    ...attributeDomain({ store, resourceType }),
    credentialStatus,
    clientIdOf,
  }
}

function attributeDomain(
  parts: DeclaringParts,
): Pick<
  ManageDomain,
  'attributes' | 'declareAttribute' | 'changeAttribute' | 'removeAttribute' | 'told'
> {
  const { store, resourceType } = parts
  const peopleUrn = peopleSchemaOf(resourceType)?.id ?? ''
  return {
    attributes: (tenantId) => store.definitions(tenantId),
    declareAttribute: (tenantId, given, now) => declareAttribute(parts, tenantId, given, now),
    changeAttribute: (tenantId, id, change, condition) =>
      changeAttribute(parts, tenantId, id, change, condition),
    removeAttribute: (tenantId, id, removal, condition) =>
      removeAttribute(store, tenantId, id, removal, condition),
    told: (definition) => toldAttribute(definition, peopleUrn),
  }
}
