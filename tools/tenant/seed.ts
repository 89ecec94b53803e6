import { ScimError } from '../../lib/scim/errors.ts'
import { requireTenant } from '../../lib/tenants/tenants.ts'
import { issueToken, revokeToken } from '../../lib/tenants/tokens.ts'
import { scimClient } from '../demo-data/client.ts'
import { describeDemoData, makeDemoData } from '../demo-data/make.ts'
import type { Workplace } from './commands.ts'
import type { Outcome } from './text.ts'

/** Long enough for the requests; then the token is of no use, should its revocation not be reached. */
const TOKEN_MINUTES = 10

/**
 * Puts the demo data into a tenant, by requests to the app's functions with a token of their own, which is revoked
 * whether or not they succeed.
 * @throws ScimError for the tenant, StartError for the first request that failed; doing it again makes the rest.
 */
export async function seed({ store, functions, now }: Workplace, id: string): Promise<Outcome> {
  const { status } = await requireTenant(store, id)
  if (status === 'disabled') {
    throw new ScimError('forbidden', `tenant ${id} is disabled and takes no requests; enable ${id}`)
  }
  const host = await functions()
  const expires = new Date(now().getTime() + TOKEN_MINUTES * 60_000)
  const label = 'demo data'
  const { token, secretToken } = await issueToken(store, id, { label, expires, now: now() })
  try {
    const made = await makeDemoData(scimClient(host, secretToken))
    return { text: `tenant ${id}: ${describeDemoData(made)}`, json: { tenant: { id }, made } }
  } finally {
    await revokeToken(store, id, token.id, now())
  }
}
