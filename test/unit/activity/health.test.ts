import { describe, expect, test } from 'vitest'
import { NO_COUNTS } from '../../../lib/storage/activity-port.ts'
import { healthOf, type HealthFacts } from '../../../lib/activity/health.ts'
import type { ConnectionFacts } from '../../../lib/storage/activity-port.ts'

const NOW = new Date('2026-11-27T14:00:00.000Z')

function ago(minutes: number): string {
  return new Date(NOW.getTime() - minutes * 60_000).toISOString()
}

function seen(facts: Partial<ConnectionFacts> = {}): ConnectionFacts {
  return { credentialId: 'c1', client: 'entra', first: ago(9000), last: ago(5), ...facts }
}

/** A tenant that Entra ID has provisioned five minutes ago. */
function factsOf(change: Partial<HealthFacts> = {}): HealthFacts {
  return {
    status: 'enabled',
    activity: { lastRequest: ago(5), lastSuccess: ago(5) },
    counts: { ...NO_COUNTS, requests: 100, served: 100, writes: 50 },
    connections: [seen({ lastSuccess: ago(5) })],
    credentials: [{ id: 'c1', label: 'Entra ID' }],
    now: NOW,
    ...change,
  }
}

function writes(writesMade: number, writesRefused: number, writesFailed = 0): Partial<HealthFacts> {
  return { counts: { ...NO_COUNTS, writes: writesMade, writesRefused, writesFailed } }
}

/** As a member of what is expected. */
function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern)
}

describe('healthy', () => {
  test('is what works', () => {
    expect(healthOf(factsOf())).toEqual({
      state: 'healthy',
      reason: '0.0 % of the writes of 24 hours were refused or failed (0 of 50).',
      quarantineRisk: 'none',
    })
    expect(healthOf(factsOf(writes(0, 0)))).toMatchObject({
      state: 'healthy',
      quarantineRisk: 'none',
    })
  })

  test('with 5 to 40 % of failures is to be watched', () => {
    expect(healthOf(factsOf(writes(100, 4)))).toMatchObject({ quarantineRisk: 'none' })
    for (const [refused, failed] of [
      [5, 0],
      [0, 5],
      [30, 10],
    ] as const) {
      const health = healthOf(factsOf(writes(100, refused, failed)))
      expect(health).toMatchObject({ state: 'healthy', quarantineRisk: 'watch' })
    }
  })
})

describe('disabled', () => {
  test.each(['disabled', 'deleting'] as const)(
    'is a tenant that is %s, whatever else',
    (status) => {
      const health = healthOf(factsOf({ status, activity: {}, connections: [] }))
      expect(health).toMatchObject({ state: 'disabled', quarantineRisk: 'none' })
    },
  )
})

describe('waiting', () => {
  const nothing = { activity: {}, connections: [], counts: NO_COUNTS }

  test('is a tenant that no request has come for', () => {
    expect(healthOf(factsOf(nothing))).toEqual({
      state: 'waiting',
      reason: 'Not connected yet: no request has come with a credential of the tenant.',
      quarantineRisk: 'none',
    })
  })

  test('says when there is no credential that is good', () => {
    for (const credentials of [
      [],
      [{ id: 'c1', label: '', revoked: ago(1) }],
      [{ id: 'c1', label: '', expires: ago(1) }],
    ]) {
      expect(healthOf(factsOf({ ...nothing, credentials })).reason).toContain('no credential')
    }
  })

  test('ends with the first request, answered or not', () => {
    for (const activity of [{ lastRequest: ago(1) }, { lastRefusal: ago(1) }]) {
      expect(healthOf(factsOf({ ...nothing, activity })).state).not.toBe('waiting')
    }
    expect(healthOf(factsOf({ ...nothing, connections: [seen()] })).state).not.toBe('waiting')
  })
})

