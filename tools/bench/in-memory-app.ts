// What is put in front of the functions to build the app on stores in memory (tools/bench/builds.ts). Other versions of
// the app are built with it too, so it imports little.
import { createRuntime, setRuntime } from '../../lib/runtime.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import { issueToken } from '../../lib/tenants/tokens.ts'
import { memoryStores } from './stores.ts'

const stores = memoryStores()
setRuntime(createRuntime(stores, { requestsPerSecond: () => Infinity, notesActivity: true }))

/** Creates a tenant and gives its Secret Token. */
export async function createCredential(tenantId: string): Promise<string> {
  const now = new Date()
  await createTenant(stores.tenants, { id: tenantId, now })
  return (await issueToken(stores.tenants, tenantId, { now })).secretToken
}
