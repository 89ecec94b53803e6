import { describe, expect, test } from 'vitest'
import { ScimError } from '../../../lib/scim/errors.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import type { StoredResource } from '../../../lib/scim/resource.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { changeAttributes, retryLostRaces } from '../../../lib/service/change.ts'
import type { Change, ResourceStore } from '../../../lib/storage/port.ts'
import { refusalOf } from '../../support/refusal.ts'
import { Gate, serviceRig, type Rig } from '../../support/service-rig.ts'

/** A user `a@example.com` in a rig whose `replace` is the given one. */
async function withUser(
  replace?: (real: ResourceStore) => ResourceStore['replace'],
): Promise<Rig & { readonly id: string }> {
  const rig = serviceRig({
    store: (real) => (replace === undefined ? {} : { replace: replace(real) }),
  })
  return { ...rig, id: await rig.add(USER, { userName: 'a@example.com' }) }
}

const titled =
  (title: string) =>
  ({ attributes }: StoredResource): JsonObject => ({ ...attributes, title })

const appended =
  (letter: string) =>
  ({ attributes }: StoredResource): JsonObject => {
    const { title } = attributes
    return { ...attributes, title: `${typeof title === 'string' ? title : ''}${letter}` }
  }

async function stored({ context, id }: Rig & { readonly id: string }): Promise<StoredResource> {
  const found = await context.store.get(context.scope, USER, id)
  if (found === undefined) throw new Error('The user is gone.')
  return found
}

/** A change that another instance makes. */
function ofAnother(change: Change): Change {
  return {
    ...change,
    position: `${change.position.slice(0, -8)}another0`,
    stamp: { ...change.stamp, version: 'w' },
  }
}

/** `replace` that loses the race so many times, and then is the real one. */
function losing(times: number): (real: ResourceStore) => ResourceStore['replace'] {
  let left = times
  return (real) =>
    async (...write) => {
      left -= 1
      return left >= 0 ? false : real.replace(...write)
    }
}

describe('a change', () => {
  test('is written under a new version, and answered as it is stored', async () => {
    const rig = await withUser()
    const before = await stored(rig)
    rig.clock.now += 5000
    const after = await changeAttributes(rig.context, USER, rig, 'patch', titled('t'))
    expect(after).toMatchObject({
      id: rig.id,
      created: before.created,
      attributes: { userName: 'a@example.com', title: 't' },
      lastModified: new Date(rig.clock.now).toISOString(),
    })
    expect(after.version).not.toBe(before.version)
    await expect(stored(rig)).resolves.toMatchObject({
      version: after.version,
      lastModified: after.lastModified,
      attributes: after.attributes,
    })
  })

  test.each([-60_000, 0])('moves lastModified on, though the clock is %i ms off', async (off) => {
    const rig = await withUser()
    const before = await stored(rig)
    rig.clock.now = Date.parse(before.lastModified) + off
    const after = await changeAttributes(rig.context, USER, rig, 'patch', titled('t'))
    expect(Date.parse(after.lastModified)).toBe(Date.parse(before.lastModified) + 1)
  })

  test.each<[string, (before: StoredResource) => JsonObject]>([
    ['the same object', ({ attributes }) => attributes],
    ['an equal one', ({ attributes }) => structuredClone(attributes)],
    [
      'one with its members in another order',
      ({ attributes }) => Object.fromEntries(Object.entries(attributes).toReversed()),
    ],
  ])('to %s writes nothing', async (_, make) => {
    const rig = await withUser()
    const before = await stored(rig)
    await expect(changeAttributes(rig.context, USER, rig, 'patch', make)).resolves.toEqual(before)
    expect(rig.calls.get('store.replace')).toBeUndefined()
  })
})

