import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { pipelineOf, pipelineVariables, scriptOf, workflowIn } from '../support/pipeline-files.ts'
import {
  NOT_A_FORK,
  npmScripts,
  pipelineProblems,
  workflowProblems,
} from '../support/pipeline-rules.ts'

const WORKFLOWS = globSync('.github/workflows/*.yml').map((file) => file.replaceAll('\\', '/'))
const PIPELINE = readFileSync('azure-pipelines.yml', 'utf8')
const BACKUP_PIPELINE = readFileSync('azure-pipelines.backup.yml', 'utf8')
const ENVIRONMENTS = ['dev', 'test', 'prod']
const BY_NODE = 'exec node --import ./tools/installed.js tools/release.ts'

/** Where infra/ is there, all that is named of it must be; its own check, too. */
const HAS_INFRA = existsSync('infra/main.bicep')
const WITHOUT_INFRA = HAS_INFRA ? [] : ['there is no npm run infra:check']

const workflowText = (name: string): string => readFileSync(`.github/workflows/${name}.yml`, 'utf8')
const unexpected = (problems: readonly string[]): readonly string[] =>
  problems.filter((problem) => !WITHOUT_INFRA.some((known) => problem.endsWith(known)))

describe('GitHub', () => {
  test.each(WORKFLOWS)('%s keeps the rules', (file) => {
    expect(unexpected(workflowProblems(readFileSync(file, 'utf8')))).toEqual([])
  })

  test.each([
    ['ci', '@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1', '@v7', 'not pinned'],
    ['ci', '90b1 # v7.0.1', '90b1', 'not pinned'],
    [
      'deploy',
      'uses: ./.github/workflows/ci.yml',
      'uses: ./.github/workflows/no.yml',
      'not pinned',
    ],
    ['ci', 'contents: read', 'contents: write', 'all jobs may contents: write'],
    ['ci', 'permissions:\n  contents: read\n', '', 'all jobs may all: write'],
    ['ci', 'timeout-minutes: 60', 'permissions: { packages: write }', 'it may packages: write'],
    ['ci', "CI_REQUIRE_BICEP: '1'", "CI_REQUIRE_BICEP: '0'", 'may skip the compiler'],
    ['ci', 'timeout-minutes: 60', 'env2: 1', 'it has no limit'],
    ['ci', 'ubuntu-24.04', 'ubuntu-latest', 'the version of its machine'],
    ['ci', 'npm run check', 'npm run chek', 'there is no npm run chek'],
    ['ci', 'npm run check', 'npm run check (', 'bash cannot read it'],
    ['ci', 'npm run check', 'echo ${{ github.head_ref }}', 'text of others is run as code'],
    ['ci', 'npm run check', 'echo ${{ secrets.KEY }}', 'it names a secret'],
    ['ci', 'persist-credentials: false', 'persist-credentials: true', 'the token of the checkout'],
    ['ci', 'shell: bash', 'shell: sh', 'pipes hide failures'],
    ['ci', 'concurrency:\n', 'concurrently:\n', 'nothing is said of concurrency'],
    ['ci', '  pull_request:\n', '  pull_request_target:\n', 'forks would run'],
    ['deploy', NOT_A_FORK, 'true', 'what-if: a fork could get a token for Azure'],
    ['deploy', "if: github.event_name == 'push'", 'if: always()', 'dev: a fork could get a token'],
    [
      'deploy',
      "if: github.event_name == 'workflow_dispatch'",
      'if: true || 1',
      'again: a fork could',
    ],
    ['deploy', '    needs: ci\n', '', 'dev: a fork could get a token'],
    [
      'deploy',
      '    needs: earlier\n',
      '',
      'again: nobody asks whether the commit is one that main',
    ],
    ['deploy', '--is-ancestor "$COMMIT" HEAD', '--all HEAD', 'is one that main has'],
    ['deploy', ' push main $COMMIT', ' push main', 'is one that a run for main has packed'],
    ['deploy', '          fetch-depth: 0\n', '', 'looked for in less than main'],
    ['deploy', 'ref: main', 'ref: ${{ inputs.commit }}', 'looked for in less than main'],
    ['deploy', 'pull-requests: write', 'packages: write', 'it may packages: write'],
    ['deploy', 'id-token: write\n      pull', 'pull', 'logs in to Azure without a token'],
    ['deploy', 'tools/what-if.sh "', 'tools/what-of.sh "', 'there is no tools/what-of.sh'],
    ['deploy-environment', 'npm ci --ignore-scripts', 'npm ci', 'scripts of packages run beside'],
    ['deploy-environment', 'uses: azure/login@', 'uses: azure/logout@', 'does not log in'],
    ['deploy-environment', BY_NODE, 'exec npm run release --', 'npm passes no signal on'],
    ['deploy-environment', 'exec node', 'node', 'bash passes no signal on to tools/release.ts'],
    ['deploy-environment', 'timeout-minutes: 110', 'timeout-minutes: 60', 'clean-up has no time'],
    ['deploy-environment', '        timeout-minutes: 40\n', '', 'a long step has no limit'],
    ['backup', 'npm ci --ignore-scripts', 'npm ci', 'scripts of packages run beside'],
    ['backup', '      id-token: write\n', '', 'logs in to Azure without a token'],
    ['backup', 'contents: read', 'contents: write', 'it may contents: write'],
    ['backup', '  workflow_dispatch:', '  pull_request:\n  workflow_dispatch:', 'a fork could get'],
    ['backup', 'tools/upload-backup.sh', 'tools/upload.sh', 'there is no tools/upload.sh'],
    ['backup', 'npm run restore:drill', 'npm run drill', 'there is no npm run drill'],
  ])('%s.yml: %j made %j is noticed', (name, right, wrong, problem) => {
    expect(workflowText(name)).toContain(right)
    expect(workflowProblems(workflowText(name).replace(right, wrong)).join()).toContain(problem)
  })

  test('one environment after the other, each with the package of this run', () => {
    const { jobs } = workflowIn('deploy')
    const chain = ENVIRONMENTS.map((name) => ({ needs: jobs[name]?.needs, with: jobs[name]?.with }))
    const given = { commit: '${{ github.sha }}', run: '${{ github.run_id }}' }
    expect(chain).toEqual([
      { needs: ['ci'], with: { environment: 'dev', ...given } },
      { needs: ['dev'], with: { environment: 'test', ...given } },
      { needs: ['test'], with: { environment: 'prod', ...given } },
    ])
    const dispatch = z
      .object({ inputs: z.object({ environment: z.object({ options: z.array(z.string()) }) }) })
      .parse(workflowIn('deploy').on['workflow_dispatch'])
    expect(dispatch.inputs.environment.options).toEqual(ENVIRONMENTS)
  })

  test('deployments to one environment wait for each other, and none is cut off', () => {
    expect(workflowIn('deploy-environment').concurrency).toEqual({
      group: 'deploy-to-${{ inputs.environment }}',
      'cancel-in-progress': false,
    })
    expect(workflowIn('deploy-environment').jobs['deploy']?.environment).toBe(
      '${{ inputs.environment }}',
    )
  })

  test('what is packed is kept under the name of its commit, and that is what is deployed', () => {
    const { steps = [] } = workflowIn('ci').jobs['check'] ?? {}
    const upload = steps.find(({ uses }) => uses.startsWith('actions/upload-artifact@'))
    expect(upload?.with).toMatchObject({
      name: 'scim-endpoint-${{ github.sha }}',
      'if-no-files-found': 'error',
      'retention-days': 90,
    })
    const downloads = (workflowIn('deploy-environment').jobs['deploy']?.steps ?? []).filter(
      ({ uses }) => uses.startsWith('actions/download-artifact@'),
    )
    expect(downloads.map((step) => [step.with['name'], step.with['run-id']])).toEqual([
      ['scim-endpoint-${{ inputs.commit }}', '${{ inputs.run }}'],
      ['scim-endpoint-${{ steps.now.outputs.commit }}', '${{ steps.now.outputs.run }}'],
    ])
  })
})

