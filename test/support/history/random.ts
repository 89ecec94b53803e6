/** A number from 0 to 1 (not included), the next one with each call. */
export type Random = () => number

/** The random numbers of a seed: mulberry32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number from 0 to below `end`. */
export function below(random: Random, end: number): number {
  return Math.floor(random() * end)
}

/** One of them; undefined when there is none. */
export function oneOf<Item>(random: Random, items: readonly Item[]): Item | undefined {
  return items[below(random, items.length)]
}

/** One of them, each as often as its weight says. */
export function weighted<Item>(
  random: Random,
  items: readonly (readonly [weight: number, item: Item])[],
): Item {
  let left = random() * items.reduce((sum, [weight]) => sum + weight, 0)
  for (const [weight, item] of items) {
    left -= weight
    if (left < 0) return item
  }
  throw new RangeError('nothing has a weight')
}

/** A random UUID of version 4, from few counters' ids: those that begin with the same two digits are counted together. */
export function uuid(random: Random): string {
  const digits = Array.from({ length: 30 }, () => below(random, 16).toString(16)).join('')
  const first = `0${below(random, 4)}${digits.slice(0, 6)}`
  return `${first}-${digits.slice(6, 10)}-4${digits.slice(10, 13)}-8${digits.slice(13, 16)}-${digits.slice(16, 28)}`
}
