import type { FuzzStorage } from '../test/support/fuzz-endpoint.ts'
import { fuzz, type FuzzOptions, type Report } from '../test/support/fuzz-run.ts'
import { openStores } from './bench/stores.ts'
import { readOptions, runTool, UsageError } from './command-line.ts'
import { startAzurite } from './local-host/azurite.ts'

const USAGE = `npm run fuzz -- [options]

Sends generated requests to the app's functions until the time is over or an answer breaks a rule: a failure of ours, no
SCIM error, a secret told, too long a time. The last line is the summary.

  --minutes N    how long (default 1)
  --seed N       the requests of another run, from the first on; without it they are new ones
  --path PATH    with --seed: the one counterexample that a failure has named
  --azurite      each request once more on tables, by an Azurite of its own: both answers must be the same
  --help         this text`

const OPTIONS = {
  minutes: { type: 'string', default: '1' },
  seed: { type: 'string' },
  path: { type: 'string' },
  azurite: { type: 'boolean', default: false },
} as const

const started = performance.now()
await runTool(USAGE, run)

async function run(args: readonly string[]): Promise<number> {
  const { minutes, seed: given, path, azurite } = readOptions(OPTIONS, args)
  if (!(Number(minutes) > 0)) {
    throw new UsageError(`--minutes must be a number above 0, not "${minutes}"`)
  }
  const seed = Number(given ?? Date.now() % 2 ** 31)
  if (!Number.isSafeInteger(seed)) {
    throw new UsageError(`--seed must be a whole number, not "${given}"`)
  }
  const options = {
    seed,
    milliseconds: Number(minutes) * 60_000,
    ...(path === undefined ? {} : { path, runs: 1 }),
  }
  try {
    const report = azurite ? await onAzurite(options) : await fuzz(options)
    console.log(summary(seed, report))
    return 0
  } catch (error) {
    console.error(error instanceof Error ? messagesOf(error) : error)
    return 1
  }
}

async function onAzurite(options: FuzzOptions): Promise<Report> {
  const azurite = await startAzurite()
  try {
    const stores = await openStores(azurite.connectionString)
    let tenants = 0
    const newStorage = (): FuzzStorage => {
      tenants += 1
      return { stores, tenantId: `fuzz-${tenants}`, longest: 20_000 }
    }
    return await fuzz({ ...options, newStorage })
  } finally {
    await azurite.stop()
  }
}

/** Requests, how many got which status, and the slowest. */
function summary(seed: number, { requests, statuses, slowest }: Report): string {
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  const histogram = [...statuses]
    .toSorted(([a], [b]) => a - b)
    .map(([status, times]) => `${status}: ${times}`)
  return [
    `seed ${seed}: ${requests} requests in ${seconds} s, no rule broken`,
    histogram.join(', '),
    `slowest ${slowest.milliseconds.toFixed(0)} ms: ${slowest.request}`,
  ].join('; ')
}

/** The message names seed and path, its cause the rule and the request. */
function messagesOf(error: Error): string {
  return error.cause instanceof Error
    ? `${error.message}\n${messagesOf(error.cause)}`
    : error.message
}
