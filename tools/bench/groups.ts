import { randomUUID } from 'node:crypto'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import type { BenchApp, Measured } from './backing.ts'
import { median } from './measure.ts'
import { formatNumber, formatTable, type Column } from './table.ts'

/** Members that are added at a time to fill a group. */
const CHUNK = 2000

const ROUNDS = 9
/** Reading tens of thousands of members takes its time. */
const LARGE = 10_000
const ROUNDS_OF_LARGE = 3

/** What is measured of each group, in this order. */
const COLUMNS: readonly Column[] = [
  'members',
  'add one (ms)',
  'calls',
  'remove one (ms)',
  'calls',
  'read without members (ms)',
  'calls',
  'read all (ms)',
  'calls',
  'KiB',
].map((title) => ({ title, align: 'right' as const }))

/**
 * What changing and reading groups of so many members takes, from the request as Entra sends it to the whole answer:
 * medians, and calls of the table service.
 * @param progress is told what is being done, as it takes minutes on tables.
 */
export async function benchGroups(
  app: BenchApp,
  sizes: readonly number[],
  progress: (text: string) => void,
): Promise<string> {
  const rows: string[][] = []
  for (const size of sizes) {
    progress(`filling a group with ${formatNumber(size)} members …`)
    const path = `/Groups/${await createGroup(app, size)}`
    progress('measuring …')
    rows.push([size.toLocaleString('en-US'), ...(await measureGroup(app, path, size))])
  }
  return formatTable(COLUMNS, rows)
}

/** A group filled by requests as large as clients send; its members are ids of nobody, which makes no difference here. */
async function createGroup({ send }: BenchApp, size: number): Promise<string> {
  const displayName = `Group of ${size}`
  const created = await send('POST', '/Groups', { schemas: [URN.group], displayName })
  const answer: unknown = JSON.parse(Buffer.from(created.body).toString())
  const id = hasId(answer) ? answer.id : undefined
  if (created.status !== 201 || id === undefined) throw new Error(`creating it: ${created.status}`)
  for (let at = 0; at < size; at += CHUNK) {
    const members = Array.from({ length: Math.min(CHUNK, size - at) }, () => randomUUID())
    const { status } = await send('PATCH', `/Groups/${id}`, changeOf('Add', members))
    if (status !== 204) throw new Error(`filling it: ${status}`)
  }
  return id
}

/** As Entra writes it. */
function changeOf(op: 'Add' | 'Remove', members: readonly string[]): unknown {
  const value = members.map((member) => ({ $ref: null, value: member }))
  return { schemas: [MESSAGE.patchOp], Operations: [{ op, path: 'members', value }] }
}

function hasId(answer: unknown): answer is { readonly id: string } {
  return (
    typeof answer === 'object' && answer !== null && 'id' in answer && typeof answer.id === 'string'
  )
}

async function measureGroup({ send }: BenchApp, path: string, size: number): Promise<string[]> {
  const change = (op: 'Add' | 'Remove', member: string): Promise<Measured> =>
    send('PATCH', path, changeOf(op, [member]))
  const members = Array.from({ length: ROUNDS + 1 }, randomUUID)
  const reads = size >= LARGE ? ROUNDS_OF_LARGE : ROUNDS
  const added = await inTurn(members, 204, (member) => change('Add', member))
  const removed = await inTurn(members, 204, (member) => change('Remove', member))
  const withoutMembers = await inTurn(members, 200, () =>
    send('GET', `${path}?excludedAttributes=members`),
  )
  const whole = await inTurn(members.slice(0, reads + 1), 200, () => send('GET', path))
  const kilobytes = (whole[0]?.body.length ?? 0) / 1024
  return [added, removed, withoutMembers, whole].flatMap(medians).concat(formatNumber(kilobytes))
}

/** Does the same with each value; the first time is to warm up and does not count. */
async function inTurn(
  values: readonly string[],
  status: number,
  work: (value: string) => Promise<Measured>,
): Promise<readonly Measured[]> {
  const all: Measured[] = []
  for (const value of values) all.push(await work(value))
  const other = all.find((each) => each.status !== status)
  if (other !== undefined) throw new Error(`${other.status} came instead of ${status}`)
  return all.slice(1)
}

function medians(all: readonly Measured[]): string[] {
  const milliseconds = median(all.map((each) => each.milliseconds))
  const calls = median(all.map((each) => each.calls))
  return [formatNumber(milliseconds), calls === 0 ? '–' : formatNumber(calls)]
}
