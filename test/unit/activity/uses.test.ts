import { beforeEach, describe, expect, test } from 'vitest'
import type { Caller } from '../../../lib/activity/use-counts.ts'
import { Uses, type EndedRequest } from '../../../lib/activity/uses.ts'
import type { NamedAttribute } from '../../../lib/scim/ignored-names.ts'
import type { UseNotes } from '../../../lib/storage/activity-port.ts'

const ACME = { id: 'acme', partitionKey: 'acme_0123456789abcdef' }
const OTHER = { id: 'other', partitionKey: 'other_0123456789abcdef' }
const CALLER: Caller = { credentialId: 'k3v9x0a1b2c3', client: 'entra', isProbe: false }
const START = Date.UTC(2026, 10, 27, 22, 58)
const MINUTE = 60_000

let at: number
let isDown: boolean
let written: (UseNotes & { readonly key: string })[]
let instances: number

beforeEach(() => {
  at = START
  isDown = false
  written = []
  instances = 0
})

function anInstance(): Uses {
  return new Uses(
    {
      async noteUse({ partitionKey: key }, notes) {
        if (isDown) throw new Error('down')
        written.push({ key, ...notes })
      },
    },
    { now: () => new Date(at), newInstance: () => `instance${(instances += 1)}` },
  )
}

function ended(more: Partial<EndedRequest> = {}): EndedRequest {
  return { status: 200, isLookUp: true, writes: [], named: [], ignored: [], ...more }
}

const write = (status: number): EndedRequest => ended({ status, isLookUp: false, writes: [status] })

/** One request from its begin to its end, with the write that is due meanwhile. */
async function request(
  uses: Uses,
  how: EndedRequest = ended(),
  { tenant = ACME, caller = CALLER } = {},
): Promise<void> {
  uses.began(tenant, caller)
  const writing = uses.write(tenant)
  uses.ended(tenant, caller, how)
  await writing
}

const user = (path: string): NamedAttribute => ({ type: 'User', path })

const named = (path: string): EndedRequest => ended({ named: [user(path)] })

const time = (milliseconds: number): string => new Date(milliseconds).toISOString()

