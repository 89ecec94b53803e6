import { expect, test } from 'vitest'
import {
  forgottenUntil,
  retain,
  turnAfter,
  turnsFrom,
  type RetentionParts,
} from '../../../lib/activity/retention.ts'

const NOW = Date.parse('2026-11-27T14:00:00.000Z')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const TENANT = { id: 'acme', partitionKey: 'acme_1' }
const ASKED = { days: 7, since: new Date(NOW - 24 * HOUR) }

/** So many rows that are too old; each call for them takes a tenth of a second. */
function rigWith(rows: number) {
  const rig = {
    at: NOW,
    rows,
    calls: [] as number[],
    before: new Date(0),
    forgottenSince: new Date(0),
  }
  const parts: RetentionParts = {
    activity: {
      async purge(_tenant, before, most) {
        rig.before = before
        rig.calls.push(rig.at)
        rig.at += 100
        const removed = Math.min(rig.rows, most)
        rig.rows -= removed
        return removed
      },
      async forgetDeleted(_tenant, since, isOver = () => false) {
        rig.forgottenSince = since
        return isOver() ? 1 : 3
      },
    },
    now: () => new Date(rig.at),
    async pause(milliseconds) {
      rig.at += milliseconds
    },
  }
  return { rig, parts }
}

test('what is too old goes, 500 rows a second at most, and names behind it', async () => {
  const { rig: state, parts } = rigWith(1200)
  const done = await retain(parts, TENANT, ASKED, () => false)
  expect(done).toEqual({ purged: 1200, forgotten: 3, complete: true })
  expect(state.calls.map((at) => at - NOW)).toEqual([0, 1000, 2000])
  expect(state.before).toEqual(new Date(NOW - 7 * 24 * HOUR))
  expect(state.forgottenSince).toEqual(ASKED.since)
})

test('it ends when the time is over, wherever that is', async () => {
  const { rig: state, parts } = rigWith(5000)
  const done = await retain(parts, TENANT, ASKED, () => state.at >= NOW + 2000)
  expect(done).toEqual({ purged: 1000, forgotten: 0, complete: false })
  const over = rigWith(3)
  const isOver = (): boolean => over.rig.calls.length > 0
  expect(await retain(over.parts, TENANT, ASKED, isOver)).toEqual({
    purged: 3,
    forgotten: 1,
    complete: false,
  })
})

test('turns come once in less than a day, spread over it', () => {
  const tenants = Array.from({ length: 2000 }, (_, n) => ({ partitionKey: `tenant-${n}_x` }))
  const from = new Date(NOW)
  const turns = tenants.map((tenant) => turnAfter(tenant, from).getTime())
  expect(Math.min(...turns)).toBeGreaterThan(NOW)
  expect(Math.max(...turns)).toBeLessThanOrEqual(NOW + 23 * HOUR)
  const hours = new Set(turns.map((at) => Math.floor((at - NOW) / HOUR)))
  expect(hours.size).toBeGreaterThanOrEqual(23)
  for (const [n, tenant] of tenants.entries()) {
    const at = turns[n] ?? 0
    expect(turnAfter(tenant, new Date(at)).getTime()).toBe(at + 23 * HOUR)
    expect(turnAfter(tenant, new Date(at - 1)).getTime()).toBe(at)
  }
})

test('after a pause all turns come, once', () => {
  const now = new Date(NOW)
  expect(turnsFrom(undefined, now)).toEqual(now)
  expect(turnsFrom(new Date(NOW - HOUR), now)).toEqual(new Date(NOW - HOUR))
  expect(turnsFrom(new Date(NOW - 500 * HOUR), now)).toEqual(new Date(NOW - 23 * HOUR))
  // What was deleted since the turn before is looked for, with an hour to spare.
  expect(forgottenUntil(new Date(NOW))).toEqual(new Date(NOW - 24 * HOUR))
})
