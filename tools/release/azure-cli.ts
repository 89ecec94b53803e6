import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { StartError } from '../local-host/lifetime.ts'

/** What is asked of Azure for one function app. */
export interface Azure {
  /** That az is there and logged in, and finds the app. @throws StartError with what az says */
  readonly check: (signal: AbortSignal) => Promise<void>
  /** @throws StartError with what az says */
  readonly publish: (zip: string, signal: AbortSignal) => Promise<void>
  /** A host key, which opens all functions that want one. @throws StartError with what az says */
  readonly hostKey: (signal: AbortSignal) => Promise<string>
}

const run = promisify(execFile)

/** By az, in the login that it has. */
export function azureCli({ group, app }: { readonly group: string; readonly app: string }): Azure {
  const at = ['--resource-group', group, '--name', app]
  return {
    check: async (signal) => {
      await az(['functionapp', 'show', ...at, '--output', 'none'], signal)
    },
    publish: async (zip, signal) => {
      const command = ['functionapp', 'deployment', 'source', 'config-zip']
      await az([...command, ...at, '--src', zip, '--output', 'none'], signal)
    },
    hostKey: async (signal) => {
      const query = ['--query', 'functionKeys.default', '--output', 'tsv']
      const key = await az(['functionapp', 'keys', 'list', ...at, ...query], signal)
      if (key === '') throw new StartError(`${app} has no host key that is called "default"`)
      return key
    },
  }
}

/** Gives what it prints. The message has what it complains of, and no more: what it prints may be a key. */
async function az(args: readonly string[], signal: AbortSignal): Promise<string> {
  try {
    const { stdout } = await run('az', args, { signal })
    return stdout.trim()
  } catch (error) {
    signal.throwIfAborted()
    const complaint = complaintOf(error)
    const options = args.findIndex((argument) => argument.startsWith('-'))
    const command = args.slice(0, options).join(' ')
    throw new StartError(`az ${command} failed: ${complaint}`, { cause: error })
  }
}

function complaintOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it cannot be run'
  const text = 'stderr' in error ? String(error.stderr).trim() : ''
  if (text !== '') return text
  return 'code' in error && error.code === 'ENOENT' ? 'az is not installed' : 'it says nothing'
}
