import { beforeEach, describe, expect, test } from 'vitest'
import { refusalFactsOf, Refusals, type RefusedRequest } from '../../../lib/activity/refusals.ts'
import { detail, quote, resourceId } from '../../../lib/scim/detail.ts'
import { KINDS, ScimError, type ErrorKind } from '../../../lib/scim/errors.ts'
import { isOneOf } from '../../support/error-kinds.ts'
import type { RefusalFacts, RefusalNote } from '../../../lib/storage/activity-port.ts'

const ACME = { id: 'acme', partitionKey: 'acme_0123456789abcdef' }
const OTHER = { id: 'other', partitionKey: 'other_0123456789abcdef' }
const AUTHOR = { actor: 'credential:k3v9x0a1b2c3', client: 'entra' }
const START = Date.UTC(2026, 10, 27, 10, 0, 1)

const REQUEST: RefusedRequest = {
  verb: 'POST',
  isLookUp: false,
  type: 'User',
  id: '',
  body: undefined,
  author: AUTHOR,
  requestId: 'r1',
  namesInActivity: true,
}

/** The facts of a refusal that is worth a row. */
function facts(more: Partial<RefusedRequest> = {}, kind: ErrorKind = 'invalidValue'): RefusalFacts {
  const found = refusalFactsOf(new ScimError(kind, 'No.'), { ...REQUEST, ...more })
  if (found === undefined) throw new Error('It is not worth a row.')
  return found
}

const sentBy = (userName: string): RefusalFacts => facts({ body: { userName } })

describe('what is kept of a refusal', () => {
  test('who, what, and why, without what was sent', () => {
    const error = new ScimError(
      'uniqueness',
      detail`${quote('jane@example.com')} is that of id ${resourceId('1fa8')}, inactive.`,
    )
    const request = { ...REQUEST, body: { userName: 'jane@example.com', title: 'Countess' } }
    expect(refusalFactsOf(error, request)).toEqual({
      status: 409,
      scimType: 'uniqueness',
      reason: 'uniqueness',
      verb: 'POST',
      type: 'User',
      subject: 'jane@example.com',
      author: AUTHOR,
      detail: '"…" is that of id 1fa8, inactive.',
      requestId: 'r1',
    })
  })

  test.each<[string, Partial<RefusedRequest>, Partial<RefusalFacts>]>([
    ['the id in the path', { id: 'x', body: { userName: 'a' } }, { subject: 'x', isId: true }],
    ['the userName', { body: { externalId: 'e', userName: 'a' } }, { subject: 'a' }],
    ['the displayName', { body: { externalId: 'e', displayName: 'd' } }, { subject: 'd' }],
    ['the externalId', { body: { externalId: 'e' } }, { subject: 'e' }],
    ['a name in any case', { body: { USERNAME: 'a' } }, { subject: 'a' }],
    [
      'a name behind its URN',
      { body: { 'urn:ietf:params:scim:schemas:core:2.0:User:userName': 'a' } },
      { subject: 'a' },
    ],
    [
      'at most 200 characters',
      { body: { userName: 'a'.repeat(300) } },
      { subject: 'a'.repeat(200) },
    ],
  ])('it is about %s', (_, request, expected) => {
    expect(facts(request)).toMatchObject(expected)
  })

  test.each<[string, Partial<RefusedRequest>]>([
    ['no text', { body: { userName: 7, displayName: { a: 'b' }, externalId: '' } }],
    ['no object', { body: ['a'] }],
    ['nothing', {}],
    ['a name where names are switched off', { body: { userName: 'a' }, namesInActivity: false }],
  ])('%s is no subject', (_, request) => {
    expect(facts(request)).not.toHaveProperty('subject')
  })

  test('the reason of a refused credential is given', () => {
    const error = new ScimError('unauthorized', 'No.')
    expect(refusalFactsOf(error, REQUEST, 'credentialExpired')).toMatchObject({
      status: 401,
      reason: 'credentialExpired',
    })
  })

  test.each([{ id: `${'x'.repeat(199)}😀` }, { body: { userName: `${'x'.repeat(199)}😀` } }])(
    'a subject is cut between characters',
    (more) => {
      expect(facts(more).subject).toBe('x'.repeat(199))
    },
  )

  test('a detail has at most 500 characters', () => {
    const error = new ScimError('invalidValue', 'x'.repeat(900))
    expect(refusalFactsOf(error, REQUEST)?.detail).toBe('x'.repeat(500))
  })

  test.each(Object.keys(KINDS).filter(isOneOf(KINDS)))('%s is worth a row if 4xx', (kind) => {
    const { status } = KINDS[kind]
    const isWorth = refusalFactsOf(new ScimError(kind, 'No.'), REQUEST) !== undefined
    expect(isWorth).toBe(status >= 400 && status < 500)
    const lookedUp = refusalFactsOf(new ScimError(kind, 'No.'), { ...REQUEST, isLookUp: true })
    expect(lookedUp !== undefined).toBe(isWorth && kind !== 'notFound')
  })
})

