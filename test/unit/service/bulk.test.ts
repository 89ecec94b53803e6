import { describe, expect, test } from 'vitest'
import { ScimError } from '../../../lib/scim/errors.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from '../../../lib/scim/json.ts'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import { MESSAGE, URN } from '../../../lib/scim/urn.ts'
import { bulk } from '../../../lib/service/bulk.ts'
import { get } from '../../../lib/service/get.ts'
import { list } from '../../../lib/service/list.ts'
import type { ResourceStore } from '../../../lib/storage/port.ts'
import { refusalOf } from '../../support/refusal.ts'
import {
  asked,
  Gate,
  jsonOf,
  RIG_URL,
  serviceRig,
  textIn,
  type Rig,
} from '../../support/service-rig.ts'

const user = (userName: string, more: JsonObject = {}, bulkId = userName): JsonObject => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: { schemas: [URN.user], userName, ...more },
})
const managed = (userName: string, manager: string): JsonObject =>
  user(userName, { [URN.enterpriseUser]: { manager: { value: manager } } })
const group = (displayName: string, ...members: readonly string[]): JsonObject => ({
  method: 'POST',
  path: '/Groups',
  bulkId: displayName,
  data: { schemas: [URN.group], displayName, members: members.map((value) => ({ value })) },
})
const patch = (path: string, ...operations: readonly JsonObject[]): JsonObject => ({
  method: 'PATCH',
  path,
  data: { schemas: [MESSAGE.patchOp], Operations: operations },
})
const rename = (id: string | undefined, value: string): JsonObject =>
  patch(`/Users/${id}`, { op: 'replace', path: 'userName', value })
const remove = (path: string): JsonObject => ({ method: 'DELETE', path })

async function run(
  { context }: Rig,
  operations: readonly JsonValue[],
  more: JsonObject = {},
): Promise<readonly JsonObject[]> {
  const body = { schemas: [MESSAGE.bulkRequest], Operations: operations, ...more }
  const answer = await jsonOf(bulk(context, asked({ body })))
  expect(Object.keys(answer)).toEqual(['schemas', 'Operations'])
  expect(answer['schemas']).toEqual([MESSAGE.bulkResponse])
  return isArray(answer['Operations']) ? answer['Operations'].filter(isObject) : []
}

const statuses = (operations: readonly JsonObject[]): string =>
  operations.map((each) => textIn(each, 'status')).join(' ')

async function userNames({ context }: Rig): Promise<string> {
  const { Resources } = await jsonOf(list(context, USER, asked({ query: { sortby: 'userName' } })))
  const found = isArray(Resources) ? Resources.filter(isObject) : []
  return found.map((each) => textIn(each, 'userName')).join(' ')
}

