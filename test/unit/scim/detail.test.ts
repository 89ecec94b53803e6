import { describe, expect, test } from 'vitest'
import { detail, quote, resourceId, sent } from '../../../lib/scim/detail.ts'
import { ScimError, toErrorBody } from '../../../lib/scim/errors.ts'

describe('a detail', () => {
  test('leaves out for logs what was sent, and nothing else', () => {
    expect(detail`${'emails'} may have ${40} values, not ${sent('ada')}.`).toEqual({
      whole: 'emails may have 40 values, not ada.',
      withoutValues: 'emails may have 40 values, not ….',
    })
  })

  test('takes another one in', () => {
    expect(detail`${detail`a ${sent('b')}`} c`).toEqual({ whole: 'a b c', withoutValues: 'a … c' })
  })

  test('without values is its text', () => {
    expect(detail`a`).toEqual({ whole: 'a', withoutValues: 'a' })
  })

  test('tells an id to the activity, and to no log', () => {
    const taken = detail`${detail`id ${resourceId('1fa8')}`}, not ${sent('ada')}`
    expect(taken).toEqual({
      whole: 'id 1fa8, not ada',
      withoutValues: 'id …, not …',
      withIds: 'id 1fa8, not …',
    })
  })

  test('quotes a text in part when it is long', () => {
    expect(quote('x')).toEqual({ whole: '"x"', withoutValues: '"…"' })
    expect(quote('x'.repeat(100)).whole).toBe(`"${'x'.repeat(100)}"`)
    expect(quote('x'.repeat(101)).whole).toBe(`"${'x'.repeat(100)}…"`)
  })
})

describe('a ScimError', () => {
  const error = new ScimError('invalidValue', detail`${quote('ada')} is no name.`, {
    headers: { allow: 'GET' },
  })

  test('answers with the whole detail and logs it without what was sent', () => {
    expect(error.detail).toBe('"ada" is no name.')
    expect(toErrorBody(error).detail).toBe('"ada" is no name.')
    expect(error.loggedDetail).toBe('"…" is no name.')
    expect(error.message).toBe('invalidValue: "…" is no name.')
    expect(String(error.stack)).not.toContain('ada')
  })

  test('gives the activity the ids, also where it is prefixed, and otherwise what is logged', () => {
    const taken = new ScimError(
      'uniqueness',
      detail`${quote('ada')} is that of ${resourceId('1fa8')}.`,
    )
    expect(taken.activityDetail).toBe('"…" is that of 1fa8.')
    expect(taken.loggedDetail).toBe('"…" is that of ….')
    expect(taken.prefixed('Operation 2: ')).toMatchObject({
      detail: 'Operation 2: "ada" is that of 1fa8.',
      loggedDetail: 'Operation 2: "…" is that of ….',
      activityDetail: 'Operation 2: "…" is that of 1fa8.',
    })
    expect(error.activityDetail).toBe(error.loggedDetail)
  })

  test('with a plain text logs that text', () => {
    const { detail: whole, loggedDetail } = new ScimError('notFound', 'There is none.')
    expect([whole, loggedDetail]).toEqual(['There is none.', 'There is none.'])
  })

  test('can say where it came up', () => {
    const placed = error.prefixed('Operation 2: ')
    expect(placed.detail).toBe('Operation 2: "ada" is no name.')
    expect(placed.loggedDetail).toBe('Operation 2: "…" is no name.')
    expect(placed.kind).toBe('invalidValue')
    expect(placed.headers).toEqual({ allow: 'GET' })
    expect(placed.cause).toBe(error)
  })
})
