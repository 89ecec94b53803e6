/** So many wrong tries a minute are answered as what they are. */
const MOST = 10
const WINDOW_SECONDS = 60
/** So many clients are counted, those that tried last. */
const MOST_CLIENTS = 1000

interface Tries {
  readonly since: number
  count: number
}

/** Counts the wrong tries of each client on this instance. Right ones are not held up by them. */
export interface FailedTries {
  /** Notes a wrong one. */
  readonly note: (clientId: string) => void
  /** Seconds for which further wrong tries are too many; 0 when they are not. */
  readonly wait: (clientId: string) => number
}

export function countFailedTries(now: () => Date): FailedTries {
  const clients = new Map<string, Tries>()
  const seconds = (): number => now().getTime() / 1000

  /** Undefined when its minute is over; a clock that was set back ends it, too. */
  function current(clientId: string): Tries | undefined {
    const tries = clients.get(clientId)
    if (tries === undefined) return undefined
    const age = seconds() - tries.since
    return age >= 0 && age < WINDOW_SECONDS ? tries : undefined
  }

  return {
    note(clientId) {
      const tries = current(clientId) ?? { since: seconds(), count: 0 }
      tries.count += 1
      clients.delete(clientId)
      clients.set(clientId, tries) // behind all others: tried last
      for (const oldest of clients.keys()) {
        if (clients.size <= MOST_CLIENTS) break
        clients.delete(oldest)
      }
    },
    wait(clientId) {
      const tries = current(clientId)
      if (tries === undefined || tries.count < MOST) return 0
      return Math.max(1, Math.ceil(tries.since + WINDOW_SECONDS - seconds()))
    },
  }
}
