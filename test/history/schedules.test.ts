import { RestError } from '@azure/data-tables'
import { beforeEach, describe, expect, test } from 'vitest'
import type { TypeName } from '../support/history/operation.ts'
import { shownBy, twoInstances, type TwoInstances } from '../support/history/two-instances.ts'
import {
  before,
  isTransaction,
  losingAllAnswers,
  losingAnswerAfter,
  type Request,
  type Transport,
} from '../support/tables.ts'

const TYPES: readonly TypeName[] = ['User', 'Group']
const WRITES = ['PUT', 'PATCH'] as const

/** Each verb that writes an existing resource, for each type. */
const WRITES_OF_TYPES = WRITES.flatMap((verb) => TYPES.map((type) => [verb, type] as const))

const FAMILIES = { User: 'user', Group: 'group' } as const
const NAMES = { User: 'userName', Group: 'displayName' } as const

let app: TwoInstances

beforeEach(async () => {
  app = await twoInstances()
})

async function created(type: TypeName, name: string): Promise<string> {
  return shownBy(await app.second({ verb: 'POST', type, name })).id
}

/** The name of a resource; undefined when it is gone. */
async function nameOf(type: TypeName, resource: string): Promise<string | undefined> {
  const { seen } = await app.second({ verb: 'GET', type, resource })
  return seen[0]?.name
}

async function membersOf(resource: string): Promise<readonly string[] | undefined> {
  return shownBy(await app.second({ verb: 'GET', type: 'Group', resource })).members
}

const isReadOf =
  (family: string) =>
  ({ method, url }: Request): boolean =>
    method === 'GET' && decodeURIComponent(url).includes(`RowKey='${family}:`)

/** Whoever has been chosen once is chosen from then on, behind a transaction. */
function behindTransaction(choose: (request: Request) => boolean): (request: Request) => boolean {
  let isBehind = false
  return (request) => {
    if (isBehind) return choose(request)
    isBehind = isTransaction(request)
    return false
  }
}

const LOSSES = [
  [
    'the first answer is lost',
    (something: () => Promise<unknown>) => losingAnswerAfter(isTransaction, something),
  ],
  ['all answers are lost', losingAllAnswers],
] as const

describe.each(WRITES_OF_TYPES)('a rename (%s of a %s)', (verb, type) => {
  const family = FAMILIES[type]

  test('to a name that another gives up in that moment is made', async () => {
    const holder = await created(type, 'wanted')
    const resource = await created(type, 'mine')
    const givingUp = (): Promise<unknown> =>
      app.second({ verb, type, resource: holder, name: 'given up' })
    app.through(before(behindTransaction(isReadOf(family)), givingUp))
    const { status } = await app.first({ verb, type, resource, name: 'wanted' })
    expect([200, 204]).toContain(status)
    expect(await nameOf(type, resource)).toBe('wanted')
    expect(await nameOf(type, holder)).toBe('given up')
  })

  test('to a name that another gives it in that moment is no failure', async () => {
    const holder = await created(type, 'wanted')
    const resource = await created(type, 'mine')
    const giving = async (): Promise<void> => {
      await app.second({ verb, type, resource: holder, name: 'given up' })
      await app.second({ verb, type, resource, name: 'wanted' })
    }
    app.through(before(behindTransaction(isReadOf(NAMES[type])), giving))
    const { status } = await app.first({ verb, type, resource, name: 'wanted' })
    expect([200, 204]).toContain(status)
    expect(await nameOf(type, resource)).toBe('wanted')
  })
})

describe.each(TYPES)('of two deletions of a %s at the same moment', (type) => {
  test.each(LOSSES)('one is told that it deleted, when %s', async (_, losing) => {
    const resource = await created(type, 'a')
    const others: number[] = []
    app.through(
      losing(async () => {
        others.push((await app.second({ verb: 'DELETE', type, resource })).status)
      }),
    )
    expect((await app.first({ verb: 'DELETE', type, resource })).status).toBe(204)
    expect(others).toEqual([404])
    expect(await app.second({ verb: 'LIST', type })).toMatchObject({ total: 0, seen: [] })
  })
})

