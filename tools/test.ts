// Runs all tests, the fast projects first: they must cover lib/scim. The last line of the output is the sum: "N passed, N failed".
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { addUp, countsOf, type Counts, summary, succeeded } from './test-counts.ts'

const FAST = projects('unit', 'tools', 'property', 'conformance')
const SLOW = projects('contract', 'history', 'e2e')

const extra = process.argv.slice(2)
const total = stages().map(runVitest).reduce(addUp)
console.log(summary(total))
process.exitCode = succeeded(total) ? 0 : 1

/** Coverage is a matter of the whole run: a choice of tests covers less. */
function stages(): readonly (readonly string[])[] {
  if (extra.length === 0) return [[...FAST, '--coverage'], SLOW]
  if (extra.some((argument) => argument.startsWith('--project'))) return [extra]
  return [FAST.concat(extra), SLOW.concat(extra)]
}

function projects(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => ['--project', name])
}

function runVitest(args: readonly string[]): Counts {
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
    return countsOf(readReport(report), status)
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
