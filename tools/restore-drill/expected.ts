import { StartError } from '../local-host/lifetime.ts'
import { type EndLine, type Line, linesOf, type TenantLine } from './lines.ts'

/** How many there are of each kind; the names are those of the last line. */
export type Counts = Readonly<Record<string, number>>

/**
 * What a copy of the tenant has, by the lines of its file alone. Where nothing has changed while it was written the last line says
 * so; what was written again stands for all before it.
 */
export async function expectedCounts(file: string): Promise<Counts> {
  const end = await lastLine(file)
  if (end.passes === 0) return end.counts
  const last = await lastLines(file)
  const counts = new Map(Object.keys(end.counts).map((kind) => [kind, 0]))
  let number = 0
  let isCounted = true
  let members = new Set<string>()
  for await (const line of linesOf(file)) {
    number += 1
    if (line.kind === 'group') members = new Set()
    const key = keyOf(line)
    if (key !== undefined) isCounted = (last.get(key)?.number ?? number) === number
    if (line.kind === 'credential') isCounted = true
    if (!isCounted) continue
    for (const [kind, more] of countsOf(line, { last, members })) {
      counts.set(kind, (counts.get(kind) ?? 0) + more)
    }
  }
  return Object.fromEntries(counts)
}

/** @throws StartError for a file that is cut off. */
export async function lastLine(file: string): Promise<EndLine> {
  let last: Line | undefined
  for await (const line of linesOf(file)) last = line
  if (last?.kind === 'end') return last
  throw new StartError(`${file} is no export: its last line is missing`)
}

/** @throws StartError for a file that does not begin with a tenant. */
export async function firstLine(file: string): Promise<TenantLine> {
  for await (const line of linesOf(file)) {
    if (line.kind === 'tenant') return line
    break
  }
  throw new StartError(`${file} is no export: its first line is of no tenant`)
}

/** The last line about what was written again, and whether it says that it is gone. */
type LastLines = ReadonlyMap<string, { readonly number: number; readonly isGone: boolean }>

async function lastLines(file: string): Promise<LastLines> {
  const last = new Map<string, { number: number; isGone: boolean }>()
  let number = 0
  let isAgain = false
  for await (const line of linesOf(file)) {
    number += 1
    isAgain ||= line.kind === 'pass'
    const key = keyOf(line)
    if (isAgain && key !== undefined) last.set(key, { number, isGone: line.kind === 'removed' })
  }
  return last
}

function keyOf(line: Line): string | undefined {
  if (line.kind === 'removed') return `${line.of} ${line.id}`
  return line.kind === 'user' || line.kind === 'group' ? `${line.kind} ${line.id}` : undefined
}

/** What a line is counted by. */
interface Known {
  readonly last: LastLines
  /** Of the group so far: who comes and goes meanwhile may be named again. */
  readonly members: Set<string>
}

function countsOf(line: Line, known: Known): readonly (readonly [kind: string, more: number])[] {
  const there = (by: 'user' | 'group' | 'byHand', ids: readonly string[]): number =>
    ids.filter((id) => isThere(known, by, id)).length
  if (line.kind === 'user') return [[line.hidden === true ? 'hidden' : 'users', 1]]
  if (line.kind === 'group') {
    return [
      ['groups', line.group === undefined ? 0 : 1],
      ['teams', line.team === undefined ? 0 : 1],
    ]
  }
  if (line.kind === 'members') {
    return [
      ['members', there('user', line.users) + there('group', line.groups)],
      ['membersByHand', there('byHand', line.byHand)],
    ]
  }
  return line.kind === 'credential' ? [['credentials', 1]] : []
}

function isThere({ last, members }: Known, by: 'user' | 'group' | 'byHand', id: string): boolean {
  const named = `${by} ${id}`
  if (members.has(named)) return false
  members.add(named)
  return last.get(`${by === 'group' ? 'group' : 'user'} ${id}`)?.isGone !== true
}
