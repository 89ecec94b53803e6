import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { bundle } from '../bundle.ts'
import { ROOT } from '../local-host/function-files.ts'
import { StartError } from '../local-host/lifetime.ts'
import { median } from './measure.ts'
import { formatTable } from './table.ts'

/** Nothing listens at that port: what is asked needs no storage, and what is measured is too short for metrics. */
const SETTINGS = {
  TABLES_CONNECTION_STRING:
    'DefaultEndpointsProtocol=http;AccountName=nobody;AccountKey=bm9ib2R5;TableEndpoint=http://127.0.0.1:1/nobody',
  PUBLIC_BASE_URL: 'https://scim.example/api/scim',
  APPLICATIONINSIGHTS_CONNECTION_STRING:
    'InstrumentationKey=00000000-0000-4000-8000-000000000000;IngestionEndpoint=http://127.0.0.1:1/',
}

/** The least that an app can be. */
const TRIVIAL = `import { app } from '@azure/functions'
app.http('trivial', { route: 'trivial', handler: async () => ({ status: 200, body: 'hello' }) })
`

/** An app whose start is measured, and the answer that ends it. */
export interface StartingApp {
  readonly label: string
  /** The file that the worker requires. */
  readonly main: string
  readonly function: string
  readonly status: string
}

/** How long the start of an app takes, by the median of the rounds. */
export interface StartCost {
  readonly label: string
  readonly milliseconds: number
  readonly cpuMilliseconds: number
  /** CPU time over that of the first app: the median of the rounds. */
  readonly ratio: number
}

/**
 * What is measured: a trivial function first, then built apps, the first of which is this project's.
 * @param directory where to put what has to be built for it.
 * @param folders those that have a built app.
 * @throws StartError when one has none
 */
export async function startingApps(
  directory: string,
  folders: readonly string[],
): Promise<{ readonly runner: string; readonly apps: readonly StartingApp[] }> {
  const [runner, trivial] = [join(directory, 'runner.cjs'), join(directory, 'trivial/app.cjs')]
  await mkdir(join(directory, 'trivial'), { recursive: true })
  const source = `import ${JSON.stringify(join(ROOT, 'tools/bench/start-process.ts'))}`
  await bundle(runner, { source, resolveDir: ROOT, sourcemap: false })
  await bundle(trivial, { source: TRIVIAL, resolveDir: ROOT })
  const built = folders.map((folder, at): StartingApp => {
    const main = join(resolve(folder), 'functions.cjs')
    if (!existsSync(main)) {
      throw new StartError(`there is no ${main}; npm run bench -- build <folder> <into> makes it`)
    }
    // Without a credential: the first answer that needs the whole app and no storage.
    return { label: at === 0 ? 'the app' : folder, main, function: 'users-list', status: '401' }
  })
  const first = { label: 'a trivial function', main: trivial, function: 'trivial', status: '200' }
  return { runner, apps: [first, ...built] }
}

const TOOK = z.object({ status: z.string(), milliseconds: z.number(), cpuMilliseconds: z.number() })

/** Starts each app once in a round, in turns, so that what else the machine does slows all of them alike. */
export async function measureStarts(
  { runner, apps }: Awaited<ReturnType<typeof startingApps>>,
  rounds: number,
  progress: (text: string) => void,
): Promise<{ readonly costs: readonly StartCost[]; readonly last: number | undefined }> {
  const measured: (readonly z.infer<typeof TOOK>[])[] = []
  // The first round reads all files from the disk, and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    progress(`round ${round} of ${rounds} …`)
    const row: z.infer<typeof TOOK>[] = []
    for (const app of apps) row.push(await startOnce(runner, app))
    if (round > 0) measured.push(row)
  }
  const column = (of: (row: readonly z.infer<typeof TOOK>[]) => number | undefined): number =>
    median(measured.map((row) => of(row) ?? NaN))
  const ratio = (at: number, to: number): number =>
    column((row) => (row[at]?.cpuMilliseconds ?? NaN) / (row[to]?.cpuMilliseconds ?? NaN))
  const costs = apps.map(({ label }, at) => ({
    label,
    milliseconds: column((row) => row[at]?.milliseconds),
    cpuMilliseconds: column((row) => row[at]?.cpuMilliseconds),
    ratio: ratio(at, 0),
  }))
  return { costs, last: apps.length > 2 ? ratio(1, 2) : undefined }
}

/** @throws Error when the app answers otherwise than expected. */
async function startOnce(
  runner: string,
  { main, function: name, status }: StartingApp,
): Promise<z.infer<typeof TOOK>> {
  const { stdout } = await promisify(execFile)(process.execPath, [runner, main, name], {
    env: SETTINGS,
  })
  const took = TOOK.parse(JSON.parse(stdout))
  if (took.status !== status) throw new Error(`${main} answered ${took.status}, not ${status}`)
  return took
}

/** The medians as a table. */
export function startTable(costs: readonly StartCost[]): string {
  return formatTable(
    [
      { title: 'Start until the first answer' },
      { title: 'ms', align: 'right' },
      { title: 'ms of CPU time', align: 'right' },
      { title: 'of the trivial one', align: 'right' },
    ],
    costs.map(({ label, milliseconds, cpuMilliseconds, ratio }) => [
      label,
      milliseconds.toFixed(0),
      cpuMilliseconds.toFixed(0),
      ratio.toFixed(2),
    ]),
  )
}
