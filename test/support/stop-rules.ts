import { readFileSync } from 'node:fs'
import manifest from '../../package.json' with { type: 'json' }

/** What a step runs, and for how many minutes it may. */
export interface Timed {
  readonly script: string
  readonly condition: string
  readonly minutes: number | undefined
}

/** The scripts of package.json whose tools take back what they have begun when a signal comes. */
const STOPPABLE = ['release', 'smoke']

/** What takes its time: Azure’s part of it has no limit of its own. */
const LONG = /az deployment group create|tools\/(?:after-release\.sh|release\.ts)/

/** For all other steps together: checkout, packages, downloads, logins. */
const OTHERS_MINUTES = 20

/** Whether a script keeps a signal from a tool that waits for it: npm does, and so does bash. */
export function signalProblems(script: string): readonly string[] {
  const files = [...script.matchAll(/\btools\/[\w-]+\.sh/g)].map(([file]) => textOf(file))
  const byNpm = STOPPABLE.filter((name) =>
    [script, ...files].some((text) => text.includes(`npm run ${name} `)),
  )
  const byBash = STOPPABLE.filter((name) =>
    script.split('\n').some((line) => line.includes(toolOf(name)) && !/^\s*exec node /.test(line)),
  )
  return [
    ...byNpm.map((name) => `npm passes no signal on to ${toolOf(name)}`),
    ...byBash.map((name) => `bash passes no signal on to ${toolOf(name)}`),
  ]
}

/** `tools/release.ts` */
function toolOf(name: string): string {
  const [, command = ''] = Object.entries(manifest.scripts).find(([each]) => each === name) ?? []
  return /tools\/[\w-]+\.ts/.exec(command)?.[0] ?? `no tool called ${name}`
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** Whether what always runs at the end of a job is cut off with the job. */
export function cleanUpProblems(
  jobMinutes: number | undefined,
  steps: readonly Timed[],
): readonly string[] {
  if (!steps.some(({ condition }) => condition.includes('always()'))) return []
  const limits = steps.flatMap(({ minutes }) => minutes ?? [])
  const needed = limits.reduce((sum, minutes) => sum + minutes, OTHERS_MINUTES)
  const endless = steps.filter(({ script, minutes }) => LONG.test(script) && minutes === undefined)
  return [
    ...(endless.length > 0 ? ['a long step has no limit, and the clean-up no time'] : []),
    ...(needed > (jobMinutes ?? 0) ? [`the clean-up has no time: it takes ${needed} minutes`] : []),
  ]
}
