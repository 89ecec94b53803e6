import { ScimError } from '../../lib/scim/errors.ts'
import {
  findOrphans,
  type FoundOrphan,
  ORPHAN_HOURS,
  removeOrphan,
} from '../../lib/tenants/orphans.ts'
import { deleteTenant } from '../../lib/tenants/tenants.ts'
import type { OptionValues } from './command-line.ts'
import type { Workplace } from './commands.ts'
import { counted } from './counted.ts'
import { columns, minute, type Outcome } from './text.ts'

const MINUTE = 60 * 1000

/** What there is to do. */
interface Work {
  /** Ids of tenants whose deletion was begun. */
  readonly deleting: readonly string[]
  /** Orphans that were found often enough. */
  readonly removable: readonly FoundOrphan[]
}

/**
 * Lists what deletions have left: tenants that are being deleted, and partitions that no tenant owns. After a question it
 * finishes the first and removes those of the second that were found so ORPHAN_HOURS ago already.
 * @throws ScimError `forbidden` when the answer is another than yes.
 */
export async function sweepOrphans(
  workplace: Workplace,
  { yes = false }: OptionValues,
): Promise<Outcome> {
  const { store, say, now } = workplace
  const { orphans, foreign } = await findOrphans(workplace, now())
  const tenants = await store.list()
  const work: Work = {
    deleting: tenants.filter(({ status }) => status === 'deleting').map(({ id }) => id),
    removable: orphans.filter(({ removable }) => removable),
  }
  for (const line of listing(work.deleting, orphans, foreign)) say(line)
  const wanted = work.deleting.length > 0 || work.removable.length > 0
  const mayDo = wanted && (yes || (await confirmed(workplace, work)))
  const done = mayDo ? await carryOut(workplace, work) : NOTHING
  const text = mayDo ? doneText(done) : undoneText(wanted, orphans)
  return { text, json: { orphans, foreign, deleting: work.deleting, ...done } }
}

/** What was done. */
interface Done {
  readonly finished: readonly string[]
  readonly removed: readonly string[]
  readonly rows: number
}

const NOTHING: Done = { finished: [], removed: [], rows: 0 }

async function carryOut(workplace: Workplace, { deleting, removable }: Work): Promise<Done> {
  const { store, erase, settle, say, now } = workplace
  let rows = 0
  for (const id of deleting) {
    rows += await deleteTenant(store, id, {
      erase,
      settle: async (seconds) => {
        say(`${id}: waiting ${String(seconds)} s until no request can still run for it`)
        await settle(seconds)
      },
    })
  }
  const removed: string[] = []
  for (const orphan of removable) {
    const of = await removeOrphan(workplace, orphan, now())
    if (of > 0) removed.push(orphan.partitionKey)
    rows += of
  }
  return { finished: deleting, removed, rows }
}

async function confirmed({ ask }: Workplace, { deleting, removable }: Work): Promise<boolean> {
  if (ask === undefined) return false
  const tasks = [
    deleting.length === 0
      ? ''
      : `finish ${counted(deleting.length, 'deletion')} (${deleting.join(', ')})`,
    removable.length === 0
      ? ''
      : `remove ${counted(removable.length, 'partition')} with ${counted(rowsIn(removable), 'row')}`,
  ]
  const answer = await ask(`Type yes to ${tasks.filter(Boolean).join(' and to ')}: `)
  if (answer.trim() !== 'yes') throw new ScimError('forbidden', 'nothing is removed')
  return true
}

function listing(
  deleting: readonly string[],
  orphans: readonly FoundOrphan[],
  foreign: readonly string[],
): string[] {
  const lines = deleting.map((id) => `tenant ${id}: its deletion was begun and is not finished`)
  if (orphans.length > 0) {
    const rows = orphans.map(({ partitionKey, rows: of, found, removable, removableFrom }) => [
      partitionKey,
      String(of),
      minute(found),
      removable ? 'now' : minute(roundedUp(removableFrom)),
    ])
    lines.push(columns([['PARTITION', 'ROWS', 'FIRST FOUND', 'REMOVABLE'], ...rows]))
  }
  if (foreign.length > 0) {
    const whose = 'of another making, which stay as they are'
    lines.push(`there are also ${counted(foreign.length, 'partition')} ${whose}`)
  }
  return lines
}

/** To the minute; before it is over nothing can be removed yet. */
function roundedUp(dateTime: string): string {
  const milliseconds = Date.parse(dateTime)
  if (Number.isNaN(milliseconds)) return dateTime
  return new Date(Math.ceil(milliseconds / MINUTE) * MINUTE).toISOString()
}

function undoneText(wanted: boolean, orphans: readonly FoundOrphan[]): string {
  if (wanted) return 'nothing is removed, as nobody can be asked; --yes removes what can be'
  if (orphans.length === 0) return 'every partition that this endpoint made has its tenant'
  return `nothing is removed: a partition must be found without a tenant twice, ${String(ORPHAN_HOURS)} hours apart`
}

function doneText({ finished, removed, rows }: Done): string {
  const parts = [
    counted(finished.length, 'deletion') + ' finished',
    counted(removed.length, 'partition') + ' removed',
  ]
  return `${parts.join(', ')}, ${counted(rows, 'row')} in all`
}

function rowsIn(orphans: readonly FoundOrphan[]): number {
  return orphans.reduce((sum, { rows }) => sum + rows, 0)
}
