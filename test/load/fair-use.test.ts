import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { memoryApp, type SendAs } from '../support/memory-app.ts'

const PER_SECOND = 100

/** Milliseconds in which 95 of 100 answers came. */
async function p95(send: SendAs): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < 60; n += 1) {
    const began = performance.now()
    const { status } = await send('GET', `/Users?filter=userName%20eq%20%22u${n}%22`)
    times.push(performance.now() - began)
    expect(status).toBe(200)
    await pause(15)
  }
  return times.toSorted((one, other) => one - other)[Math.floor(times.length * 0.95)] ?? 0
}

/** Sends so many requests a second until it is told to stop, whatever is answered. */
function offer(send: SendAs, perSecond: number): { stop: () => Promise<readonly number[]> } {
  const answers: Promise<number>[] = []
  const timer = setInterval(() => {
    answers.push(send('GET', '/Users?count=1').then(({ status }) => status))
  }, 1000 / perSecond)
  return {
    stop: async () => {
      clearInterval(timer)
      return Promise.all(answers)
    },
  }
}

describe('fair to all', () => {
  test('a tenant that sends three times its rate slows another one down by less than half', async () => {
    const app = await memoryApp({ requestsPerSecond: PER_SECOND })
    const [a, b] = [await app.tenant('a'), await app.tenant('b')]
    await p95(b.send)
    const alone = await p95(b.send)
    // What it may send at once is used up first.
    await Promise.all(Array.from({ length: 2 * PER_SECOND }, () => a.send('GET', '/Users?count=1')))
    const flood = offer(a.send, 3 * PER_SECOND)
    const beside = await p95(b.send)
    const statuses = await flood.stop()
    // A millisecond of grace: alone it is less than one.
    expect(beside).toBeLessThan(2 * alone + 1)
    expect(new Set(statuses)).toEqual(new Set([200, 429]))
  })

  test('what is refused is a SCIM error with whole seconds to wait', async () => {
    const app = await memoryApp({ requestsPerSecond: 25 })
    const { send } = await app.tenant('a')
    const answers = await Promise.all(Array.from({ length: 80 }, () => send('GET', '/Users')))
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused.length).toBeGreaterThan(20)
    for (const { status, headers, json } of refused) {
      expect(status).toBe(429)
      expect(headers['retry-after']).toMatch(/^[1-9]\d*$/)
      expect(json).toMatchObject({ schemas: [MESSAGE.error], status: '429' })
    }
  })

  test('the operations of a bulk wait, and all are done', async () => {
    const app = await memoryApp({ requestsPerSecond: 25 })
    const { send } = await app.tenant('a')
    const Operations = Array.from({ length: 70 }, (_, n) => ({
      method: 'POST',
      path: '/Users',
      bulkId: String(n),
      data: { schemas: [URN.user], userName: `u${n}` },
    }))
    const began = performance.now()
    const { json } = await send('POST', '/Bulk', {
      body: { schemas: [MESSAGE.bulkRequest], Operations },
    })
    expect(JSON.stringify(json).match(/"status":"201"/g)).toHaveLength(70)
    // 71 requests, of which 26 at once.
    expect(performance.now() - began).toBeGreaterThan(1500)
  })

  test('several bulks at once have one rate between them', async () => {
    const app = await memoryApp({ requestsPerSecond: 50 })
    const { send } = await app.tenant('a')
    const bulk = (n: number): Promise<unknown> =>
      send('POST', '/Bulk', {
        body: {
          schemas: [MESSAGE.bulkRequest],
          Operations: Array.from({ length: 40 }, (_, i) => ({
            method: 'POST',
            path: '/Users',
            bulkId: String(i),
            data: { schemas: [URN.user], userName: `u${n}-${i}` },
          })),
        },
      })
    const began = performance.now()
    await Promise.all([1, 2, 3, 4, 5].map(bulk))
    // 205 requests, of which 55 at once.
    expect(performance.now() - began).toBeGreaterThan(2500)
  })

  test('the tenant itself goes on beside its bulk', async () => {
    const app = await memoryApp({ requestsPerSecond: 25 })
    const { send } = await app.tenant('a')
    const Operations = Array.from({ length: 80 }, (_, n) => ({
      method: 'POST',
      path: '/Users',
      bulkId: String(n),
      data: { schemas: [URN.user], userName: `u${n}` },
    }))
    const bulk = send('POST', '/Bulk', { body: { schemas: [MESSAGE.bulkRequest], Operations } })
    const statuses: number[] = []
    for (let n = 0; n < 8; n += 1) {
      await pause(200)
      statuses.push((await send('GET', '/Users?count=1')).status)
    }
    await bulk
    expect(new Set(statuses)).toEqual(new Set([200]))
  })
})
