import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { type Deployment, type Finding, readDeployment } from './deployment.ts'

/** A parameter file whose snapshot is committed beside it. */
export interface Deployed {
  /** `dev`, `test`, `prod`, or what else it shows. */
  readonly name: string
  readonly parameterFile: string
}

/** The environments, and what their parameters leave out. */
export const DEPLOYED: readonly Deployed[] = [
  { name: 'dev', parameterFile: 'infra/main.dev.bicepparam' },
  { name: 'test', parameterFile: 'infra/main.test.bicepparam' },
  { name: 'prod', parameterFile: 'infra/main.prod.bicepparam' },
  { name: 'every-option', parameterFile: 'test/infra/every-option.bicepparam' },
  { name: 'restricted', parameterFile: 'test/infra/restricted.bicepparam' },
  { name: 'closed', parameterFile: 'test/infra/closed.bicepparam' },
]

const SNAPSHOT = z.looseObject({ outputs: z.record(z.string(), z.json()).default({}) })

function fileOf(root: string, { parameterFile }: Deployed): string {
  return join(root, parameterFile.replace(/\.bicepparam$/, '.snapshot.json'))
}

/** The text of a snapshot as it is committed: the compiler gives outputs in another order each time. */
export function normalized(snapshot: string): string {
  const { outputs, ...rest } = SNAPSHOT.parse(JSON.parse(snapshot))
  const sorted = Object.fromEntries(
    Object.entries(outputs).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
  return `${JSON.stringify({ ...rest, outputs: sorted }, null, 2)}\n`
}

/** What is committed; undefined where there is nothing. */
export function committedSnapshot(root: string, deployed: Deployed): string | undefined {
  const file = fileOf(root, deployed)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/** Commits to a new state of things. */
export function writeSnapshot(root: string, deployed: Deployed, snapshot: string): void {
  writeFileSync(fileOf(root, deployed), normalized(snapshot))
}

/** What is deployed otherwise than the committed snapshot says. */
export function snapshotFindings(
  { name, parameterFile }: Deployed,
  committed: string | undefined,
  snapshot: string,
): readonly Finding[] {
  const where = parameterFile.replace(/\.bicepparam$/, '.snapshot.json')
  const rule = 'snapshot'
  if (committed === undefined) return [{ rule, where, says: 'there is none; --update writes it' }]
  const differences = differencesOf(
    readDeployment(name, committed),
    readDeployment(name, normalized(snapshot)),
  )
  return differences.map((says) => ({ rule, where, says }))
}

/** What a parameter file deploys otherwise than another one, which it is to be the same as. */
export function sameFindings(
  { parameterFile }: Deployed,
  other: string,
  snapshot: string,
): readonly Finding[] {
  const [one, two] = [snapshot, other].map((each) => readDeployment('', normalized(each)))
  if (one === undefined || two === undefined) return []
  return differencesOf(two, one).map((says) => ({ rule: 'azd', where: parameterFile, says }))
}

function differencesOf(before: Deployment, after: Deployment): readonly string[] {
  const old = new Map(before.resources.map((resource) => [resource.id, resource]))
  const fresh = new Map(after.resources.map((resource) => [resource.id, resource]))
  const labels = [
    ...before.resources
      .filter(({ id }) => !fresh.has(id))
      .map(({ type, name }) => `${type} ${name} is gone`),
    ...after.resources
      .filter(({ id }) => !old.has(id))
      .map(({ type, name }) => `${type} ${name} is new`),
    ...after.resources.flatMap((resource) => {
      const earlier = old.get(resource.id)
      if (earlier === undefined) return []
      return changed('', earlier.text, resource.text).map(
        (change) => `${resource.type} ${resource.name}: ${change}`,
      )
    }),
    ...changed('output', before.outputs, after.outputs),
  ]
  return labels
}

/** Each leaf that differs, by its path. */
function changed(path: string, before: unknown, after: unknown): readonly string[] {
  if (isDeepStrictEqual(before, after)) return []
  if (!isRecord(before) || !isRecord(after)) {
    return [`${path} was ${short(before)}, is ${short(after)}`]
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) =>
    changed(path === '' ? name : `${path}.${name}`, before[name], after[name]),
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'not there'
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
