/**
 * What is counted beside the requests, each of which has its line in the log; and the kinds that a count is told apart by.
 * All of it is named here: no text that anybody sends is ever part of it, and there are only so many sums to be kept.
 */
export const METRICS = {
  'storage.retries': ['busy', 'failed', 'unanswered'],
  'storage.throttles': ['busy', 'timed out'],
  'storage.lostRaces': ['changed', 'taken', 'gone'],
  'storage.transactions': ['1 row', '2-5 rows', '6-20 rows', '21-50 rows', '51-100 rows'],
  'credentials.lookUps': ['cached', 'shared', 'read'],
  'maintenance.runs': ['complete', 'incomplete', 'skipped', 'failed'],
  'maintenance.sweeps': ['done', 'failed'],
  'maintenance.purges': ['complete', 'incomplete', 'failed'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type MetricName = keyof typeof METRICS

/** The kinds of a metric. */
export type KindOf<Name extends MetricName> = (typeof METRICS)[Name][number]

/** Takes what is counted. It is called in the midst of requests: it must cost next to nothing, and throw nothing. */
export interface Metrics {
  add(metric: MetricName, kind: string): void
}

let metrics: Metrics | undefined

/** Where counts go from now on; undefined, which is how it begins: nowhere. */
export function countInto(taker: Metrics | undefined): void {
  metrics = taker
}

/** Counts one of a kind. */
export function count<Name extends MetricName>(metric: Name, kind: KindOf<Name>): void {
  metrics?.add(metric, kind)
}

/** Counts what becomes of a piece of work: by what it comes to, else as failed. */
export async function countOutcome<Name extends MetricName, Result>(
  metric: Name,
  work: () => Promise<Result>,
  {
    kindOf,
    failed,
  }: { readonly kindOf: (result: Result) => KindOf<Name>; readonly failed: KindOf<Name> },
): Promise<Result> {
  try {
    const result = await work()
    count(metric, kindOf(result))
    return result
  } catch (error) {
    count(metric, failed)
    throw error
  }
}
