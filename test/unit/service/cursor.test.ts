import { describe, expect, test } from 'vitest'
import { ScimError } from '../../../lib/scim/errors.ts'
import { LIMITS } from '../../../lib/scim/limits.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { readCursor, writeCursor, type CursorContent } from '../../../lib/service/cursor.ts'
import { list } from '../../../lib/service/list.ts'
import { refusalOf, said, saying } from '../../support/refusal.ts'
import { asked, jsonOf, serviceRig, textIn } from '../../support/service-rig.ts'

const HOUR = LIMITS.cursorSeconds * 1000

describe('a cursor', () => {
  test.each<[string, CursorContent]>([
    ['of the first page', { count: 10 }],
    ['of a page in the middle', { after: 'user:1', before: '', count: 2, totalResults: 5 }],
    ['of a page by place', { after: '201', before: '101', count: 100 }],
    ['of a position with any text', { after: '1:a"b\\c\u0000é🦊', count: 1 }],
  ])('says what was written into it: %s', (_, content) => {
    const { context } = serviceRig()
    const cursor = writeCursor(context, 'query', content)
    expect(cursor).toMatch(/^[A-Za-z0-9._~-]+$/)
    expect(readCursor(context, 'query', cursor, undefined)).toEqual(content)
  })

  test('is good for an hour and no longer', async () => {
    const { context, clock } = serviceRig()
    const cursor = writeCursor(context, 'query', { count: 1 })
    clock.now += HOUR - 1
    expect(readCursor(context, 'query', cursor, undefined)).toEqual({ count: 1 })
    clock.now += 1000
    expect(said(await refusalOf(() => readCursor(context, 'query', cursor, undefined)))).toMatch(
      saying('expiredCursor', /3600 seconds/),
    )
  })

  test('lives at least as long as is advertised, whenever in a second it was made', () => {
    for (const millisecond of [0, 1, 499, 999]) {
      const { context, clock } = serviceRig()
      clock.now += millisecond
      const cursor = writeCursor(context, 'query', { count: 1 })
      clock.now += HOUR - 1
      expect(readCursor(context, 'query', cursor, undefined)).toEqual({ count: 1 })
    }
  })

  test.each([2, undefined])('is asked with its own count, or without one: %s', (count) => {
    const { context } = serviceRig()
    const cursor = writeCursor(context, 'query', { count: 2 })
    expect(readCursor(context, 'query', cursor, count)).toEqual({ count: 2 })
  })

  test.each([3, 1, 0])('is not asked with another count: %i', async (count) => {
    const { context } = serviceRig()
    const cursor = writeCursor(context, 'query', { count: 2 })
    expect(said(await refusalOf(() => readCursor(context, 'query', cursor, count)))).toMatch(
      saying('invalidCount', /count.*2/),
    )
  })

  test('of another query or another tenant is answered as garbage is', async () => {
    const rig = serviceRig()
    const cursor = writeCursor(rig.context, 'query', { count: 1 })
    const refusals = [
      said(await refusalOf(() => readCursor(rig.context, 'other', cursor, undefined))),
      said(await refusalOf(() => readCursor(rig.as('two'), 'query', cursor, undefined))),
      said(await refusalOf(() => readCursor(rig.context, 'query', 'garbage', undefined))),
    ]
    expect(refusals[0]).toMatch(saying('invalidCursor', /Start again/))
    expect(new Set(refusals).size).toBe(1)
  })

  test('is not read before its signature is checked: an expired forgery is no expired cursor', async () => {
    const { context, clock } = serviceRig()
    const [text = ''] = writeCursor(context, 'query', { count: 1 }).split('.')
    clock.now += 2 * HOUR
    expect(
      said(await refusalOf(() => readCursor(context, 'query', `${text}.x`, undefined))),
    ).toMatch(saying('invalidCursor', /./))
  })

  test('with one character changed, added or left out is none', async () => {
    const { context } = serviceRig()
    const cursor = writeCursor(context, 'query', { after: '3', count: 1 })
    for (let at = 0; at < cursor.length; at += 1) {
      const [head, other, tail] = [
        cursor.slice(0, at),
        cursor[at] === 'A' ? 'B' : 'A',
        cursor.slice(at + 1),
      ]
      for (const forged of [head + other + tail, head + tail, head + other + cursor.slice(at)]) {
        expect(
          said(await refusalOf(() => readCursor(context, 'query', forged, undefined))),
        ).toMatch(/^invalidCursor: /)
      }
    }
  })

  test('with anything behind it is none', async () => {
    const { context } = serviceRig()
    const cursor = writeCursor(context, 'query', { count: 1 })
    for (const more of ['.', '.x', 'x', '=', ' ', '\n']) {
      expect(
        said(await refusalOf(() => readCursor(context, 'query', cursor + more, undefined))),
      ).toMatch(/^invalidCursor: /)
    }
  })

  test.each(['', '.', '..', 'a', 'a.b', 'a.b.c', '\u0000', 'é.é', '__proto__', 'e30.'])(
    '%j is none',
    async (text) => {
      const { context } = serviceRig()
      expect(said(await refusalOf(() => readCursor(context, 'query', text, undefined)))).toMatch(
        /^invalidCursor: /,
      )
    },
  )

  test.each<[string, unknown]>([
    ['nothing', ''],
    ['no object', 7],
    ['no count', { expires: 9e9 }],
    ['more than it may', { count: 1, expires: 9e9, tenant: 'x' }],
    ['a position that is no text', { count: 1, expires: 9e9, after: 3 }],
  ])('that is signed but says %s is none', async (_, content) => {
    const { context } = serviceRig()
    const text = Buffer.from(JSON.stringify(content)).toString('base64url')
    const cursor = `${text}.${context.sign(`cursor\n${text}\nquery`)}`
    expect(said(await refusalOf(() => readCursor(context, 'query', cursor, undefined)))).toMatch(
      /^invalidCursor: /,
    )
  })
})

describe('a list by cursor', () => {
  test('ends with expiredCursor an hour after its page was read (RFC 9865 §2.1)', async () => {
    const rig = serviceRig()
    for (const name of ['a', 'b', 'c']) await rig.add(USER, { userName: name })
    const page = (cursor: string) =>
      jsonOf(list(rig.context, USER, asked({ query: { count: '1', cursor } })))

    const first = await page('')
    rig.clock.now += HOUR - 1000
    const second = await page(textIn(first, 'nextCursor'))
    rig.clock.now += HOUR - 1000
    // Every page gives a new hour.
    await expect(page(textIn(second, 'nextCursor'))).resolves.toMatchObject({ itemsPerPage: 1 })
    await expect(page(textIn(first, 'nextCursor'))).rejects.toThrow(ScimError)
    await expect(page(textIn(first, 'nextCursor'))).rejects.toThrow(/^expiredCursor: /)
  })
})