describe('refused', () => {
  const expired = seen({
    lastSuccess: ago(30),
    lastRefusal: ago(5),
    lastReason: 'credentialExpired',
  })
  const refused = {
    activity: { lastRequest: ago(30), lastSuccess: ago(30), lastRefusal: ago(5) },
    connections: [expired],
    credentials: [{ id: 'c1', label: 'Entra ID', expires: '2026-11-27T13:30:00.000Z' }],
  }

  test('is a credential that came last and opens nothing', () => {
    const health = healthOf(factsOf(refused))
    expect(health).toMatchObject({ state: 'refused', quarantineRisk: 'high' })
    expect(health.reason).toMatch(
      /^The credential "Entra ID" is refused: it expired at 2026-11-27T13:30Z\..*estimate/,
    )
  })

  test('says whether it was revoked, and which has no label', () => {
    const credentials = [{ id: 'c1', label: '', revoked: '2026-11-27T13:31:12.000Z' }]
    expect(healthOf(factsOf({ ...refused, credentials })).reason).toMatch(
      /^The credential c1 is refused: it was revoked at 2026-11-27T13:31Z\./,
    )
  })

  test('is told by what the list has alone', () => {
    const { activity } = refused
    expect(healthOf({ status: 'enabled', activity, now: NOW })).toMatchObject({ state: 'refused' })
  })

  test('ends with the next request that is let in, by any credential, answered or refused', () => {
    for (const change of [
      { activity: { ...refused.activity, lastSuccess: ago(4) } },
      { activity: { ...refused.activity, lastRequest: ago(4) } },
      { connections: [expired, seen({ credentialId: 'c2', last: ago(4) })] },
      { connections: [{ ...expired, last: ago(4), lastSuccess: ago(4) }] },
    ]) {
      expect(healthOf(factsOf({ ...refused, ...change })).state).toBe('healthy')
    }
  })

  test('is no refusal of one user', () => {
    const one = seen({ lastRefusal: ago(5), lastReason: 'uniqueness' })
    expect(healthOf(factsOf({ connections: [one] })).state).toBe('healthy')
  })
})

describe('failing', () => {
  test('is more than 40 % of 20 writes or more', () => {
    expect(healthOf(factsOf(writes(50, 23)))).toMatchObject({
      state: 'failing',
      quarantineRisk: 'high',
      reason: matching(/^46 % of the writes .* \(23 of 50\)\..*estimate/),
    })
    expect(healthOf(factsOf(writes(20, 5, 4)))).toMatchObject({ state: 'failing' })
    expect(healthOf(factsOf(writes(20, 8)))).toMatchObject({ state: 'healthy' })
    expect(healthOf(factsOf(writes(19, 19)))).toMatchObject({
      state: 'healthy',
      reason: matching(/\(19 of 19\)\. They are too few to tell\.$/),
    })
  })

  test('is 40,000 failures, whatever their share', () => {
    expect(healthOf(factsOf(writes(1_000_000, 40_000)))).toMatchObject({
      state: 'failing',
      reason: matching(/^4\.0 % of the writes of 24 hours/),
    })
    expect(healthOf(factsOf(writes(1_000_000, 39_999)))).toMatchObject({ state: 'healthy' })
  })

  test('is told before silence, and behind a credential that is refused', () => {
    const old = { activity: { lastRequest: ago(500) }, connections: [seen({ last: ago(500) })] }
    expect(healthOf(factsOf({ ...old, ...writes(50, 23) })).state).toBe('failing')
    const activity = { lastRefusal: ago(1) }
    expect(healthOf(factsOf({ ...writes(50, 23), activity, connections: [] })).state).toBe(
      'refused',
    )
  })
})

/** The last request, so long ago. */
function last(minutes: number, client?: string): Partial<HealthFacts> {
  const told = client === undefined ? {} : { client }
  return {
    activity: { lastRequest: ago(minutes), lastSuccess: ago(minutes) },
    connections: [{ credentialId: 'c1', ...told, first: ago(9000), last: ago(minutes) }],
  }
}

describe('silent', () => {
  test('is a client that comes by the clock, and has not come for two hours', () => {
    expect(healthOf(factsOf(last(119, 'entra')))).toMatchObject({ state: 'healthy' })
    expect(healthOf(factsOf(last(190, 'entra')))).toEqual({
      state: 'silent',
      reason:
        'Nothing has come for 3 h 10 min, where a cycle takes 40 minutes: the job may be paused, stopped or in quarantine on the other side.',
      quarantineRisk: 'watch',
    })
    expect(healthOf(factsOf(last(4 * 24 * 60, 'entra'))).reason).toContain('for 4 days')
  })

  test.each(['okta', 'other', undefined])(
    'is never %s, which comes when something has changed',
    (client) => {
      expect(healthOf(factsOf(last(9000, client)))).toMatchObject({ state: 'healthy' })
    },
  )

  test('stays so when nothing of it is kept but the line in the list', () => {
    const activity = { lastRequest: ago(40 * 24 * 60), lastClient: 'entra' }
    expect(healthOf(factsOf({ activity, connections: [] }))).toMatchObject({
      state: 'silent',
      reason: matching(/^Nothing has come for 40 days/),
    })
    const okta = { ...activity, lastClient: 'okta' }
    expect(healthOf(factsOf({ activity: okta, connections: [] })).state).toBe('healthy')
  })

  test('is told by the client that came last', () => {
    const connections = [
      seen({ credentialId: 'c1', client: 'entra', last: ago(9000) }),
      seen({ credentialId: 'c2', client: 'okta', last: ago(500) }),
    ]
    const activity = { lastRequest: ago(500) }
    expect(healthOf(factsOf({ activity, connections })).state).toBe('healthy')
  })
})