describe('what is written', () => {
  test('tells of the request under way that it has come, and of those before how they ended', async () => {
    const uses = anInstance()
    await request(uses)
    expect(written[0]).toMatchObject({
      key: ACME.partitionKey,
      instance: 'instance1',
      activity: { lastRequest: time(START) },
      hours: [{ hour: '2026-11-27T22', requests: 1, served: 0, lookups: 0 }],
    })
    expect(written[0]?.activity).not.toHaveProperty('lastSuccess')
    at += MINUTE
    await request(uses)
    expect(written[1]).toMatchObject({
      activity: { lastRequest: time(at), lastSuccess: time(START) },
      hours: [{ hour: '2026-11-27T22', requests: 2, served: 1, lookups: 1 }],
    })
  })

  test('tells of a look-up under way as served, and later what became of it', async () => {
    const uses = anInstance()
    uses.began(ACME, CALLER)
    const writing = uses.write(ACME, { caller: CALLER, isLookUp: true })
    uses.ended(ACME, CALLER, ended({ status: 503 }))
    await writing
    expect(written[0]).toMatchObject({
      activity: { lastRequest: time(START), lastSuccess: time(START) },
      hours: [{ requests: 1, served: 1, failed: 0, lookups: 1 }],
      days: [{ connections: [{ lastSuccess: time(START) }] }],
    })
    at += MINUTE
    await request(uses, write(201))
    expect(written[1]?.hours).toMatchObject([{ requests: 2, served: 0, failed: 1, lookups: 1 }])
    expect(written[1]?.activity).toEqual({ lastRequest: time(at), lastClient: 'entra' })
  })

  test('is written once a minute, whatever number of requests there is', async () => {
    const uses = anInstance()
    for (let n = 0; n < 200; n += 1) {
      await request(uses)
      at += 1000
    }
    expect(written).toHaveLength(4)
    expect(written.at(-1)?.hours.map(({ requests }) => requests)).toEqual([61])
  })

  test('is written five seconds later for a Test Connection, which somebody waits for', async () => {
    const uses = anInstance()
    const probe = { caller: { ...CALLER, isProbe: true }, isLookUp: true }
    await request(uses)
    at += 4999
    uses.began(ACME, probe.caller)
    expect(uses.write(ACME, probe)).toBeUndefined()
    at += 1
    uses.began(ACME, probe.caller)
    await uses.write(ACME, probe)
    expect(written).toHaveLength(2)
    expect(connections()).toMatchObject([{ lastProbe: time(at), lastSuccess: time(at) }])
  })

  test('is written once more when a credential comes in that was refused, or another one', async () => {
    const uses = anInstance()
    const comes = async (credentialId: string): Promise<number> => {
      const coming = { caller: { ...CALLER, credentialId }, isLookUp: false }
      uses.began(ACME, coming.caller)
      await uses.write(ACME, coming)
      return written.length
    }
    const isRefused = async (credentialId: string): Promise<number> => {
      uses.refused(ACME, { ...CALLER, credentialId }, 401, 'credentialExpired')
      await uses.write(ACME)
      return written.length
    }
    expect(await comes('old')).toBe(1)
    at += 6000
    expect(await isRefused('old')).toBe(1)
    expect(await comes('new')).toBe(2)
    at += 6000
    expect(await comes('new')).toBe(2)
    expect(await isRefused('old')).toBe(2)
    expect(await comes('new')).toBe(2)
    expect(await comes('old')).toBe(3)
    at += 6000
    expect(await comes('old')).toBe(3)
  })

  test('has the uses that are new: another instance may have written later ones', async () => {
    const uses = anInstance()
    await request(uses)
    at += MINUTE
    await request(uses, write(400))
    at += MINUTE
    await request(uses, write(400))
    expect(written[2]?.activity).toEqual({ lastRequest: time(at), lastClient: 'entra' })
  })

  test('has nothing when nothing has happened', () => {
    const uses = anInstance()
    expect(uses.write(ACME)).toBeUndefined()
  })
})

describe('the counts of an hour', () => {
  test('are absolute, by how requests and writes ended', async () => {
    const uses = anInstance()
    for (const status of [201, 200, 400, 409, 429, 503]) await request(uses, write(status))
    await request(uses, ended({ status: 404 }))
    await request(uses, ended({ isLookUp: false, writes: [201, 409, 500, 204] }))
    at += MINUTE
    await request(uses)
    expect(written[1]?.hours).toEqual([
      {
        hour: '2026-11-27T22',
        requests: 9,
        served: 3,
        refused: 3,
        failed: 2,
        lookups: 1,
        writes: 10,
        writesRefused: 3,
        writesFailed: 3,
      },
    ])
  })

  test('are complete before the next hour is alone', async () => {
    const uses = anInstance()
    await request(uses)
    at += 1.5 * MINUTE
    await request(uses)
    at += MINUTE
    await request(uses)
    at += MINUTE
    await request(uses)
    expect(written.map(({ hours }) => hours.map(({ hour, requests }) => [hour, requests]))).toEqual(
      [
        [['2026-11-27T22', 1]],
        [['2026-11-27T22', 2]],
        [
          ['2026-11-27T22', 2],
          ['2026-11-27T23', 1],
        ],
        [['2026-11-27T23', 2]],
      ],
    )
  })

  test('do not begin again when the clock is set back', async () => {
    const uses = anInstance()
    at += 3 * MINUTE
    await request(uses)
    at -= 2 * MINUTE
    await request(uses)
    expect(written.at(-1)?.hours).toMatchObject([{ hour: '2026-11-27T23', requests: 2 }])
  })
})

const connections = (): UseNotes['days'][number]['connections'] =>
  written.at(-1)?.days.at(-1)?.connections ?? []

