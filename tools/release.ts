import { readOptions, runTool, UsageError, wholeNumber } from './command-line.ts'
import { azureCli } from './release/azure-cli.ts'
import { leavingMark } from './release/ended.ts'
import { release } from './release/release.ts'
import { deploymentAt } from './smoke/deployment.ts'
import { stoppedBySignal } from './smoke/stopped-by-signal.ts'

const USAGE = `npm run release -- --resource-group GROUP --app APP --url URL --package FILE [options]

Deploys a package (npm run package) to a function app that is there, and tests it (npm run smoke). When one of the two fails, the
previous package is deployed again and tested, and the exit code is 1. Needs az, logged in.

  --resource-group GROUP  where the function app is
  --app APP               its name
  --url URL               its Tenant URL, https://<host>/api/scim
  --package FILE          the zip to deploy
  --previous FILE         the zip that runs there now, for the way back
  --ended FILE            gets a line when this has ended, in whatever way; there is none when it was cut off
  --settle SECONDS        how long the app is left alone between the two: 30
  --wait SECONDS          how long to wait until it is healthy: 300
  --help                  this text`

const OPTIONS = {
  'resource-group': { type: 'string' },
  app: { type: 'string' },
  url: { type: 'string' },
  package: { type: 'string' },
  previous: { type: 'string' },
  ended: { type: 'string' },
  settle: { type: 'string', default: '30' },
  wait: { type: 'string', default: '300' },
} as const

await runTool(USAGE, async (args) => {
  const options = readOptions(OPTIONS, args)
  const { 'resource-group': group, app, url, package: file, previous } = options
  if (group === undefined || app === undefined || url === undefined || file === undefined) {
    throw new UsageError('--resource-group, --app, --url and --package are needed')
  }
  const one = {
    azure: azureCli({ group, app }),
    deployment: deploymentAt(url),
    package: file,
    // An empty one is what a pipeline has before the first deployment.
    previous: previous === '' ? undefined : previous,
    settle: wholeNumber('--settle', options.settle),
    wait: wholeNumber('--wait', options.wait),
    environment: process.env,
    say: (line: string) => console.log(line),
  }
  await leavingMark(options.ended, () => release(one, stoppedBySignal()))
})
