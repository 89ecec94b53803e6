import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { StartError } from '../local-host/lifetime.ts'
import { manage, type ManageApi, Refusal } from './manage-api.ts'

/** Should the tenant be left all the same, its token is soon worth nothing. */
const TOKEN_MILLISECONDS = 3_600_000

/** Deleting is tried so often: it must not fail for a passing fault. */
const TRIES = 3
const PAUSE_MILLISECONDS = 2_000

const SMOKE_ID = /^smoke-[0-9a-f]{12}$/

const TENANT = z.object({ tenantUrl: z.string() })
const TOKEN = z.object({ secret: z.string().min(1) })
const PAGE = z.object({
  items: z.array(z.object({ id: z.string(), status: z.string() })),
  nextCursor: z.string().exactOptional(),
})

/** There is no tenant that would have to be deleted. */
export class NoTenantError extends StartError {}

export function newTenantId(): string {
  return `smoke-${randomBytes(6).toString('hex')}`
}

/** The tenants that smoke tests have left: what has another form of id may be a customer's. @throws StartError */
export async function tenantsLeft(api: ManageApi, signal: AbortSignal): Promise<readonly string[]> {
  const left: string[] = []
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const query = new URLSearchParams({ q: 'smoke-', ...(cursor === '' ? {} : { cursor }) })
    const request = { method: 'GET', path: `tenants?${query.toString()}`, expected: [200] }
    const { items, nextCursor }: z.infer<typeof PAGE> = PAGE.parse(
      (await manage(api, request, signal)).json,
    )
    const ours = items.filter(({ id, status }) => SMOKE_ID.test(id) && status !== 'deleting')
    left.push(...ours.map(({ id }) => id))
    cursor = nextCursor
  }
  return left
}

/**
 * Makes the tenant.
 * @throws NoTenantError when it is refused, StartError when nobody knows whether it is there, or it has another Tenant URL
 */
export async function createTenant(api: ManageApi, id: string, signal: AbortSignal): Promise<void> {
  const body = { id, name: 'Smoke test' }
  const request = { method: 'POST', path: 'tenants', body, expected: [201] }
  const created = await manage(api, request, signal).catch((error: unknown) => {
    if (error instanceof Refusal) throw new NoTenantError(error.message, { cause: error })
    throw error
  })
  const { tenantUrl } = TENANT.parse(created.json)
  if (tenantUrl !== api.deployment.tenantUrl) {
    throw new StartError(
      `customers are told the Tenant URL ${tenantUrl}, not ${api.deployment.tenantUrl}: PUBLIC_BASE_URL of the deployment is another`,
    )
  }
}

/** One more Secret Token of the tenant. @throws StartError */
export async function issueToken(api: ManageApi, id: string, signal: AbortSignal): Promise<string> {
  const body = {
    kind: 'token',
    label: 'Smoke test',
    expires: new Date(Date.now() + TOKEN_MILLISECONDS).toISOString(),
  }
  const path = `tenants/${id}/credentials`
  const issued = await manage(api, { method: 'POST', path, body, expected: [201] }, signal)
  return TOKEN.parse(issued.json).secret
}

/** Begins to delete the tenant, which may not be there. @throws StartError when that fails each time */
export async function deleteTenant(api: ManageApi, id: string): Promise<void> {
  const request = { method: 'DELETE', path: `tenants/${id}`, expected: [202, 404] }
  for (let tries = 1; ; tries += 1) {
    try {
      // Whoever has stopped the test wants it deleted, too.
      await manage(api, request, new AbortController().signal)
      return
    } catch (error) {
      if (tries === TRIES) throw error
      await pause(PAUSE_MILLISECONDS)
    }
  }
}
