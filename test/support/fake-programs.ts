import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'

/** In the places of az, gh and node: each writes what it is called with into `calls`, and says what `answer` makes of it. */
const PROGRAM = `#!/usr/bin/env bash
echo "\${0##*/} $*" >> "$FOLDER/calls"
source "$FOLDER/answer"
`

export interface Ran {
  readonly status: number | null
  readonly out: string
  readonly err: string
  readonly calls: readonly string[]
  /** What GitHub would take as the outputs of the step. */
  readonly outputs: string
}

interface RunOptions {
  /** Bash, which the programs run. */
  readonly answer?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

interface FakePrograms {
  /** Where scripts run, another one for each test. */
  readonly folder: () => string
  /** Runs a script as a pipeline does. */
  readonly run: (script: string, options?: RunOptions) => Ran
}

/** For the tests of one file. */
export function fakePrograms(): FakePrograms {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'steps-'))
    mkdirSync(join(folder, 'bin'))
    for (const name of ['az', 'gh', 'node']) {
      writeFileSync(join(folder, 'bin', name), PROGRAM)
      chmodSync(join(folder, 'bin', name), 0o755)
    }
    writeFileSync(join(folder, 'calls'), '')
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  return {
    folder: () => folder,
    run: (script, { answer = '', env = {}, cwd = folder } = {}) => {
      writeFileSync(join(folder, 'answer'), answer)
      writeFileSync(join(folder, 'outputs'), '')
      const { status, stdout, stderr } = spawnSync(
        'bash',
        ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script],
        {
          cwd,
          encoding: 'utf8',
          env: {
            PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
            FOLDER: folder,
            GITHUB_OUTPUT: join(folder, 'outputs'),
            ...env,
          },
        },
      )
      return {
        status,
        out: stdout,
        err: stderr,
        calls: readFileSync(join(folder, 'calls'), 'utf8').split('\n').slice(0, -1),
        outputs: readFileSync(join(folder, 'outputs'), 'utf8'),
      }
    },
  }
}
