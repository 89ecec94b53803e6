// npm run start:func: what npm start runs, run by Azure Functions Core Tools.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { constants, copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LOCAL_BASE_URL } from '../lib/config.ts'
import { ROUTE_PREFIX, SCIM_PATH } from '../lib/http/routes.ts'
import { KEYS_ARE_CHECKED } from '../lib/manage/unguarded.ts'
import { writeBundle } from './bundle.ts'
import { startWebJobsStorage } from './local-host/azurite.ts'
import { announce, entryPoints, prepareBacking } from './local-host/backing.ts'
import { type Options, parseCommandLine, usage } from './local-host/command-line.ts'
import { addDemoData } from './local-host/demo-data.ts'
import { loadFunctionApp } from './local-host/function-app.ts'
import { functionFiles, ROOT } from './local-host/function-files.ts'
import type { LogLevel } from './local-host/functions-core.ts'
import { createHost } from './local-host/host.ts'
import { Lifetime, StartError } from './local-host/lifetime.ts'

const NO_FUNC = `Azure Functions Core Tools are not here: there is no "func" on the PATH.
Get them with "npm install --global azure-functions-core-tools@4" or from https://aka.ms/func-install.
"npm start" runs the same functions without them.`

/** `func` is a .cmd file there. */
const shell = process.platform === 'win32'

const lifetime = new Lifetime()
try {
  const options = parseCommandLine(process.argv.slice(2), 'npm run start:func', process.env)
  if (options.help) console.log(usage('npm run start:func'))
  else await run(options)
} catch (error) {
  lifetime.fail(error)
}

async function run(options: Options): Promise<void> {
  if (spawnSync('func', ['--version'], { shell }).status !== 0) throw new StartError(NO_FUNC)
  if (options.port === 0) throw new StartError('func takes no port 0; give --port a number')
  lifetime.endOnSignals()
  await writeBundle(join(ROOT, 'dist'))
  await createLocalSettings()
  const backing = await prepareBacking(options, lifetime)
  const webJobs = await startWebJobsStorage()
  lifetime.atEnd(() => webJobs.stop())
  void webJobs.ended.then((reason) => lifetime.fail(new StartError(webJobsEnded(reason))))
  await announce(options, backing, options.port, lifetime)
  if (options.demoData) {
    const app = await loadFunctionApp(functionFiles(), ROOT, logFailure)
    await addDemoData(createHost(app, ROUTE_PREFIX), backing.secretToken)
  }
  console.log(entryPoints(backing, options.port))
  const func = spawn('func', ['start', '--port', String(options.port)], {
    cwd: ROOT,
    shell,
    stdio: 'inherit',
    // These go before local.settings.json, where TABLES_ENDPOINT may be set to something.
    env: {
      ...process.env,
      FUNCTIONS_WORKER_RUNTIME: 'node',
      TABLES_ENDPOINT: '',
      // func refuses timers without.
      AzureWebJobsStorage: webJobs.connectionString,
      // It asks for none.
      [KEYS_ARE_CHECKED]: '',
      [LOCAL_BASE_URL]: `http://localhost:${options.port}${SCIM_PATH}`,
    },
  })
  const ended = once(func, 'exit')
  lifetime.atEnd(async () => {
    func.kill('SIGINT')
    await ended
  })
  await ended
  await lifetime.end(func.exitCode ?? 1)
}

function logFailure(level: LogLevel, _category: string, message: string): void {
  if (level === 'error') console.error(message)
}

function webJobsEnded(reason: string): string {
  return `the Azurite of AzureWebJobsStorage, which func cannot do without, has ended (${reason}); start again`
}

/** func wants the file; one that is there stays as it is. */
async function createLocalSettings(): Promise<void> {
  const file = join(ROOT, 'local.settings.json')
  try {
    await copyFile(join(ROOT, 'local.settings.example.json'), file, constants.COPYFILE_EXCL)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
