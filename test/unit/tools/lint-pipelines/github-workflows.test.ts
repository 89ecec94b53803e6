import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { lintWorkflow } from '../../../../tools/lint-pipelines/github-workflows.ts'

const FILE = '.github/workflows/deploy.yml'
const TEXT = readFileSync(FILE, 'utf8')

test.each(globSync('.github/workflows/*.yml'))('%s is right', async (file) => {
  expect(await lintWorkflow(file)).toEqual([])
})

describe('what is wrong is refused, with its line', () => {
  test.each([
    ['id-token: write', 'id-tokens: write', "Unexpected value 'id-tokens'"],
    ['needs: ci', 'needs: cj', "Job 'dev' depends on unknown job 'cj'."],
    ['runs-on: ubuntu', 'run-on: ubuntu', "Unexpected value 'run-on'"],
    ['timeout-minutes: 20', 'timeout-minutes: soon', "Unexpected value 'soon'"],
    ['  pull_request:\n', '  pull_requests:\n', "Unexpected value 'pull_requests'"],
    ['inputs.run }}', 'inputs.ran }}', 'Context access might be invalid: ran'],
    ['github.sha }}', 'githb.sha }}', "Unrecognized named-value: 'githb'"],
    ['environment: dev', 'environmnt: dev', 'Input environment is required'],
    ['client-id:', 'clientid:', "Invalid action input 'clientid'"],
    ['tenant-id:', 'tenantid:', 'Missing required input `tenant-id`'],
    ['uses: azure/login@', 'uses: azure/logon@', 'Unable to resolve action `azure/logon@'],
    ["if: github.event_name == 'push'", "if: github.event_name = 'push'", 'Unexpected symbol'],
    ['deploy-environment.yml', 'deploy-enviroment.yml', 'Unable to find reusable workflow'],
  ])('%j made %j', async (right, wrong, message) => {
    expect(TEXT).toContain(right)
    const findings = await lintWorkflow(FILE, TEXT.replace(right, wrong))
    expect(findings.map((finding) => finding.message).join('\n')).toContain(message)
    const line = TEXT.slice(0, TEXT.indexOf(right)).split('\n').length
    expect(findings.some((finding) => Math.abs(finding.line - line) <= 3)).toBe(true)
  })
})
