import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { lintAzdProject } from '../../../../tools/lint-pipelines/azure-developer.ts'
import { lintPipeline } from '../../../../tools/lint-pipelines/azure-pipelines.ts'
import { findingText } from '../../../../tools/lint-pipelines/finding.ts'

const PIPELINE = readFileSync('azure-pipelines.yml', 'utf8')
const BACKUP = readFileSync('azure-pipelines.backup.yml', 'utf8')
const PROJECT = readFileSync('azure.yaml', 'utf8')

test('azure-pipelines.yml, azure-pipelines.backup.yml and azure.yaml are right', () => {
  expect(lintPipeline('azure-pipelines.yml')).toEqual([])
  expect(lintPipeline('azure-pipelines.backup.yml')).toEqual([])
  expect(lintAzdProject('azure.yaml')).toEqual([])
})

/** What is said of a text in which the first of these is the second. */
function said(
  lint: (file: string, text: string) => ReturnType<typeof lintPipeline>,
  [text, right, wrong]: readonly [text: string, right: string, wrong: string],
): string {
  expect(text).toContain(right)
  return lint('file.yml', text.replace(right, wrong)).map(findingText).join('\n')
}

describe('azure-pipelines.yml: what is wrong is refused', () => {
  test.each([
    ['lockBehavior: sequential', 'lockBehaviour: sequential', '"lockBehaviour"'],
    ['lockBehavior: sequential', 'lockBehavior: serial', 'lockBehavior: Invalid option'],
    ['task: UseNode@1', 'task: UseNode@2', 'task: Invalid'],
    ['version: 24.x', 'versionSpec: 24.x', '"versionSpec"'],
    ['scriptType: bash', 'scriptType: sh', 'inputs.scriptType: Invalid input'],
    ['inlineScript: |', 'script: |', '"script"'],
    [
      'buildVersionToDownload: specific',
      'buildVersionToDownload: latest',
      'buildVersionToDownload',
    ],
    ['pipelineId: $(PREVIOUS_RUN)', 'buildID: $(PREVIOUS_RUN)', '"buildID"'],
    ['timeoutInMinutes: 60', 'timeoutInMinutes: 0', 'timeoutInMinutes: Too small'],
    ['- deployment: deploy', '- deploy: deploy', '"deploy"'],
    ['${{ each environment in', '${{ for environment in', 'is neither a stage nor an each'],
    ['persistCredentials: false', 'persistCredentials: no', 'persistCredentials: Invalid input'],
    ['stages:\n', 'stages:\n\t', 'Tabs are not allowed'],
    ['pool:\n', 'pr: none\n\npool:\n', 'Map keys must be unique'],
  ])('%j made %j', (right, wrong, message) => {
    expect(said(lintPipeline, [PIPELINE, right, wrong])).toContain(message)
  })

  test('with the line of it', () => {
    const line = PIPELINE.slice(0, PIPELINE.indexOf('vmImage')).split('\n').length
    expect(said(lintPipeline, [PIPELINE, 'vmImage: ubuntu-24.04', 'vmImage: 24'])).toBe(
      `file.yml:${line}: pool.vmImage: Invalid input: expected string, received number`,
    )
  })
})

describe('azure-pipelines.backup.yml: what is wrong is refused', () => {
  test.each([
    ["cron: '17 1 * * *'", "cron: '17 1 * *'", 'has five parts'],
    ['trigger: none', 'trigger: never', 'trigger: Invalid input'],
    ['always: true', 'alway: true', '"alway"'],
    ['schedules:\n', 'schedule:\n', '"schedule"'],
  ])('%j made %j', (right, wrong, message) => {
    expect(said(lintPipeline, [BACKUP, right, wrong])).toContain(message)
  })
})

describe('azure.yaml: what is wrong is refused', () => {
  test.each([
    ['host: function', 'host: functions', 'host: Invalid input'],
    ['remoteBuild: false', 'remoteBuild: true', 'remoteBuild: Invalid input'],
    ['dist: dist', 'output: dist', '"output"'],
    ['prepackage:', 'prepack:', '"prepack"'],
  ])('%j made %j', (right, wrong, message) => {
    expect(said(lintAzdProject, [PROJECT, right, wrong])).toContain(message)
  })
})
