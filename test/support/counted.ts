import { countInto, type Metrics } from '../../lib/telemetry/metrics.ts'

/** What a piece of work counts, as `metric: kind`, in its order. */
export async function countedBy(work: () => unknown): Promise<readonly string[]> {
  const counted: string[] = []
  const taker: Metrics = { add: (metric, kind) => counted.push(`${metric}: ${kind}`) }
  countInto(taker)
  try {
    await work()
  } finally {
    countInto(undefined)
  }
  return counted
}
