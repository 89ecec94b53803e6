import { readOptions, runTool } from './command-line.ts'
import { Bicep } from './infra-check/bicep.ts'
import { type Checked, checkCommitted, checkCompiled } from './infra-check/check.ts'
import { findCompiler, isRequired } from './infra-check/compiler.ts'
import { type Deployed, writeSnapshot } from './infra-check/snapshots.ts'
import { ROOT } from './local-host/function-files.ts'

const USAGE = `npm run infra:check -- [options]

Compiles infra/ with the Bicep compiler, fails on everything that it or its linter says, compares what each environment
deploys with the snapshot that is committed, and holds it to the rules in tools/infra-check.

The compiler is the one that BICEP_PATH names, bicep on the PATH, or that of "az bicep"; else it is restored from NuGet by
dotnet, once. Where none can be had the rules hold the committed snapshots alone; with CI_REQUIRE_BICEP=1 that is a failure.

  --update  writes the snapshots
  --help    this text`

/** One change of a module is a difference in every snapshot. */
const SHOWN = 30

await runTool(USAGE, async (args) => {
  const { update = false } = readOptions({ update: { type: 'boolean' } }, args)
  const compiler = await findCompiler({ mayRestore: true })
  if ('tried' in compiler) {
    console.error(`SKIPPED: no Bicep compiler. ${compiler.tried.join('; ')}.`)
    console.error('Nothing was compiled; the rules were held to the committed snapshots alone.')
    const passes = show(checkCommitted(ROOT))
    return passes && !update && !isRequired() ? 0 : 1
  }
  console.log(`Bicep ${compiler.version}, ${compiler.path}`)
  await using bicep = new Bicep(compiler)
  return show(await checkCompiled(bicep, ROOT, writer(update))) ? 0 : 1
})

function writer(update: boolean): (deployed: Deployed, snapshot: string) => boolean {
  return (deployed, snapshot) => {
    if (update) writeSnapshot(ROOT, deployed, snapshot)
    return update
  }
}

/** @returns whether all is right. */
function show({ files, deployments, findings }: Checked): boolean {
  const changes = findings.filter(({ rule }) => rule === 'snapshot')
  const shown = [...findings.filter(({ rule }) => rule !== 'snapshot'), ...changes.slice(0, SHOWN)]
  for (const { rule, where, says } of shown) console.error(`${where}: ${says} [${rule}]`)
  if (changes.length > SHOWN) console.error(`… and ${changes.length - SHOWN} further differences`)
  if (changes.length > 0) {
    console.error('If that is meant: npm run infra:check -- --update, and commit the snapshots.')
  }
  const numbers = deployments.map(({ name, resources }) => `${name} ${resources.length}`).join(', ')
  const compiled = files === 0 ? '' : `${files} files compiled; `
  console.log(`${compiled}resources: ${numbers}; ${findings.length} findings`)
  return findings.length === 0
}
