import { globSync } from 'node:fs'
import { join, relative } from 'node:path'
import { alertFindings } from './alert-rules.ts'
import { appFindings } from './app-rules.ts'
import { backupFindings } from './backup-rules.ts'
import type { Bicep, Diagnostic } from './bicep.ts'
import { type Deployment, type Finding, readDeployment } from './deployment.ts'
import { factFindings } from './facts.ts'
import { hostFindings } from './host-rules.ts'
import { networkFindings } from './network-rules.ts'
import { openingFindings } from './opening-rules.ts'
import { queryFindings } from './query-rules.ts'
import { roleFindings } from './role-rules.ts'
import { secretFindings } from './secret-rules.ts'
import {
  committedSnapshot,
  type Deployed,
  DEPLOYED,
  normalized,
  sameFindings,
  snapshotFindings,
} from './snapshots.ts'
import { templateFindings } from './template-rules.ts'

/** What a check has seen, and what is wrong. */
export interface Checked {
  readonly files: number
  readonly deployments: readonly Deployment[]
  readonly findings: readonly Finding[]
}

const MAIN = 'infra/main.bicep'

/** What azd reads: it is as dev, for whoever has signed in. */
const AZD: Deployed = { name: 'azd', parameterFile: 'infra/main.bicepparam' }

const RULES = [
  factFindings,
  appFindings,
  roleFindings,
  secretFindings,
  queryFindings,
  alertFindings,
  networkFindings,
  openingFindings,
  hostFindings,
  backupFindings,
]

/** All rules over what a parameter file deploys. */
function deploymentFindings(deployment: Deployment): readonly Finding[] {
  return RULES.flatMap((rule) => rule(deployment))
}

/** Compiles the infrastructure below a folder, compares it with the committed snapshots and applies all rules. */
export async function checkCompiled(
  bicep: Bicep,
  root: string,
  update: (deployed: Deployed, snapshot: string) => boolean = () => false,
): Promise<Checked> {
  const { files, findings } = await checkSources(bicep, root)
  // Of what is wrong there are no snapshots.
  if (findings.length > 0) return { files, findings, deployments: [] }
  return { files, ...(await checkDeployed(bicep, root, DEPLOYED, update)) }
}

/** What the compiler and its linter say of each file. */
export async function checkSources(
  bicep: Bicep,
  root: string,
  deployed: readonly Deployed[] = DEPLOYED,
): Promise<Pick<Checked, 'files' | 'findings'>> {
  const all = globSync(join(root, 'infra/**/*.bicep'))
  const reached = new Set(await bicep.references(join(root, MAIN)))
  const others = all.filter((file) => !reached.has(file))
  const diagnostics: Diagnostic[] = []
  for (const file of [join(root, MAIN), ...others]) {
    diagnostics.push(...(await bicep.compile(file)).diagnostics)
  }
  for (const file of [AZD, ...deployed].map(({ parameterFile }) => parameterFile)) {
    diagnostics.push(...(await bicep.diagnose(join(root, file))))
  }
  const findings = unique(diagnostics).map((each) => diagnosticFinding(each, root))
  return { files: all.length, findings }
}

/**
 * Holds what is deployed to the snapshots and to the rules.
 * @param update takes a snapshot as it is now, and says that it is not to be compared.
 */
export async function checkDeployed(
  bicep: Bicep,
  root: string,
  deployed: readonly Deployed[],
  update: (deployed: Deployed, snapshot: string) => boolean = () => false,
): Promise<Pick<Checked, 'deployments' | 'findings'>> {
  const { template } = await bicep.compile(join(root, MAIN))
  const findings: Finding[] = [...templateFindings(template)]
  const deployments: Deployment[] = []
  for (const each of deployed) {
    const snapshot = await bicep.snapshot(join(root, each.parameterFile))
    if (!update(each, snapshot)) {
      findings.push(...snapshotFindings(each, committedSnapshot(root, each), snapshot))
    }
    if (each.name === 'dev') {
      const byAzd = await bicep.snapshot(join(root, AZD.parameterFile))
      findings.push(...sameFindings(AZD, snapshot, byAzd))
    }
    deployments.push(readDeployment(each.name, normalized(snapshot)))
  }
  return { deployments, findings: [...findings, ...deployments.flatMap(deploymentFindings)] }
}

/** Applies the rules to the committed snapshots: what can be done without the compiler. */
export function checkCommitted(root: string): Checked {
  const deployments = DEPLOYED.flatMap((deployed) => {
    const committed = committedSnapshot(root, deployed)
    return committed === undefined ? [] : [readDeployment(deployed.name, committed)]
  })
  return { files: 0, deployments, findings: deployments.flatMap(deploymentFindings) }
}

/** Each parameter file repeats what is wrong with the template. */
function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [JSON.stringify(each), each])).values()]
}

function diagnosticFinding({ file, line, code, message }: Diagnostic, root: string): Finding {
  return { rule: code, where: `${relative(root, file)}:${line}`, says: message }
}
