import { describe, expect, test } from 'vitest'
import {
  accessKeyKey,
  attributeKey,
  bucketOf,
  bucketOfCounterKey,
  bucketRanges,
  BUCKETS,
  compareIds,
  counterKey,
  counterRange,
  countKey,
  countRange,
  countRangeBefore,
  CREDENTIAL_RANGES,
  credentialIdOf,
  credentialKey,
  deletionKey,
  deletionRange,
  deletionsOf,
  gateKey,
  guardKey,
  hiddenIndexName,
  hiddenKey,
  indexKey,
  indexRange,
  invitationKey,
  isPosition,
  issuerKey,
  journalKey,
  journalRange,
  journalSlices,
  memberKey,
  memberOfKey,
  memberOfRange,
  memberRange,
  positionOf,
  positionOfJournalKey,
  prefixRange,
  rangeBehind,
  refusalKey,
  resourceKey,
  resourceRange,
  shareBefore,
  slicesOf,
  returnKey,
  taskKey,
  tokenKey,
  uniqueIndexName,
  uniqueKey,
} from '../../../lib/storage/keys.ts'
import {
  TEAM_RANGE,
  teamKey,
  teamMemberKey,
  teamMemberRange,
  teamNameKey,
  teamOfKey,
  teamOfRange,
} from '../../../lib/storage/team-keys.ts'

const USER = { family: 'user', prefix: '' }
const GROUP = { family: 'group', prefix: '' }
const DEVICE = { family: 'device', prefix: 'device.' }
const ID = '2819c223-7f76-453a-919d-413861904646'

describe('keys', () => {
  // Rows are found by these for good: a change here loses data.
  test.each([
    [resourceKey(USER, ID), `user:${ID}`],
    [resourceKey(GROUP, ID), `group:${ID}`],
    [uniqueKey('userName', 'bjensen@example.com'), 'userName:bjensen@example.com'],
    [indexKey('externalId', '701984', ID), `externalId:701984:${ID}`],
    [counterKey(USER, 0), 'count:00'],
    [counterKey(GROUP, 171), 'count:ab'],
    [deletionKey(USER, ID), `deleted:${ID}`],
    [guardKey(ID), `guard:${ID}`],
    [resourceKey(DEVICE, ID), `device:${ID}`],
    [counterKey(DEVICE, 171), 'device.count:ab'],
    [deletionKey(DEVICE, ID), `device.deleted:${ID}`],
    [uniqueIndexName(USER, 'urn:a:2.0:User:badge'), 'unique:urn=3Aa=3A2.0=3AUser=3Abadge'],
    [uniqueIndexName(DEVICE, 'serialNumber'), 'device.unique:serialNumber'],
    [journalKey('1795773600123-x7k2m9qd'), 'journal:8204226399876-x7k2m9qd'],
    [refusalKey(1795773600123, '0123abcd'), 'journal:8204226399876-r0123abcd'],
    [refusalKey(1795773600123, 'more'), 'journal:8204226399876-rmore'],
    [countKey('stats', '2026-11-27T10', 'instance'), 'stats:2026-11-27T10:instance'],
    [countKey('day', '2026-11-27', 'instance'), 'day:2026-11-27:instance'],
    [countKey('people', '2026-11-27'), 'people:2026-11-27'],
    [tokenKey('k3v9x0a1b2c3'), 'token:k3v9x0a1b2c3'],
    [credentialIdOf('token:k3v9x0a1b2c3'), 'k3v9x0a1b2c3'],
    [credentialKey('k3v9x0a1b2c3'), 'credential:k3v9x0a1b2c3'],
    [credentialIdOf('credential:k3v9x0a1b2c3'), 'k3v9x0a1b2c3'],
    [
      issuerKey('9188040d-6c67-4c5b-b112-36a304b66dad'),
      'entra:9188040d-6c67-4c5b-b112-36a304b66dad',
    ],
    [accessKeyKey('a_B-9/1'), 'key:a_B-9=2F1'],
    [taskKey('repair'), 'task:repair'],
    [memberKey('g', 'm'), 'member:g:m'],
    [memberOfKey('m', 'g'), 'memberOf:m:g'],
    [returnKey(GROUP, ID, '1795773600123-x7k2m9qd'), `deleted:${ID}:1795773600123-x7k2m9qd`],
    [hiddenKey(USER, ID), `hidden:${ID}`],
    [invitationKey(USER, ID), `invitation:${ID}`],
    [hiddenIndexName(USER, 'userName'), 'hiddenBy:userName'],
    [gateKey(USER, 'hiddenBy:userName', 'ada'), 'gate:91f'],
    [attributeKey('costCentre'), 'attribute:costcentre'],
    [teamKey(ID), `team:${ID}`],
    [teamNameKey('tour guides'), 'teamname:tour=20guides'],
    [teamMemberKey('t', 'p'), 'teamMember:t:p'],
    [teamOfKey('p', 't'), 'teamOf:p:t'],
    [positionOf(ID), ID],
    [uniqueKey('n', 'a:b c/é=😀'), 'n:a=3Ab=20c=2F=C3=A9=3D=F0=9F=98=80'],
    [uniqueKey('n', '\uD83D'), 'n:=ED=A0=BD'],
    [uniqueKey('n', ''), 'n:'],
    [
      uniqueKey('n', 'x'.repeat(301)),
      `n:${'x'.repeat(234)}==99398f6603293f9130239ead2e443a20ace2974a7c7a255f59bd38721085e512`,
    ],
  ])('are %s', (key, expected) => {
    expect(key).toBe(expected)
  })

  test('of long texts tell them apart to the last character', () => {
    const long = 'x'.repeat(8000)
    expect(uniqueKey('n', `${long}a`)).not.toBe(uniqueKey('n', `${long}b`))
    expect(resourceKey(USER, `${long}a`)).not.toBe(resourceKey(USER, `${long}b`))
    // Half a surrogate pair is no replacement character.
    expect(uniqueKey('n', `${long}\uD83D`)).not.toBe(uniqueKey('n', `${long}\uFFFD`))
  })
})

