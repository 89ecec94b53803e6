import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../local-host/function-files.ts'
import { StartError } from '../local-host/lifetime.ts'

const run = promisify(execFile)

/** As many as it takes: what a check finds is a line each. */
const MOST_OUTPUT = 64 * 1024 * 1024

/** `npm run tenant` on an emulator, and on nothing else: what the environment says of tables is left out. */
export function tenantOn(
  connectionString: string,
  environment: NodeJS.ProcessEnv,
): (args: readonly string[]) => Promise<void> {
  const { TABLES_ENDPOINT: _, TABLES_CONNECTION_STRING: __, ...env } = environment
  return async (args) => {
    const tool = ['--import', './tools/installed.js', join('tools', 'tenant.ts'), ...args]
    try {
      await run(process.execPath, [...tool, '--storage', connectionString], {
        cwd: ROOT,
        env,
        maxBuffer: MOST_OUTPUT,
      })
    } catch (error) {
      throw new StartError(`npm run tenant -- ${args.join(' ')} failed:\n${saidBy(error)}`, {
        cause: error,
      })
    }
  }
}

/** What it has found is on its standard output, and why it cannot go on on the other. */
function saidBy(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const parts = ['stdout', 'stderr'].map((name) => {
    const text: unknown = Reflect.get(error, name)
    return typeof text === 'string' ? text.trim() : ''
  })
  const said = parts.filter((part) => part !== '').join('\n')
  return said === '' ? error.message : said
}
