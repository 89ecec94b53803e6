import { readOptions, runTool, UsageError, wholeNumber } from './command-line.ts'
import { deploymentAt } from './smoke/deployment.ts'
import { cleanUp, smokeTest } from './smoke/smoke-test.ts'
import { stoppedBySignal } from './smoke/stopped-by-signal.ts'

const USAGE = `npm run smoke -- --url URL [options]

Tests a deployment: waits until it is healthy, makes a tenant by the manage API, lives the life of a user in it
(tools/life-of-a-user.sh, which needs bash and curl), and deletes the tenant, also when something has failed.

  --url URL              the Tenant URL, https://<host>/api/scim
  --manage-key-env NAME  the variable that has a function key of the deployment: MANAGE_KEY
  --wait SECONDS         how long to wait until it is healthy: 300
  --clean-up             tests nothing: deletes the tenants (smoke-…) that tests have left, also those of one that still runs
  --help                 this text`

const OPTIONS = {
  url: { type: 'string' },
  'manage-key-env': { type: 'string', default: 'MANAGE_KEY' },
  wait: { type: 'string', default: '300' },
  'clean-up': { type: 'boolean', default: false },
} as const

await runTool(USAGE, async (args) => {
  const {
    url,
    wait,
    'manage-key-env': variable,
    'clean-up': onlyCleans,
  } = readOptions(OPTIONS, args)
  if (url === undefined) throw new UsageError('--url is missing: the Tenant URL')
  const deployment = deploymentAt(url)
  const { [variable]: key = '', ...environment } = process.env
  if (key === '') {
    throw new UsageError(`${variable} is not set: it must have a function key of the deployment`)
  }
  const test = {
    api: { deployment, key, actor: 'smoke test' },
    wait: wholeNumber('--wait', wait),
    environment,
    say: (line: string) => console.log(line),
  }
  if (onlyCleans) {
    await cleanUp(test, stoppedBySignal())
    console.log('No tenant of a smoke test is left.')
    return
  }
  await smokeTest(test, stoppedBySignal())
  console.log('The deployment works.')
})
