import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Bicep } from '../../tools/infra-check/bicep.ts'
import { checkCompiled, checkDeployed, checkSources } from '../../tools/infra-check/check.ts'
import { findCompiler, isRequired, REQUIRE } from '../../tools/infra-check/compiler.ts'
import type { Finding } from '../../tools/infra-check/deployment.ts'
import { DEPLOYED } from '../../tools/infra-check/snapshots.ts'
import { ROOT } from '../../tools/local-host/function-files.ts'
import { type Mutant, REFUSED_BY_COMPILER, REFUSED_BY_RULES } from './mutants.ts'

/** With the real compiler, one process of it for the whole file. Where there is none, `npm run infra:check` says how to get it. */

const compiler = await findCompiler({ mayRestore: isRequired() })

/** Mistakes that one compilation shows together: each is in a place of its own, and is told by a text of its own. */
interface Batch {
  readonly files: Map<string, string>
  readonly mutants: Mutant[]
}

/** As few compilations as can be. */
function batchesOf(mutants: readonly Mutant[]): readonly Batch[] {
  const batches: Batch[] = []
  for (const mutant of mutants) {
    const batch = batches.find((each) => addTo(each, mutant)) ?? { files: new Map(), mutants: [] }
    if (batches.includes(batch)) continue
    expect(addTo(batch, mutant), `${mutant.title}: is not once in ${mutant.file}`).toBe(true)
    batches.push(batch)
  }
  return batches
}

function addTo({ files, mutants }: Batch, mutant: Mutant): boolean {
  const text = files.get(mutant.file) ?? readFileSync(join(ROOT, mutant.file), 'utf8')
  if (text.split(mutant.find).length !== 2) return false
  files.set(
    mutant.file,
    text.replace(mutant.find, () => mutant.replace),
  )
  mutants.push(mutant)
  return true
}

function isOf({ rule, where, says }: Finding, mutant: Mutant): boolean {
  return rule === mutant.rule && `${where}: ${says}`.includes(mutant.says)
}

/** Whether a finding is of a mistake, or follows from it. */
function isAbout(finding: Finding, mutant: Mutant): boolean {
  if (isOf(finding, mutant)) return true
  return mutant.also !== undefined && finding.says.includes(mutant.also)
}

/** Each mistake is found, and nothing is found that is of none. */
function expectRefused({ mutants }: Batch, findings: readonly Finding[]): void {
  const accepted = mutants.filter((mutant) => !findings.some((each) => isOf(each, mutant)))
  expect(accepted.map(({ title }) => title)).toEqual([])
  const others = findings.filter(
    (each) => !isConsequence(each) && !mutants.some((mutant) => isAbout(each, mutant)),
  )
  expect(others).toEqual([])
}

/** The parameter files with mistakes, and those in which the mistakes of the modules show. */
const ENVIRONMENTS = DEPLOYED.filter(({ name }) => ['dev', 'test', 'prod'].includes(name))
const SHOWING = DEPLOYED.filter(({ name }) => name !== 'test')

/** What follows from a mistake elsewhere: a parameter file of a wrong template, a snapshot or a query that is another. */
function isConsequence({ rule }: Finding): boolean {
  return ['BCP104', 'snapshot', 'azd', 'conditions'].includes(rule)
}

describe.skipIf('tried' in compiler && !isRequired())('infra/', () => {
  const folder = mkdtempSync(join(tmpdir(), 'infra-'))
  let bicep: Bicep

  beforeAll(() => {
    if ('tried' in compiler) throw new Error(`${REQUIRE}=1, but ${compiler.tried.join('; ')}`)
    bicep = new Bicep(compiler)
  })

  afterAll(async () => {
    await bicep[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  /** A copy of infra/ in which there are these mistakes. */
  function copyWith({ files }: Batch): string {
    const copy = mkdtempSync(join(folder, 'copy-'))
    for (const part of ['infra', 'test/infra']) {
      cpSync(join(ROOT, part), join(copy, part), { recursive: true })
    }
    for (const [file, text] of files) writeFileSync(join(copy, file), text)
    return copy
  }

  test('compiles without a word, is what the snapshots say, and keeps all rules', async () => {
    const { findings, files, deployments } = await checkCompiled(bicep, ROOT)
    expect(findings).toEqual([])
    expect(files).toBeGreaterThan(10)
    expect(deployments.map(({ name }) => name)).toEqual(DEPLOYED.map(({ name }) => name))
  })

  test.each([
    ["param workloadName = '-scim'", 'workloadName has letters'],
    ["param workloadName = 'scim-'", 'workloadName has letters'],
    ["param workloadName = 'sc.im'", 'workloadName has letters'],
    ["param workloadName = 'a--b'", 'workloadName has letters'],
    ["param environmentName = 'my.dev'", 'environmentName has letters'],
    ["param networkAddressPrefix = '10.42.0.0/26'", 'a /25 or larger'],
    ["param allowedIpRanges = ['0.0.0.0/0']", 'allowedIpRanges: no range may be wider than a /8.'],
    [
      "param operatorIpRanges = ['0.0.0.0/1']",
      'operatorIpRanges: no range may be wider than a /8.',
    ],
    ['param enableBackup = true', 'enableBackup needs operatorIpRanges'],
    ["param customDomain = 'scim.example.com'", 'customDomain needs enableFrontDoor.'],
    ['param enableFrontDoor = true', 'restrictInboundAccess would open the app beside it'],
    ['param zoneRedundant = true\nparam alwaysReadyHttpInstances = 1', '0 or at least 2'],
  ])('%s is refused, in words', async (parameter, says) => {
    const file = join(copyWith({ files: new Map(), mutants: [] }), 'test/infra/closed.bicepparam')
    const [name = ''] = /^param \w+ = /.exec(parameter) ?? []
    const others = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !line.startsWith(name))
    writeFileSync(file, [...others, parameter, ''].join('\n'))
    await expect(bicep.snapshot(file)).rejects.toThrow(says)
  })

  test('the smallest network has room for both subnets', async () => {
    const file = join(copyWith({ files: new Map(), mutants: [] }), 'test/infra/closed.bicepparam')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, `${text}param networkAddressPrefix = '10.42.0.0/25'\n`)
    expect(await bicep.snapshot(file)).toContain('10.42.0.64/26')
  })

  test('each mistake that no compiler should take is refused by it or its linter', async () => {
    const batches = batchesOf(REFUSED_BY_COMPILER)
    expect(batches.length).toBeLessThan(3)
    for (const batch of batches) {
      const { findings } = await checkSources(bicep, copyWith(batch), ENVIRONMENTS)
      expectRefused(batch, findings)
    }
  })

  test('each mistake that compiles is refused by the rules or the snapshots', async () => {
    const batches = batchesOf(REFUSED_BY_RULES)
    expect(batches.length).toBeLessThan(3)
    for (const batch of batches) {
      const { findings } = await checkDeployed(bicep, copyWith(batch), SHOWING)
      expectRefused(batch, findings)
    }
  })
})

test('there are enough mistakes, and each is another', () => {
  const all = [...REFUSED_BY_COMPILER, ...REFUSED_BY_RULES]
  expect(all.length).toBeGreaterThanOrEqual(50)
  expect(new Set(all.map(({ title }) => title)).size).toBe(all.length)
})
