import { StartError } from '../local-host/lifetime.ts'
import { ask, type Deployment, waitForHealth } from './deployment.ts'
import { liveALife } from './life-of-a-user.ts'
import type { ManageApi } from './manage-api.ts'
import {
  createTenant,
  deleteTenant,
  issueToken,
  newTenantId,
  NoTenantError,
  tenantsLeft,
} from './tenant.ts'

export interface SmokeTest {
  readonly api: ManageApi
  /** How many seconds the deployment may take until it is healthy. */
  readonly wait: number
  /** Of the processes that it starts. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly say: (line: string) => void
}

/**
 * Waits until the deployment is healthy, and lives a user's life in a tenant of its own, which is deleted whatever happens.
 * @throws StartError with the first thing that is not as it should be
 */
export async function smokeTest(test: SmokeTest, signal: AbortSignal): Promise<void> {
  const { api, say } = test
  const waited = await waitForHealth(api.deployment, test.wait, signal)
  say(`Healthy after ${Math.round(waited / 1000)} s: ${api.deployment.health}`)
  await expectLocked(api.deployment, signal)
  const id = newTenantId()
  try {
    await useTenant(test, id, signal)
  } catch (error) {
    if (!(error instanceof NoTenantError)) {
      await deleteTenant(api, id).catch((left: unknown) => say(leftText(id, left)))
    }
    throw error
  }
  await deleteTenant(api, id).catch((left: unknown) => {
    throw new StartError(leftText(id, left), { cause: left })
  })
  say(`Tenant ${id} is being deleted`)
}

/**
 * Deletes the tenants of tests that could not do it: whoever is stopped at once has no time for it.
 * @throws StartError when one of them cannot be deleted, after all others
 */
export async function cleanUp(test: SmokeTest, signal: AbortSignal): Promise<void> {
  const { api, say, wait } = test
  await waitForHealth(api.deployment, wait, signal)
  const failures: string[] = []
  for (const id of await tenantsLeft(api, signal)) {
    try {
      await deleteTenant(api, id)
      say(`Tenant ${id} was left, and is being deleted`)
    } catch (error) {
      failures.push(leftText(id, error))
    }
  }
  if (failures.length > 0) throw new StartError(failures.join('; '))
}

async function useTenant(
  { api, environment, say }: SmokeTest,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  await createTenant(api, id, signal)
  const secretToken = await issueToken(api, id, signal)
  say(`Tenant ${id} is there, with a Secret Token\n`)
  await liveALife(api.deployment.tenantUrl, secretToken, { environment, signal })
}

function leftText(id: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error)
  return `Tenant ${id} is left, delete it by hand: ${reason}`
}

/** A deployment that lets everybody in passes all else. */
async function expectLocked({ tenantUrl }: Deployment, signal: AbortSignal): Promise<void> {
  const { status } = await ask(`${tenantUrl}/Users`, {}, signal)
  if (status !== 401) {
    throw new StartError(`GET ${tenantUrl}/Users without a token: expected 401, got ${status}`)
  }
}
