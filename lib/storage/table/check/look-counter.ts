import { withEmpty } from '../../levels.ts'
import { countAction, counterAt, countedBy, type Counter } from '../counters.ts'
import type { KnownLevels } from '../level-columns.ts'
import type { ResourcePartition } from '../partition.ts'
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
  const counter = counterAt(partition, key, row)
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
  let tally = EMPTY
  for await (const stored of countedBy(partition, key)) tally = tallied(partition, tally, stored)
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
