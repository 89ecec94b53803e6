import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { memoryApp, textOf, type MemoryAnswer, type SendAs } from '../support/memory-app.ts'

/** One event loop serves all tenants: what one of them sends must not keep the others waiting. */

const LONGEST_MILLISECONDS = 200
const TIMES_A_GET = 20

/** Letters with as many combining marks each as are accepted, of two classes, so that normalising has most to do. */
const marked = (units: number): string =>
  `a${'\u0301\u0323'.repeat(15)}`.repeat(Math.floor(units / 31))

let attacker: SendAs
let bystander: SendAs
let budget: number

/**
 * The longest time for which nothing else could run while the work was done, in milliseconds. What the machine gives to
 * other processes in between does not count: then this one has used less time of the processor than has passed.
 */
async function longestGap(work: () => Promise<unknown>): Promise<number> {
  const progress = { isDone: false }
  const ended = work().finally(() => (progress.isDone = true))
  let longest = 0
  let last = performance.now()
  let used = process.cpuUsage()
  while (!progress.isDone) {
    await nextTurn()
    const { user, system } = process.cpuUsage(used)
    const now = performance.now()
    longest = Math.max(longest, Math.min(now - last, (user + system) / 1000))
    last = now
    used = process.cpuUsage()
  }
  await ended
  return longest
}

const conditions = (path: string, count: number): string =>
  Array.from({ length: count }, (_, index) => `${path} co "q${index}"`).join(' or ')

const search = (filter: string): Promise<MemoryAnswer> =>
  attacker('POST', '/Users/.search', { body: { schemas: [MESSAGE.searchRequest], filter } })

async function create(body: Record<string, unknown>): Promise<MemoryAnswer> {
  return attacker('POST', '/Users', { body: { schemas: [URN.user], ...body } })
}

const patch = (id: string, Operations: readonly unknown[]): Promise<MemoryAnswer> =>
  attacker('PATCH', `/Users/${id}`, { body: { schemas: [MESSAGE.patchOp], Operations } })

beforeAll(async () => {
  const { tenant } = await memoryApp()
  attacker = (await tenant('attacker')).send
  bystander = (await tenant('bystander')).send
  await bystander('GET', '/Users?count=0')
  const started = performance.now()
  for (let n = 0; n < 20; n += 1) await bystander('GET', '/Users?count=0')
  budget = Math.max(LONGEST_MILLISECONDS, (TIMES_A_GET * (performance.now() - started)) / 20)
})