describe.each(LOSSES)('when %s and another was faster than the repetition,', (_, losing) => {
  test.each(WRITES_OF_TYPES)('a %s of a %s has been made, once', async (verb, type) => {
    const resource = await created(type, 'a')
    const { version } = await app.second({ verb: 'GET', type, resource })
    const read: string[] = []
    const changing = async (): Promise<void> => {
      read.push((await nameOf(type, resource)) ?? '')
      await app.second({ verb, type, resource, name: 'later' })
    }
    for (const ifMatch of [version, undefined]) {
      app.through(losing(changing))
      const name = `lost ${ifMatch === undefined}`
      const condition = ifMatch === undefined ? {} : { ifMatch }
      const { status } = await app.first({ verb, type, resource, ...condition, name })
      expect([200, 204]).toContain(status)
      expect(read.at(-1)).toBe(name)
      expect(await nameOf(type, resource)).toBe('later')
    }
  })

  test.each(TYPES)('a %s has been created, though it is gone by then', async (type) => {
    const gone: number[] = []
    app.through(
      losing(async () => {
        const find = { by: 'name', value: 'a' } as const
        const { id } = shownBy(await app.second({ verb: 'FIND', type, find }))
        gone.push((await app.second({ verb: 'DELETE', type, resource: id })).status)
      }),
    )
    expect((await app.first({ verb: 'POST', type, name: 'a' })).status).toBe(201)
    expect(gone).toEqual([204])
    expect(await app.second({ verb: 'LIST', type })).toMatchObject({ total: 0, seen: [] })
  })

  test('a member who was added and removed by another stays out', async () => {
    const resource = await created('Group', 'a')
    const [one, other] = [await created('User', 'one'), await created('User', 'other')]
    const { version } = await app.second({ verb: 'GET', type: 'Group', resource })
    for (const ifMatch of [version, undefined]) {
      const group = { verb: 'PATCH', type: 'Group', resource } as const
      app.through(losing(() => app.second({ ...group, remove: [one] })))
      const condition = ifMatch === undefined ? {} : { ifMatch }
      const answer = await app.first({ ...group, ...condition, add: [one, other] })
      expect(answer.status).toBe(204)
      expect(await membersOf(resource)).toEqual([other])
      await app.second({ ...group, remove: [other] })
    }
  })

  test('a member who was removed and added by another stays in', async () => {
    const resource = await created('Group', 'a')
    const one = await created('User', 'one')
    const group = { verb: 'PATCH', type: 'Group', resource } as const
    await app.second({ ...group, add: [one] })
    app.through(losing(() => app.second({ ...group, add: [one] })))
    expect((await app.first({ ...group, remove: [one] })).status).toBe(204)
    expect(await membersOf(resource)).toEqual([one])
  })
})

/** A network that breaks the connection at the first transaction, and delivers it when it is told to. */
function withholding(): {
  readonly transport: Transport
  readonly deliver: () => Promise<unknown>
} {
  let deliver: (() => Promise<unknown>) | undefined
  return {
    deliver: async () => deliver?.(),
    transport: async (request, next) => {
      if (deliver !== undefined || !isTransaction(request)) return next(request)
      const { url, method, body = '', headers } = request
      deliver = async () => next({ ...request, url, method, headers, body })
      throw new RestError('write EPIPE', { code: 'EPIPE', request })
    },
  }
}

describe('what was answered with a refusal is never made, however late it arrives:', () => {
  test.each(TYPES)('a %s with a name that is free by then', async (type) => {
    const holder = await created(type, 'wanted')
    const { transport, deliver } = withholding()
    app.through(transport)
    expect((await app.first({ verb: 'POST', type, name: 'wanted' })).status).toBe(409)
    await app.second({ verb: 'PATCH', type, resource: holder, name: 'given up' })
    await deliver()
    const left = await app.second({ verb: 'LIST', type })
    expect(left).toMatchObject({ total: 1, seen: [{ name: 'given up' }] })
  })

  test.each(WRITES_OF_TYPES)('a rename (%s of a %s)', async (verb, type) => {
    const holder = await created(type, 'wanted')
    const resource = await created(type, 'mine')
    const { transport, deliver } = withholding()
    app.through(transport)
    expect((await app.first({ verb, type, resource, name: 'wanted' })).status).toBe(409)
    await app.second({ verb: 'DELETE', type, resource: holder })
    await deliver()
    expect(await nameOf(type, resource)).toBe('mine')
  })

  test('a member who was in the group already, and has left it by then', async () => {
    const resource = await created('Group', 'a')
    const one = await created('User', 'one')
    const group = { verb: 'PATCH', type: 'Group', resource } as const
    await app.second({ ...group, add: [one] })
    const { transport, deliver } = withholding()
    app.through(transport)
    expect((await app.first({ ...group, add: [one] })).status).toBe(204)
    await app.second({ ...group, remove: [one] })
    await deliver()
    expect(await membersOf(resource)).toEqual([])
  })
})

describe('a change of a group’s name and members', () => {
  test.each(WRITES)('is made, though the group goes in the middle of it: %s', async (verb) => {
    const resource = await created('Group', 'a')
    const member = await created('User', 'one')
    const isSecond = behindTransaction(isTransaction)
    const read: (string | undefined)[] = []
    app.through(
      before(isSecond, async () => {
        read.push(await nameOf('Group', resource))
        await app.second({ verb: 'DELETE', type: 'Group', resource })
      }),
    )
    const members = verb === 'PUT' ? { members: [member] } : { add: [member] }
    const asked = { verb, type: 'Group', resource, name: 'b', ...members } as const
    expect([200, 204]).toContain((await app.first(asked)).status)
    expect(read).toEqual(['b'])
    expect(await nameOf('Group', resource)).toBeUndefined()
  })
})
