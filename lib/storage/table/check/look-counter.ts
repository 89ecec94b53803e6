import { bucketOfCounterKey, bucketRanges } from '../../keys.ts'
import { counterIn, countAction, type Counter } from '../counters.ts'
import { fromEntity } from '../entity.ts'
import type { KnownLevels } from '../level-columns.ts'
import { readRows, type ResourcePartition } from '../partition.ts'
import { writing } from './mending.ts'
import { steadily } from './steady.ts'
import type { Look, Problem, Suspect } from './suspect.ts'
import { areLevelsCounted, EMPTY, isCounted, peopleAt, tallied, type Tally } from './tally.ts'

/** A counter, and what it counts: each change of that writes it. */
export async function lookAtCounter(partition: ResourcePartition, { key }: Suspect): Promise<Look> {
  const looked = await steadily(async (reads) => {
    const row = await reads.row(partition, key)
    return { row, tally: await tallyOf(partition, key) }
  })
  if (looked === 'moving') return looked
  const { row, tally } = looked.seen
  const isLevelled = partition.layout.counted !== undefined
  const counter: Counter =
    row === undefined
      ? { rowKey: key, count: 0, levels: isLevelled ? new Map() : undefined }
      : counterIn(row)
  const problem = problemOf(counter, tally, isLevelled)
  if (problem === undefined) return undefined
  const right = {
    ...counter,
    count: tally.count,
    levels: rightLevels(counter.levels, tally, isLevelled),
  }
  return {
    problem,
    type: partition.resourceType.name,
    about: key,
    detail: detailOf(problem, counter, tally),
    mend: writing(partition, countAction(partition, right, 0)),
  }
}

async function tallyOf(partition: ResourcePartition, key: string): Promise<Tally> {
  const { layout, resourceType } = partition
  const ranges = bucketRanges(layout, bucketOfCounterKey(layout, key))
  const [first, last] = [ranges[0], ranges.at(-1)]
  if (first === undefined || last === undefined) return EMPTY
  let tally = EMPTY
  const range = { from: first.from, to: last.to }
  for await (const { rows } of readRows(partition, { range })) {
    for (const row of rows) {
      const stored = fromEntity(resourceType, row)
      if (stored !== undefined) tally = tallied(partition, tally, stored)
    }
  }
  return tally
}

function problemOf(counter: Counter, tally: Tally, isLevelled: boolean): Problem | undefined {
  if (!isCounted(counter, tally)) return 'counter wrong'
  if (isLevelled && counter.levels === undefined) return 'levels uncounted'
  return areLevelsCounted(counter.levels, tally) ? undefined : 'level count wrong'
}

/** A level that nobody has any more stays in the list, as it does when the last one leaves it. */
function rightLevels(known: KnownLevels, { levels }: Tally, isLevelled: boolean): KnownLevels {
  if (known === 'too many' || !isLevelled) return known
  const right = new Map([...levels].map(([fold, spellings]) => [fold, new Map(spellings)]))
  for (const [fold, spellings] of known ?? []) {
    const own = right.get(fold) ?? new Map<string, number>()
    for (const name of spellings.keys()) own.set(name, own.get(name) ?? 0)
    right.set(fold, own)
  }
  return right
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
