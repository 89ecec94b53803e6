import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBenchApp } from './bench/backing.ts'
import { benchBackup } from './bench/backup.ts'
import { buildForBench, loadBuild } from './bench/builds.ts'
import {
  type BackupRequest,
  type GroupsRequest,
  parseCommandLine,
  type Request,
  type RequestsRequest,
  type StartRequest,
  USAGE,
} from './bench/command-line.ts'
import { benchEngines } from './bench/engines.ts'
import { benchGroups } from './bench/groups.ts'
import { bytesTable, costTable, EFFORT, measureRequests } from './bench/request-costs.ts'
import { measureStarts, startingApps, startTable } from './bench/start.ts'
import { startAzurite } from './local-host/azurite.ts'
import { writeBundle } from './bundle.ts'
import { ROOT } from './local-host/function-files.ts'
import { Lifetime } from './local-host/lifetime.ts'
import { progressOn } from './progress.ts'

const progress = progressOn()

/** The terminal may show both. */
const print = (text: string): void => {
  progress('')
  console.log(text)
}

const lifetime = new Lifetime()
try {
  const request = parseCommandLine(process.argv.slice(2))
  // Engines are measured without a pause in which a signal could be heard, and leave nothing to undo.
  if (request.bench !== 'engines') lifetime.endOnSignals()
  await run(request)
  await lifetime.end(0)
} catch (error) {
  lifetime.fail(error)
}

async function run(request: Request): Promise<void> {
  if (request.bench === 'requests') await runRequests(request)
  else if (request.bench === 'start') await runStart(request)
  else if (request.bench === 'build') await buildForBench(request.from, request.into)
  else if (request.bench === 'groups') await runGroups(request)
  else if (request.bench === 'backup') await runBackup(request)
  else if (request.bench === 'engines') benchEngines(print, progress)
  else print(USAGE)
}

async function runRequests({ on, against, rounds, json }: RequestsRequest): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'scim-bench-'))
  lifetime.atEnd(() => rm(directory, { recursive: true, force: true }))
  progress('building …')
  await buildForBench(ROOT, directory)
  const folders = against === undefined ? [directory] : [directory, against]
  const places = []
  for (const place of on) {
    const connectionString = await connectionStringOf(place)
    const builds = []
    for (const folder of folders) builds.push(await loadBuild(folder, connectionString))
    const inPlace = (text: string): void => progress(`${place}: ${text}`)
    places.push({ place, costs: await measureRequests(builds, { ...EFFORT, rounds }, inPlace) })
  }
  if (json) {
    print(
      JSON.stringify({ node: process.version, rounds, against: against ?? null, places }, null, 2),
    )
    return
  }
  const other = against === undefined ? '' : `, beside those of ${against} in turns`
  print(`Node.js ${process.version}, the built functions in this process${other}.\n`)
  print(costTable(places))
  const bytes = bytesTable(places)
  if (bytes !== undefined) print(`\n${bytes}`)
}

async function runStart({ against, rounds }: StartRequest): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'scim-bench-'))
  lifetime.atEnd(() => rm(directory, { recursive: true, force: true }))
  progress('building …')
  const built = join(directory, 'dist')
  await writeBundle(built)
  const folders = against === undefined ? [built] : [built, against]
  const apps = await startingApps(directory, folders)
  const { costs, last } = await measureStarts(apps, rounds, progress)
  print(`Node.js ${process.version}, a process for each start, ${rounds} rounds in turns.\n`)
  print(startTable(costs))
  if (last !== undefined)
    print(`\nThe app's CPU time is ${last.toFixed(2)} times that of ${against}.`)
}

async function runGroups({ on, sizes }: GroupsRequest): Promise<void> {
  const app = await openBenchApp(await connectionStringOf(on))
  print(
    `Node.js ${process.version}, ${placeOf(on)}; the functions run in this process, without a socket.`,
  )
  if (typeof on === 'object') {
    print(`If this is interrupted: npm run tenant -- delete ${app.tenantId} --storage …`)
  }
  try {
    print(`\n${await benchGroups(app, sizes, progress)}`)
  } finally {
    progress('removing the tenant …')
    await app.remove()
    progress('')
  }
}

async function runBackup({ sizes }: BackupRequest): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'scim-bench-'))
  lifetime.atEnd(() => rm(directory, { recursive: true, force: true }))
  const place = { directory, connectionString: (await connectionStringOf('azurite')) ?? '' }
  print(`Node.js ${process.version}, ${placeOf('azurite')}; a process for each command.`)
  print(`\n${await benchBackup(place, sizes, progress)}`)
}

async function connectionStringOf(on: GroupsRequest['on']): Promise<string | undefined> {
  if (on === 'memory') return undefined
  if (on !== 'azurite') return on.storage
  const azurite = await startAzurite()
  lifetime.atEnd(() => azurite.stop())
  return azurite.connectionString
}

function placeOf(on: GroupsRequest['on']): string {
  if (on === 'memory') return 'stores in memory: no storage calls'
  return on === 'azurite' ? 'Azurite on this machine, in memory' : 'the table service given'
}
