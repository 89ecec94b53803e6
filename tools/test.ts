import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runTool, usageError } from './command-line.ts'
import { addUp, countsOf, type Counts, failuresOf, summary, succeeded } from './test-counts.ts'

const FAST = projects('unit', 'samples', 'tools', 'property', 'conformance')
const SLOW = projects('fuzz', 'contract', 'infra', 'history', 'e2e', 'load', 'alone')

const USAGE = `npm test -- [FILES] [options of vitest]

Runs all tests, the fast projects first: they must cover lib/scim. The last line is the sum: "N passed, N failed".

  npm test                                        everything
  npm test -- test/unit/scim/sort.test.ts         files whose path has this in it
  npm test -- --project unit -t "a clock"         one project, and tests with this in their title
  npx vitest --help                               all options of vitest

  --help  this text`

await runTool(USAGE, async (args) => {
  await check(args)
  const runs = stages(args).map(runVitest)
  const total = runs.map(({ counts }) => counts).reduce(addUp)
  // Once more, where the end of a long log is all that is kept of it.
  for (const failure of runs.flatMap(({ failures }) => failures)) console.log(`FAILED ${failure}`)
  console.log(summary(total))
  return succeeded(total) ? 0 : 1
})

/** Vitest would print a stack. @throws UsageError for options that it does not have */
async function check(args: readonly string[]): Promise<void> {
  if (args.length === 0) return
  // Loaded late: it takes half a second.
  const { createCLI } = await import('vitest/node')
  const cli = createCLI()
  try {
    cli.parse(['node', 'vitest', 'run', ...args], { run: false })
    cli.matchedCommand?.checkUnknownOptions()
    cli.matchedCommand?.checkOptionValue()
  } catch (error) {
    throw usageError(error)
  }
}

/** Coverage is a matter of the whole run: a choice of tests covers less. */
function stages(extra: readonly string[]): readonly (readonly string[])[] {
  if (extra.length === 0) return [[...FAST, '--coverage'], SLOW]
  if (extra.some((argument) => argument.startsWith('--project'))) return [extra]
  return [FAST.concat(extra), SLOW.concat(extra)]
}

function projects(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => ['--project', name])
}

interface Run {
  readonly counts: Counts
  readonly failures: readonly string[]
}

function runVitest(args: readonly string[]): Run {
  const directory = mkdtempSync(join(tmpdir(), 'test-report-'))
  const report = join(directory, 'report.json')
  try {
    const { status } = spawnSync(
      process.execPath,
      [
        vitest(),
        'run',
        '--passWithNoTests',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...args,
      ],
      { stdio: 'inherit' },
    )
    const told = readReport(report)
    return { counts: countsOf(told, status), failures: failuresOf(told) }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function vitest(): string {
  return join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
}

/** undefined when vitest ended without one. */
function readReport(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
