import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fakePrograms, type Ran } from '../support/fake-programs.ts'
import { pipelineOf, scriptOf, workflowIn } from '../support/pipeline-files.ts'

const { run, folder } = fakePrograms()

describe('tools/what-if.sh', () => {
  const script = join(process.cwd(), 'tools/what-if.sh')

  test('asks for all three environments, by the right of reading, and makes Markdown of it', () => {
    const ran = run(`${script} rg-scim`, { answer: 'echo "Resource changes: 1 to modify."' })
    expect(ran.status).toBe(0)
    expect(ran.calls).toEqual(
      ['dev', 'test', 'prod'].map((environment) => {
        return `az deployment group what-if --resource-group rg-scim-${environment} --parameters infra/main.${environment}.bicepparam --validation-level ProviderNoRbac --exclude-change-types Ignore NoChange --only-show-errors`
      }),
    )
    expect(ran.out).toBe(
      `## What the deployment would change\n${['dev', 'test', 'prod']
        .map((name) => `\n### ${name}\n\n\`\`\`\nResource changes: 1 to modify.\n\`\`\`\n`)
        .join('')}`,
    )
  })

  test('goes on where one cannot be asked, tells it, and fails', () => {
    const answer =
      'if [[ $* == *-test\\ * ]]; then echo "ERROR: not found" >&2; exit 3; fi; echo fine'
    const ran = run(`${script} rg-scim`, { answer })
    expect(ran.status).toBe(1)
    expect(ran.calls).toHaveLength(3)
    expect(ran.out).toContain('### test: FAILED\n\n```\nERROR: not found\n```\n\n### prod\n')
  })

  test('what comes back cannot leave its block, and fits into a comment', () => {
    const answer = `echo '\`\`\`'; echo '# Approved'; printf '%030000d' 0`
    const ran = run(`${script} rg-scim`, { answer })
    expect(ran.out.match(/^```$/gm)).toHaveLength(6)
    expect(ran.out.length).toBeLessThan(65_536)
    expect(ran.out).toContain('… and more: the log has all\n```\n')
  })

  test('tells how it is called', () => {
    expect(run(script).status).toBe(2)
  })
})

/** The script of a step of a workflow, by the step's name. */
function stepOf(workflow: string, job: string, name: string): string {
  const step = workflowIn(workflow).jobs[job]?.steps.find((each) => each.name === name)
  expect(step?.run).not.toBe('')
  return step?.run ?? ''
}

/** For the key, and the rest of what node is to do. */
const keyed = (more = ''): string =>
  `case $* in *keys*) echo the-key ;; *) [[ $* != *smoke* || $MANAGE_KEY == the-key ]] ${more} ;; esac`

const RELEASE = 'Package, smoke test, and back when it fails'
const AFTER = 'What a stopped step has left'
const NODE = 'node --import ./tools/installed.js'

