import { beforeEach, expect, test } from 'vitest'
import type { TenantActivity } from '../../../lib/storage/tenant-port.ts'
import { createActivityNotes } from '../../../lib/tenants/activity.ts'

const ACME = { id: 'acme', partitionKey: 'acme_0123456789abcdef' }

let at: number
let written: (readonly [string, TenantActivity])[]
let waiting: { readonly due: number; readonly work: () => Promise<void> }[]
let note: ReturnType<typeof createActivityNotes>
let isDown: boolean

beforeEach(() => {
  at = 0
  written = []
  waiting = []
  isDown = false
  note = createActivityNotes(
    {
      async noteActivity({ id }, activity) {
        if (isDown) throw new Error('down')
        written.push([id, activity])
      },
    },
    {
      now: () => new Date(at),
      later: (milliseconds, work) => waiting.push({ due: at + milliseconds, work }),
    },
  )
})

async function passTo(seconds: number): Promise<void> {
  for (;;) {
    const next = waiting.find(({ due }) => due <= seconds * 1000)
    if (next === undefined) break
    waiting.splice(waiting.indexOf(next), 1)
    at = next.due
    await next.work()
  }
  at = seconds * 1000
}

function time(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}

test('uses are written together, once a minute at most, and the last one is not lost', async () => {
  note(ACME, 'failure')
  note(ACME, 'success')
  expect(written).toEqual([])
  await passTo(30)
  expect(written).toEqual([['acme', { lastRequest: time(0), lastSuccess: time(0) }]])
  note(ACME, 'failure')
  note(ACME, 'refusal')
  await passTo(60)
  expect(written).toHaveLength(1)
  await passTo(61)
  expect(written[1]).toEqual(['acme', { lastRequest: time(30), lastRefusal: time(30) }])
  await passTo(200)
  expect([written.length, waiting.length]).toEqual([2, 0])
  note(ACME, 'success')
  await passTo(201)
  expect(written).toHaveLength(3)
})

test('a failure is nobody’s, and the next use is written again', async () => {
  isDown = true
  note(ACME, 'success')
  await passTo(2)
  isDown = false
  note(ACME, 'success')
  await passTo(61)
  expect(written).toEqual([['acme', { lastRequest: time(2), lastSuccess: time(2) }]])
})

test('no more than 2,000 tenants are held at a time', async () => {
  for (let n = 0; n < 2500; n += 1) note({ id: `t${n}`, partitionKey: `t${n}_x` }, 'success')
  expect(waiting).toHaveLength(2000)
  await passTo(1)
  expect(written).toHaveLength(2000)
  await passTo(62)
  note({ id: 't2400', partitionKey: 't2400_x' }, 'success')
  await passTo(63)
  expect(written).toHaveLength(2001)
})
