import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SEEDED_FAULT } from './fault-hook.ts'
import type { SeededFault } from './seeded-faults.ts'

const HOOK = pathToFileURL(join(import.meta.dirname, 'fault-hook.ts')).href

/** What a tool said. */
export interface Said {
  readonly code: number
  readonly text: string
}

/** Runs `npm run history` in a process of its own, with a fault in what it loads if one is given. */
export function runHistoryOf(options: readonly string[], fault?: SeededFault): Promise<Said> {
  return runToolOf('tools/history.ts', options, fault)
}

/** Runs any tool so. */
export function runToolOf(
  tool: string,
  options: readonly string[],
  fault?: SeededFault,
): Promise<Said> {
  const [hook, env] =
    fault === undefined
      ? [[], process.env]
      : [['--import', HOOK], { ...process.env, [SEEDED_FAULT]: fault.name }]
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...hook, tool, ...options],
      { cwd: join(import.meta.dirname, '../../..'), env, maxBuffer: 2 ** 26 },
      (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, text: `${stdout}${stderr}` })
      },
    )
  })
}
