import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { checkDeadline, deadlineIn, inTime, NO_DEADLINE } from '../../../lib/storage/deadline.ts'
import { PASSED } from '../../support/changes.ts'

test('a deadline passes by its clock', () => {
  let now = 0
  const deadline = deadlineIn(100, () => new Date(now))
  expect(deadline.remaining()).toBe(100)
  now = 99
  expect(() => checkDeadline(deadline)).not.toThrow()
  now = 150
  expect(deadline.remaining()).toBe(0)
  expect(() => checkDeadline(deadline)).toThrow('took too long')
})

test('its signal aborts what is under way', async () => {
  const deadline = deadlineIn(20, () => new Date())
  expect(deadline.signal.aborted).toBe(false)
  await pause(60)
  expect(deadline.signal.aborted).toBe(true)
})

test('what comes too late may be tried again', () => {
  const cause = new Error('lost')
  expect(() => checkDeadline(PASSED, cause)).toThrow(
    expect.objectContaining({ kind: 'unavailable', headers: { 'retry-after': '5' }, cause }),
  )
  expect(() => checkDeadline(NO_DEADLINE)).not.toThrow()
})

describe('inTime', () => {
  test('gives what the work gives, and its error', async () => {
    expect(await inTime(NO_DEADLINE, Promise.resolve('done'))).toBe('done')
    const error = new Error('failed')
    await expect(inTime(NO_DEADLINE, Promise.reject(error))).rejects.toBe(error)
  })

  test('waits no longer than the deadline, whatever the work does', async () => {
    const never = new Promise<never>(() => {})
    await expect(
      inTime(
        deadlineIn(20, () => new Date()),
        never,
      ),
    ).rejects.toMatchObject({
      kind: 'unavailable',
      headers: { 'retry-after': '5' },
    })
    await expect(inTime(PASSED, never)).rejects.toMatchObject({ kind: 'unavailable' })
  })
})