describe('lost races', () => {
  test.each([0, 1, 2, 7, 30])('%i of them are tried again', async (times) => {
    const rig = await withUser(losing(times))
    let made = 0
    const after = await changeAttributes(rig.context, USER, rig, 'patch', (before) => {
      made += 1
      return titled('t')(before)
    })
    expect(after.attributes['title']).toBe('t')
    expect(made).toBe(times + 1)
    expect(rig.pauses).toHaveLength(times)
    expect(Math.max(0, ...rig.pauses)).toBeLessThanOrEqual(200)
  })

  test('the first pauses are short', async () => {
    const rig = await withUser(losing(3))
    await changeAttributes(rig.context, USER, rig, 'patch', titled('t'))
    rig.pauses.forEach((pause, index) => expect(pause).toBeLessThanOrEqual(5 * 2 ** (index + 1)))
  })

  test('the change of the winner is kept', async () => {
    let isFirst = true
    const rig = await withUser((real) => async (scope, type, before, attributes, change) => {
      if (isFirst) {
        isFirst = false
        const other = { ...before.attributes, nickName: 'n' }
        await real.replace(scope, type, before, other, ofAnother(change))
      }
      return real.replace(scope, type, before, attributes, change)
    })
    const after = await changeAttributes(rig.context, USER, rig, 'patch', titled('t'))
    expect(after.attributes).toMatchObject({ title: 't', nickName: 'n' })
  })

  test('after 20 s it is said that there are too many', async () => {
    const rig = await withUser(() => async () => false)
    const started = rig.clock.now
    const error = await refusalOf(() =>
      changeAttributes(rig.context, USER, rig, 'patch', titled('t')),
    )
    expect(error).toMatchObject({ kind: 'unavailable', headers: { 'retry-after': '5' } })
    const took = rig.clock.now - started
    expect(took).toBeGreaterThanOrEqual(20_000)
    expect(took).toBeLessThanOrEqual(20_200)
    expect((await stored(rig)).attributes).not.toHaveProperty('title')
  })

  test('a resource that is deleted meanwhile is not there', async () => {
    const rig = await withUser((real) => async (scope, type, before, _, change) => {
      await real.delete(scope, type, before, ofAnother(change))
      return false
    })
    const refused = await refusalOf(() =>
      changeAttributes(rig.context, USER, rig, 'patch', titled('t')),
    )
    expect(refused.kind).toBe('notFound')
  })

  test('with If-Match end in a conflict once the version has moved', async () => {
    const rig = await withUser((real) => async (scope, type, before, attributes, change) => {
      await real.replace(scope, type, before, { ...attributes, nickName: 'n' }, ofAnother(change))
      return false
    })
    const { version } = await stored(rig)
    const target = { id: rig.id, ifMatch: `W/"${version}"` }
    const refused = await refusalOf(() =>
      changeAttributes(rig.context, USER, target, 'patch', titled('t')),
    )
    expect(refused.kind).toBe('preconditionFailed')
    expect(rig.calls.get('store.replace')).toBe(1)
  })
})

describe('what stops a change', () => {
  test('an unknown id', async () => {
    const rig = await withUser()
    const refused = await refusalOf(() =>
      changeAttributes(rig.context, USER, { id: 'x' }, 'patch', titled('t')),
    )
    expect(refused).toMatchObject({
      kind: 'notFound',
      detail: expect.stringContaining('User') as unknown,
    })
  })

  test.each(['W/"other"', '"other"', 'W/"a", W/"b"'])('If-Match %s', async (ifMatch) => {
    const rig = await withUser()
    const target = { id: rig.id, ifMatch }
    const refused = await refusalOf(() =>
      changeAttributes(rig.context, USER, target, 'patch', titled('t')),
    )
    expect(refused.kind).toBe('preconditionFailed')
    expect(refused.detail).toMatch(/If-Match/)
    expect(rig.calls.get('store.replace')).toBeUndefined()
  })

  test.each(['*', '', 'W/"x", W/"<version>"'])('not If-Match %s', async (header) => {
    const rig = await withUser()
    const { version } = await stored(rig)
    const target = { id: rig.id, ifMatch: header.replace('<version>', version) }
    const after = await changeAttributes(rig.context, USER, target, 'patch', titled('t'))
    expect(after.attributes['title']).toBe('t')
  })

  test('an error of the change itself, at the first try', async () => {
    const rig = await withUser()
    const refused = await refusalOf(() =>
      changeAttributes(rig.context, USER, rig, 'patch', () => {
        throw new ScimError('mutability', 'no')
      }),
    )
    expect(refused).toMatchObject({ kind: 'mutability', detail: 'no' })
    expect(rig.pauses).toEqual([])
  })

  test('an error of the store, at the first try', async () => {
    const rig = await withUser(() => async () => {
      throw new Error('broken')
    })
    await expect(changeAttributes(rig.context, USER, rig, 'patch', titled('t'))).rejects.toThrow(
      'broken',
    )
    expect(rig.calls.get('store.replace')).toBe(1)
  })
})

describe('parallel changes', () => {
  test('of one resource take turns: none is lost, none loses a race', async () => {
    const rig = await withUser()
    await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((name) =>
        changeAttributes(rig.context, USER, rig, 'patch', appended(name)),
      ),
    )
    expect((await stored(rig)).attributes['title']).toBe('abcde')
    expect(rig.calls.get('store.replace')).toBe(5)
    expect(rig.pauses).toEqual([])
  })

  test('go on after one that fails', async () => {
    const rig = await withUser()
    const fails = changeAttributes(rig.context, USER, rig, 'patch', () => {
      throw new ScimError('invalidValue', 'no')
    })
    const works = changeAttributes(rig.context, USER, rig, 'patch', titled('t'))
    await expect(fails).rejects.toThrow('no')
    await expect(works).resolves.toMatchObject({ attributes: { title: 't' } })
  })

  test('of two tenants with one id do not wait for each other', async () => {
    const rig = await withUser()
    const { id, context } = rig
    const before = await stored(rig)
    await rig.add(USER, before.attributes, { as: 'two', id })
    const gate = new Gate()
    const slow = retryLostRaces(context, USER, { id }, async (found) => {
      await gate.opened
      return found
    })
    await changeAttributes(rig.as('two'), USER, { id }, 'patch', titled('t'))
    gate.open()
    await expect(slow).resolves.toMatchObject({ id })
  })
})