describe('Azure Pipelines', () => {
  test('azure-pipelines.yml keeps the rules', () => {
    expect(unexpected(pipelineProblems(PIPELINE))).toEqual([])
  })

  test.each([
    ["ne(variables['System.PullRequest.IsFork'], 'True')", 'always()', 'a fork could log in'],
    ["'refs/heads/main')", "'refs/heads/other')", 'it deploys what is not main'],
    ["value: '1'", "value: '0'", 'may skip the compiler'],
    ['ubuntu-24.04', 'ubuntu-latest', 'the version of its machine'],
    ['lockBehavior: sequential', 'lockBehavior: runLatest', 'deployments overtake each other'],
    ['npm run infra:check', 'npm run infra:chek', 'there is no npm run infra:chek'],
    ['persistCredentials: false', 'persistCredentials: true', 'the token of the checkout'],
    ['npm ci --ignore-scripts', 'npm ci', 'scripts of packages run beside'],
    ['set -o pipefail', 'if', 'bash cannot read it'],
    [BY_NODE, 'exec npm run release --', 'npm passes no signal on to tools/release.ts'],
    ['timeoutInMinutes: 110', 'timeoutInMinutes: 60', 'the clean-up has no time'],
    ['                      timeoutInMinutes: 30\n', '', 'a long step has no limit'],
  ])('%j made %j is noticed', (right, wrong, problem) => {
    expect(PIPELINE).toContain(right)
    expect(pipelineProblems(PIPELINE.replace(right, wrong)).join()).toContain(problem)
  })

  test('a deployment that waits for what is asked of Azure for pull requests is noticed', () => {
    const [head = '', ...rest] = PIPELINE.split(/^(?=  - stage: what_if|  - \$\{\{ each)/m)
    const moved = [head, ...rest.map((text) => `${text}\n`).toReversed()].join('')
    expect(pipelineProblems(moved)).toEqual(['what_if: deployments wait for its login to Azure'])
  })

  test('it does what the workflows do, in their order', () => {
    const { stages, environments } = pipelineOf(PIPELINE)
    const [check, deploy, whatIf] = stages
    expect(stages.map(({ after }) => after)).toEqual([undefined, 'check', 'check'])
    expect(whatIf?.condition).toContain("eq(variables['Build.Reason'], 'PullRequest')")
    expect(environments).toEqual(ENVIRONMENTS)
    const { check: checked } = workflowIn('ci').jobs
    const { deploy: deployed } = workflowIn('deploy-environment').jobs
    expect(check?.steps.map(scriptOf).flatMap(npmScripts)).toEqual(
      checked?.steps.flatMap(({ run }) => npmScripts(run)),
    )
    const names = (deploy?.steps ?? []).flatMap(({ displayName }) => displayName ?? [])
    expect(names).toEqual(deployed?.steps.flatMap(({ name }) => name ?? []))
    expect(whatIf?.steps.map(scriptOf).join()).toContain('tools/what-if.sh')
    expect(deploy?.environment).toBe('scim-${{ environment }}')
  })
})

/** That it is not started by the schedule of this name. */
function otherThan(schedule = ''): string {
  return `ne(variables['Build.CronSchedule.DisplayName'], '${schedule}')`
}

/** With the folder of the job as GitHub calls it. */
function onRunner(script: string): string {
  return script.replace('AGENT_TEMPDIRECTORY', 'RUNNER_TEMP').trim()
}

describe('the backup', () => {
  const { on, jobs } = workflowIn('backup')
  const { stages } = pipelineOf(BACKUP_PIPELINE)
  const crons = z
    .array(z.object({ cron: z.string() }))
    .parse(on['schedule'])
    .map(({ cron }) => cron)

  test('azure-pipelines.backup.yml keeps the rules', () => {
    expect(pipelineProblems(BACKUP_PIPELINE)).toEqual([])
  })

  test.each([
    ["eq(variables['Build.SourceBranch'], 'refs/heads/main'), ne", 'ne', 'a fork could log in'],
    ['npm ci --ignore-scripts', 'npm ci', 'scripts of packages run beside'],
    ['tools/export-all.sh', 'tools/export.sh', 'there is no tools/export.sh'],
  ])('%j made %j is noticed', (right, wrong, problem) => {
    expect(BACKUP_PIPELINE).toContain(right)
    expect(pipelineProblems(BACKUP_PIPELINE.replace(right, wrong)).join()).toContain(problem)
  })

  test('each schedule starts one job, at the same time on both', () => {
    const scheduled = z
      .object({ schedules: z.array(z.object({ cron: z.string(), displayName: z.string() })) })
      .parse(parse(BACKUP_PIPELINE)).schedules
    expect(scheduled.map(({ cron }) => cron)).toEqual(crons)
    const [nightly = '', monthly = ''] = crons
    expect(jobs['backup']?.if).toContain(`github.event.schedule == '${nightly}'`)
    expect(jobs['drill']?.if).toContain(`github.event.schedule == '${monthly}'`)
    const [backup, drill] = scheduled.map(({ displayName }) => displayName)
    expect(stages.map(({ condition }) => condition)).toEqual([
      expect.stringContaining(otherThan(drill)),
      expect.stringContaining(otherThan(backup)),
    ])
    // The drill takes the backup of the night.
    expect([nightly, monthly].map((cron) => Number(cron.split(' ')[1]))).toEqual([1, 6])
  })

  test('both do the same, in the same order', () => {
    for (const [index, name] of ['backup', 'drill'].entries()) {
      const theirs = (jobs[name]?.steps ?? []).map(({ run }) => onRunner(run))
      const ours = (stages[index]?.steps ?? []).map((step) => onRunner(scriptOf(step)))
      expect(ours.filter((run) => run !== '')).toEqual(theirs.filter((run) => run !== ''))
      expect(stages[index]?.minutes).toBe(jobs[name]?.['timeout-minutes'])
    }
  })

  test('is off where there is no account for it, and waits for nobody', () => {
    for (const job of [jobs['backup'], jobs['drill']]) {
      expect(job?.if).toMatch(/^vars\.BACKUP_STORAGE_ACCOUNT != '' && \(/)
      // One without reviewers: those of the deployments have some.
      expect(job?.environment).toBe('backup')
    }
  })

  test('what could be exported is put up by a login of its own', () => {
    const { steps = [] } = jobs['backup'] ?? {}
    const [again, upload] = steps.slice(-2)
    expect(again?.uses).toMatch(/^azure\/login@/)
    expect(upload?.run).toMatch(/^tools\/upload-backup\.sh /)
    for (const step of [again, upload]) {
      expect(step?.if).toBe("!cancelled() && steps.export.outcome != 'skipped'")
    }
    expect(stages[0]?.steps.at(-1)?.condition).toBe('succeededOrFailed()')
  })
})

test('CI does all that .ci/run does', () => {
  const own = npmScripts(readFileSync('.ci/run', 'utf8'))
  const { check } = workflowIn('ci').jobs
  const theirs = check?.steps.flatMap(({ run }) => npmScripts(run)) ?? []
  expect(own.length).toBeGreaterThan(2)
  expect(theirs).toEqual(expect.arrayContaining([...own]))
})

test('azd deploys the built app, to the service and by the module that infra/ has', () => {
  const project = z
    .object({
      infra: z.object({ path: z.string(), module: z.string() }),
      services: z.object({
        api: z.object({
          dist: z.literal('dist'),
          hooks: z.object({ prepackage: z.object({ posix: z.object({ run: z.string() }) }) }),
        }),
      }),
    })
    .parse(parse(readFileSync('azure.yaml', 'utf8')))
  expect(project.infra).toEqual({ path: 'infra', module: 'main' })
  expect(npmScripts(project.services.api.hooks.prepackage.posix.run)).toEqual(['build'])
})

test('README.md and docs/operations.md say the same of azd', () => {
  const [readme, page] = ['README.md', 'docs/operations.md'].map((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^azd (?:[\w.]+ ?)+/gm)].map(([line]) => line.trim()),
  )
  expect(readme).toHaveLength(4)
  expect(readme).toEqual(page)
})

test('the parameter files and outputs that pipelines name are there', () => {
  const named = ENVIRONMENTS.map((environment) => `infra/main.${environment}.bicepparam`)
  const found = globSync('infra/main.*.bicepparam').map((file) => file.replaceAll('\\', '/'))
  expect(found.toSorted()).toEqual(HAS_INFRA ? named.toSorted() : [])
  const outputs = HAS_INFRA ? readFileSync('infra/main.bicep', 'utf8') : ''
  for (const output of ['functionAppName', 'tenantUrl']) {
    for (const text of [workflowText('deploy-environment'), PIPELINE])
      expect(text).toContain(output)
    expect(outputs.includes(`output ${output} string`)).toBe(HAS_INFRA)
  }
  for (const text of [
    workflowText('deploy-environment'),
    readFileSync('tools/what-if.sh', 'utf8'),
  ]) {
    expect(text).toMatch(/infra\/main\.\$(?:ENVIRONMENT|1)\.bicepparam/)
  }
  expect(PIPELINE).toContain('infra/main.${{ environment }}.bicepparam')
})

test('what the parameter files read is told to whoever builds them', () => {
  const files = globSync('infra/main.{dev,test,prod}.bicepparam')
  const read = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(
      ([, name = '']) => name,
    ),
  )
  const asking = workflowIn('deploy').jobs['what-if']?.steps ?? []
  const deploying = workflowIn('deploy-environment').jobs['deploy']?.steps ?? []
  for (const steps of [asking, deploying]) {
    const building = steps.filter(({ run }) => /what-if\.sh|bicepparam/.test(run))
    expect(building).toHaveLength(1)
    const told = Object.entries(building[0]?.env ?? {})
    const variables = told.filter(([name, value]) => value.includes(`vars.${name}`))
    expect(variables.map(([name]) => name).toSorted()).toEqual(
      HAS_INFRA ? [...new Set(read)].toSorted() : variables.map(([name]) => name).toSorted(),
    )
    for (const [name] of variables) expect(PIPELINE).toContain(name.replace('PRINCIPAL_TYPE', ''))
  }
})

describe('docs/operations.md, the set-up', () => {
  const page = readFileSync('docs/operations.md', 'utf8')

  test('sets every variable that the workflows read, and no other', () => {
    const set = [...page.matchAll(/^ *gh variable set (\w+) /gm)].map(([, name = '']) => name)
    expect([...new Set(set)].toSorted()).toEqual([...pipelineVariables()].toSorted())
  })

  test('has an identity for each environment that a workflow names', () => {
    const loops = [...page.matchAll(/for ENVIRONMENT in ([\w ]+);/g)].map(([, names = '']) => names)
    expect(new Set(loops)).toEqual(new Set([ENVIRONMENTS.join(' ')]))
    expect(page).toContain('--subject "$SUBJECT:environment:$ENVIRONMENT"')
    const { 'what-if': plan } = workflowIn('deploy').jobs
    const { backup } = workflowIn('backup').jobs
    for (const job of [plan, backup]) {
      expect(page).toContain(`--subject "$SUBJECT:environment:${job?.environment}"`)
    }
  })

  test.each([
    ['repo:octo@1/scim@2', 'repo:octo@1/scim@2'],
    ['', 'repo:octo/scim'],
  ])('takes the prefix of the subject from GitHub: %j', (told, subject) => {
    const lines = page.split('\n').filter((line) => line.startsWith('SUBJECT='))
    expect(lines.join()).toContain('/actions/oidc/customization/sub ')
    const script = `gh() { echo '${told}'; }\nREPOSITORY=octo/scim\n${lines.join('\n')}\necho "$SUBJECT"`
    expect(spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout).toBe(`${subject}\n`)
  })

  test('has a condition that an interactive bash takes as it is', () => {
    const lines = page.split('\n').filter((line) => /^(?:ROLES|CONDITION)=/.test(line))
    const { stdout } = spawnSync('bash', ['--norc', '-i'], {
      input: `${lines.join('\n')}\nprintf '%s\\n' "$CONDITION"\n`,
      encoding: 'utf8',
    })
    const [, roles = ''] = /^ROLES="(.*)"$/m.exec(page) ?? []
    expect(stdout).toContain("((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})")
    expect(stdout.split(`GuidEquals {${roles}}`)).toHaveLength(3)
  })

  test('lets pull requests ask what would change, and change nothing', () => {
    const [, actions = ''] = /"SCIM endpoint what-if".*?"Actions": \[([^\]]*)\]/.exec(page) ?? []
    expect(actions.split(', ')).toEqual(
      ['whatIf/action', 'validate/action', 'read'].map(
        (action) => `"Microsoft.Resources/deployments/${action}"`,
      ),
    )
  })

  test('has all that it makes outside of the environments deleted in the end', () => {
    const made = [...page.matchAll(/az role definition create .*?"Name": ("[^"]+")/g)]
    expect(made).toHaveLength(2)
    for (const [, name = ''] of made)
      expect(page).toContain(`\naz role definition delete --name ${name}\n`)
    expect(page).toContain('\naz group delete --name $PREFIX-pipeline\n')
  })

  test('has the service connections, environments and the group of azure-pipelines.yml', () => {
    expect(PIPELINE).toContain('azureSubscription: scim-plan')
    for (const name of ['plan', ...ENVIRONMENTS]) expect(page).toContain(`\`scim-${name}\``)
    expect(BACKUP_PIPELINE).toContain('azureSubscription: scim-backup')
    expect(page).toContain('`scim-backup`')
    for (const text of [PIPELINE, BACKUP_PIPELINE]) {
      expect(text).toContain('- group: scim-endpoint\n')
    }
    expect(page).toContain('the variable group `scim-endpoint`')
  })

  test('names the tags that say what runs there', () => {
    for (const tag of ['scim-endpoint-commit', 'scim-endpoint-run']) {
      expect(page).toContain(`\`${tag}\``)
      expect(workflowText('deploy-environment')).toContain(`"${tag}=`)
      expect(PIPELINE).toContain(`"${tag}=`)
    }
  })

  test('lets the pipeline give the roles of the infrastructure, and no other', () => {
    const [, given = ''] = /^ROLES="([^"]+)"$/m.exec(page) ?? []
    const source = 'infra/modules/role-ids.bicep'
    const ids = existsSync(source)
      ? [...readFileSync(source, 'utf8').matchAll(/id: '([0-9a-f-]{36})'/g)].map(
          ([, id = '']) => id,
        )
      : given.split(', ')
    expect(given.split(', ').toSorted()).toEqual([...new Set(ids)].toSorted())
    expect(given.split(', ')).toHaveLength(7)
  })
})
