import { isLinearizable, type Entry, type ObjectHistory } from './linearize.ts'

/**
 * The few entries of an object that contradict each other; undefined when there is no contradiction. All others may have
 * had their effect or not, and it would still be one.
 */
export function contradictionIn<State>(
  history: ObjectHistory<State>,
): readonly string[] | undefined {
  if (isLinearizable(history)) return undefined
  const shortest = shortestPrefix(history)
  const entries = withoutNeedless(shortest)
  const words = entries
    .filter(({ isOptional }) => !isOptional)
    .toSorted((one, other) => one.called - other.called)
    .map((entry) => entry.words)
  const others = entries.length - words.length
  return [...words, `(whatever became of ${others} other changes)`]
}

/** What had happened at a moment: whatever was under way may have had its effect. */
function until<State>(history: ObjectHistory<State>, moment: number): ObjectHistory<State> {
  const entries = history.entries
    .filter(({ called }) => called <= moment)
    .map((entry) => (entry.returned <= moment ? entry : mayBe(entry)))
  return { ...history, entries }
}

function mayBe<State>(entry: Entry<State>): Entry<State> {
  return { ...entry, isOptional: true }
}

/** A history up to the first moment at which it cannot be explained. */
function shortestPrefix<State>(history: ObjectHistory<State>): ObjectHistory<State> {
  const moments = history.entries
    .map(({ returned }) => returned)
    .filter((returned) => returned < Infinity)
    .toSorted((one, other) => one - other)
  let [low, high] = [0, moments.length - 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isLinearizable(until(history, moments[middle] ?? 0))) low = middle + 1
    else high = middle
  }
  return until(history, moments[low] ?? Infinity)
}

/** Leaves out readings, and lets changes be doubtful, as long as there is a contradiction; many at once at first. */
function withoutNeedless<State>(history: ObjectHistory<State>): readonly Entry<State>[] {
  let entries = history.entries
  for (let size = entries.length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < entries.length; start += size) {
      const isWithin = (at: number): boolean => at >= start && at < start + size
      const weakened = entries.flatMap((entry, at) => {
        if (!isWithin(at)) return [entry]
        return entry.isChange ? [mayBe(entry)] : []
      })
      if (weakened.length === 0 || isLinearizable({ ...history, entries: weakened })) continue
      if (weakened.length < entries.length) start -= size
      entries = weakened
    }
  }
  return entries
}