describe('the connections of a day', () => {
  test('first, last, success and refusal of each credential', async () => {
    const uses = anInstance()
    const caller = { ...CALLER, credentialId: 'zzzzzzzzzzzz', client: 'other' }
    await request(uses)
    at += 1000
    await request(uses, { ...write(409), refusal: 'uniqueness' })
    at += 1000
    await request(uses, ended(), { caller })
    at += MINUTE
    await request(uses, ended(), { caller })
    expect(connections()).toEqual([
      {
        credentialId: CALLER.credentialId,
        client: 'entra',
        first: time(START),
        last: time(START + 1000),
        lastSuccess: time(START),
        lastRefusal: time(START + 1000),
        lastReason: 'uniqueness',
      },
      {
        credentialId: 'zzzzzzzzzzzz',
        client: 'other',
        first: time(START + 2000),
        last: time(at),
        lastSuccess: time(START + 2000),
      },
    ])
  })

  test('a Test Connection is told with the request itself', async () => {
    await request(anInstance(), ended(), { caller: { ...CALLER, isProbe: true } })
    expect(connections()).toMatchObject([{ lastProbe: time(START) }])
  })

  test('a request that tells nothing does not take the client back', async () => {
    const uses = anInstance()
    await request(uses, ended(), { caller: { ...CALLER, client: 'other' } })
    await request(uses)
    await request(uses, ended(), { caller: { ...CALLER, client: 'other' } })
    at += MINUTE
    await request(uses, ended(), { caller: { ...CALLER, client: 'other' } })
    expect(connections()).toMatchObject([{ client: 'entra' }])
  })

  test('a credential that was refused', async () => {
    const uses = anInstance()
    uses.refused(ACME, CALLER, 401, 'credentialExpired')
    await uses.write(ACME)
    expect(written[0]).toMatchObject({
      activity: { lastRefusal: time(START) },
      hours: [{ requests: 1, refused: 1, served: 0, writes: 0 }],
      days: [{ connections: [{ lastRefusal: time(START), lastReason: 'credentialExpired' }] }],
    })
    expect(written[0]?.activity).not.toHaveProperty('lastRequest')
  })

  test('are at most 50', async () => {
    const uses = anInstance()
    for (let n = 0; n < 60; n += 1) {
      await request(uses, ended(), { caller: { ...CALLER, credentialId: String(n) } })
    }
    at += MINUTE
    await request(uses)
    expect(connections()).toHaveLength(50)
  })
})

const dayAfter = async (
  ...requests: readonly EndedRequest[]
): Promise<UseNotes['days'][number]> => {
  const uses = anInstance()
  for (const each of requests) await request(uses, each)
  at += MINUTE
  await request(uses)
  const last = written.at(-1)?.days.at(-1)
  if (last === undefined) throw new Error('Nothing was written.')
  return last
}

const names = (count: number, begin: string): readonly NamedAttribute[] =>
  Array.from({ length: count }, (_, n) => user(`${begin}${n}`.padEnd(300, 'x')))

describe('the attributes of a day', () => {
  test('first, last, how many, and whether there is such an attribute', async () => {
    const uses = anInstance()
    await request(
      uses,
      ended({
        named: [user('userName'), user('title')],
        ignored: [{ ...user('departmnt'), like: 'department' }],
      }),
    )
    at += 1000
    await request(uses, named('userName'))
    at += MINUTE
    await request(uses)
    expect(written[1]?.days[0]?.attributes).toEqual([
      {
        type: 'User',
        path: 'userName',
        known: true,
        first: time(START),
        last: time(START + 1000),
        count: 2,
      },
      { type: 'User', path: 'title', known: true, first: time(START), last: time(START), count: 1 },
      {
        type: 'User',
        path: 'departmnt',
        known: false,
        like: 'department',
        first: time(START),
        last: time(START),
        count: 1,
      },
    ])
  })

  test('are at most 200, each of at most 200 characters, and then how many more names', async () => {
    const known = ended({ named: names(210, 'a') })
    const { attributes, more } = await dayAfter(known, known, known)
    expect(attributes).toHaveLength(200)
    expect(attributes[7]?.path).toBe('a7'.padEnd(200, 'x'))
    expect(more).toBe(10)
  })

  test('that are none take 100 places at most, and give way to those that are', async () => {
    const unknown = ended({ ignored: names(150, 'x') })
    const few = await dayAfter(unknown, ended({ named: names(120, 'a') }))
    expect(few.attributes.filter(({ known }) => known)).toHaveLength(120)
    expect(few.attributes).toHaveLength(200)
    expect(few.more).toBe(70)
  })

  test('of users and groups are counted apart', async () => {
    const { attributes } = await dayAfter(named('externalId'), {
      ...ended(),
      named: [{ type: 'Group', path: 'externalId' }],
    })
    expect(attributes).toMatchObject([
      { type: 'User', path: 'externalId', count: 1 },
      { type: 'Group', path: 'externalId', count: 1 },
    ])
  })

  test('begin anew with the day', async () => {
    const uses = anInstance()
    await request(uses, named('title'))
    at += 62 * MINUTE
    await request(uses, named('userName'))
    at += MINUTE
    await request(uses)
    const days = written.at(-1)?.days.map(({ day, attributes }) => [day, attributes.length])
    expect(days).toEqual([['2026-11-28', 1]])
  })
})