let at: number
let isDown: boolean
let written: { readonly key: string; readonly instance: string; readonly notes: RefusalNote[] }[]
let instances: number

beforeEach(() => {
  at = START
  isDown = false
  written = []
  instances = 0
})

function anInstance(): Refusals {
  return new Refusals(
    {
      async noteRefusals({ partitionKey: key }, instance, notes) {
        if (isDown) throw new Error('down')
        written.push({ key, instance, notes: [...notes] })
      },
    },
    { now: () => new Date(at), newInstance: () => `instance${(instances += 1)}` },
  )
}

const time = (milliseconds: number): string => new Date(milliseconds).toISOString()

async function refuse(refusals: Refusals, refused: RefusalFacts, tenant = ACME): Promise<void> {
  refusals.note(tenant, refused)
  await refusals.write(tenant)
}

describe('equal refusals', () => {
  test('1,000 in a minute are one row, at most 12 merges, and at least 900 of them', async () => {
    const refusals = anInstance()
    for (let n = 0; n < 1000; n += 1) {
      at = START + n * 60
      await refuse(refusals, sentBy('jane'))
    }
    const notes = written.flatMap((each) => each.notes)
    expect(written.length).toBeLessThanOrEqual(12)
    expect(new Set(notes.map(({ fingerprint }) => fingerprint)).size).toBe(1)
    expect(new Set(notes.map(({ end }) => end))).toEqual(new Set([Date.UTC(2026, 10, 27, 10, 10)]))
    expect(notes.at(-1)?.count).toBeGreaterThanOrEqual(900)
    expect(notes.at(-1)?.first).toBe(time(START))
  })

  test('the first is written at once, with what the row has of it', async () => {
    await refuse(anInstance(), sentBy('jane'))
    expect(written).toEqual([
      {
        key: ACME.partitionKey,
        instance: 'instance1',
        notes: [
          {
            ...sentBy('jane'),
            fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/) as unknown,
            end: Date.UTC(2026, 10, 27, 10, 10),
            first: time(START),
            at: time(START),
            count: 1,
          },
        ],
      },
    ])
  })

  test('the last one’s detail and request are told, and what is beyond the cap has none', async () => {
    const refusals = anInstance()
    for (const requestId of ['r1', 'r2']) {
      const last = { detail: `No, ${requestId}.`, reason: requestId, requestId }
      await refuse(refusals, { ...sentBy('jane'), ...last })
      at += 5000
    }
    expect(written.at(-1)?.notes).toMatchObject([
      { subject: 'jane', detail: 'No, r2.', reason: 'r2', requestId: 'r2', count: 2 },
    ])
    for (let n = 0; n < 300; n += 1) refusals.note(ACME, sentBy(`user ${String(n)}`))
    await refusals.write(ACME)
    const beyond = written.flatMap(({ notes }) =>
      notes.filter(({ fingerprint }) => fingerprint === 'more'),
    )
    expect(beyond).toHaveLength(1)
    expect(beyond[0]).not.toHaveProperty('subject')
    expect(beyond[0]?.detail).toMatch(/^There were more than 200/)
  })

  test('what was not written goes with the next refusal of the tenant', async () => {
    const refusals = anInstance()
    for (let n = 0; n < 5; n += 1) await refuse(refusals, sentBy('jane'))
    at += 5000
    await refuse(refusals, sentBy('john'))
    const last = written.at(-1)?.notes.map(({ subject, count }) => [subject, count])
    expect(last).toEqual([
      ['jane', 5],
      ['john', 1],
    ])
    expect(refusals.isDue(ACME)).toBe(false)
  })

  test.each<[string, RefusalFacts]>([
    ['status', facts({ body: { userName: 'jane' } }, 'preconditionFailed')],
    ['scimType', facts({ body: { userName: 'jane' } }, 'mutability')],
    ['verb', facts({ body: { userName: 'jane' }, verb: 'PUT' })],
    ['type', facts({ body: { userName: 'jane' }, type: 'Group' })],
    [
      'credential',
      facts({ body: { userName: 'jane' }, author: { actor: 'credential:zzzzzzzzzzzz' } }),
    ],
    ['subject', facts({ body: { userName: 'john' } })],
  ])('are not those of another %s', async (_, another) => {
    const refusals = anInstance()
    await refuse(refusals, sentBy('jane'))
    await refuse(refusals, another)
    const prints = written.flatMap(({ notes }) => notes.map(({ fingerprint }) => fingerprint))
    expect(new Set(prints).size).toBe(2)
  })

  test('of another window are another row, and what was left of the one before is written', async () => {
    const refusals = anInstance()
    for (let n = 0; n < 3; n += 1) await refuse(refusals, sentBy('jane'))
    at += 10 * 60_000
    await refuse(refusals, sentBy('jane'))
    expect(written.at(-1)?.notes.map(({ end, count }) => [end, count])).toEqual([
      [Date.UTC(2026, 10, 27, 10, 10), 3],
      [Date.UTC(2026, 10, 27, 10, 20), 1],
    ])
  })
})