describe('what an operation answers', () => {
  test('is what its single request would, without the body', async () => {
    const rig = serviceRig()
    const [a, g] = [
      await rig.add(USER, { userName: 'a' }),
      await rig.add(GROUP, { displayName: 'G' }),
    ]
    const put = { method: 'PUT', path: `/Users/${a}`, data: { schemas: [URN.user], userName: 'b' } }
    const answers = await run(rig, [
      user('c'),
      put,
      patch(`/Groups/${g}`, { op: 'add', path: 'externalId', value: 'x' }),
      patch(`/Users/${a}`, { op: 'add', path: 'title', value: 'x' }),
      remove(`/Groups/${g}`),
    ])
    const { meta } = await jsonOf(get(rig.context, USER, asked({ id: a })))
    expect(answers).toEqual([
      {
        method: 'POST',
        bulkId: 'c',
        version: expect.stringMatching(/^W\//) as unknown,
        location: expect.stringContaining(`${RIG_URL}/Users/`) as unknown,
        status: '201',
      },
      {
        method: 'PUT',
        version: expect.stringMatching(/^W\//) as unknown,
        location: `${RIG_URL}/Users/${a}`,
        status: '200',
      },
      {
        method: 'PATCH',
        version: expect.stringMatching(/^W\//) as unknown,
        location: `${RIG_URL}/Groups/${g}`,
        status: '204',
      },
      {
        method: 'PATCH',
        version: textIn(meta, 'version'),
        location: `${RIG_URL}/Users/${a}`,
        status: '200',
      },
      { method: 'DELETE', location: `${RIG_URL}/Groups/${g}`, status: '204' },
    ])
  })

  test('has an error and no location for a POST that failed', async () => {
    const rig = serviceRig()
    const [failed] = await run(rig, [user('')])
    expect(failed).toEqual({
      method: 'POST',
      bulkId: '',
      status: '400',
      response: {
        schemas: [MESSAGE.error],
        status: '400',
        scimType: 'invalidValue',
        detail: expect.stringContaining('bulkId') as unknown,
      },
    })
  })

  test('has the location of what was not there', async () => {
    const answers = await run(serviceRig(), [remove('Users/none'), remove('/Groups/none')])
    expect(answers.map(({ location, status }) => [location, status])).toEqual([
      [`${RIG_URL}/Users/none`, '404'],
      [`${RIG_URL}/Groups/none`, '404'],
    ])
  })

  test('has the id in the place of a bulkId', async () => {
    const answers = await run(serviceRig(), [
      user('a'),
      remove('/Users/bulkId:a'),
      remove('/Users/bulkId:a'),
    ])
    const created = answers[0]?.['location']
    expect(statuses(answers)).toBe('201 204 404')
    expect(answers.map(({ location }) => location)).toEqual([created, created, created])
  })

  test('is sorted as the request was', async () => {
    const answers = await run(serviceRig(), [group('G', 'bulkId:a'), { method: 'GET' }, user('a')])
    expect(answers.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST'])
    expect(statuses(answers)).toBe('201 400 201')
  })

  test.each<[string, JsonValue]>([
    ['text', 'x'],
    ['null', null],
    ['nothing', {}],
    ['members of wrong types', { method: 7, path: {}, bulkId: [], data: 'x' }],
  ])('is 400 for %s', async (_, operation) => {
    const [answer] = await run(serviceRig(), [operation])
    expect(answer).toMatchObject({ status: '400', response: { scimType: 'invalidSyntax' } })
    expect(Object.keys(answer ?? {})).toEqual(['status', 'response'])
  })
})

/** A rig whose creates wait until the test lets them go, and the number that waited at the same time at most. */
function watched(): { rig: Rig; most: () => number } {
  let running = 0
  let most = 0
  const rig = serviceRig({
    store: (real: ResourceStore) => ({
      create: async (...create) => {
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => setTimeout(resolve, 2))
        running -= 1
        return real.create(...create)
      },
    }),
  })
  return { rig, most: () => most }
}

describe('side by side', () => {
  const many = Array.from({ length: 20 }, (_, index) => user(`u${index}`))

  test('run eight independent operations', async () => {
    const { rig, most } = watched()
    expect(statuses(await run(rig, many))).toBe(many.map(() => '201').join(' '))
    expect(most()).toBe(8)
  })

  test('run no two with failOnErrors', async () => {
    const { rig, most } = watched()
    await run(rig, many, { failOnErrors: 1 })
    expect(most()).toBe(1)
  })

  test('what must wait waits: the slow delete frees the name', async () => {
    const gate = new Gate()
    const rig = serviceRig({
      store: (real: ResourceStore) => ({
        delete: async (...row) => {
          await gate.opened
          return real.delete(...row)
        },
      }),
    })
    const id = await rig.add(USER, { userName: 'a' })
    const created = rig.calls.get('store.create')
    const answers = run(rig, [remove(`/Users/${id}`), user('A'), group('G')])
    await new Promise((resolve) => setTimeout(resolve, 5))
    // The group is created meanwhile, the user is not.
    expect(rig.calls.get('store.create')).toBe((created ?? 0) + 1)
    gate.open()
    expect(statuses(await answers)).toBe('204 201 201')
  })

  test('names pass on in a chain, in one order only', async () => {
    const rig = serviceRig()
    const ids = [await rig.add(USER, { userName: 'a' }), await rig.add(USER, { userName: 'b' })]
    const forth = await run(rig, [rename(ids[0], 'x'), rename(ids[1], 'a'), user('b')])
    expect([statuses(forth), await userNames(rig)]).toEqual(['200 200 201', 'a b x'])
    const back = await run(rig, [rename(ids[1], 'x'), rename(ids[0], 'y'), rename(ids[1], 'x')])
    expect([statuses(back), await userNames(rig)]).toEqual(['409 200 200', 'b x y'])
  })
})

describe('references', () => {
  test('are resolved in all directions', async () => {
    const rig = serviceRig()
    const answers = await run(rig, [
      group('G', 'bulkId:a', 'bulkId:H'),
      managed('a', 'bulkId:b'),
      group('H', 'bulkId:b'),
      managed('b', 'bulkId:a'),
    ])
    expect(statuses(answers)).toBe('201 201 201 201')
    const ids = answers.map((each) => textIn(each, 'location').replace(/.*\//, ''))
    const [g, a, h, b] = await Promise.all(
      ids.map((id, at) => jsonOf(get(rig.context, at % 2 === 0 ? GROUP : USER, asked({ id })))),
    )
    expect(g?.['members']).toMatchObject([
      { value: ids[1], type: 'User' },
      { value: ids[2], type: 'Group' },
    ])
    expect(h?.['members']).toMatchObject([{ value: ids[3] }])
    expect(a?.[URN.enterpriseUser]).toMatchObject({ manager: { value: ids[3] } })
    expect(b?.[URN.enterpriseUser]).toMatchObject({ manager: { value: ids[1] } })
  })

  test('that go round leave the version that is answered', async () => {
    const rig = serviceRig()
    const [first] = await run(rig, [group('G', 'bulkId:H'), group('H', 'bulkId:G')])
    const id = textIn(first, 'location').replace(/.*\//, '')
    const { meta } = await jsonOf(get(rig.context, GROUP, asked({ id })))
    expect(first).toMatchObject({ status: '201', version: textIn(meta, 'version') })
  })

  test('that go round through what fails are reported where they are missing', async () => {
    const rig = serviceRig()
    const nameless = {
      ...group('H', 'bulkId:G'),
      data: { schemas: [URN.group], members: [{ value: 'bulkId:G' }] },
    }
    const answers = await run(rig, [group('G', 'bulkId:H'), nameless])
    expect(statuses(answers)).toBe('400 400')
    expect(answers[0]?.['response']).toMatchObject({
      detail: expect.stringContaining('failed') as unknown,
    })
    expect(answers[0]).not.toHaveProperty('location')
    const left = await jsonOf(list(rig.context, GROUP, asked({})))
    expect(left['totalResults']).toBe(0)
  })

  test('to what failed fail, one after the other', async () => {
    const rig = serviceRig()
    const nobody = { ...user('a'), data: { schemas: [URN.user] } }
    const answers = await run(rig, [
      group('H', 'bulkId:G'),
      group('G', 'bulkId:a'),
      nobody,
      user('b'),
    ])
    expect(statuses(answers)).toBe('400 400 400 201')
    expect(rig.calls.get('store.create')).toBe(1)
  })
})

describe('failOnErrors', () => {
  const operations = ['a', 'a', 'b', 'b', 'c'].map((name, index) => user(name, {}, `${index}`))

  test.each<[JsonObject, string, string]>([
    [{}, '201 409 201 409 201', 'a b c'],
    [{ failOnErrors: 1 }, '201 409', 'a'],
    [{ failOnErrors: 2 }, '201 409 201 409', 'a b'],
    [{ failOnErrors: 3 }, '201 409 201 409 201', 'a b c'],
    [{ failOnErrors: null }, '201 409 201 409 201', 'a b c'],
  ])('%j', async (more, expected, names) => {
    const rig = serviceRig()
    expect(statuses(await run(rig, operations, more))).toBe(expected)
    await expect(userNames(rig)).resolves.toBe(names)
  })

  test('leaves out what a forward reference put off', async () => {
    const rig = serviceRig()
    const answers = await run(
      rig,
      [group('G', 'bulkId:late'), remove('/Users/none'), user('late')],
      { failOnErrors: 1 },
    )
    expect(answers).toMatchObject([{ method: 'DELETE', status: '404' }])
    await expect(userNames(rig)).resolves.toBe('')
  })

  test('does what a forward reference needs first', async () => {
    const rig = serviceRig()
    const answers = await run(
      rig,
      [group('G', 'bulkId:late'), user('late'), remove('/Users/none'), user('b')],
      { failOnErrors: 1 },
    )
    expect(statuses(answers)).toBe('201 201 404')
  })
})

function broken(error: unknown): Rig {
  return serviceRig({
    store: (real: ResourceStore) => ({
      create: async (scope, resourceType, resource, change) => {
        if (resource.attributes['userName'] === 'broken') throw error
        return real.create(scope, resourceType, resource, change)
      },
    }),
  })
}

describe('failures of ours', () => {
  test('fail their operation, tell nothing, and are reported', async () => {
    const error = new Error('the key user:broken is secret')
    const rig = broken(error)
    const answers = await run(rig, [user('a'), user('broken'), user('b')])
    expect(statuses(answers)).toBe('201 500 201')
    expect(JSON.stringify(answers)).not.toMatch(/secret/)
    expect(rig.reported).toEqual([error])
  })

  test('that have a status keep it', async () => {
    const rig = broken(new ScimError('unavailable', 'try again'))
    expect(statuses(await run(rig, [user('broken')]))).toBe('503')
    expect(rig.reported).toEqual([])
  })

  test('a request that is none is refused as a whole', async () => {
    const { context } = serviceRig()
    const refused = await refusalOf(() => bulk(context, asked({ body: {} })))
    expect(refused.kind).toBe('invalidSyntax')
  })
})

test('1000 operations on one group keep their order', async () => {
  const rig = serviceRig()
  const id = await rig.add(GROUP, { displayName: 'G' })
  const operations = Array.from({ length: 1000 }, (_, index) =>
    patch(`/Groups/${id}`, { op: 'replace', path: 'externalId', value: String(index) }),
  )
  const answers = await run(rig, operations)
  expect(new Set(answers.map((each) => each['status']))).toEqual(new Set(['204']))
  await expect(jsonOf(get(rig.context, GROUP, asked({ id })))).resolves.toMatchObject({
    externalId: '999',
  })
})

/** A rig in which creating a user takes so many seconds. */
function slow(seconds: number): Rig {
  const rig: Rig = serviceRig({
    store: (real: ResourceStore) => ({
      create: async (...creation) => {
        rig.clock.now += seconds * 1000
        return real.create(...creation)
      },
    }),
  })
  return rig
}

describe('a bulk that takes long', () => {
  test('begins no operation after 100 s, and answers each of the rest with 503', async () => {
    const names = Array.from({ length: 10 }, (_, index) => user(`u${index}`))
    const answers = await run(slow(15), names, { failOnErrors: 100 })
    expect(statuses(answers)).toBe('201 201 201 201 201 201 201 503 503 503')
    expect(JSON.stringify(answers)).toContain('The operation was not done')
  })

  test('gives each operation 20 s of its own', async () => {
    const deadlines: number[] = []
    const rig: Rig = serviceRig({
      store: (real: ResourceStore) => ({
        create: async (scope, ...creation) => {
          deadlines.push(scope.deadline.remaining())
          rig.clock.now += 15_000
          return real.create(scope, ...creation)
        },
      }),
    })
    await run(rig, [user('a'), user('b'), user('c')], { failOnErrors: 9 })
    expect(deadlines).toEqual([20_000, 20_000, 20_000])
  })

  test('does no further operation once its credential is refused', async () => {
    const rig = serviceRig()
    let checks = 0
    const context = {
      ...rig.context,
      checkCredential: async () => {
        checks += 1
        if (checks > 2) throw new ScimError('unauthorized', 'The Secret Token is not valid.')
      },
    }
    const operations = [user('a'), user('b'), user('c'), user('d')]
    const answers = await run({ ...rig, context }, operations, { failOnErrors: 9 })
    expect(statuses(answers)).toBe('201 201 401 401')
    expect(rig.calls.get('store.create')).toBe(2)
  })
})

/** A rig whose members cannot be changed. `deletes`: its resources can be deleted. */
function withoutMembers(deletes: boolean): Rig {
  return serviceRig({
    memberships: () => ({
      changeMembers: async () => {
        throw new ScimError('unavailable', 'The storage is not available.')
      },
    }),
    store: (real: ResourceStore) => ({
      delete: async (...deletion) => {
        if (deletes) return real.delete(...deletion)
        throw new ScimError('unavailable', 'The storage is not available.')
      },
    }),
  })
}

describe('circular references that cannot be completed', () => {
  const circle = [group('G', 'bulkId:H'), group('H', 'bulkId:G')]

  test('leave nothing behind', async () => {
    const rig = withoutMembers(true)
    const answers = await run(rig, circle)
    expect(statuses(answers)).toContain('503')
    const { totalResults } = await jsonOf(list(rig.context, GROUP, asked()))
    expect(totalResults).toBe(answers.filter((each) => each['status'] === '201').length)
  })

  test('say where the resource is when it cannot be removed', async () => {
    const answers = await run(withoutMembers(false), circle)
    const text = 'it could not be removed: it is at /Groups/'
    const left = answers.find((each) => JSON.stringify(each).includes(text))
    expect(left).toMatchObject({ location: expect.stringContaining('/Groups/') as unknown })
  })
})

test('a resource of a circle that another operation removes was created, and is gone', async () => {
  const rig = serviceRig()
  const operations = [{ method: 'DELETE', path: '/Groups/bulkId:G' }, group('G', 'bulkId:G')]
  const answers = await run(rig, operations)
  expect(statuses(answers)).toBe('204 201')
  const { totalResults } = await jsonOf(list(rig.context, GROUP, asked()))
  expect(totalResults).toBe(0)
})