describe('ranges', () => {
  test.each([
    [memberRange('g'), memberKey('g', 'm'), memberKey('g:', 'm'), memberKey('ga', 'm')],
    [memberOfRange('m'), memberOfKey('m', 'g'), memberOfKey('ma', 'g'), memberKey('m', 'g')],
    [indexRange('e', 'a'), indexKey('e', 'a', ID), indexKey('e', 'aa', ID), indexKey('e', '', ID)],
    [resourceRange(USER), resourceKey(USER, ''), resourceKey(GROUP, ID), uniqueKey('userName', '')],
    [resourceRange(USER), resourceKey(USER, '\uFFFF~'), counterKey(USER, 0), deletionKey(USER, ID)],
    [
      resourceRange(USER, 'b'),
      resourceKey(USER, 'ba'),
      resourceKey(USER, 'b'),
      resourceKey(USER, 'a'),
    ],
    [
      rangeBehind(resourceRange(USER), resourceKey(USER, 'b')),
      resourceKey(USER, 'b.'),
      resourceKey(USER, 'b'),
      resourceKey(USER, 'a'),
    ],
    [TEAM_RANGE, teamKey('a'), teamMemberKey('a', 'b'), teamNameKey('a')],
    [teamMemberRange('t'), teamMemberKey('t', 'p'), teamMemberKey('ta', 'p'), memberKey('t', 'p')],
    [teamOfRange('p'), teamOfKey('p', 't'), teamOfKey('pa', 't'), memberOfKey('p', 't')],
    [
      deletionsOf(GROUP, ID),
      returnKey(GROUP, ID, '1795773600123-x7k2m9qd'),
      deletionKey(GROUP, ''),
      deletionKey(DEVICE, ID),
    ],
    [counterRange(DEVICE), counterKey(DEVICE, 3), counterKey(USER, 3), deletionKey(DEVICE, ID)],
    [
      deletionRange(DEVICE),
      deletionKey(DEVICE, ID),
      deletionKey(USER, ID),
      resourceKey(DEVICE, ID),
    ],
    [resourceRange(DEVICE), resourceKey(DEVICE, ID), counterKey(DEVICE, 3), resourceKey(USER, ID)],
    [CREDENTIAL_RANGES[0], tokenKey('a'), 'tenant', 'token;'],
    [CREDENTIAL_RANGES[1], credentialKey('a'), 'counter', 'tenant'],
    [prefixRange('n', 'ab'), uniqueKey('n', 'ab'), uniqueKey('n', 'aa'), uniqueKey('n', 'b')],
    [prefixRange('n', 'a\uD83D'), uniqueKey('n', 'a😀'), uniqueKey('n', 'b'), uniqueKey('n', '')],
  ])('%j', ({ from, to }, inside, before, behind) => {
    expect(inside >= from && inside < to).toBe(true)
    for (const outside of [before, behind]) {
      expect(outside >= from && outside < to).toBe(false)
    }
  })

  test.each([299, 300, 301, 5000])('of a prefix hold values of %i characters', (length) => {
    for (const letter of ['x', 'é', '例', '😀']) {
      const value = letter.repeat(length)
      for (const prefix of [value, value.slice(0, 4), value.slice(0, 200), value.slice(0, -2)]) {
        const { from, to } = prefixRange('n', prefix)
        const key = uniqueKey('n', value)
        expect(key >= from && key < to).toBe(true)
      }
    }
  })
})

