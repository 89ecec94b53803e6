import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SeededFault } from './seeded-faults.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** What a history needs of the project. */
const NEEDED = [
  'package.json',
  'lib',
  'test/support',
  'tools/history.ts',
  'tools/command-line.ts',
  'tools/npm-options.ts',
  'tools/local-host/lifetime.ts',
]

/** What `npm run history` said. */
export interface Said {
  readonly code: number
  readonly text: string
}

/** Runs `npm run history` in a process of its own: in this project, or in a copy of it that has a fault. */
export async function runHistoryOf(options: readonly string[], fault?: SeededFault): Promise<Said> {
  if (fault === undefined) return run(ROOT, options)
  const copy = mkdtempSync(join(tmpdir(), 'history-'))
  try {
    for (const each of NEEDED) cpSync(join(ROOT, each), join(copy, each), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction')
    apply(fault, join(copy, 'lib/storage/table', fault.file))
    return await run(copy, options)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

function run(cwd: string, options: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['tools/history.ts', ...options],
      { cwd, maxBuffer: 2 ** 26 },
      (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, text: `${stdout}${stderr}` })
      },
    )
  })
}

/** @throws Error when the code has changed so that the fault cannot be made any more. */
function apply({ name, changes }: SeededFault, file: string): void {
  let source = readFileSync(file, 'utf8')
  for (const [text, wrong] of changes) {
    if (source.split(text).length !== 2) throw new Error(`${name}: ${file} has not once "${text}"`)
    source = source.replace(text, () => wrong)
  }
  writeFileSync(file, source)
}
