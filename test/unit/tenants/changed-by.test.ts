import { expect, test } from 'vitest'
import { memoryTenantStore } from '../../../lib/storage/memory/tenants.ts'
import type { ChangedBy, TenantStore } from '../../../lib/storage/tenant-port.ts'
import { changedBy } from '../../../lib/tenants/changed-by.ts'
import {
  changeCredential,
  issueCredential,
  revokeCredential,
  rotateCredential,
} from '../../../lib/tenants/credentials.ts'
import { beginDeletion, changeTenant, createTenant } from '../../../lib/tenants/tenants.ts'
import { aDefinition } from '../../support/definitions.ts'

const NOW = new Date('2026-11-27T14:00:00.000Z')
const ANA: ChangedBy = { actor: 'manage', onBehalfOf: 'ana', requestId: 'r1' }

/** A store that remembers who changed something. */
function witness(): { readonly store: TenantStore; readonly authors: (ChangedBy | undefined)[] } {
  const authors: (ChangedBy | undefined)[] = []
  const inner = memoryTenantStore()
  const store: TenantStore = {
    ...inner,
    create(tenant, by) {
      authors.push(by)
      return inner.create(tenant, by)
    },
    update(tenantId, change, options) {
      authors.push(options?.by)
      return inner.update(tenantId, change, options)
    },
    addCredential(tenantId, credential, by) {
      authors.push(by)
      return inner.addCredential(tenantId, credential, by)
    },
    updateCredential(tenantId, credentialId, change, options) {
      authors.push(options?.by)
      return inner.updateCredential(tenantId, credentialId, change, options)
    },
    addDefinition(tenantId, make, by) {
      authors.push(by)
      return inner.addDefinition(tenantId, make, by)
    },
    changeDefinition(tenantId, id, change, options) {
      authors.push(options?.by)
      return inner.changeDefinition(tenantId, id, change, options)
    },
    removeDefinition(tenantId, id, removal, options) {
      authors.push(options?.by)
      return inner.removeDefinition(tenantId, id, removal, options)
    },
    purgeDefinition(tenantId, definition, by) {
      authors.push(by)
      return inner.purgeDefinition(tenantId, definition, by)
    },
  }
  return { store, authors }
}

test('every change of a tenant and its credentials is whose it is', async () => {
  const { store, authors } = witness()
  const hers = changedBy(store, ANA)
  await createTenant(hers, { id: 'acme', now: NOW })
  await changeTenant(hers, 'acme', { name: 'Acme' })
  const { credential } = await issueCredential(hers, 'acme', { kind: 'token' }, NOW)
  await changeCredential(hers, 'acme', credential.id, { label: 'Entra ID' }, { now: NOW })
  await rotateCredential(hers, 'acme', credential.id, {}, NOW)
  await revokeCredential(hers, 'acme', credential.id, NOW)
  const created = NOW.toISOString()
  await hers.addDefinition('acme', () => ({ ...aDefinition('one'), created }))
  await hers.changeDefinition('acme', 'one', (one) => ({ ...one, label: 'One' }))
  const removed = await hers.removeDefinition('acme', 'one', { at: created, purge: true })
  expect(await hers.purgeDefinition('acme', removed ?? { id: '', version: '' })).toBe(true)
  await beginDeletion(hers, 'acme', NOW)
  expect(authors.length).toBeGreaterThanOrEqual(12)
  expect(new Set(authors)).toEqual(new Set([ANA]))
})

test('a condition stays one, also of an attribute', async () => {
  const hers = changedBy(witness().store, ANA)
  await createTenant(hers, { id: 'acme', now: NOW })
  const created = NOW.toISOString()
  await hers.addDefinition('acme', () => ({ ...aDefinition('one'), created }))
  const late = hers.changeDefinition('acme', 'one', (one) => one, { ifMatch: 'another' })
  await expect(late).rejects.toMatchObject({ kind: 'preconditionFailed' })
})

test('a condition stays one', async () => {
  const { store } = witness()
  const hers = changedBy(store, ANA)
  await createTenant(hers, { id: 'acme', now: NOW })
  const late = changeTenant(hers, 'acme', { name: 'Acme' }, { ifMatch: 'another' })
  await expect(late).rejects.toMatchObject({ kind: 'preconditionFailed' })
  expect((await hers.get('acme'))?.name).toBe('acme')
})
