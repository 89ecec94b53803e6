import type { Job, Workflow } from './pipeline-files.ts'

/** What the commit and the run of the push itself are called; whatever else is deployed somebody has typed. */
const OWN = '${{ github.sha }}, ${{ github.run_id }}'

/** What has to be asked before that. */
const ASKED: readonly (readonly [text: string, problem: string])[] = [
  ['git merge-base --is-ancestor "$COMMIT" HEAD', 'that main has'],
  ['.github/workflows/deploy.yml push main $COMMIT $REPOSITORY', 'that a run for main has packed'],
]

/** Whether a job deploys, and so runs, a commit that nobody knows. */
export function earlierProblems(workflow: Workflow, job: Job): readonly string[] {
  const deploys = job.uses?.endsWith('/deploy-environment.yml') === true
  if (!deploys || `${String(job.with['commit'])}, ${String(job.with['run'])}` === OWN) return []
  const before = job.needs.flatMap((name) => workflow.jobs[name]?.steps ?? [])
  const scripts = before.map(({ run }) => run).join('\n')
  const checkout = before.find(({ uses }) => uses.startsWith('actions/checkout@'))
  const hasMain = checkout?.with['ref'] === 'main' && checkout.with['fetch-depth'] === 0
  return [
    ...ASKED.filter(([text]) => !scripts.includes(text)).map(
      ([, problem]) => `nobody asks whether the commit is one ${problem}`,
    ),
    ...(hasMain ? [] : ['the commit is looked for in less than main']),
  ]
}
