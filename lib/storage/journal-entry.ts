import type { ActivityEntry, ActivityQuery, ChangeEntry } from './activity-port.ts'
import { timeOf } from './journal-position.ts'
import { idPart, MAX_ID_PART } from './key-text.ts'
import type { MemberChange } from './member-parts.ts'
import type { Change, JournalNote } from './port.ts'

/** What the journal keeps of a change, in whatever table it is. */
export type JournalFacts = Omit<ChangeEntry, 'kind' | 'table'>

/** Half of a surrogate pair: neither a service that keeps UTF-8 nor a URL can have it. */
const LONE_SURROGATE = /\p{Surrogate}/gu

/** An id as journals have it: of up to 8,192 characters a transaction with 47 members could not take them once more. */
function journaledId(id: string): string {
  const isShort = JSON.stringify(id).length - '""'.length <= MAX_ID_PART
  return isShort && id.search(LONE_SURROGATE) === -1 ? id : idPart(id)
}

/** A name as it is compared with others. */
export function foldedName(name: string): string {
  return name.replaceAll(LONE_SURROGATE, '\uFFFD').toLowerCase()
}

/**
 * What the journal is told of a change.
 * @param moving the members that its transaction really moves.
 */
export function factsOf(
  { position, stamp, operation, requestId, author, note, at = stamp.lastModified }: Change,
  moving: readonly MemberChange[] = [],
): JournalFacts {
  const { version } = stamp
  return {
    ...journaledNote(note),
    position,
    at,
    operation,
    version,
    requestId,
    author,
    ...namedOnes('added', moving, 'present'),
    ...namedOnes('removed', moving, 'absent'),
  }
}

function journaledNote({ subject, cause, ...note }: JournalNote): JournalNote {
  const { changed = [], cleared = [], ignored = [], ...others } = note
  return {
    ...others,
    subject: journaledId(subject),
    ...(cause === undefined ? {} : { cause: journaledId(cause) }),
    ...(changed.length === 0 ? {} : { changed }),
    ...(cleared.length === 0 ? {} : { cleared }),
    ...(ignored.length === 0 ? {} : { ignored }),
  }
}

function namedOnes(
  name: 'added' | 'removed',
  moving: readonly MemberChange[],
  moved: MemberChange['to'],
): Pick<JournalFacts, 'added' | 'removed'> {
  const ids = moving.filter(({ to }) => to === moved).map(({ member }) => journaledId(member.value))
  return ids.length === 0 ? {} : { [name]: ids }
}

/** Whether an entry is one that a query asks for, but for its place. */
export function isWanted(
  entry: ActivityEntry,
  { since = -Infinity, until = Infinity, outcome, withLosses = false, about }: ActivityQuery,
): boolean {
  const { kind } = entry
  if (!withLosses && isLoss(entry)) return false
  if (outcome !== undefined && outcome !== (kind === 'change' ? 'changed' : 'refused')) return false
  const at = timeOf(entry)
  if (at < since || at > until) return false
  return about === undefined || isAbout(entry, about)
}

/** What members have lost with the group that was deleted. */
function isLoss(entry: ActivityEntry): boolean {
  return entry.kind === 'change' && entry.operation === 'members' && entry.cause === entry.subject
}

function isAbout(
  entry: ActivityEntry,
  { ids, names }: Exclude<ActivityQuery['about'], undefined>,
): boolean {
  const wanted = new Set(ids.flatMap(formsOfId))
  const named = (name: string | undefined): boolean =>
    name !== undefined && names.some((each) => foldedName(each) === foldedName(name))
  if (entry.kind === 'refusal') {
    const { subject, isId = false } = entry
    if (subject === undefined) return false
    return isId ? wanted.has(subject) : named(subject)
  }
  const { subject, name, added = [], removed = [] } = entry
  return [subject, ...added, ...removed].some((id) => wanted.has(id)) || named(name)
}

/** Characters of the subject of a refusal. */
const LONGEST_SUBJECT = 200

/** What rows may have of an id: refusals have those that were sent, which may be none of ours. */
export function formsOfId(id: string): readonly string[] {
  const journaled = journaledId(id)
  return journaled === id || id.length > LONGEST_SUBJECT ? [journaled] : [id, journaled]
}