describe('tools/after-release.sh', () => {
  const script = `${join(process.cwd(), 'tools/after-release.sh')} rg-scim-dev func-1 https://x ended`
  const before = 'mkdir -p previous; touch previous/scim-endpoint-abc.zip\n'
  const mark = 'echo "b runs again" > ended\n'
  const release = `${NODE} tools/release.ts --resource-group rg-scim-dev --app func-1 --url https://x --package previous/scim-endpoint-abc.zip`
  const clean = `${NODE} tools/smoke.ts --url https://x --wait 60 --clean-up`

  test.each([
    ['a release that has ended', before + mark, keyed(), 0, [clean]],
    ['one that was cut off', before, keyed(), 0, [release, clean]],
    ['one that had begun to write it', `${before}touch ended\n`, keyed(), 0, [release, clean]],
    ['one without a way back', '', keyed(), 1, [clean]],
    ['a way back that fails', before, keyed('&& [[ $* != *release* ]]'), 1, [release, clean]],
    ['a tenant that stays', before + mark, keyed('&& false'), 1, [clean]],
  ])('%s', (_title, files, answer, status, calls) => {
    const ran = run(files + script, { answer, env: { GITHUB_ACTIONS: 'true' } })
    expect(ran.status).toBe(status)
    expect(ran.calls.filter((call) => call.startsWith('node '))).toEqual(calls)
    expect(ran.out).toContain('::add-mask::the-key\n')
  })

  test('Azure Pipelines masks the key, too', () => {
    const ran = run(script, { answer: keyed(), env: { TF_BUILD: 'True' } })
    expect(ran.out).toContain('##vso[task.setsecret]the-key\n')
  })

  test('it runs in both pipelines, also after a step that was stopped', () => {
    const { steps = [] } = workflowIn('deploy-environment').jobs['deploy'] ?? {}
    expect(steps.at(-1)?.if).toBe("always() && steps.infrastructure.outcome == 'success'")
    expect(steps.at(-1)?.run).toMatch(/^tools\/after-release\.sh /)
    const last = pipelineOf(readFileSync('azure-pipelines.yml', 'utf8'))
      .stages.find(({ environment }) => environment !== undefined)
      ?.steps.at(-1)
    expect(last?.condition).toBe("and(always(), ne(variables['tenantUrl'], ''))")
    expect(last === undefined ? '' : scriptOf(last)).toMatch(/^tools\/after-release\.sh /)
  })

  test('a signal reaches what it runs, and does not end it before that has ended', () => {
    const answer = `case $* in
      *keys*) echo the-key ;;
      *release*) trap 'echo going back; exit 1' TERM; kill -TERM $PPID; while :; do sleep 0.1; done ;;
      *) echo cleaning ;;
    esac`
    const ran = run(before + script, { answer })
    expect(ran).toMatchObject({ status: 1, out: 'going back\ncleaning\n' })
  })

  test.each(['GitHub', 'Azure Pipelines'])(
    'on %s both steps name the same file, in a folder that each job finds empty',
    (kind) => {
      const [releasing, after] =
        kind === 'GitHub'
          ? [
              stepOf('deploy-environment', 'deploy', RELEASE),
              stepOf('deploy-environment', 'deploy', AFTER),
            ]
          : [pipelineScript(RELEASE), pipelineScript(AFTER)]
      const [, file = ''] = /--ended "([^"]+)"/.exec(releasing) ?? []
      expect(file).toMatch(/^\$(?:RUNNER_TEMP|AGENT_TEMPDIRECTORY)\//)
      expect(after.trim().endsWith(` "${file}"`)).toBe(true)
    },
  )
})

/** In the place where the steps run. */
function git(...args: readonly string[]): string {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com']
  return spawnSync('git', [...who, ...args], { cwd: folder(), encoding: 'utf8' }).stdout.trim()
}

function commit(message: string): string {
  git('commit', '--quiet', '--allow-empty', '--message', message)
  return git('rev-parse', 'HEAD')
}

/** Asks whether an earlier package may be deployed, of a GitHub that answers so. */
function ask(COMMIT: string, RUN: string, answer: string): Ran {
  const env = { COMMIT, RUN, REPOSITORY: 'octo/scim', MADE_BY: '.' }
  return run(stepOf('deploy', 'earlier', 'Ask Git and GitHub'), { answer, env })
}

/** What GitHub tells of a run. */
function made(sha: string, event = 'push', branch = 'main', repository = 'octo/scim'): string {
  return `echo .github/workflows/deploy.yml ${event} ${branch} ${sha} ${repository}`
}

