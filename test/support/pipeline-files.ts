import { globSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod'

const STEP = z.object({
  name: z.string().optional(),
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().default(''),
  run: z.string().default(''),
  with: z.record(z.string(), z.unknown()).default({}),
  env: z.record(z.string(), z.string()).default({}),
  'continue-on-error': z.boolean().optional(),
  'timeout-minutes': z.int().optional(),
})

const JOB = z.object({
  if: z.string().optional(),
  needs: z
    .union([z.string(), z.array(z.string())])
    .transform((needs) => [needs].flat())
    .default([]),
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
  'runs-on': z.string().optional(),
  'timeout-minutes': z.int().optional(),
  environment: z
    .union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)])
    .optional(),
  permissions: z.record(z.string(), z.string()).optional(),
  env: z.record(z.string(), z.string()).default({}),
  steps: z.array(STEP).default([]),
})

const WORKFLOW = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.string()).optional(),
  concurrency: z
    .object({ group: z.string(), 'cancel-in-progress': z.union([z.boolean(), z.string()]) })
    .optional(),
  defaults: z.object({ run: z.object({ shell: z.string() }) }).optional(),
  jobs: z.record(z.string(), JOB),
})

export type Job = z.infer<typeof JOB>
export type Workflow = z.infer<typeof WORKFLOW>

/** A workflow of GitHub, as far as rules look at it. */
export function workflowOf(text: string): Workflow {
  return WORKFLOW.parse(parse(text))
}

export function workflowIn(name: string): Workflow {
  return workflowOf(readFileSync(`.github/workflows/${name}.yml`, 'utf8'))
}

const PIPELINE_STEP = z.object({
  checkout: z.string().optional(),
  persistCredentials: z.boolean().optional(),
  script: z.string().optional(),
  bash: z.string().optional(),
  task: z.string().optional(),
  displayName: z.string().optional(),
  condition: z.string().optional(),
  timeoutInMinutes: z.int().optional(),
  inputs: z.record(z.string(), z.unknown()).default({}),
})

const STAGE = z.object({
  stage: z.string(),
  dependsOn: z.string().optional(),
  condition: z.string().optional(),
  jobs: z
    .array(
      z.object({
        environment: z.string().optional(),
        timeoutInMinutes: z.int(),
        steps: z.array(PIPELINE_STEP).optional(),
        strategy: z
          .object({
            runOnce: z.object({ deploy: z.object({ steps: z.array(PIPELINE_STEP) }) }),
          })
          .optional(),
      }),
    )
    .length(1),
})

const PIPELINE = z.object({
  lockBehavior: z.string(),
  parameters: z.array(z.object({ name: z.string(), default: z.array(z.string()) })).default([]),
  variables: z.array(z.object({ name: z.string().optional(), value: z.string().optional() })),
  pool: z.object({ vmImage: z.string() }),
  stages: z.array(z.union([STAGE, z.record(z.string(), z.array(STAGE).length(1))])),
})

type PipelineStep = z.infer<typeof PIPELINE_STEP>

export interface Stage {
  readonly name: string
  readonly condition: string
  /** The stage before it, where it names no other. */
  readonly after: string | undefined
  readonly environment: string | undefined
  readonly minutes: number | undefined
  readonly steps: readonly PipelineStep[]
}

interface Pipeline {
  readonly environments: readonly string[]
  readonly lockBehavior: string
  readonly variables: ReadonlyMap<string, string>
  readonly vmImage: string
  /** That of each environment once. */
  readonly stages: readonly Stage[]
}

/** A pipeline of Azure, as far as rules look at it. */
export function pipelineOf(text: string): Pipeline {
  const { parameters, variables, stages, pool, lockBehavior } = PIPELINE.parse(parse(text))
  return {
    environments: parameters[0]?.default ?? [],
    lockBehavior,
    variables: new Map(variables.map(({ name = '', value = '' }) => [name, value])),
    vmImage: pool.vmImage,
    stages: stages
      .flatMap((each) => ('stage' in each ? [STAGE.parse(each)] : Object.values(each).flat()))
      .map(({ stage, dependsOn, condition = '', jobs: [job] }, index, all) => ({
        name: stage,
        condition,
        after: dependsOn ?? all[index - 1]?.stage,
        environment: job?.environment,
        minutes: job?.timeoutInMinutes,
        steps: job?.steps ?? job?.strategy?.runOnce.deploy.steps ?? [],
      })),
  }
}

/** What a step of Azure Pipelines runs. */
export function scriptOf({ script, bash, inputs }: PipelineStep): string {
  return script ?? bash ?? z.string().default('').parse(inputs['inlineScript'])
}

/** What the repository or one of its environments tells the workflows. */
export function pipelineVariables(): ReadonlySet<string> {
  const files = globSync('.github/workflows/*.yml')
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n')
  return new Set([...text.matchAll(/\bvars\.(\w+)/g)].map(([, name = '']) => name))
}