describe('buckets', () => {
  test.each([
    [ID, 0x28],
    ['00', 0],
    ['ff-', 255],
    ['', 0],
    ['0', 0],
    ['Zoe', 0x9f],
    ['zoe', 255],
    ['7', 0x6f],
    ['7a', 0x7a],
  ])('of %j is %i', (id, bucket) => {
    expect(bucketOf(id)).toBe(bucket)
  })

  test('follow each other without gaps, their slices too', () => {
    let end = resourceRange(USER).from
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      expect(bucketOfCounterKey(USER, counterKey(USER, bucket))).toBe(bucket)
      for (const { from, to } of bucketRanges(USER, bucket)) {
        expect(from).toBe(end)
        expect(to > from).toBe(true)
        end = to
      }
    }
    expect(end).toBe(resourceRange(USER).to)
  })
})

describe('slices', () => {
  test('start where the range starts, end where it ends, and leave nothing out', () => {
    const range = resourceRange(USER, '3fff')
    const slices = slicesOf(USER, range, 0.25)
    const inner = ['user:7fff00', 'user:bfff00', 'user:ffff00']
    expect(slices.map(({ from }) => from)).toEqual([range.from, ...inner])
    expect(slices.map(({ to }) => to)).toEqual([...inner, range.to])
  })

  test.each([0, 1e-12, Number.MIN_VALUE])('are not too many when ids crowd: %d', (share) => {
    expect(slicesOf(USER, resourceRange(USER), share)).toHaveLength(4096)
  })

  test('of ids that are no hexadecimal digits are still a range', () => {
    const range = resourceRange(USER, 'zoe')
    const slices = slicesOf(USER, range, 0.5)
    expect(slices[0]?.from).toBe(range.from)
    expect(slices.at(-1)?.to).toBe(range.to)
  })

  test.each([
    ['user:', 0],
    ['user:8', 0.5],
    ['user:800000!', 0.5],
    ['user:c0000000-', 0.75],
    ['user:zoe', 0],
  ])('the share before %s is %d', (key, share) => {
    expect(shareBefore(USER, key)).toBe(share)
  })
})

describe('positions', () => {
  test.each(['', ID, 'a=20b', positionOf('😀/'), positionOf('x'.repeat(9999))])('%j', (text) => {
    expect(isPosition(text)).toBe(true)
  })

  test.each([':', '~', '!', ' ', "'", 'é', 'a:b', 'x'.repeat(161), '\n'])('not %j', (text) => {
    expect(isPosition(text)).toBe(false)
  })
})

