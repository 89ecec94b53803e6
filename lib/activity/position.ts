import { createHash } from 'node:crypto'
import type { ActivityEntry } from '../storage/activity-port.ts'
import { timeOf } from '../storage/journal-position.ts'

/** Seconds after its own time in which a change may still be committed. */
const LATENESS_SECONDS = 150

/** Marks of a position, unless what waits behind them wants more. */
export const MOST_MARKS = 300

/** Characters of a mark: 36 bits. */
const MARK_LENGTH = 6

const POSITION = new RegExp(String.raw`^(\d{1,15})\.((?:[\w-]{${MARK_LENGTH}}){0,1000})$`)

/** How far somebody has read who asks for what is new: what may still come late is told by what came already. */
export interface Position {
  /** Milliseconds since 1970: what is older was answered, or will not come any more. */
  readonly floor: number
  /** Of entries that are not older and were answered. */
  readonly marks: ReadonlySet<string>
}

/** Names an entry; a refusal that has come again is another one. */
export function markOf(entry: ActivityEntry): string {
  const { kind, position } = entry
  const which = kind === 'change' ? entry.table : String(entry.count)
  return digest(`${kind} ${position} ${which}`)
}

/** 36 bits of a text. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, MARK_LENGTH)
}

/** The floor below which nothing comes late any more. */
export function floorAt(now: Date): number {
  return Math.max(0, now.getTime() - LATENESS_SECONDS * 1000)
}

/**
 * The position behind entries that were answered. Where there are too many to be marked the floor moves up over the
 * oldest of them, but never over the ceiling.
 * @param before those that are marked already, which fit.
 * @param ceiling the time of the oldest entry that is still to be answered.
 */
export function positionBehind(
  answered: readonly ActivityEntry[],
  floor: number,
  {
    before = new Set<string>(),
    ceiling = Infinity,
  }: { readonly before?: ReadonlySet<string>; readonly ceiling?: number } = {},
): Position {
  const young = answered
    .filter((entry) => timeOf(entry) >= floor)
    .toSorted((one, other) => timeOf(other) - timeOf(one))
  const beyond = young[Math.max(0, MOST_MARKS - before.size)]
  const raised = beyond === undefined ? floor : Math.min(timeOf(beyond) + 1, ceiling)
  const marked = young.filter((entry) => timeOf(entry) >= raised).map(markOf)
  return { floor: raised, marks: new Set([...before, ...marked]) }
}

export function writePosition({ floor, marks }: Position): string {
  return `${floor}.${[...marks].join('')}`
}

/** Undefined for a text that is none. */
export function readPosition(text: string): Position | undefined {
  const [, floor, marks = ''] = POSITION.exec(text) ?? []
  if (floor === undefined) return undefined
  return { floor: Number(floor), marks: new Set(marks.match(/.{6}/g)) }
}
