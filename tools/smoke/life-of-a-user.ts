import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { ROOT } from '../local-host/function-files.ts'
import { StartError } from '../local-host/lifetime.ts'

const SCRIPT = 'tools/life-of-a-user.sh'

/**
 * Runs the script, which shows its steps.
 * @param environment without the key of the manage API: the script needs none
 * @throws StartError when it fails, or cannot run
 */
export async function liveALife(
  tenantUrl: string,
  secretToken: string,
  { environment, signal }: LifeOptions,
): Promise<void> {
  const env = { ...environment, TENANT_URL: tenantUrl, SECRET_TOKEN: secretToken }
  const script = spawn('bash', [join(ROOT, SCRIPT)], { env, stdio: 'inherit', signal })
  const code = await ended(script).catch((error: unknown) => {
    signal.throwIfAborted()
    throw new StartError(`${SCRIPT} does not run, it needs bash and curl`, { cause: error })
  })
  if (code !== 0) throw new StartError(`${SCRIPT} has failed, see above`)
}

interface LifeOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

/** The exit code. */
async function ended(script: ReturnType<typeof spawn>): Promise<unknown> {
  const exit: readonly unknown[] = await once(script, 'exit')
  return exit[0]
}
