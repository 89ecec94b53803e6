import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { METRICS, type MetricName } from '../../../lib/telemetry/metrics.ts'
import { Telemetry, type MetricSum } from '../../../lib/telemetry/telemetry.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const TIMES = { untilFirst: 5_000, between: 60_000, atEnd: 3_000 }

/** One whose sender is at hand: it takes what is sent, and ends each sending as it is told. */
function telemetry(ending: () => Promise<void> = () => Promise.resolve()): {
  readonly counting: Telemetry
  readonly sent: (readonly MetricSum[])[]
  readonly loads: () => number
} {
  const sent: (readonly MetricSum[])[] = []
  let loads = 0
  const counting = new Telemetry(async () => {
    loads += 1
    return async (sums) => {
      sent.push(sums)
      await ending()
    }
  }, TIMES)
  return { counting, sent, loads: () => loads }
}

const busy = (sum: number): MetricSum => ({ metric: 'storage.retries', kind: 'busy', sum })

const isName = (name: string): name is MetricName => Object.hasOwn(METRICS, name)

const never = (): Promise<never> => new Promise<never>(() => undefined)

describe('what sends', () => {
  test('is not loaded before the first answer, nor soon after it', async () => {
    const { counting, sent, loads } = telemetry()
    counting.add('storage.retries', 'busy')
    await vi.advanceTimersByTimeAsync(600_000)
    expect(loads()).toBe(0)
    counting.answered()
    await vi.advanceTimersByTimeAsync(4_999)
    counting.answered()
    expect(loads()).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(loads()).toBe(1)
    expect(sent).toEqual([[busy(1)]])
  })

  test('is not loaded where nothing is counted', async () => {
    const { counting, loads } = telemetry()
    counting.answered()
    await vi.advanceTimersByTimeAsync(600_000)
    await counting.end()
    expect(loads()).toBe(0)
  })

  test('and cannot be loaded is warned of once, and keeps nothing waiting', async () => {
    const warnings: unknown[] = []
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation((text) => warnings.push(text))
    const counting = new Telemetry(() => Promise.reject(new Error('no such file')), TIMES)
    counting.answered()
    for (let n = 0; n < 3; n += 1) {
      counting.add('storage.retries', 'busy')
      await vi.advanceTimersByTimeAsync(60_000)
    }
    await counting.end()
    warn.mockRestore()
    expect(warnings).toEqual(['No metrics are sent: no such file'])
  })
})

describe('sums', () => {
  test('are sent once a minute, each with what was counted since the last time', async () => {
    const { counting, sent } = telemetry()
    counting.answered()
    counting.add('storage.retries', 'busy')
    counting.add('storage.retries', 'busy')
    counting.add('credentials.lookUps', 'cached')
    await vi.advanceTimersByTimeAsync(5_000)
    counting.add('storage.retries', 'busy')
    await vi.advanceTimersByTimeAsync(59_999)
    expect(sent).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent).toEqual([
      [busy(2), { metric: 'credentials.lookUps', kind: 'cached', sum: 1 }],
      [busy(1)],
    ])
  })

  test('wait in memory while sending hangs, and never are more than there are kinds', async () => {
    let end: (() => void) | undefined
    const hanging = (): Promise<void> =>
      new Promise((resolve) => {
        end = resolve
      })
    const { counting, sent } = telemetry(hanging)
    counting.answered()
    counting.add('storage.retries', 'busy')
    await vi.advanceTimersByTimeAsync(5_000)
    const kinds = Object.entries(METRICS).flatMap(([name, all]) =>
      all.map((kind): [string, string] => [name, kind]),
    )
    for (let minute = 0; minute < 100; minute += 1) {
      for (const [name, kind] of kinds) if (isName(name)) counting.add(name, kind)
      await vi.advanceTimersByTimeAsync(60_000)
    }
    expect(sent).toHaveLength(1)
    end?.()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent).toHaveLength(2)
    expect(sent[1]).toHaveLength(kinds.length)
    expect(sent[1]?.every(({ sum }) => sum === 100)).toBe(true)
  })

  test('that could not be sent are lost, and the next are sent all the same', async () => {
    const { counting, sent } = telemetry(() => Promise.reject(new Error('refused')))
    counting.answered()
    counting.add('storage.retries', 'busy')
    await vi.advanceTimersByTimeAsync(5_000)
    counting.add('storage.retries', 'busy')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent).toEqual([[busy(1)], [busy(1)]])
  })
})

describe('the end of the app', () => {
  test('sends what is left, though there was no answer', async () => {
    const { counting, sent } = telemetry()
    counting.add('storage.retries', 'busy')
    await counting.end()
    expect(sent).toEqual([[busy(1)]])
  })

  test('sends what came while something was being sent', async () => {
    const ends: (() => void)[] = []
    const { counting, sent } = telemetry(() => new Promise((resolve) => ends.push(resolve)))
    counting.answered()
    counting.add('storage.retries', 'busy')
    await vi.advanceTimersByTimeAsync(5_000)
    counting.add('storage.retries', 'busy')
    counting.add('storage.retries', 'busy')
    const ending = counting.end()
    ends[0]?.()
    await vi.advanceTimersByTimeAsync(0)
    ends[1]?.()
    await ending
    expect(sent).toEqual([[busy(1)], [busy(2)]])
  })

  test.each([
    ['sending hangs', telemetry(never).counting],
    ['loading hangs', new Telemetry(never, TIMES)],
  ])('waits three seconds when %s', async (_, counting) => {
    let isOver = false
    counting.add('storage.retries', 'busy')
    const ending = counting.end().then(() => {
      isOver = true
      return undefined
    })
    await vi.advanceTimersByTimeAsync(2_999)
    expect(isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await ending
    expect(isOver).toBe(true)
  })
})
