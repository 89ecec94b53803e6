// Runs all tests, the fast projects first. The last line of the output is the sum: "N passed, N failed".
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { addUp, countsOf, type Counts, summary, succeeded } from './test-counts.ts'

const STAGES: readonly (readonly string[])[] = [
  ['unit', 'tools', 'property', 'conformance'],
  ['contract', 'e2e'],
]

const extra = process.argv.slice(2)
const stages = extra.some((argument) => argument.startsWith('--project'))
  ? [[]]
  : STAGES.map((projects) => projects.flatMap((project) => ['--project', project]))
const total = stages.map((projects) => runVitest([...projects, ...extra])).reduce(addUp)
console.log(summary(total))
process.exitCode = succeeded(total) ? 0 : 1

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
