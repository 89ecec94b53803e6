import { ScimError } from '../scim/errors.ts'
import type { NewCredential, Tenant } from '../storage/tenant-port.ts'
import { again } from './again.ts'
import type { BackupParts } from './backup-parts.ts'

/**
 * Refuses credentials before anything is written: they are brought last, and would be refused then.
 * @throws ScimError `uniqueness` when one is of an Entra tenant that another tenant has.
 */
export async function refuseTakenIssuers(
  { tenants, pause }: Pick<BackupParts, 'tenants' | 'pause'>,
  { partitionKey }: Tenant,
  credentials: readonly NewCredential[],
): Promise<void> {
  for (const credential of credentials) {
    if (credential.kind !== 'entra') continue
    const { entraTenantId, id } = credential
    const claim = await again(pause, async () => tenants.issuerOf(entraTenantId))
    if (claim === undefined || claim.partitionKey === partitionKey) continue
    const holder = await again(pause, async () => tenants.get(claim.tenantId))
    // A claim counts as long as its tenant is there.
    if (holder?.partitionKey !== claim.partitionKey) continue
    throw new ScimError(
      'uniqueness',
      `the credential ${id} in the file is of an Entra tenant id that belongs to another tenant already: import without --with-credentials, and issue others`,
    )
  }
}