describe('a write that fails', () => {
  test('is nobody’s failure, and a minute later nothing is lost', async () => {
    const uses = anInstance()
    isDown = true
    await request(uses)
    isDown = false
    await request(uses, write(400))
    expect(written).toEqual([])
    at += MINUTE
    await request(uses)
    expect(written).toMatchObject([
      {
        activity: { lastRequest: time(at), lastSuccess: time(START) },
        hours: [{ requests: 3 }],
      },
    ])
  })

  test('again and again leaves three hours at most', async () => {
    const uses = anInstance()
    isDown = true
    for (let hour = 0; hour < 10; hour += 1) {
      await request(uses)
      at += 60 * MINUTE
    }
    isDown = false
    await request(uses)
    expect(written[0]?.hours).toHaveLength(3)
    expect(written[0]?.days.map(({ day }) => day)).toEqual(['2026-11-27', '2026-11-28'])
  })
})

test('tenants are told apart, also two of the same id', async () => {
  const uses = anInstance()
  const later = { id: 'acme', partitionKey: 'acme_ffffffffffffffff' }
  await request(uses, named('title'), { tenant: ACME })
  await request(uses, named('nickName'), { tenant: OTHER })
  await request(uses, named('displayName'), { tenant: later })
  at += MINUTE
  for (const tenant of [OTHER, ACME, later]) await request(uses, ended(), { tenant })
  const told = written.slice(3).map(({ key, instance, hours, days }) => {
    return [key, instance, hours[0]?.requests, days[0]?.attributes.map(({ path }) => path).join()]
  })
  expect(told).toEqual([
    [OTHER.partitionKey, 'instance2', 2, 'nickName'],
    [ACME.partitionKey, 'instance1', 2, 'title'],
    [later.partitionKey, 'instance3', 2, 'displayName'],
  ])
})

test('no more than 2,000 tenants are held; who comes again counts under a new name', async () => {
  const uses = anInstance()
  await request(uses)
  for (let n = 0; n < 2000; n += 1) {
    uses.began({ id: `t${n}`, partitionKey: `t${n}_x` }, CALLER)
  }
  written = []
  await request(uses)
  expect(written).toMatchObject([{ instance: 'instance2002', hours: [{ requests: 1 }] }])
})

describe('at the end', () => {
  test('what is left of all tenants is written', async () => {
    const uses = anInstance()
    for (const tenant of [ACME, OTHER, ACME]) await request(uses, write(201), { tenant })
    written = []
    await uses.writeAll(1000)
    expect(written.map(({ key, hours }) => [key, hours[0]?.served])).toEqual([
      [ACME.partitionKey, 2],
      [OTHER.partitionKey, 1],
    ])
    await uses.writeAll(1000)
    expect(written).toHaveLength(2)
  })

  test('not longer than it may take', async () => {
    const uses = anInstance()
    await request(uses)
    written = []
    await uses.writeAll(0)
    expect(written).toEqual([])
  })
})
