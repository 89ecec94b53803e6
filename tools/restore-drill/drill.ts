import { join } from 'node:path'
import { StartError } from '../local-host/lifetime.ts'
import { countsText, leftLines } from '../tenant/backup-text.ts'
import { printable } from '../tenant/text.ts'
import { differencesOf } from './differences.ts'
import { type Counts, expectedCounts, firstLine, lastLine } from './expected.ts'
import { restored, type TenantCommand } from './restored.ts'

/** Where the tenant is restored to. */
export interface Scratch {
  /** A folder for the copy. */
  readonly folder: string
  /** Makes an empty tenant. */
  readonly createTenant: (id: string) => Promise<void>
  /** Runs a command of `npm run tenant` on it. @throws StartError when it fails */
  readonly tenant: TenantCommand
  readonly say: (line: string) => void
}

/**
 * Restores a tenant from its file, which the import checks, and exports it again: the copy must have as many of each kind as the
 * file, but for what the import has left out of a file that is not whole.
 * @returns what was restored, in a line.
 * @throws StartError with what is not as it has to be
 */
export async function drill(file: string, scratch: Scratch): Promise<string> {
  const { folder, createTenant, tenant, say } = scratch
  const { id } = await firstLine(file)
  const { whole, counts } = await lastLine(file)
  const withCredentials = (counts['credentials'] ?? 0) > 0
  if (!whole) {
    say(
      `${file} lacks some of what has changed while it was written; what does not fit may be left out`,
    )
  }
  if (!withCredentials) say(`${file} has no credentials: ${id} is restored without`)
  const expected = await expectedCounts(file)
  const started = performance.now()
  await createTenant(id)
  const leftOut = await restored(tenant, { id, file, whole, withCredentials })
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  for (const line of leftLines(leftOut)) say(printable(line))
  say(`${id} is restored in ${seconds} s, and consistent; it is exported again`)
  const copy = join(folder, 'copy.jsonl.gz')
  const options = withCredentials ? ['--with-credentials'] : []
  await tenant(['export', id, '--out', copy, ...options])
  const end = await lastLine(copy)
  const differences = differencesOf(expected, end.counts, leftOut)
  if (differences.length > 0) {
    throw new StartError(
      `${id} was restored otherwise than it is in ${file}: ${differences.join('; ')}`,
    )
  }
  return `${id} was restored in ${seconds} s and is consistent: ${inWords(end.counts)}`
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
