import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import manifest from '../../package.json' with { type: 'json' }
import {
  type Job,
  pipelineOf,
  scriptOf,
  type Stage,
  type Workflow,
  workflowOf,
} from './pipeline-files.ts'
import { earlierProblems } from './earlier-rules.ts'
import { cleanUpProblems, signalProblems } from './stop-rules.ts'

/** What each job may do beside reading the repository; jobs that are not here may do nothing else. */
const PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  'what-if': ['id-token: write', 'pull-requests: write'],
  dev: ['id-token: write', 'actions: read'],
  test: ['id-token: write', 'actions: read'],
  prod: ['id-token: write', 'actions: read'],
  earlier: ['actions: read'],
  again: ['id-token: write', 'actions: read'],
  deploy: ['id-token: write', 'actions: read'],
  backup: ['id-token: write'],
  drill: ['id-token: write'],
}

/** The condition that keeps forks out. */
export const NOT_A_FORK = 'github.event.pull_request.head.repo.full_name == github.repository'

/** What is wrong with a workflow beside its form, in words; nothing when it is right. */
export function workflowProblems(text: string): readonly string[] {
  const workflow = workflowOf(text)
  return [
    ...pinProblems(text),
    ...(/\bsecrets\b/.test(text) ? ['it names a secret'] : []),
    ...headProblems(workflow),
    ...Object.keys(workflow.jobs).flatMap((name) => jobProblems(workflow, name)),
  ]
}

/** A tag can be moved to other code; the comment is for people and Dependabot. */
function pinProblems(text: string): readonly string[] {
  const uses = text.split('\n').filter((line) => /^\s*-?\s*uses:/.test(line))
  return uses
    .map((line) => line.trim())
    .filter((line) => {
      const [, local] = /uses: \.\/(\S+)$/.exec(line) ?? []
      if (local !== undefined) return !existsSync(local)
      return !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line)
    })
    .map((line) => `not pinned by commit and version: ${line}`)
}

function headProblems({ on, permissions, concurrency, defaults }: Workflow): readonly string[] {
  const beyond = Object.entries(permissions ?? { all: 'write' }).filter(
    ([scope, level]) => scope !== 'contents' || level !== 'read',
  )
  return [
    ...beyond.map(([scope, level]) => `all jobs may ${scope}: ${level}`),
    ...(concurrency === undefined ? ['nothing is said of concurrency'] : []),
    ...(defaults?.run.shell === 'bash' ? [] : ['pipes hide failures: the shell is not bash']),
    ...('pull_request_target' in on ? ['forks would run with what this repository may'] : []),
  ]
}

function jobProblems(workflow: Workflow, name: string): readonly string[] {
  const job = workflow.jobs[name]
  if (job === undefined) return []
  const problems = [...rightsProblems(workflow, name, job), ...earlierProblems(workflow, job)]
  if (job.uses === undefined) problems.push(...machineProblems(job), ...stepProblems(job))
  return problems.map((problem) => `${name}: ${problem}`)
}

function rightsProblems(workflow: Workflow, name: string, job: Job): readonly string[] {
  const granted = Object.entries(job.permissions ?? {}).map(
    ([scope, level]) => `${scope}: ${level}`,
  )
  const allowed = new Set(['contents: read', ...(PERMISSIONS[name] ?? [])])
  const needsToken = isTokenUser(job)
  const hasToken = granted.includes('id-token: write')
  return [
    ...granted.filter((each) => !allowed.has(each)).map((each) => `it may ${each}`),
    ...(needsToken && !hasToken ? ['it logs in to Azure without a token'] : []),
    ...(!needsToken && hasToken ? ['it has a token for Azure, and does not log in'] : []),
    ...(hasToken && isOpenToForks(workflow, name) ? ['a fork could get a token for Azure'] : []),
  ]
}

function machineProblems(job: Job): readonly string[] {
  return [
    ...(/^ubuntu-\d/.test(job['runs-on'] ?? '') ? [] : ['the version of its machine is not said']),
    ...(job['timeout-minutes'] === undefined ? ['it has no limit'] : []),
  ]
}

function isTokenUser(job: Job): boolean {
  return (
    job.uses?.endsWith('/deploy-environment.yml') === true ||
    job.steps.some(({ uses }) => uses.startsWith('azure/login@'))
  )
}

/** Whether a job runs for pull requests without looking where they come from, itself or by what it needs. */
function isOpenToForks(workflow: Workflow, name: string): boolean {
  const { on, jobs } = workflow
  const job = jobs[name]
  if (!('pull_request' in on) || job === undefined) return false
  const condition = job.if ?? ''
  if (/github\.event_name == '(?:push|workflow_dispatch)'/.test(condition)) return false
  if (condition.includes(NOT_A_FORK)) return false
  return job.needs.length === 0 || job.needs.every((needed) => isOpenToForks(workflow, needed))
}

