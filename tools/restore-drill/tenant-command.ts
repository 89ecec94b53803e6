import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../local-host/function-files.ts'
import { StartError } from '../local-host/lifetime.ts'

const run = promisify(execFile)

/** As many as it takes: what a check finds is a line each. */
const MOST_OUTPUT = 64 * 1024 * 1024

/** A command that has ended with another status than 0. */
export class CommandError extends StartError {
  /** What was on its standard output. */
  readonly out: string

  constructor(args: readonly string[], error: unknown) {
    super(`npm run tenant -- ${args.join(' ')} failed:\n${saidBy(error)}`, { cause: error })
    this.out = streamOf(error, 'stdout')
  }
}

/**
 * `npm run tenant` on an emulator, and on nothing else: what the environment says of tables is left out. It gives what is on
 * standard output.
 * @throws CommandError
 */
export function tenantOn(
  connectionString: string,
  environment: NodeJS.ProcessEnv,
): (args: readonly string[]) => Promise<string> {
  const { TABLES_ENDPOINT: _, TABLES_CONNECTION_STRING: __, ...env } = environment
  return async (args) => {
    const tool = ['--import', './tools/installed.js', join('tools', 'tenant.ts'), ...args]
    try {
      const { stdout } = await run(process.execPath, [...tool, '--storage', connectionString], {
        cwd: ROOT,
        env,
        maxBuffer: MOST_OUTPUT,
      })
      return stdout
    } catch (error) {
      throw new CommandError(args, error)
    }
  }
}

/** What it has found is on its standard output, and why it cannot go on on the other. */
function saidBy(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const parts = [streamOf(error, 'stdout'), streamOf(error, 'stderr')]
  const said = parts.filter((part) => part !== '').join('\n')
  return said === '' ? error.message : said
}

function streamOf(error: unknown, name: 'stdout' | 'stderr'): string {
  const text: unknown = error instanceof Error ? Reflect.get(error, name) : undefined
  return typeof text === 'string' ? text.trim() : ''
}
