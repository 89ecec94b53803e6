import { AsyncLocalStorage } from 'node:async_hooks'

/** What was counted so far. */
export interface CallCount {
  /** Requests sent to the storage service; a transaction is one, and so is each repetition. */
  readonly calls: number
  /** Requests that waited for each other: those that overlap count once. */
  readonly roundTrips: number
}

/** Counts the storage calls of whatever runs inside `run`; several runs add up. */
export interface CallMeter extends CallCount {
  run<Result>(work: () => Promise<Result>): Promise<Result>
}

interface Tally {
  calls: number
  roundTrips: number
  inFlight: number
  /** A meter inside another one's run counts for both. */
  readonly outer: Tally | undefined
}

const current = new AsyncLocalStorage<Tally>()

/** A meter, such as for one HTTP request. Work that is started inside `run` is counted wherever it continues. */
export function measureCalls(): CallMeter {
  const tally: Tally = { calls: 0, roundTrips: 0, inFlight: 0, outer: current.getStore() }
  return {
    run: (work) => current.run(tally, work),
    get calls() {
      return tally.calls
    },
    get roundTrips() {
      return tally.roundTrips
    },
  }
}

/** Does the work and tells how many storage calls it made. */
export async function countCalls<Result>(
  work: () => Promise<Result>,
): Promise<CallCount & { readonly result: Result }> {
  const meter = measureCalls()
  const result = await meter.run(work)
  return { result, calls: meter.calls, roundTrips: meter.roundTrips }
}

/** Counts one call of the storage service, for the meters that it runs under. */
export async function countedCall<Result>(send: () => Promise<Result>): Promise<Result> {
  const tallies = activeTallies()
  for (const tally of tallies) {
    tally.calls += 1
    if (tally.inFlight === 0) tally.roundTrips += 1
    tally.inFlight += 1
  }
  try {
    return await send()
  } finally {
    for (const tally of tallies) tally.inFlight -= 1
  }
}

function activeTallies(): readonly Tally[] {
  const tallies: Tally[] = []
  for (let tally = current.getStore(); tally !== undefined; tally = tally.outer) tallies.push(tally)
  return tallies
}