describe('text that takes more than linear time to compare', () => {
  test('is refused where it would be stored', async () => {
    const profileUrl = `https://x/a${'\u0301\u0323'.repeat(32_500)}`
    const gap = await longestGap(async () => {
      const answer = await create({ userName: 'marks', profileUrl })
      expect(answer).toMatchObject({ status: 400, json: { scimType: 'invalidValue' } })
      expect(textOf(answer, 'detail')).toMatch(/profileUrl.*combining marks/)
    })
    expect(gap).toBeLessThan(budget)
  })

  test('is refused in a filter', async () => {
    const answer = await search(`profileUrl co "a${'\u0301'.repeat(31)}"`)
    expect(answer).toMatchObject({ status: 400, json: { scimType: 'invalidFilter' } })
  })

  test('as far as it is accepted is compared with hundreds of conditions', async () => {
    const urls = Array.from({ length: 3 }, () => `https://x/${marked(60_000)}`)
    for (const [index, profileUrl] of urls.entries()) {
      expect((await create({ userName: `marked${index}`, profileUrl })).status).toBe(201)
    }
    const gap = await longestGap(async () => {
      expect((await search(conditions('profileUrl', 400))).status).toBe(200)
    })
    expect(gap).toBeLessThan(budget)
  })

  test('in indexed values is not folded again by a bulk that changes something else', async () => {
    const emails = Array.from({ length: 30 }, (_, index) => ({
      value: `e${index}${marked(8000)}`,
    }))
    const id = textOf(await create({ userName: 'many', emails }), 'id')
    const Operations = Array.from({ length: 30 }, (_, index) => ({
      method: 'PATCH',
      path: `/Users/${id}`,
      data: {
        schemas: [MESSAGE.patchOp],
        Operations: [{ op: 'replace', path: 'title', value: `t${index}` }],
      },
    }))
    const gap = await longestGap(async () => {
      const body = { schemas: [MESSAGE.bulkRequest], Operations }
      const answer = await attacker('POST', '/Bulk', { body })
      expect(answer.status).toBe(200)
      expect(answer.text).not.toMatch(/"status":"[45]/)
    })
    expect(gap).toBeLessThan(budget)
  })
})

const operations = (count: number): readonly unknown[] =>
  Array.from({ length: count }, (_, index) => ({
    op: 'remove',
    path: `ims[${conditions('value', 40).replaceAll('"q', `"z${index}q`)}]`,
  }))

describe('a PATCH of many operations with many conditions on many values', () => {
  test.each([
    ['ASCII', 'a'.repeat(400)],
    ['letters with accents', 'é'.repeat(400)],
    ['full-width letters', 'Ａb'.repeat(200)],
  ])('does not keep others waiting: %s', async (name, text) => {
    const ims = Array.from({ length: 1000 }, (_, index) => ({ value: `${text}${index}` }))
    const id = textOf(await create({ userName: name, ims }), 'id')
    const gap = await longestGap(async () => {
      expect(await patch(id, operations(5))).toMatchObject({ status: 200 })
    })
    expect(gap).toBeLessThan(budget)
    const refused = await longestGap(async () => {
      expect(await patch(id, operations(40))).toMatchObject({ status: 400 })
    })
    expect(refused).toBeLessThan(budget)
  })

  test('is refused when it is more work than a request may make', async () => {
    const ims = Array.from({ length: 1000 }, (_, index) => ({ value: `im${index}` }))
    const id = textOf(await create({ userName: 'budget', ims }), 'id')
    const gap = await longestGap(async () => {
      const answer = await patch(id, operations(500))
      expect(answer.status).toBe(400)
      expect(textOf(answer, 'detail')).toMatch(/^Operation \d+: .*2,?000,?000/)
    })
    expect(gap).toBeLessThan(budget)
  })

  test('lets another tenant be answered meanwhile', async () => {
    const ims = Array.from({ length: 1000 }, (_, index) => ({
      value: `${'é'.repeat(400)}${index}`,
    }))
    const id = textOf(await create({ userName: 'meanwhile', ims }), 'id')
    const order: string[] = []
    const long = patch(id, operations(5)).then(() => order.push('long'))
    const gap = await longestGap(async () => {
      expect((await bystander('GET', '/Users?count=0')).status).toBe(200)
      order.push('short')
    })
    expect(gap).toBeLessThan(budget)
    await long
    expect(order).toEqual(['short', 'long'])
  })
})

const removals = (count: number): readonly unknown[] =>
  Array.from({ length: count }, (_, index) => ({
    op: 'remove',
    path: `members[value co "z${index}"]`,
  }))

describe('members', () => {
  const members = Array.from({ length: 2100 }, (_, index) => ({ value: `member-${index}` }))
  test(
    'that are added and filtered in one PATCH do not keep others waiting',
    { timeout: 30_000 },
    async () => {
      const body = { schemas: [URN.group], displayName: 'Team' }
      const id = textOf(await attacker('POST', '/Groups', { body }), 'id')
      const add = { op: 'add', path: 'members', value: members }
      for (const [count, status] of [
        [400, 204],
        [999, 400],
      ] as const) {
        const gap = await longestGap(async () => {
          const answer = await attacker('PATCH', `/Groups/${id}`, {
            body: { schemas: [MESSAGE.patchOp], Operations: [add, ...removals(count)] },
          })
          expect(answer.status).toBe(status)
        })
        expect(gap).toBeLessThan(budget)
      }
    },
  )
})