describe('GitHub', () => {
  test.each([
    ['no comment yet', '', 'gh api --method POST comments --field body=@comment.md --silent'],
    [
      'a comment of before',
      '7\n9',
      'gh api --method PATCH comment/7 --field body=@comment.md --silent',
    ],
  ])('what-if, %s: there is one comment', (_title, ids, call) => {
    const { status, calls } = run(
      `echo '## What' > what-if.md\n${stepOf('deploy', 'what-if', 'Comment')}`,
      {
        answer: `[[ $* != *--paginate* ]] || echo "${ids}"`,
        env: { COMMENTS: 'comments', COMMENT: 'comment' },
      },
    )
    expect(status).toBe(0)
    expect(calls.at(-1)).toBe(call)
    expect(readFileSync(join(folder(), 'comment.md'), 'utf8')).toBe('<!-- what-if -->\n## What\n')
  })

  test('the comment is that of the workflow, not one of somebody who begins it so', () => {
    const { steps = [] } = workflowIn('deploy').jobs['what-if'] ?? {}
    const filter = steps.find(({ name }) => name === 'Comment')?.env['OURS'] ?? ''
    expect(filter).toContain('.user.login == "github-actions[bot]"')
    expect(filter).toContain('startswith("<!-- what-if -->")')
  })

  describe('an earlier package', () => {
    test('is one that main has, and that a push to main has packaged', () => {
      git('init', '--quiet', '--initial-branch', 'main')
      const earlier = commit('earlier')
      git('switch', '--quiet', '--create', 'other')
      const other = commit('other')
      git('switch', '--quiet', 'main')
      commit('later')
      expect(ask(earlier, '12', made(earlier))).toMatchObject({
        status: 0,
        calls: ['gh api repos/octo/scim/actions/runs/12 --jq .'],
      })
      expect(ask(other, '12', made(other)).out).toContain('main does not have this commit')
      expect(ask(earlier.slice(0, 12), '12', made(earlier)).out).toContain('All 40 digits')
      expect(ask(earlier, '12/../13', made(earlier)).out).toContain('is a number')
      for (const answer of [
        made(other),
        made(earlier, 'pull_request'),
        made(earlier, 'push', 'other'),
        made(earlier, 'push', 'main', 'mallory/scim'),
        `echo .github/workflows/ci.yml push main ${earlier} octo/scim`,
      ]) {
        const ran = ask(earlier, '12', answer)
        expect([ran.status, ran.out]).toEqual([1, expect.stringContaining('has not packaged')])
      }
      expect(ask(earlier, '12', 'exit 1').status).toBe(1)
    })
  })

  const env = {
    ENVIRONMENT: 'dev',
    RESOURCE_GROUP: 'rg-scim-dev',
    COMMIT: 'c0ffee',
    RUN: '12',
    DEPLOYMENT: 'd-1',
    RUNNER_TEMP: '/runner/temp',
  }

  test('the first deployment has nothing before it', () => {
    const ran = run(stepOf('deploy-environment', 'deploy', 'What runs there now'), { env })
    expect(ran).toMatchObject({ status: 0, outputs: 'commit=\nrun=\n' })
  })

  test('what runs there now is told by the tags of the group', () => {
    const answer = '[[ $* == *commit* ]] && echo abc || echo 11'
    const ran = run(stepOf('deploy-environment', 'deploy', 'What runs there now'), { env, answer })
    expect(ran).toMatchObject({ status: 0, outputs: 'commit=abc\nrun=11\n' })
    expect(ran.calls[0]).toBe(
      'az group show --name rg-scim-dev --query tags."scim-endpoint-commit" --output tsv',
    )
  })

  test('a failing az stops the step', () => {
    for (const name of ['What runs there now', 'Infrastructure', 'Remember what runs there now']) {
      const ran = run(stepOf('deploy-environment', 'deploy', name), { env, answer: 'exit 1' })
      expect([name, ran.status]).toEqual([name, 1])
    }
  })

  test('the infrastructure is deployed, and says where the app is', () => {
    const answer =
      '[[ $* == *outputs.f* ]] && echo func-1; [[ $* == *outputs.t* ]] && echo https://x; true'
    const script = stepOf('deploy-environment', 'deploy', 'Infrastructure')
    const ran = run(script, { env, answer })
    expect(ran).toMatchObject({
      status: 0,
      outputs: 'functionAppName=func-1\ntenantUrl=https://x\n',
    })
    expect(ran.calls[0]).toBe(
      'az deployment group create --name d-1 --resource-group rg-scim-dev --parameters infra/main.dev.bicepparam --output none',
    )
    expect(run(script, { env }).status).toBe(1)
  })

  test.each([
    [
      'with a previous package',
      'mkdir previous; touch previous/scim-endpoint-abc.zip\n',
      'previous/scim-endpoint-abc.zip',
    ],
    ['without one', '', ''],
  ])('the package is released %s', (_title, before, previous) => {
    const script = stepOf('deploy-environment', 'deploy', RELEASE)
    const ran = run(before + script, { env: { ...env, APP: 'func-1', TENANT_URL: 'https://x' } })
    expect(ran.calls).toEqual([
      `${NODE} tools/release.ts --resource-group rg-scim-dev --app func-1 --url https://x --wait 900 --ended /runner/temp/release-ended --package package/scim-endpoint-c0ffee.zip --previous ${previous}`,
    ])
    expect(
      run(script, { env: { ...env, APP: 'a', TENANT_URL: 'b' }, answer: 'exit 1' }).status,
    ).toBe(1)
  })

  test('what runs there then is remembered', () => {
    const answer = '[[ $* == *group\\ show* ]] && echo /subscriptions/1; true'
    const script = stepOf('deploy-environment', 'deploy', 'Remember what runs there now')
    expect(run(script, { env, answer }).calls.at(-1)).toBe(
      'az tag update --operation Merge --output none --resource-id /subscriptions/1 --tags scim-endpoint-commit=c0ffee scim-endpoint-run=12',
    )
  })
})

