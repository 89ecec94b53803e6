import type { TransactionAction } from '@azure/data-tables'
import { inParallel } from '../../in-parallel.ts'
import { ScimError } from '../../scim/errors.ts'
import type { StoredResource } from '../../scim/resource.ts'
import { counterRange, counterRanges } from '../keys.ts'
import {
  countedValue,
  levelAt,
  levelOf,
  movedLevels,
  summedLevels,
  withEmpty,
  type LevelCounts,
  type LevelMove,
} from '../levels.ts'
import type { Level, Levels } from '../people-port.ts'
import { countAction, countedBy, counterIn, readCounter, type Counter } from './counters.ts'
import { isUncounted } from './level-columns.ts'
import { readAllRows, readRow, type ResourcePartition } from './partition.ts'
import { text } from './row.ts'
import { submit, untilDecided, type Attempt } from './transaction.ts'

/** Counters that are worked on at the same time. */
const AT_ONCE = 8

type Attributes = StoredResource['attributes']

/** What a change means for the levels. */
export function levelMove(
  { layout, resourceType }: ResourcePartition,
  before: Attributes | undefined,
  after: Attributes | undefined,
): LevelMove {
  return {
    from: before && levelOf(layout, resourceType, before),
    to: after && levelOf(layout, resourceType, after),
  }
}

/** Whether anything is to be counted: another spelling of a level, too. */
function isMove({ from, to }: LevelMove): boolean {
  return from?.name !== to?.name
}

/**
 * Counts a resource at another level. Its counter is written also where that does not know levels yet: whoever counts them
 * has to see that something has changed.
 */
export async function levelRows(
  partition: ResourcePartition,
  { id, attributes: before }: StoredResource,
  after: Attributes,
): Promise<readonly TransactionAction[]> {
  const move = levelMove(partition, before, after)
  if (!isMove(move)) return []
  return [countAction(partition, await readCounter(partition, id), 0, move)]
}

/** All counters, in ranges that are read side by side. */
async function allCounters(partition: ResourcePartition): Promise<readonly Counter[]> {
  const rows = await Promise.all(
    counterRanges(partition.layout).map((range) => readAllRows(partition, { range })),
  )
  return rows.flat().map(counterIn)
}

function known(counters: readonly Counter[]): {
  readonly all: readonly LevelCounts[]
  readonly complete: boolean
} {
  const all = counters.flatMap(({ levels }) => (typeof levels === 'object' ? [levels] : []))
  return { all, complete: all.length === counters.length }
}

/** See `Levels.levels`. */
export async function readLevels(
  partition: ResourcePartition,
): Promise<Awaited<ReturnType<Levels['levels']>>> {
  const { all, complete } = known(await allCounters(partition))
  return { levels: summedLevels(all), complete }
}

/** See `Levels.deleteLevel`. A counter that somebody has written meanwhile is looked at again: somebody may have the level. */
export async function deleteLevel(
  partition: ResourcePartition,
  name: string,
): Promise<Level | undefined> {
  const { layout, resourceType, deadline } = partition
  const value = countedValue(layout, resourceType, name)
  if (value === undefined) return undefined
  const { fold } = value
  let empty: Level | undefined
  return untilDecided(deadline, fold, async (): Promise<Attempt<Level | undefined>> => {
    const counters = await allCounters(partition)
    const { all, complete } = known(counters)
    if (!complete) throw stillCounting()
    const level = levelAt(fold, all)
    if (level === undefined || level.people > 0) return { result: level ?? empty }
    empty = level
    const lost = await inParallel(counters, AT_ONCE, (each) => without(partition, each, fold))
    const again = lost.find((error) => error !== undefined)
    return again === undefined ? { result: level } : { again }
  })
}

function stillCounting(): ScimError {
  return new ScimError(
    'mutability',
    'People who were there before are still being counted, or there are too many levels to be counted. Try again later.',
  )
}

/** @returns why it was not written. */
async function without(
  partition: ResourcePartition,
  counter: Counter,
  fold: string,
): Promise<unknown> {
  const { levels } = counter
  if (typeof levels !== 'object' || !levels.has(fold)) return undefined
  const rest = new Map([...levels].filter(([each]) => each !== fold))
  const outcome = await submit(partition, [countAction(partition, { ...counter, levels: rest }, 0)])
  return outcome.committed ? undefined : outcome.error
}

/**
 * Counts the levels of people whose counters do not know them, or not all spellings: on condition that nobody has come, gone or changed the level
 * meanwhile; else the next run does it.
 */
export async function fillLevels(partition: ResourcePartition): Promise<void> {
  if (partition.layout.counted === undefined) return
  const query = { range: counterRange(partition.layout), select: ['RowKey', 'json0'] }
  const open = (await readAllRows(partition, query)).filter(isUncounted)
  await inParallel(open, AT_ONCE, (row) => fill(partition, text(row, 'rowKey')))
}

async function fill(partition: ResourcePartition, rowKey: string): Promise<void> {
  const row = await readRow(partition, rowKey)
  if (row === undefined) return
  const counter = counterIn(row)
  let counted: LevelCounts = new Map()
  for await (const { attributes } of countedBy(partition, rowKey)) {
    counted = movedLevels(counted, levelMove(partition, undefined, attributes))
  }
  const levels = withEmpty(counted, typeof counter.levels === 'object' ? counter.levels : new Map())
  await submit(partition, [countAction(partition, { ...counter, levels }, 0)])
}
