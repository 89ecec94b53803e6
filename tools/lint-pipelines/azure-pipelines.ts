import { readFileSync } from 'node:fs'
import * as z from 'zod'
import type { Finding } from './finding.ts'
import { lintBySchema } from './schema.ts'

// The part of the schema of Azure Pipelines that this project uses, from its reference: the whole one is on its servers only.

const text = z.string().min(1)
const minutes = z.int().min(1).max(360)
const branches = z.strictObject({ branches: z.strictObject({ include: z.array(text).min(1) }) })

const VARIABLES = z.array(
  z.union([z.strictObject({ group: text }), z.strictObject({ name: text, value: text })]),
)

/** What every kind of step may have. */
const ANY_STEP = {
  displayName: text.optional(),
  condition: text.optional(),
  continueOnError: z.boolean().optional(),
  timeoutInMinutes: minutes.optional(),
  env: z.record(text, text).optional(),
}

const AZURE_CLI = z.strictObject({
  azureSubscription: text,
  scriptType: z.literal('bash'),
  scriptLocation: z.literal('inlineScript'),
  inlineScript: text,
})

const DOWNLOAD = z.discriminatedUnion('buildType', [
  z.strictObject({ buildType: z.literal('current'), artifactName: text, targetPath: text }),
  z.strictObject({
    buildType: z.literal('specific'),
    project: text,
    definition: text,
    buildVersionToDownload: z.literal('specific'),
    pipelineId: text,
    artifactName: text,
    targetPath: text,
  }),
])

const TASK = z.discriminatedUnion('task', [
  z.strictObject({
    task: z.literal('UseNode@1'),
    inputs: z.strictObject({ version: text }),
    ...ANY_STEP,
  }),
  z.strictObject({ task: z.literal('AzureCLI@2'), inputs: AZURE_CLI, ...ANY_STEP }),
  z.strictObject({
    task: z.literal('PublishPipelineArtifact@1'),
    inputs: z.strictObject({ targetPath: text, artifact: text }),
    ...ANY_STEP,
  }),
  z.strictObject({
    task: z.literal('DownloadPipelineArtifact@2'),
    inputs: DOWNLOAD,
    ...ANY_STEP,
  }),
])

const STEPS = z
  .array(
    z.union([
      z.strictObject({ checkout: z.literal('self'), persistCredentials: z.boolean() }),
      z.strictObject({ script: text, ...ANY_STEP }),
      z.strictObject({ bash: text, ...ANY_STEP }),
      TASK,
    ]),
  )
  .min(1)

const NAME = /^(?:\w+|\$\{\{ \w+ \}\})$/

const JOBS = z
  .array(
    z.union([
      z.strictObject({ job: text.regex(NAME), timeoutInMinutes: minutes, steps: STEPS }),
      z.strictObject({
        deployment: text.regex(NAME),
        timeoutInMinutes: minutes,
        cancelTimeoutInMinutes: minutes,
        environment: text,
        variables: VARIABLES,
        strategy: z.strictObject({
          runOnce: z.strictObject({ deploy: z.strictObject({ steps: STEPS }) }),
        }),
      }),
    ]),
  )
  .min(1)

const STAGE = z.strictObject({
  stage: text.regex(NAME),
  displayName: text.optional(),
  dependsOn: text.optional(),
  condition: text.optional(),
  jobs: JOBS,
})

/** `${{ each name in parameters.names }}` in the place of a stage, with the stages of each. */
const EACH_STAGE = z.record(
  text.regex(/^\$\{\{ each \w+ in parameters\.\w+ \}\}$/, 'is neither a stage nor an each'),
  z.array(STAGE).min(1),
)

const SCHEDULE = z.strictObject({
  cron: text.regex(/^\S+(?: \S+){4}$/, 'has five parts'),
  displayName: text,
  ...branches.shape,
  always: z.boolean(),
})

const PIPELINE = z.strictObject({
  name: text,
  trigger: z.union([branches, z.literal('none')]),
  pr: z.union([branches, z.literal('none')]),
  schedules: z.array(SCHEDULE).min(1).optional(),
  lockBehavior: z.enum(['sequential', 'runLatest']),
  parameters: z
    .array(
      z.strictObject({
        name: text,
        displayName: text,
        type: z.literal('object'),
        default: z.array(text).min(1),
      }),
    )
    .optional(),
  variables: VARIABLES,
  pool: z.strictObject({ vmImage: text }),
  stages: z.array(z.union([STAGE, EACH_STAGE])).min(1),
})

export function lintPipeline(
  file: string,
  pipeline: string = readFileSync(file, 'utf8'),
): readonly Finding[] {
  return lintBySchema(file, pipeline, PIPELINE)
}
