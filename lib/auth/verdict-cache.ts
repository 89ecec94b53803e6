/** How long and how many verdicts are remembered. */
export interface VerdictCacheOptions<V> {
  readonly now: () => Date
  readonly maxAgeSeconds: number
  /** Which verdicts are good: the others are kept apart, so that no flood of them can push out a good one. */
  readonly isGood: (verdict: V) => boolean
  readonly maxGood: number
  readonly maxBad: number
  /** Told how each question was answered: by what is remembered, by the look-up of another, by one of its own. */
  readonly onAnswer?: (how: 'cached' | 'shared' | 'read') => void
}

interface Remembered<V> {
  /** When its read began, so that what changed during the read is not believed for longer than `maxAgeSeconds`. */
  readonly asked: number
  readonly verdict: V
}

/**
 * A function that looks a key up at most once in `maxAgeSeconds`, and once for all who ask at the same time. A lookup
 * that fails is not remembered: all who waited for it get its error.
 */
export function createVerdictCache<V>(
  options: VerdictCacheOptions<V>,
): (key: string, lookUp: () => Promise<V>) => Promise<V> {
  const { onAnswer } = options
  const good = new Map<string, Remembered<V>>()
  const bad = new Map<string, Remembered<V>>()
  const pending = new Map<string, { readonly asked: number; readonly answer: Promise<V> }>()

  function isFresh(asked: number, now: number): boolean {
    // A clock that was set back makes ages negative; such a verdict could live for ever.
    return now >= asked && now - asked < options.maxAgeSeconds * 1000
  }

  function recall(key: string, now: number): Remembered<V> | undefined {
    for (const verdicts of [good, bad]) {
      const remembered = verdicts.get(key)
      if (remembered === undefined) continue
      verdicts.delete(key)
      if (!isFresh(remembered.asked, now)) continue
      verdicts.set(key, remembered) // behind all others: used last
      return remembered
    }
    return undefined
  }

  function remember(key: string, asked: number, verdict: V): void {
    const isGood = options.isGood(verdict)
    const verdicts = isGood ? good : bad
    verdicts.delete(key)
    verdicts.set(key, { asked, verdict })
    dropOldest(verdicts, isGood ? options.maxGood : options.maxBad)
  }

  async function ask(key: string, asked: number, lookUp: () => Promise<V>): Promise<V> {
    try {
      const verdict = await lookUp()
      remember(key, asked, verdict)
      return verdict
    } finally {
      if (pending.get(key)?.asked === asked) pending.delete(key)
    }
  }

  return async (key, lookUp) => {
    const now = options.now().getTime()
    const remembered = recall(key, now)
    if (remembered !== undefined) {
      onAnswer?.('cached')
      return remembered.verdict
    }
    const running = pending.get(key)
    if (running !== undefined && isFresh(running.asked, now)) {
      onAnswer?.('shared')
      return running.answer
    }
    onAnswer?.('read')
    const answer = ask(key, now, lookUp)
    pending.set(key, { asked: now, answer })
    return answer
  }
}

function dropOldest(verdicts: Map<string, unknown>, limit: number): void {
  for (const key of verdicts.keys()) {
    if (verdicts.size <= limit) return
    verdicts.delete(key)
  }
}