test('50 people who are refused for one reason are each found by name', async () => {
  const refusals = anInstance()
  const names = Array.from({ length: 50 }, (_, n) => `user-${n}@example.com`)
  for (const name of names) await refuse(refusals, sentBy(name))
  const subjects = written.flatMap(({ notes }) => notes.map(({ subject }) => subject))
  expect(subjects).toEqual(names)
})

test('beyond 200 different ones in ten minutes they are counted together, without a name', async () => {
  const refusals = anInstance()
  for (let n = 0; n < 260; n += 1) {
    at += 100
    refusals.note(ACME, sentBy(`user-${n}`))
  }
  await refusals.write(ACME)
  const notes = written.flatMap((each) => each.notes)
  expect(written.map((each) => each.notes.length)).toEqual([100, 100, 1])
  expect(notes).toHaveLength(201)
  expect(notes.at(-1)).toMatchObject({ fingerprint: 'more', reason: 'more', count: 60 })
  expect(notes.at(-1)).not.toHaveProperty('subject')
  expect(notes.at(-1)?.author).toEqual({ actor: AUTHOR.actor })
})

describe('a write that fails', () => {
  test('is nobody’s failure, and its count is in the next one', async () => {
    const refusals = anInstance()
    isDown = true
    await refuse(refusals, sentBy('jane'))
    isDown = false
    await refuse(refusals, sentBy('jane'))
    expect(written).toEqual([])
    at += 5000
    await refusals.write(ACME)
    expect(written[0]?.notes).toMatchObject([{ count: 2 }])
  })

  test('or hangs is waited for for a second', async () => {
    const refusals = new Refusals(
      { noteRefusals: () => new Promise(() => undefined) },
      { now: () => new Date(at), newInstance: () => 'a' },
    )
    const started = performance.now()
    await refuse(refusals, sentBy('jane'))
    expect(performance.now() - started).toBeLessThan(3000)
  })
})

test('tenants are told apart, also two of the same id', async () => {
  const refusals = anInstance()
  const later = { id: 'acme', partitionKey: 'acme_ffffffffffffffff' }
  await refuse(refusals, sentBy('jane'), ACME)
  await refuse(refusals, sentBy('john'), OTHER)
  at += 5000
  await refuse(refusals, sentBy('jack'), later)
  await refuse(refusals, sentBy('jane'), ACME)
  const told = written.map(({ key, instance, notes }) => [
    key,
    instance,
    notes.map(({ subject, count }) => `${subject} ${count}`).join(),
  ])
  expect(told).toEqual([
    [ACME.partitionKey, 'instance1', 'jane 1'],
    [OTHER.partitionKey, 'instance2', 'john 1'],
    [later.partitionKey, 'instance3', 'jack 1'],
    [ACME.partitionKey, 'instance1', 'jane 2'],
  ])
})

test('what is held is bounded; who comes again after being forgotten counts under a new name', async () => {
  const refusals = anInstance()
  await refuse(refusals, sentBy('jane'))
  for (let tenant = 0; tenant < 110; tenant += 1) {
    const identity = { id: `t${tenant}`, partitionKey: `t${tenant}_x` }
    for (let n = 0; n < 201; n += 1) refusals.note(identity, sentBy(`user-${n}`))
  }
  written = []
  await refuse(refusals, sentBy('jane'))
  expect(written).toMatchObject([{ notes: [{ count: 1 }] }])
  expect(written[0]?.instance).not.toBe('instance1')
})