function stepProblems(job: Job): readonly string[] {
  const scripts = job.steps.map(({ run }) => run).filter((run) => run !== '')
  const checkouts = job.steps.filter(({ uses }) => uses.startsWith('actions/checkout@'))
  const keeping = checkouts.filter((step) => step.with['persist-credentials'] !== false)
  return [
    ...scripts.flatMap(scriptProblems),
    ...cleanUpProblems(
      job['timeout-minutes'],
      job.steps.map((step) => ({
        script: step.run,
        condition: step.if ?? '',
        minutes: step['timeout-minutes'],
      })),
    ),
    ...(keeping.length > 0 ? ['the token of the checkout stays in the folder'] : []),
    ...scripts
      .filter((script) => script.includes('${{'))
      .map((script) => `text of others is run as code: ${script}`),
    ...(isTokenUser(job) &&
    scripts.some((script) => /npm (?:ci|install)(?! --ignore-scripts)/.test(script))
      ? ['scripts of packages run beside a token for Azure']
      : []),
    ...(scripts.some((script) => script.includes('infra:check')) &&
    job.env['CI_REQUIRE_BICEP'] !== '1'
      ? ['infra:check may skip the compiler']
      : []),
  ]
}

/** What holds for each script of every pipeline. */
function scriptProblems(script: string): readonly string[] {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' })
  return [
    ...(status === 0 ? [] : [`bash cannot read it: ${stderr}`]),
    ...npmScripts(script)
      .filter((name) => !Object.hasOwn(manifest.scripts, name))
      .map((name) => `there is no npm run ${name}`),
    ...[...script.matchAll(/\btools\/[\w-]+\.sh/g)]
      .filter(([file]) => !existsSync(file))
      .map(([file]) => `there is no ${file}`),
    ...signalProblems(script),
  ]
}

/** The names of the scripts that are run by npm. */
export function npmScripts(script: string): readonly string[] {
  return [...script.matchAll(/\bnpm (?:run ([\w:-]+)|(test|start)\b)/g)].map(
    ([, run, short]) => run ?? short ?? '',
  )
}

/** What is wrong with azure-pipelines.yml beside its form. */
export function pipelineProblems(text: string): readonly string[] {
  const { stages, variables, vmImage, lockBehavior } = pipelineOf(text)
  const isChecking = stages.some(({ steps }) =>
    steps.some((step) => scriptOf(step).includes('infra:check')),
  )
  return [
    ...(isChecking && variables.get('CI_REQUIRE_BICEP') !== '1'
      ? ['infra:check may skip the compiler']
      : []),
    ...(/^ubuntu-\d/.test(vmImage) ? [] : ['the version of its machine is not said']),
    ...(lockBehavior === 'sequential' ? [] : ['deployments overtake each other']),
    ...stages
      .filter(
        ({ name, environment }) => environment === undefined && isBeforeDeployment(name, stages),
      )
      .filter(({ steps }) => steps.some(logsInToAzure))
      .map(({ name }) => `${name}: deployments wait for its login to Azure`),
    ...stages.flatMap((stage) =>
      stageProblems(stage).map((problem) => `${stage.name}: ${problem}`),
    ),
  ]
}

function logsInToAzure({ task }: Stage['steps'][number]): boolean {
  return task === 'AzureCLI@2'
}

function isBeforeDeployment(name: string, stages: readonly Stage[]): boolean {
  return stages.some(({ after, environment }) => environment !== undefined && after === name)
}

function stageProblems({ condition, environment, minutes, steps }: Stage): readonly string[] {
  const scripts = steps.map(scriptOf).filter((script) => script !== '')
  const logsIn = steps.some(logsInToAzure)
  const isForMain = condition.includes("eq(variables['Build.SourceBranch'], 'refs/heads/main')")
  const isForNoFork = condition.includes("ne(variables['System.PullRequest.IsFork'], 'True')")
  return [
    // An expression of templates is nothing that bash knows.
    ...scripts.flatMap((script) => scriptProblems(script.replaceAll(/\$\{\{ (\w+) \}\}/g, '$1'))),
    ...cleanUpProblems(
      minutes,
      steps.map((step) => ({
        script: scriptOf(step),
        condition: step.condition ?? '',
        minutes: step.timeoutInMinutes,
      })),
    ),
    ...(environment !== undefined && !isForMain ? ['it deploys what is not main'] : []),
    ...(logsIn && !isForMain && !isForNoFork ? ['a fork could log in to Azure'] : []),
    ...(steps.some(
      ({ checkout, persistCredentials }) => checkout === 'self' && persistCredentials !== false,
    )
      ? ['the token of the checkout stays in the folder']
      : []),
    ...(logsIn && scripts.some((script) => /npm (?:ci|install)(?! --ignore-scripts)/.test(script))
      ? ['scripts of packages run beside a login to Azure']
      : []),
  ]
}
