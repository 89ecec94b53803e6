import { parseArgs } from 'node:util'
import { asksForHelp, UsageError, usageError } from '../command-line.ts'

export const USAGE = `npm run bench -- requests [options]  CPU time and bytes of the ten commonest requests, by the built app
npm run bench -- start [options]     the start until the first answer, beside that of a trivial function
npm run bench -- build FOLDER INTO   builds this project in another folder, for --against
npm run bench -- groups [options]    changing and reading groups of 10 to 50,000 members
npm run bench -- backup [options]    export and import of tenants: time, and peak memory
npm run bench -- engines             filters and PATCH, beside scim2-parse-filter and scim-patch

requests: in memory, and on an Azurite that is started and ended here
  --on PLACE         memory or azurite, instead of both
  --against DIR      beside another build, in turns: what npm run bench -- build made
  --rounds N         rounds, of which the median counts (default 9)
  --json             one JSON document

start:
  --against DIR      as above
  --rounds N         as above (default 15)

To compare with another commit:
  git worktree add ../before <commit>
  npm run bench -- build ../before ../before-dist
  npm run bench -- requests --against ../before-dist

groups:
  --storage STRING   connection string of a table service; without one groups are kept in memory
  --azurite          the same on an Azurite of its own, which is started and ended here
  --sizes N,N        numbers of members (default 10,1000,10000,50000)
  The tenant that groups are made for is removed at the end.

backup: on an Azurite that is started and ended here, by the command line in processes of its own
  --sizes N,N        numbers of users (default 2000,20000); each tenant has four groups of 5,000 of them, or of all

  --help             this text`

/** Groups of which sizes to measure, and where. */
export interface GroupsRequest {
  readonly bench: 'groups'
  readonly on: 'memory' | 'azurite' | { readonly storage: string }
  readonly sizes: readonly number[]
}

/** Tenants with how many users to export and import. */
export interface BackupRequest {
  readonly bench: 'backup'
  readonly sizes: readonly number[]
}

/** Where to measure the commonest requests, and beside which other build. */
export interface RequestsRequest {
  readonly bench: 'requests'
  readonly on: readonly ('memory' | 'azurite')[]
  /** A folder that `build` made. */
  readonly against: string | undefined
  readonly rounds: number
  readonly json: boolean
}

/** How long the start takes, and beside which other build. */
export interface StartRequest {
  readonly bench: 'start'
  readonly against: string | undefined
  readonly rounds: number
}

/** What to measure. */
export type Request =
  | GroupsRequest
  | BackupRequest
  | RequestsRequest
  | StartRequest
  | { readonly bench: 'build'; readonly from: string; readonly into: string }
  | { readonly bench: 'help' | 'engines' }

const OPTIONS = {
  storage: { type: 'string' },
  azurite: { type: 'boolean' },
  sizes: { type: 'string' },
  on: { type: 'string' },
  against: { type: 'string' },
  rounds: { type: 'string' },
  json: { type: 'boolean' },
} as const

type OptionName = keyof typeof OPTIONS

/** What each can be given. */
const BENCHES: Readonly<
  Record<string, { readonly operands: readonly string[]; readonly options: readonly OptionName[] }>
> = {
  requests: { operands: [], options: ['on', 'against', 'rounds', 'json'] },
  start: { operands: [], options: ['against', 'rounds'] },
  build: { operands: ['folder', 'into'], options: [] },
  groups: { operands: [], options: ['storage', 'azurite', 'sizes'] },
  backup: { operands: [], options: ['sizes'] },
  engines: { operands: [], options: [] },
}

/** @throws UsageError */
export function parseCommandLine(args: readonly string[]): Request {
  if (asksForHelp(args)) return { bench: 'help' }
  const { values, positionals } = parse(args)
  const [bench = '', ...operands] = positionals
  check(bench, operands, values)
  if (bench === 'requests') return readRequests(values)
  if (bench === 'groups') return readGroups(values)
  if (bench === 'backup') {
    return { bench, sizes: (values.sizes ?? '2000,20000').split(',').map(readSize) }
  }
  if (bench === 'start') {
    return { bench, against: values.against, rounds: readRounds(values.rounds ?? '15') }
  }
  const [from = '', into = ''] = operands
  return bench === 'build' ? { bench, from, into } : { bench: 'engines' }
}

// The type is parseArgs' own, from the table of options.
// oxlint-disable-next-line typescript/explicit-module-boundary-types
function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw usageError(error)
  }
}

type Values = ReturnType<typeof parse>['values']

function check(bench: string, operands: readonly string[], values: Values): void {
  const shape = Object.hasOwn(BENCHES, bench) ? BENCHES[bench] : undefined
  if (shape === undefined) {
    const whole = bench === '' ? `\n\n${USAGE}` : '; --help lists all'
    throw new UsageError(
      `say what to measure: requests, start, backup, groups or engines; or build${whole}`,
    )
  }
  const missing = shape.operands[operands.length]
  if (missing !== undefined) throw new UsageError(`${bench} needs <${missing}>`)
  const extra = operands[shape.operands.length]
  if (extra !== undefined) {
    throw new UsageError(
      `say what to measure, one of requests, start, backup, groups or engines; not "${extra}"`,
    )
  }
  const allowed: readonly string[] = shape.options
  const wrong = Object.keys(values).find((name) => !allowed.includes(name))
  if (wrong !== undefined) throw new UsageError(`${bench} has no option --${wrong}`)
}

function readRequests({ on, against, rounds = '9', json = false }: Values): RequestsRequest {
  if (on !== undefined && on !== 'memory' && on !== 'azurite') {
    throw new UsageError(`--on must be memory or azurite, not "${on}"`)
  }
  return {
    bench: 'requests',
    on: on === undefined ? ['memory', 'azurite'] : [on],
    against,
    rounds: readRounds(rounds),
    json,
  }
}

function readRounds(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text)
  throw new UsageError(`--rounds must be a number from 1 to 999, not "${text}"`)
}

function readGroups(values: Values): GroupsRequest {
  const { storage, azurite = false, sizes = '10,1000,10000,50000' } = values
  if (storage !== undefined && azurite) {
    throw new UsageError('--storage and --azurite are two places; give one')
  }
  const on = storage === undefined ? (azurite ? 'azurite' : 'memory') : { storage }
  return { bench: 'groups', on, sizes: sizes.split(',').map(readSize) }
}

function readSize(text: string): number {
  if (!/^\s*\d{1,7}\s*$/.test(text)) {
    throw new UsageError(`--sizes must be whole numbers with commas between them, not "${text}"`)
  }
  return Number(text)
}
