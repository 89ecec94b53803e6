import { parseArgs } from 'node:util'
import { UsageError } from '../command-line.ts'
import { takenByNpm } from '../npm-options.ts'

/** What the developer asked for. */
export interface Options {
  /** 0: any free one. */
  readonly port: number
  /** Connection string of a table service; absent: Azurite. */
  readonly storage?: string
  /** Where Azurite's data, the demo tokens and the function keys are; absent: `.azurite`. */
  readonly data?: string
  readonly fresh: boolean
  /** People and teams in the demo tenant. */
  readonly demoData: boolean
  readonly quiet: boolean
  readonly help: boolean
}

const DEFAULT_PORT = 7071

/** What `--help` shows. */
export function usage(command: string): string {
  return `${command} -- [options]

Runs the app on this machine, on the table service of Azurite, with a tenant "demo".

  --port N           port on localhost (default ${DEFAULT_PORT}; 0: any free one)
  --storage STRING   connection string of another emulator, in place of Azurite; not of an account
                     in Azure: a command line is in the shell's history and the list of processes
  --data DIRECTORY   where Azurite's data, the demo tenant's tokens and the function keys are kept
                     (default .azurite)
  --fresh            start with empty data
  --demo-data        12 invented people in 4 teams, in the demo tenant, unless they are there
  --quiet            no line for each request
  --help             this text`
}

/**
 * @param command as it was called, such as `npm start`.
 * @throws UsageError
 */
export function parseCommandLine(
  args: readonly string[],
  command: string,
  environment: Readonly<Record<string, string | undefined>>,
): Options {
  const { port, storage, data, fresh, quiet, help, ...more } = parseOptions(
    args,
    command,
    environment,
  )
  if (port !== undefined && !isPort(port)) {
    throw new UsageError(`--port must be a number from 0 to 65535, not "${port}"`)
  }
  if (storage?.trim() === '') {
    throw new UsageError(
      '--storage is empty; give a connection string, or leave it out for Azurite',
    )
  }
  if (data?.trim() === '') throw new UsageError('--data is empty; it must be a directory')
  if (storage !== undefined && fresh === true) {
    throw new UsageError('--fresh empties the data of Azurite only, not of a --storage of your own')
  }
  return {
    port: Number(port ?? DEFAULT_PORT),
    ...(storage !== undefined && { storage }),
    ...(data !== undefined && { data }),
    fresh: fresh === true,
    demoData: more['demo-data'] === true,
    quiet: quiet === true,
    help: help === true,
  }
}

// The type is parseArgs' own, from the table of options.
// oxlint-disable-next-line typescript/explicit-module-boundary-types
function parseOptions(
  args: readonly string[],
  command: string,
  environment: Readonly<Record<string, string | undefined>>,
) {
  const taken = takenByNpm(['port', 'storage', 'data', 'fresh', 'demo-data'], command, environment)
  if (taken !== undefined) throw new UsageError(taken)
  try {
    return parseArgs({
      args: withNegatives(args),
      options: {
        port: { type: 'string' },
        storage: { type: 'string' },
        data: { type: 'string' },
        fresh: { type: 'boolean' },
        'demo-data': { type: 'boolean' },
        quiet: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    const [reason] = error instanceof Error ? error.message.split(/[.\n] ?/) : ['']
    throw new UsageError(`${reason ?? ''}; ${command} -- --help lists the options`, {
      cause: error,
    })
  }
}

/** parseArgs takes `-1` for an option. */
function withNegatives(args: readonly string[]): string[] {
  const at = args.findIndex(
    (text, index) => text === '--port' && /^-\d/.test(args[index + 1] ?? ''),
  )
  return at < 0 ? [...args] : args.toSpliced(at, 2, `--port=${args[at + 1] ?? ''}`)
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535
}
