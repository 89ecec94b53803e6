import { join } from 'node:path'
import { describeBundle, writeBundle } from './bundle.ts'
import { readOptions, runTool } from './command-line.ts'
import { ROOT } from './local-host/function-files.ts'

const USAGE = `npm run build

Makes dist/, which "func start" and Azure run as it is: all functions in one file, its source map, host.json and the
package.json that names the file.

  --help  this text`

/** What can be done with it. */
const NEXT = `next: cd dist && func start, or func azure functionapp publish <app>
settings, in the environment or in Azure: FUNCTIONS_WORKER_RUNTIME=node, and TABLES_ENDPOINT or TABLES_CONNECTION_STRING (README, Settings)`

await runTool(USAGE, async (args) => {
  readOptions({}, args)
  const directory = join(ROOT, 'dist')
  await writeBundle(directory)
  console.log(`dist/: ${describeBundle(directory)}; ${NEXT}`)
})
