import type { MetricName, Metrics } from './metrics.ts'

/** How often there was one of a kind since the last time. */
export interface MetricSum {
  readonly metric: MetricName
  readonly kind: string
  readonly sum: number
}

/** Sends sums; resolves when that is over, in whatever way. */
export type SendMetrics = (sums: readonly MetricSum[]) => Promise<void>

/** When things happen, in milliseconds. */
export interface TelemetryTimes {
  /** From the first answer until what sends is loaded, which takes the event loop a while: not beside the first requests. */
  readonly untilFirst: number
  readonly between: number
  /** How long the end of the app waits for what is left. */
  readonly atEnd: number
}

const TIMES: TelemetryTimes = { untilFirst: 5_000, between: 60_000, atEnd: 3_000 }

/**
 * Adds counts up in memory and sends the sums once a minute. Nothing waits for that but the end of the app: while sending
 * hangs, counts go on being added up, and there are never more sums than kinds of metrics. What could not be sent is lost.
 */
export class Telemetry implements Metrics {
  readonly #load: () => Promise<SendMetrics>
  readonly #times: TelemetryTimes
  #sums = new Map<string, { readonly metric: MetricName; readonly kind: string; sum: number }>()
  #send: Promise<SendMetrics | undefined> | undefined
  #sending: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param load loads what sends; called once, and not before there was an answer, or the end. */
  constructor(load: () => Promise<SendMetrics>, times: TelemetryTimes = TIMES) {
    this.#load = load
    this.#times = times
  }

  add(metric: MetricName, kind: string): void {
    const key = `${metric} ${kind}`
    const known = this.#sums.get(key)
    if (known === undefined) this.#sums.set(key, { metric, kind, sum: 1 })
    else known.sum += 1
  }

  /** There was an answer: from the first one on sums are sent. */
  answered(): void {
    this.#timer ??= this.#sendIn(this.#times.untilFirst)
  }

  /** Sends what there is. */
  async end(): Promise<void> {
    clearTimeout(this.#timer)
    const { atEnd } = this.#times
    // The first time may be one that is under way already, without what was counted since.
    const sent = this.#flush().then(() => this.#flush())
    const isLate = new Promise((resolve) => {
      setTimeout(resolve, atEnd).unref()
    })
    await Promise.race([sent, isLate])
  }

  #sendIn(milliseconds: number): NodeJS.Timeout {
    const send = (): void => {
      void this.#flush()
      this.#timer = this.#sendIn(this.#times.between)
    }
    return setTimeout(send, milliseconds).unref()
  }

  /** One at a time. Never rejects. */
  #flush(): Promise<void> {
    if (this.#sending !== undefined) return this.#sending
    if (this.#sums.size === 0) return Promise.resolve()
    const sums = [...this.#sums.values()]
    this.#sums = new Map()
    this.#sending = this.#sendAll(sums).finally(() => {
      this.#sending = undefined
    })
    return this.#sending
  }

  async #sendAll(sums: readonly MetricSum[]): Promise<void> {
    this.#send ??= this.#load().catch((error: unknown) => {
      const why = error instanceof Error ? error.message : 'unknown'
      process.emitWarning(`No metrics are sent: ${why}`)
      return undefined
    })
    const send = await this.#send
    await send?.(sums).catch(() => undefined)
  }
}
