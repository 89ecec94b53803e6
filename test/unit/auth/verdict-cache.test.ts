import { describe, expect, test } from 'vitest'
import { createVerdictCache } from '../../../lib/auth/verdict-cache.ts'

interface World {
  ask(key: string): Promise<string>
  /** The keys that were looked up, in order. */
  readonly lookedUp: string[]
  at: number
}

/** Keys that begin with `g` are good; `lookUp` may be replaced to answer late or to fail. */
function world(lookUp = async (key: string): Promise<string> => `verdict on ${key}`): World {
  const lookedUp: string[] = []
  const verdictOf = createVerdictCache<string>({
    now: () => new Date(made.at),
    maxAgeSeconds: 30,
    isGood: (verdict) => verdict.startsWith('verdict on g'),
    maxGood: 3,
    maxBad: 2,
  })
  const made: World = {
    at: 1_000_000,
    lookedUp,
    ask: (key) =>
      verdictOf(key, () => {
        lookedUp.push(key)
        return lookUp(key)
      }),
  }
  return made
}

describe('age', () => {
  test.each([
    ['good', 'g1'],
    ['bad', 'b1'],
  ])('a %s verdict is believed for just less than 30 s', async (_, key) => {
    const made = world()
    await made.ask(key)
    made.at += 29_999
    expect(await made.ask(key)).toBe(`verdict on ${key}`)
    expect(made.lookedUp).toEqual([key])
    made.at += 1
    await made.ask(key)
    expect(made.lookedUp).toEqual([key, key])
  })

  test('does not begin anew with each use', async () => {
    const made = world()
    for (let second = 0; second <= 30; second += 10) {
      await made.ask('g1')
      made.at += 10_000
    }
    expect(made.lookedUp).toHaveLength(2)
  })

  test('counts from the beginning of a slow lookup', async () => {
    const made = world(async (key) => {
      made.at += 20_000
      return `verdict on ${key}`
    })
    await made.ask('g1')
    made.at += 10_000
    await made.ask('g1')
    expect(made.lookedUp).toHaveLength(2)
  })

  test('is not trusted when the clock was set back', async () => {
    const made = world()
    await made.ask('g1')
    made.at -= 3_600_000
    await made.ask('g1')
    expect(made.lookedUp).toHaveLength(2)
  })
})

describe('number', () => {
  test('bad verdicts never push out good ones', async () => {
    const made = world()
    await made.ask('g1')
    for (let n = 0; n < 100; n += 1) await made.ask(`b${String(n)}`)
    made.lookedUp.length = 0
    await made.ask('g1')
    expect(made.lookedUp).toEqual([])
  })

  test('of good verdicts is bounded; the one used longest ago goes first', async () => {
    const made = world()
    for (const key of ['g1', 'g2', 'g3', 'g1', 'g4']) await made.ask(key)
    made.lookedUp.length = 0
    for (const key of ['g1', 'g3', 'g4']) await made.ask(key)
    expect(made.lookedUp).toEqual([])
    await made.ask('g2')
    expect(made.lookedUp).toEqual(['g2'])
  })

  test('of bad verdicts is bounded', async () => {
    const made = world()
    for (const key of ['b1', 'b2', 'b3']) await made.ask(key)
    made.lookedUp.length = 0
    for (const key of ['b2', 'b3', 'b1']) await made.ask(key)
    expect(made.lookedUp).toEqual(['b1'])
  })
})

describe('at the same time', () => {
  test('all who ask share one lookup', async () => {
    const made = world()
    await Promise.all(Array.from({ length: 50 }, () => made.ask('g1')))
    expect(made.lookedUp).toEqual(['g1'])
  })

  test('a lookup that hangs is not waited for by those who come 30 s later', async () => {
    const waiting: ((verdict: string) => void)[] = []
    const late = new Promise<string>((resolve) => {
      waiting.push(resolve)
    })
    const answers = [late, Promise.resolve('verdict on g1')]
    const made = world(() => answers.shift() ?? Promise.reject(new Error('third lookup')))
    const first = made.ask('g1')
    made.at += 30_000
    expect(await made.ask('g1')).toBe('verdict on g1')
    for (const answer of waiting) answer('verdict on g1, late')
    expect(await first).toBe('verdict on g1, late')
  })

  test('a failure reaches all who wait, and is not remembered', async () => {
    let down = true
    const made = world(async (key) => {
      if (down) throw new Error('down')
      return `verdict on ${key}`
    })
    const asked = await Promise.allSettled([made.ask('g1'), made.ask('g1')])
    expect(asked.map((one) => one.status)).toEqual(['rejected', 'rejected'])
    expect(made.lookedUp).toHaveLength(1)
    down = false
    expect(await made.ask('g1')).toBe('verdict on g1')
  })
})