/** The script of a step of the deployment to dev, by what it is called. */
function pipelineScript(name: string): string {
  const stages = pipelineOf(readFileSync('azure-pipelines.yml', 'utf8')).stages
  const deploying = stages.find(({ environment }) => environment !== undefined)
  const step = deploying?.steps.find((each) => each.displayName === name)
  const text = step === undefined ? '' : scriptOf(step)
  expect(text).not.toBe('')
  return text.replaceAll('${{ environment }}', 'dev')
}

describe('Azure Pipelines', () => {
  const env = {
    RESOURCE_GROUP: 'rg-scim-dev',
    BUILD_BUILDID: '12',
    SYSTEM_STAGEATTEMPT: '1',
    BUILD_SOURCEVERSION: 'c0ffee',
    FUNCTIONAPPNAME: 'func-1',
    TENANTURL: 'https://x',
    AGENT_TEMPDIRECTORY: '/runner/temp',
  }

  test('its steps call what those of GitHub call', () => {
    const answer = `case $* in
      *-commit\\"*) echo abc ;; *-run\\"*) echo 11 ;; *outputs.f*) echo func-1 ;; *outputs.t*) echo https://x ;; *) echo /subscriptions/1 ;;
    esac`
    expect(run(pipelineScript('What runs there now'), { env, answer }).out).toBe(
      '##vso[task.setvariable variable=PREVIOUS_COMMIT]abc\n##vso[task.setvariable variable=PREVIOUS_RUN]11\n',
    )
    expect(run(pipelineScript('Infrastructure'), { env, answer }).out).toContain(
      '##vso[task.setvariable variable=functionAppName]func-1\n##vso[task.setvariable variable=tenantUrl]https://x\n',
    )
    run(pipelineScript(RELEASE), { env })
    const { calls } = run(pipelineScript('Remember what runs there now'), { env, answer })
    expect(calls).toContain(
      'az deployment group create --name scim-endpoint-12-1 --resource-group rg-scim-dev --parameters infra/main.dev.bicepparam --output none',
    )
    expect(calls).toContain(
      `${NODE} tools/release.ts --resource-group rg-scim-dev --app func-1 --url https://x --wait 900 --ended /runner/temp/release-ended --package package/scim-endpoint-c0ffee.zip --previous `,
    )
    expect(calls.at(-1)).toBe(
      'az tag update --operation Merge --output none --resource-id /subscriptions/1 --tags scim-endpoint-commit=c0ffee scim-endpoint-run=12',
    )
  })
})
