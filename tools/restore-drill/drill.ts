import { basename, join } from 'node:path'
import { StartError } from '../local-host/lifetime.ts'
import { countsText } from '../tenant/backup-text.ts'
import { type Counts, expectedCounts, lastLine } from './expected.ts'

/** Where the tenant is restored to. */
export interface Scratch {
  /** A folder for the copy. */
  readonly folder: string
  /** Makes an empty tenant. */
  readonly createTenant: (id: string) => Promise<void>
  /** Runs a command of `npm run tenant` on it. @throws StartError when it fails */
  readonly tenant: (args: readonly string[]) => Promise<void>
  readonly say: (line: string) => void
}

/** What a file of a backup is called. */
const FILE = /^([a-z0-9-]{1,32})\.jsonl\.gz$/

/**
 * Restores a tenant from its file, which the import checks, and exports it again: the copy must have as many of each kind as the file.
 * @returns what was restored, in a line.
 * @throws StartError with what is not as it has to be
 */
export async function drill(file: string, scratch: Scratch): Promise<string> {
  const { folder, createTenant, tenant, say } = scratch
  const id = tenantOf(file)
  const { whole } = await lastLine(file)
  if (!whole) say(`${file} lacks some of what has changed while it was written`)
  const expected = await expectedCounts(file)
  const started = performance.now()
  await createTenant(id)
  await tenant(['import', id, '--in', file, '--with-credentials'])
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  say(`${id} is restored in ${seconds} s, and consistent; it is exported again`)
  const copy = join(folder, `copy-${basename(file)}`)
  await tenant(['export', id, '--out', copy, '--with-credentials'])
  const differences = differencesOf(expected, (await lastLine(copy)).counts)
  if (differences.length > 0) {
    throw new StartError(
      `${id} was restored otherwise than it is in ${file}: ${differences.join('; ')}`,
    )
  }
  return `${id} was restored in ${seconds} s and is consistent: ${inWords(expected)}`
}

function tenantOf(file: string): string {
  const [, id] = FILE.exec(basename(file)) ?? []
  if (id !== undefined) return id
  throw new StartError(`${file} must be called as its tenant: <id>.jsonl.gz`)
}

/** Lines that say that something is gone are no part of what is there. */
function differencesOf(expected: Counts, restored: Counts): readonly string[] {
  const kinds = [...new Set([...Object.keys(expected), ...Object.keys(restored)])]
  return kinds
    .filter((kind) => kind !== 'removed')
    .filter((kind) => (expected[kind] ?? 0) !== (restored[kind] ?? 0))
    .map((kind) => `${kind} ${restored[kind] ?? 0}, not ${expected[kind] ?? 0}`)
}

function inWords(counts: Counts): string {
  const of = (kind: string): number => counts[kind] ?? 0
  return countsText({
    users: of('users'),
    hidden: of('hidden'),
    groups: of('groups'),
    teams: of('teams'),
    members: of('members'),
    membersByHand: of('membersByHand'),
    credentials: of('credentials'),
  })
}
