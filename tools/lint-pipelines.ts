import { globSync } from 'node:fs'
import { readOptions, runTool } from './command-line.ts'
import { lintAzdProject } from './lint-pipelines/azure-developer.ts'
import { lintPipeline } from './lint-pipelines/azure-pipelines.ts'
import { type Finding, findingText } from './lint-pipelines/finding.ts'
import { lintWorkflow } from './lint-pipelines/github-workflows.ts'

const USAGE = `npm run lint:pipelines

Checks .github/workflows/, azure-pipelines*.yml and azure.yaml: GitHub's by its own language service, the others by the part of
their schemas that is used. What must hold beside that is in test/unit/pipelines.test.ts.

  --help  this text`

await runTool(USAGE, async (args) => {
  readOptions({}, args)
  const workflows = globSync('.github/workflows/*.yml').toSorted()
  const findings: Finding[] = []
  for (const file of workflows) findings.push(...(await lintWorkflow(file)))
  const pipelines = globSync('azure-pipelines*.yml').toSorted()
  findings.push(...pipelines.flatMap((file) => lintPipeline(file)), ...lintAzdProject('azure.yaml'))
  for (const finding of findings) console.error(findingText(finding))
  if (findings.length > 0) return 1
  console.log(`${workflows.length} workflows, ${pipelines.join(', ')} and azure.yaml are right`)
  return 0
})
