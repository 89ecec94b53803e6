import { openBenchApp } from './bench/backing.ts'
import { type GroupsRequest, parseCommandLine, type Request, USAGE } from './bench/command-line.ts'
import { benchEngines } from './bench/engines.ts'
import { benchGroups } from './bench/groups.ts'
import { startAzurite } from './local-host/azurite.ts'
import { Lifetime } from './local-host/lifetime.ts'

const print = (text: string): void => console.log(text)

const lifetime = new Lifetime()
try {
  lifetime.endOnSignals()
  await run(parseCommandLine(process.argv.slice(2)))
  await lifetime.end(0)
} catch (error) {
  lifetime.fail(error)
}

async function run(request: Request): Promise<void> {
  if (request.bench === 'groups') await runGroups(request)
  else if (request.bench === 'engines') benchEngines(print)
  else print(USAGE)
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
    print(`\n${await benchGroups(app, sizes, console.error)}`)
  } finally {
    console.error('removing the tenant …')
    await app.remove()
  }
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
