/** So many wrong tries a minute are answered as what they are. */
const MOST = 10
const WINDOW_SECONDS = 60
/** So many clients are counted, those that tried last. */
const MOST_CLIENTS = 1000

interface Tries {
  readonly since: number
  count: number
}

/** Counts the wrong tries of each client. Right ones are never held up: they are not asked about. */
export interface FailedTries {
  /** Notes a wrong one. @returns seconds until the next may be answered; 0 when this one may. */
  readonly note: (clientId: string) => number
}

export function countFailedTries(now: () => Date): FailedTries {
  const clients = new Map<string, Tries>()
  return {
    note(clientId) {
      const at = now().getTime() / 1000
      const known = clients.get(clientId)
      const isOver = known === undefined || at < known.since || at - known.since >= WINDOW_SECONDS
      const tries = isOver ? { since: at, count: 0 } : known
      tries.count += 1
      clients.delete(clientId)
      clients.set(clientId, tries) // behind all others: tried last
      for (const oldest of clients.keys()) {
        if (clients.size <= MOST_CLIENTS) break
        clients.delete(oldest)
      }
      return tries.count <= MOST ? 0 : Math.max(1, Math.ceil(tries.since + WINDOW_SECONDS - at))
    },
  }
}
