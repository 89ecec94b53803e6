import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  FORMAT,
  MEMBERS_OF_LINE,
  type BackupRecord,
  type EndRecord,
} from '../../lib/backup/format.ts'
import { sealedLines, type Ending } from '../../lib/backup/sealed.ts'
import { GROUP } from '../../lib/scim/default-resource-types.ts'
import { idOf } from '../../lib/scim/resource-id.ts'
import { URN } from '../../lib/scim/urn.ts'
import { writeBackup } from '../tenant/backup-files.ts'
import { formatNumber, formatTable, type Column } from './table.ts'

const GROUPS = 4
const MEMBERS = 5000

const COLUMNS: readonly Column[] = [
  'users',
  'members',
  'file (KiB)',
  'export (s)',
  'peak (MiB)',
  'import (s)',
  'peak (MiB)',
].map((title) => ({ title, align: 'right' as const }))

/** Has the process say at its end how much memory it had at most, in KiB. */
const TELL_PEAK =
  'data:text/javascript,process.on("exit",()=>process.stderr.write(`peak ${process.resourceUsage().maxRSS}\\n`))'

/** Where the files are, and the tables. */
interface BackupPlace {
  readonly directory: string
  readonly connectionString: string
}

/**
 * What export and import of tenants with so many users take, by the command line.
 * @param progress is told what is being done, as it takes minutes.
 */
export async function benchBackup(
  place: BackupPlace,
  sizes: readonly number[],
  progress: (text: string) => void,
): Promise<string> {
  const rows: string[][] = []
  for (const size of sizes) {
    const users = size.toLocaleString('en-US')
    const [made, file] = [join(place.directory, 'made.gz'), join(place.directory, 'out.gz')]
    const tenant = `bench-${size}`
    await writeBackup(made, sealedLines(invented(size)))
    await run(place, ['create', tenant])
    progress(`importing ${users} users …`)
    const imported = await run(place, ['import', tenant, '--in', made])
    progress(`exporting ${users} users …`)
    const exported = await run(place, ['export', tenant, '--out', file])
    progress('')
    const kibibytes = (await stat(file)).size / 1024
    rows.push([
      users,
      (GROUPS * Math.min(MEMBERS, size)).toLocaleString('en-US'),
      formatNumber(kibibytes),
      ...[exported, imported].flatMap(({ seconds, mebibytes }) => [
        formatNumber(seconds),
        formatNumber(mebibytes),
      ]),
    ])
  }
  return formatTable(COLUMNS, rows)
}

/** A tenant that nobody has, as an export would have it. */
async function* invented(size: number): AsyncGenerator<Exclude<BackupRecord, EndRecord>, Ending> {
  const now = new Date().toISOString()
  const stamp = { version: 'bench', created: now, lastModified: now }
  const tenant = { id: 'bench', name: 'Benchmark', settings: {}, definitions: [] }
  yield { kind: 'tenant', format: FORMAT, exported: now, ...tenant }
  const ids = Array.from({ length: size }, () => randomUUID()).toSorted()
  for (const [n, id] of ids.entries()) {
    const content = {
      userName: `user${n}@bench.example`,
      externalId: randomUUID(),
      active: true,
      displayName: `User ${n}`,
      name: { familyName: `Family ${n % 500}`, givenName: `Given ${n % 300}` },
      emails: [{ value: `user${n}@bench.example`, type: 'work', primary: true }],
      [URN.enterpriseUser]: { employeeNumber: `P-${n}`, department: `Department ${n % 40}` },
    }
    yield { kind: 'user', id, ...stamp, content }
  }
  const groupIds = Array.from({ length: GROUPS }, () => idOf(GROUP, randomUUID())).toSorted()
  for (const [n, id] of groupIds.entries()) {
    yield { kind: 'group', id, group: { ...stamp, content: { displayName: `Group ${n}` } } }
    const members = ids.slice(0, MEMBERS)
    for (let at = 0; at < members.length; at += MEMBERS_OF_LINE) {
      yield { kind: 'members', of: id, users: members.slice(at, at + MEMBERS_OF_LINE) }
    }
  }
  return { passes: 0, whole: true }
}

interface Took {
  readonly seconds: number
  readonly mebibytes: number
}

async function run({ connectionString }: BackupPlace, args: readonly string[]): Promise<Took> {
  const line = ['--import', TELL_PEAK, 'tools/tenant.ts', ...args]
  const env = { ...process.env, TABLES_CONNECTION_STRING: connectionString, TABLES_ENDPOINT: '' }
  const started = performance.now()
  const err = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, line, { env }, (error, _out, text) => {
      if (error === null) resolve(text)
      else reject(new Error(text, { cause: error }))
    })
  })
  const peak = Number(/^peak (\d+)$/m.exec(err)?.[1])
  return { seconds: (performance.now() - started) / 1000, mebibytes: peak / 1024 }
}
