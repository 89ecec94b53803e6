import { inParallel } from '../../in-parallel.ts'
import { prefixRange, rangeThrough, uniqueKey, type KeyRange } from '../keys.ts'
import { looseName, nameIndexOf, wordsOf } from '../team-names.ts'
import { countBefore, readTogether } from './membership-lookup.ts'
import { readAllRows, type Partition } from './partition.ts'
import { filled, text, type Row } from './row.ts'

const READS_AT_ONCE = 16
const COLUMNS: readonly string[] = ['RowKey', 'id', 'value']

/** A name, and where in the index of names those are that are like it. */
interface Wanted {
  readonly name: string
  readonly range: KeyRange
}

/** The index has no order that ignores blanks: all whose names begin with the same word are looked at. */
function wantedOf({ layout }: Partition, name: string): Wanted {
  const { index } = nameIndexOf(layout)
  const [first = '', ...others] = wordsOf(name)
  if (others.length > 0) return { name, range: prefixRange(index, first) }
  const key = uniqueKey(index, first)
  return { name, range: rangeThrough(key, key) }
}

/**
 * The ids of the groups whose names are as each of these, but for case and blanks. The names of many teams are spread over
 * the index: where the groups are few, all are read as one range.
 */
export async function groupsLike(
  partition: Partition,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const wanted = [...new Set(names)]
    .map((name) => wantedOf(partition, name))
    .toSorted((one, other) => (one.range.to < other.range.to ? -1 : 1))
  const found = new Map(wanted.map(({ name }): [string, Set<string>] => [name, new Set()]))
  const sameName = new Map<string, readonly Wanted[]>()
  for (const each of wanted) {
    const loose = looseName(each.name)
    sameName.set(loose, [...(sameName.get(loose) ?? []), each])
  }
  const note = (row: Row): void => {
    const key = text(row, 'rowKey')
    const like = sameName.get(looseName(filled(row, 'value') ?? '')) ?? []
    const own = like.filter(({ range }) => range.from <= key && key < range.to)
    for (const { name } of own) found.get(name)?.add(text(row, 'id'))
  }
  const complete = await readTogether(
    partition,
    { range: spanOf(wanted), select: COLUMNS },
    wanted.length,
    { note, completeAt: (row) => countBefore(wanted, isBefore(text(row, 'rowKey'))) },
  )
  await inParallel(wanted.slice(complete), READS_AT_ONCE, async ({ range }) => {
    for (const row of await readAllRows(partition, { range, select: COLUMNS })) note(row)
  })
  return new Map(
    [...found].flatMap(([name, ids]) => (ids.size === 0 ? [] : [[name, [...ids]] as const])),
  )
}

function isBefore(key: string): (wanted: Wanted) => boolean {
  return ({ range }) => range.to <= key
}

/** From the first to the last of them. */
function spanOf(wanted: readonly Wanted[]): KeyRange {
  const starts = wanted.map(({ range }) => range.from).toSorted()
  return { from: starts[0] ?? '', to: wanted.at(-1)?.range.to ?? '' }
}
