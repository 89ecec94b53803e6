import { withEmpty } from '../../levels.ts'
import { UnreadableRow } from '../../unreadable-row.ts'
import { countAction, counterAt, countedRows, type Counter } from '../counters.ts'
import { isTombstone } from '../entity.ts'
import { levelsIn, type KnownLevels } from '../level-columns.ts'
import type { ResourcePartition } from '../partition.ts'
import { text, type Row } from '../row.ts'
import { unreadable } from './look-unreadable.ts'
import { writing } from './mending.ts'
import { resourceIn, tried } from './readable.ts'
import { steadily } from './steady.ts'
import type { Found, Look, Problem, Suspect } from './suspect.ts'
import { areLevelsCounted, EMPTY, isCounted, peopleAt, tallied, type Tally } from './tally.ts'

/** A counter, and what it counts: each change of that writes it. */
export async function lookAtCounter(partition: ResourcePartition, { key }: Suspect): Promise<Look> {
  const looked = await steadily(async (reads) => {
    const row = await reads.row(partition, key)
    return { row, tally: await tallyOf(partition, key) }
  })
  if (looked === 'moving') return looked
  const { row, tally } = looked.seen
  const counter = tried(() => counterAt(partition, key, row))
  if (counter instanceof UnreadableRow) {
    return row && unreadableCounter(partition, row, counter, tally)
  }
  const problem = problemOf(counter, tally, partition.layout.counted !== undefined)
  if (problem === undefined) return undefined
  return {
    problem,
    type: partition.resourceType.name,
    about: key,
    detail: detailOf(problem, counter, tally),
    ...mending(partition, counter, tally),
  }
}

async function tallyOf(partition: ResourcePartition, key: string): Promise<Tally> {
  let tally = EMPTY
  for await (const row of countedRows(partition, key)) {
    if (isTombstone(row)) continue
    const stored = tried(() => resourceIn(partition, row))
    tally = tallied(partition, tally, stored instanceof UnreadableRow ? undefined : stored)
  }
  return tally
}

/** What a counter counts tells all that it should say, but for who is at which level while nobody can read one of them. */
function unreadableCounter(
  partition: ResourcePartition,
  row: Row,
  error: UnreadableRow,
  tally: Tally,
): Found {
  const rowKey = text(row, 'rowKey')
  const levels = tried(() => levelsIn(row))
  const isLost = levels instanceof UnreadableRow
  const counter = { rowKey, count: 0, levels: isLost ? new Map() : levels, etag: text(row, 'etag') }
  return {
    ...unreadable(partition.resourceType.name, rowKey, error),
    ...(isLost && tally.unreadable > 0 ? {} : mending(partition, counter, tally)),
  }
}

function mending(
  partition: ResourcePartition,
  counter: Counter,
  tally: Tally,
): Pick<Found, 'mend'> {
  const isLevelled = partition.layout.counted !== undefined
  const levels = rightLevels(counter.levels, tally, isLevelled)
  const right = { ...counter, count: tally.count, levels }
  return { mend: writing(partition, countAction(partition, right, 0)) }
}

function problemOf(counter: Counter, tally: Tally, isLevelled: boolean): Problem | undefined {
  if (!isCounted(counter, tally)) return 'counter wrong'
  if (isLevelled && counter.levels === undefined) return 'levels uncounted'
  return areLevelsCounted(counter.levels, tally) ? undefined : 'level count wrong'
}

/**
 * A level that nobody has any more stays in the list, as it does when the last one leaves it. What nobody can count is left as it
 * is.
 */
function rightLevels(
  known: KnownLevels,
  { levels, unreadable: lost }: Tally,
  isLevelled: boolean,
): KnownLevels {
  if (known === 'too many' || !isLevelled || lost > 0) return known
  return withEmpty(levels, known ?? new Map())
}

/** Numbers alone: the name of a level may be what somebody is called. */
function detailOf(problem: Problem, { count, levels }: Counter, tally: Tally): string {
  if (problem === 'counter wrong') return `${String(count)} counted, ${String(tally.count)} there`
  const known = typeof levels === 'object' ? levels : EMPTY.levels
  const [had, has] = [known, tally.levels].map((each) =>
    [...each.values()].reduce((sum, spellings) => sum + peopleAt(spellings), 0),
  )
  return `${String(had)} counted at levels, ${String(has)} there`
}
