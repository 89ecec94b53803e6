import { parseArgs } from 'node:util'

/** A mistake in the command line, in one line. */
class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const USAGE = `npm run bench -- groups [options]    changing and reading groups of 10 to 50,000 members
npm run bench -- engines             filters and PATCH, beside scim2-parse-filter and scim-patch

  --storage STRING   connection string of a table service; without one groups are kept in memory
  --azurite          the same on an Azurite of its own, which is started and ended here
  --sizes N,N        numbers of members (default 10,1000,10000,50000)
  --help             this text

The tenant that groups are made for is removed at the end.`

/** Groups of which sizes to measure, and where. */
export interface GroupsRequest {
  readonly bench: 'groups'
  readonly on: 'memory' | 'azurite' | { readonly storage: string }
  readonly sizes: readonly number[]
}

/** What to measure. */
export type Request = GroupsRequest | { readonly bench: 'help' | 'engines' }

const OPTIONS = {
  storage: { type: 'string' },
  azurite: { type: 'boolean', default: false },
  sizes: { type: 'string', default: '10,1000,10000,50000' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** @throws UsageError */
export function parseCommandLine(args: readonly string[]): Request {
  const { values, positionals } = parse(args)
  const { storage, azurite, sizes, help } = values
  if (help) return { bench: 'help' }
  const [bench, ...more] = positionals
  if (more.length > 0 || (bench !== 'groups' && bench !== 'engines')) {
    throw new UsageError('say what to measure: groups or engines')
  }
  if (bench === 'engines') return { bench }
  if (storage !== undefined && azurite) {
    throw new UsageError('--storage and --azurite are two places; give one')
  }
  const on = storage === undefined ? (azurite ? 'azurite' : 'memory') : { storage }
  return { bench, on, sizes: sizes.split(',').map(readSize) }
}

// The type is parseArgs' own, from the table of options.
// oxlint-disable-next-line typescript/explicit-module-boundary-types
function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    const [reason = ''] = error instanceof Error ? error.message.split(/[.\n] ?/) : []
    throw new UsageError(reason, { cause: error })
  }
}

function readSize(text: string): number {
  if (!/^\s*\d{1,7}\s*$/.test(text)) {
    throw new UsageError(`--sizes must be whole numbers with commas between them, not "${text}"`)
  }
  return Number(text)
}