describe('the journal', () => {
  test('has the newest first', () => {
    const keys = ['1795773600124-aaaaaaaa', '1795773600123-zzzzzzzz', '0000000000000-00000000']
    expect(keys.map(journalKey).toSorted()).toEqual(keys.map(journalKey))
  })

  test.each(['', '1795773600123', '1795773600123-x7k2m9q', '1795773600123-X7K2M9QD', 'a/b'])(
    'has no place for %j',
    (position) => {
      expect(() => journalKey(position)).toThrow(TypeError)
    },
  )

  test.each(['', '0123abc', '0123ABCD', '0123abcd-', 'mor'])(
    'has no place for a fingerprint %j',
    (fingerprint) => {
      expect(() => refusalKey(0, fingerprint)).toThrow(TypeError)
    },
  )

  test.each(['1795773600123-x7k2m9qd', '0000000000000-00000000', '9999999999999-r0123abc'])(
    'tells the position %s by its key',
    (position) => {
      expect(positionOfJournalKey(journalKey(position))).toBe(position)
    },
  )

  test('has ranges of time with both ends', () => {
    const keys = [4, 3, 2, 1].map((n) => journalKey(`000000000000${String(n)}-zzzzzzzz`))
    const inside = (since?: number, until?: number): number[] => {
      const { from, to } = journalRange({ since, until })
      return keys.flatMap((key, at) => (key >= from && key < to ? [4 - at] : []))
    }
    expect(inside()).toEqual([4, 3, 2, 1])
    expect(inside(2, 3)).toEqual([3, 2])
    expect(inside(2)).toEqual([4, 3, 2])
    expect(inside(undefined, 1)).toEqual([1])
    expect(inside(3, 2)).toEqual([])
    expect(inside(-1, 1e15)).toEqual([4, 3, 2, 1])
  })

  test('is cut into slices that follow each other, each longer than the one before', () => {
    const range = journalRange({ since: 0 })
    const [first, reached] = [
      journalKey('1795773600000-aaaaaaaa'),
      journalKey('1795773000000-aaaaaaaa'),
    ]
    const slices = journalSlices(range, first, reached)
    expect(slices[0]?.from).toBe(rangeBehind(range, reached).from)
    expect(slices.at(-1)?.to).toBe(range.to)
    expect(slices.length).toBeLessThanOrEqual(64)
    expect(slices.slice(1).map(({ from }) => from)).toEqual(slices.slice(0, -1).map(({ to }) => to))
    const bounds = slices.slice(1, 10).map(({ from }) => Number(from.slice('journal:'.length)))
    const lengths = bounds.slice(1).map((bound, at) => bound - (bounds[at] ?? 0))
    expect(lengths).toEqual(lengths.toSorted((one, other) => one - other))
    const short = journalRange({ since: 1795772999000 })
    expect(journalSlices(short, first, reached)).toHaveLength(1)
  })
})

describe('counts', () => {
  test('have ranges of hours and days', () => {
    const keys = ['2026-11-26', '2026-11-27', '2026-11-28'].map((day) => countKey('day', day, 'a'))
    const between = countRange('day', '2026-11-26', '2026-11-27')
    expect(keys.filter((key) => key >= between.from && key < between.to)).toHaveLength(2)
    const before = countRangeBefore('day', '2026-11-27')
    expect(keys.filter((key) => key >= before.from && key < before.to)).toHaveLength(1)
  })
})

describe('guardKey', () => {
  test('is another one for each group, within the limits of a key', () => {
    const ids = [ID, 'x', 'X', 'x:y', '', 'x'.repeat(600), `${'x'.repeat(600)}y`]
    const keys = ids.map(guardKey)
    expect(new Set(keys).size).toBe(ids.length)
    expect(keys.filter((key) => key.length > 512 || !/^guard:[\w.@+=-]*$/.test(key))).toEqual([])
  })
})

describe('compareIds', () => {
  test.each([
    ['a', 'b', -1],
    ['b', 'a', 1],
    ['a', 'a', 0],
    ['0', 'a', -1],
    ['a', 'aa', -1],
  ])('%j and %j: %i', (one, other, order) => {
    expect(compareIds(one, other)).toBe(order)
  })
})
