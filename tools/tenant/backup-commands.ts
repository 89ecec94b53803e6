import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackupParts, Report } from '../../lib/backup/backup-parts.ts'
import { exportRecords } from '../../lib/backup/export.ts'
import type { EndRecord } from '../../lib/backup/format.ts'
import { importTenant, type Imported } from '../../lib/backup/import.ts'
import { sealedLines } from '../../lib/backup/sealed.ts'
import { tenantTypes } from '../../lib/people/tenant-types.ts'
import { GROUP } from '../../lib/scim/default-resource-types.ts'
import { requireTenant } from '../../lib/tenants/tenants.ts'
import { UsageError } from '../command-line.ts'
import { allText, doneText, exportText, importText, isComplete } from './backup-text.ts'
import { checkImported } from './check-command.ts'
import { openBackup, receiveBackup, sendBackup, writeBackup } from './backup-files.ts'
import type { OptionValues } from './command-line.ts'
import type { Command, Workplace } from './commands.ts'
import { explain } from './explain.ts'
import { Interrupted, interruptible } from './interruption.ts'
import { untilUnreadable } from './unreadable.ts'

/** What tenants are exported and imported with, but for whoever asks for it. */
export type BackupTools = Omit<BackupParts, 'tenants' | 'typesOf'>

/** In place of a file: stdin or stdout. */
const STREAM = '-'

function partsOf({ backupParts, store, usersType }: Workplace): BackupParts {
  return { ...backupParts, tenants: store, typesOf: tenantTypes([usersType, GROUP]) }
}

const PROGRESS_MILLISECONDS = 100

/** Shows how far it is, so often that a person sees it. */
function reportTo({ progress }: Workplace, what: string): Report {
  let shown = 0
  return (done) => {
    const now = performance.now()
    if (now - shown < PROGRESS_MILLISECONDS) return
    shown = now
    progress(`${what}: ${doneText(done)}`)
  }
}

/** Writes a tenant into a file. @throws ScimError, UsageError */
const exportOne: Command = async (workplace, [id = ''], { out, ...options }) => {
  if (out === undefined || out === '')
    throw new UsageError('export needs --out FILE, or - for stdout')
  // A tenant that is not there leaves no file.
  await requireTenant(workplace.store, id)
  if (out !== STREAM) {
    const end = await exported(workplace, id, out, options)
    return { text: exportText(id, out, end), json: { tenant: { id }, file: out, ...told(end) } }
  }
  const lines = linesOf(workplace, id, options)
  const end = await sendBackup(lines, process.stdout)
  workplace.progress('')
  const json = { tenant: { id }, ...told(end) }
  return { text: exportText(id, 'stdout', end), json, onStderr: true }
}

function linesOf(
  workplace: Workplace,
  id: string,
  { 'with-credentials': withCredentials = false }: OptionValues,
): ReturnType<typeof sealedLines> {
  const report = reportTo(workplace, `export of ${id}`)
  const records = exportRecords(partsOf(workplace), id, { withCredentials, report })
  return sealedLines(untilUnreadable(id, records))
}

async function exported(
  workplace: Workplace,
  id: string,
  file: string,
  options: OptionValues,
): Promise<EndRecord> {
  try {
    return await writeBackup(file, linesOf(workplace, id, options))
  } finally {
    workplace.progress('')
  }
}

function told(end: EndRecord): Omit<EndRecord, 'kind'> {
  const { kind: _, ...shown } = end
  return shown
}

/** Writes every tenant into a file of its own; a failure is told, and is no end of it. @throws UsageError */
const exportAll: Command = async (workplace, _operands, { 'out-dir': folder, ...options }) => {
  if (folder === undefined || folder === '')
    throw new UsageError('export --all needs --out-dir DIR')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const tenants: unknown[] = []
  const failed: { readonly id: string; readonly why: string }[] = []
  for (const { id, status } of await workplace.store.list()) {
    if (status === 'deleting') continue
    const file = join(folder, `${id}.jsonl.gz`)
    try {
      const end = await exported(workplace, id, file, options)
      tenants.push({ tenant: { id }, file, ...told(end) })
      workplace.say(exportText(id, file, end))
    } catch (error) {
      if (error instanceof Interrupted) throw error
      const why = explain(error)
      failed.push({ id, why })
      workplace.say(`tenant ${id} is not exported: ${why}`)
    }
  }
  const ids = failed.map(({ id }) => id)
  return {
    text: allText(tenants.length, folder, ids),
    json: { exported: tenants, failed },
    ...(failed.length === 0 ? {} : { exitCode: 1 }),
  }
}

/** Brings a file into a tenant, and checks it. @throws ScimError, UsageError, Interrupted */
const importOne: Command = async (workplace, [id = ''], options) => {
  const { 'dry-run': dryRun = false } = options
  if (options.in === undefined || options.in === '')
    throw new UsageError('import needs --in FILE, or - for stdin')
  const file = options.in
  await requireTenant(workplace.store, id)
  const imported = await interruptible(
    dryRun
      ? 'the dry run was interrupted; nothing is written'
      : 'the import was interrupted; the same command with --resume goes on with it',
    async (signal) => importedFrom(workplace, id, file, { options, signal }),
  )
  const text = importText(id, imported, dryRun)
  const json = { tenant: { id }, dryRun, ...imported }
  const isWell = isComplete(imported)
  if (dryRun) return { text, json, ...(isWell ? {} : { exitCode: 1 }) }
  const checked = await checkImported(workplace, id)
  return {
    text: `${text}\n${checked.text}`,
    json: { ...json, check: checked.json },
    ...(isWell && checked.exitCode === undefined ? {} : { exitCode: 1 }),
  }
}

async function importedFrom(
  workplace: Workplace,
  id: string,
  file: string,
  { options, signal }: { readonly options: OptionValues; readonly signal: AbortSignal },
): Promise<Imported> {
  const { resume = false, 'dry-run': dryRun = false } = options
  const show = reportTo(workplace, `import into ${id}`)
  const opened =
    file === STREAM ? await receiveBackup(process.stdin, { signal }) : await openBackup(file)
  try {
    return await importTenant(partsOf(workplace), id, () => until(signal, opened.open()), {
      resume,
      withCredentials: options['with-credentials'] ?? false,
      dryRun,
      author: { actor: 'cli' },
      requestId: randomUUID(),
      report: (done) => {
        signal.throwIfAborted()
        show(done)
      },
    })
  } finally {
    workplace.progress('')
    await opened.close()
  }
}

async function* until(
  signal: AbortSignal,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    signal.throwIfAborted()
    yield chunk
  }
}

/** What each command of backups does. */
export const BACKUP_COMMANDS = {
  export: exportOne,
  'export --all': exportAll,
  import: importOne,
} as const satisfies Record<string, Command>
