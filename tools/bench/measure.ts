/** The middle value; of an even number of values the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low = NaN, high = NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return (low + high) / 2
}

/** Work that can be repeated; what it gives is looked at, so that none of it is left out. */
export type Work = () => unknown

const ROUNDS = 11
const ROUND_MILLISECONDS = 30
const WARM_UP_MILLISECONDS = 150

/** The last result of the repeated work: what nobody keeps, the compiler may leave out. */
const kept: { result?: unknown } = {}

/** Operations per second of each work: the median of several rounds. */
export interface Rates {
  readonly rates: readonly number[]
  /** The first work's rate over that of each one: the median of the rounds, in which they take turns. */
  readonly ratios: readonly number[]
}

/** Measures works against each other in turns, so that what else the machine does slows all of them alike. */
export function compareRates(works: readonly Work[]): Rates {
  const counts = works.map((work) => {
    const perSecond = countFor(work, WARM_UP_MILLISECONDS) / WARM_UP_MILLISECONDS
    return Math.max(1, Math.round(perSecond * ROUND_MILLISECONDS))
  })
  const rounds = Array.from({ length: ROUNDS }, () =>
    works.map((work, at) => rateOf(work, counts[at] ?? 1)),
  )
  const column = (of: (round: readonly number[], at: number) => number): number[] =>
    works.map((_, at) => median(rounds.map((round) => of(round, at))))
  return {
    rates: column((round, at) => round[at] ?? NaN),
    ratios: column((round, at) => (round[0] ?? NaN) / (round[at] ?? NaN)),
  }
}

/** How often the work can be done in so many milliseconds. */
function countFor(work: Work, milliseconds: number): number {
  const end = performance.now() + milliseconds
  let count = 0
  while (performance.now() < end) {
    kept.result = work()
    count += 1
  }
  return count
}

function rateOf(work: Work, times: number): number {
  const started = performance.now()
  for (let left = times; left > 0; left -= 1) kept.result = work()
  return (times * 1000) / (performance.now() - started)
}
