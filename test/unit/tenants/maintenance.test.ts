import { beforeEach, describe, expect, test } from 'vitest'
import type { ActivityStore } from '../../../lib/storage/activity-port.ts'
import type { MemoryState } from '../../../lib/storage/memory/state.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import type {
  MaintenanceStore,
  PartitionStore,
  Tenant,
  TenantStore,
} from '../../../lib/storage/tenant-port.ts'
import { issueCredential, rotateCredential } from '../../../lib/tenants/credentials.ts'
import type { MaintenanceEvent } from '../../../lib/tenants/maintenance-events.ts'
import {
  RUN_SECONDS,
  runMaintenance,
  type MaintenanceParts,
  type MaintenanceReport,
} from '../../../lib/tenants/maintenance.ts'
import { beginDeletion, createTenant, deleteTenant } from '../../../lib/tenants/tenants.ts'
import { countedBy } from '../../support/counted.ts'
import { aChangeAt, keptActivity } from '../../support/kept-activity.ts'
import { partitionsIn } from './partitions.ts'

const START = Date.parse('2026-11-22T08:00:00.000Z')
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

let store: TenantStore
let runs: MaintenanceStore
let activity: ActivityStore
let state: MemoryState
let partitions: PartitionStore
let rows: Map<string, number>
let told: MaintenanceEvent[]
let swept: string[]
/** The clock, and how long one look at it takes while something is erased. */
let at: number
let tick: number

beforeEach(() => {
  ;({ tenants: store, maintenance: runs, activity, state } = memoryStores())
  rows = new Map()
  partitions = partitionsIn(rows)
  told = []
  swept = []
  at = START
  tick = 0
})

/** Removes 100 rows between two questions. */
async function erase(partitionKey: string, isOver: () => boolean = () => false): Promise<number> {
  let removed = 0
  for (;;) {
    const left = rows.get(partitionKey) ?? 0
    if (left === 0 || isOver()) return removed
    at += tick
    const batch = Math.min(100, left)
    removed += batch
    if (left === batch) rows.delete(partitionKey)
    else rows.set(partitionKey, left - batch)
  }
}

function partsOf(change: Partial<MaintenanceParts> = {}): MaintenanceParts {
  return {
    store,
    runs,
    partitions,
    erase,
    activity,
    async sweep(partitionKey) {
      swept.push(partitionKey)
      return 1
    },
    countPeople: async () => ({ users: 7, groups: 2 }),
    takeOut: async () => ({ changed: 0, complete: true }),
    fillIndexes: async () => ({ changed: 0, clashes: [], complete: true }),
    now: () => new Date(at),
    pause: async (milliseconds) => {
      at += milliseconds
    },
    until: new Date(at + RUN_SECONDS * SECOND),
    tell: (event) => told.push(event),
    ...change,
  }
}

function run(change?: Partial<MaintenanceParts>): Promise<MaintenanceReport> {
  return runMaintenance(partsOf(change))
}

async function tenantWithRows(id: string, count = 250): Promise<Tenant> {
  const tenant = await createTenant(store, { id, now: new Date(at) })
  rows.set(tenant.partitionKey, count)
  return tenant
}

function crash(): Promise<never> {
  return Promise.reject(new Error('crash'))
}

async function slowly(after: string, count: number): Promise<readonly string[]> {
  at += 25 * SECOND
  return partitions.next(after, count)
}

/** The expiry warnings that were told. */
function warnings(): readonly (readonly [string, number])[] {
  return told.flatMap((each) =>
    each.event === 'credential expires' ? [[each.tenant, each.days] as const] : [],
  )
}

describe('a run', () => {
  test('does nothing while another one has the lease, and gives it back', async () => {
    await tenantWithRows('acme')
    expect(await runs.acquire('other', new Date(at), new Date(at + MINUTE))).toBe(true)
    expect(await run()).toMatchObject({ ran: false, complete: false, repaired: 0 })
    expect(swept).toEqual([])
    await runs.release('other')
    expect(await run()).toMatchObject({ ran: true, complete: true, repaired: 1 })
    expect(await runs.acquire('other', new Date(at), new Date(at + MINUTE))).toBe(true)
  })

  test('comes to its turn when the one before has died', async () => {
    await runs.acquire('dead', new Date(at), new Date(at + 2 * MINUTE))
    at += 5 * MINUTE
    expect(await run()).toMatchObject({ ran: true })
  })

  test('gives the lease back when it fails', async () => {
    const broken = { ...store, summaries: () => Promise.reject(new Error('down')) }
    await expect(run({ store: broken })).rejects.toThrow('down')
    expect(await run()).toMatchObject({ ran: true })
  })

  test('goes on behind a tenant that fails, and tells of it', async () => {
    await tenantWithRows('acme')
    await tenantWithRows('demo')
    const error = new Error('damaged')
    const report = await run({
      store: {
        ...store,
        findCredentials: async (id) =>
          id === 'acme' ? Promise.reject(error) : store.findCredentials(id),
      },
    })
    expect(report).toMatchObject({ repaired: 1, failures: 1 })
    expect(told).toEqual([{ event: 'maintenance failed', step: 'repair', tenant: 'acme', error }])
  })

  test('is counted, and its sweeps with it', async () => {
    await tenantWithRows('acme')
    await tenantWithRows('demo')
    const sweep = (partitionKey: string): Promise<number> =>
      partitionKey.startsWith('acme') ? crash() : Promise.resolve(0)
    const counted = await countedBy(() => run({ sweep }))
    expect(counted.toSorted()).toEqual([
      'maintenance.runs: complete',
      'maintenance.sweeps: done',
      'maintenance.sweeps: failed',
    ])
    const broken = { ...store, summaries: crash }
    expect(await countedBy(() => run({ store: broken }).catch(() => undefined))).toEqual([
      'maintenance.runs: failed',
    ])
    expect(await countedBy(() => run({ until: new Date(at) }))).toContain(
      'maintenance.runs: incomplete',
    )
    await runs.acquire('other', new Date(at), new Date(at + MINUTE))
    expect(await countedBy(() => run())).toEqual(['maintenance.runs: skipped'])
  })
})

describe('a deletion', () => {
  test('waits until no request can still run, then removes everything', async () => {
    const { partitionKey } = await tenantWithRows('acme')
    await issueCredential(store, 'acme', { kind: 'token' }, new Date(at))
    await beginDeletion(store, 'acme', new Date(at))
    at += 179 * SECOND
    expect(await run()).toMatchObject({ deleting: ['acme'], deleted: [], rows: 0 })
    expect(await store.get('acme')).toMatchObject({ deletion: { phase: 'settling', rows: 0 } })
    at += SECOND
    expect(await run()).toMatchObject({ deleting: [], deleted: ['acme'], rows: 250 })
    expect(await store.get('acme')).toBeUndefined()
    expect(await store.credentials('acme')).toEqual([])
    expect((await store.summaries({ count: 10 })).items).toEqual([])
    expect(rows.has(partitionKey)).toBe(false)
    expect(told).toEqual([{ event: 'tenant deleted', tenant: 'acme', rows: 250 }])
  })

  test('of very much takes several runs, and tells how far it is', async () => {
    await tenantWithRows('acme', 10_000)
    await beginDeletion(store, 'acme', new Date(at))
    at += 180 * SECOND
    tick = SECOND
    const removed: number[] = []
    const progress: (number | undefined)[] = []
    for (let n = 0; n < 3; n += 1) {
      const began = at
      removed.push((await run()).rows)
      expect(at - began).toBeLessThanOrEqual(RUN_SECONDS * SECOND)
      progress.push((await store.get('acme'))?.deletion?.rows)
      at += 5 * MINUTE
    }
    expect(removed).toEqual([4000, 4000, 2000])
    expect(progress).toEqual([4000, 8000, undefined])
    expect(told).toEqual([{ event: 'tenant deleted', tenant: 'acme', rows: 10_000 }])
  })

  test('that an earlier version began, without saying when, is finished', async () => {
    await tenantWithRows('acme')
    await store.update('acme', () => ({ status: 'deleting' }))
    expect(await run()).toMatchObject({ deleting: ['acme'] })
    at += 180 * SECOND
    expect(await run()).toMatchObject({ deleted: ['acme'] })
  })

  test.each(['note', 'delete', 'erase'] as const)(
    'that ends in %s is finished by the next run, with what came late',
    async (step) => {
      const { partitionKey } = await tenantWithRows('acme')
      await beginDeletion(store, 'acme', new Date(at))
      at += 180 * SECOND
      let erasures = 0
      const crashing: Partial<MaintenanceParts> = {
        note: { partitions: { ...partitions, note: crash } },
        delete: { store: { ...store, delete: crash } },
        erase: {
          erase: async (key: string, isOver?: () => boolean) =>
            erasures++ === 1 ? crash() : erase(key, isOver),
        },
      }[step]
      expect(await run(crashing)).toMatchObject({ failures: 1 })
      rows.set(partitionKey, 1)
      at += 5 * MINUTE
      expect(await run()).toMatchObject({ failures: 0, rows: 1 })
      expect(await store.get('acme')).toBeUndefined()
      expect((await store.summaries({ count: 10 })).items).toEqual([])
      expect(rows.size).toBe(0)
    },
  )

  test('beside the one of the command line ends in the same', async () => {
    await tenantWithRows('acme')
    await tenantWithRows('demo')
    const removed = await deleteTenant(store, 'acme', {
      erase,
      now: new Date(at),
      async settle(seconds) {
        at += seconds * SECOND
        await run()
      },
    })
    expect(removed).toBe(0)
    expect((await store.list()).map(({ id }) => id)).toEqual(['demo'])
    expect(rows.size).toBe(1)
  })

  test('leaves a later tenant of the same id alone', async () => {
    const before = await tenantWithRows('acme')
    await beginDeletion(store, 'acme', new Date(at))
    at += 180 * SECOND
    await run()
    const later = await tenantWithRows('acme')
    rows.set(before.partitionKey, 3)
    at += 5 * MINUTE
    expect(await run()).toMatchObject({ rows: 3, orphans: [] })
    expect(await store.get('acme')).toEqual(later)
    expect([...rows.keys()]).toEqual([later.partitionKey])
    at += DAY
    await run()
    expect(await partitions.notes()).toEqual([])
  })
})

describe('a summary', () => {
  test('gets its counts and its next expiry', async () => {
    const tenant = await tenantWithRows('acme')
    const expires = new Date(START + 90 * DAY)
    await issueCredential(store, 'acme', { kind: 'token', expires }, new Date(at))
    await run()
    expect(await store.summary(tenant)).toMatchObject({
      users: 7,
      groups: 2,
      nextExpiry: expires.toISOString(),
      repaired: new Date(at).toISOString(),
    })
    expect(swept).toEqual([tenant.partitionKey])
  })

  test('is made anew 15 minutes later when it is in use, else a day later', async () => {
    const used = await tenantWithRows('used')
    const idle = await tenantWithRows('idle')
    await run()
    swept = []
    at += 14 * MINUTE
    await store.noteActivity(used, { lastRequest: new Date(at).toISOString() })
    await run()
    expect(swept).toEqual([])
    at += MINUTE
    await run()
    expect(swept).toEqual([used.partitionKey])
    at = START + DAY
    await run()
    expect(swept).toContain(idle.partitionKey)
  })

  test('is removed when no tenant has it, but not while one may be under way', async () => {
    const tenant = await createTenant(memoryStores().tenants, { id: 'lost', now: new Date(at) })
    await store.create(tenant)
    const half = { ...store, findCredentials: async () => ({ credentials: [] }) }
    at += 9 * MINUTE
    expect(await run({ store: half })).toMatchObject({ dropped: 0 })
    at += MINUTE
    const dropped: string[] = []
    const dropSummary: TenantStore['dropSummary'] = async ({ id }) => dropped.push(id) > 0
    expect(await run({ store: { ...half, dropSummary } })).toMatchObject({ dropped: 1 })
    expect(dropped).toEqual(['lost'])
  })

  test('is made for a tenant from before there were summaries', async () => {
    const tenant = await tenantWithRows('old')
    await store.dropSummary({ ...tenant, partitionKey: 'another' })
    const listed = new Set<string>()
    const old = {
      ...store,
      summaries: async (query: Parameters<TenantStore['summaries']>[0]) =>
        listed.has('old') ? store.summaries(query) : { items: [] },
      repairSummary: async (...args: Parameters<TenantStore['repairSummary']>) => {
        listed.add(args[0].id)
        await store.repairSummary(...args)
      },
    }
    expect(await run({ store: old })).toMatchObject({ repaired: 1 })
  })
})

describe('an expiry', () => {
  test('is told 30, 14, 7 and 1 days ahead, once each, whichever instance runs', async () => {
    await tenantWithRows('acme')
    const expires = new Date(START + 31 * DAY)
    const spec = { kind: 'clientSecret', expires } as const
    const { credential } = await issueCredential(store, 'acme', spec, new Date(at))
    const days: number[] = []
    const events: MaintenanceEvent[] = []
    for (; at < START + 33 * DAY; at += 6 * HOUR) {
      told = []
      await run()
      await run()
      days.push(...warnings().map(() => (expires.getTime() - at) / DAY))
      events.push(...told)
    }
    expect(days).toEqual([30, 14, 7, 1])
    const event = { event: 'credential expires', tenant: 'acme', credential: credential.id }
    expect(events).toHaveLength(4)
    expect(events[0]).toEqual({
      ...event,
      kind: 'clientSecret',
      expires: expires.toISOString(),
      days: 30,
    })
  })

  test('that was told before the app died is not lost: it is told once more at most', async () => {
    await tenantWithRows('acme')
    const expires = new Date(START + 10 * DAY)
    await issueCredential(store, 'acme', { kind: 'token', expires }, new Date(at))
    const dying = { ...store, noteWarning: () => Promise.reject(new Error('crash')) }
    await run({ store: dying })
    const before = warnings().length
    await run()
    await run()
    expect([before > 0, warnings().length - before]).toEqual([true, 1])
  })

  test('is not told of what is revoked, expired, or of a tenant that is being deleted', async () => {
    const now = new Date(at)
    for (const id of ['revoked', 'gone']) {
      await tenantWithRows(id)
      const expires = new Date(START + 10 * DAY)
      const { credential } = await issueCredential(store, id, { kind: 'token', expires }, now)
      if (id === 'revoked') {
        await store.updateCredential(id, credential.id, () => ({ revoked: now.toISOString() }))
      }
    }
    await beginDeletion(store, 'gone', now)
    await run()
    at += 11 * DAY
    await run()
    expect(warnings()).toEqual([])
  })

  test('by a rotation is told by its own distance, not by all at once', async () => {
    await tenantWithRows('acme')
    const now = new Date(at)
    const { credential } = await issueCredential(store, 'acme', { kind: 'token' }, now)
    await rotateCredential(store, 'acme', credential.id, { overlapHours: 72 }, now)
    await run()
    expect(warnings()).toEqual([['acme', 7]])
  })

  test('behind one that has passed is found', async () => {
    await tenantWithRows('acme')
    for (const days of [2, 40]) {
      const expires = new Date(START + days * DAY)
      await issueCredential(store, 'acme', { kind: 'token', expires }, new Date(at))
    }
    await run()
    told = []
    at = START + 20 * DAY
    await run()
    expect(warnings()).toEqual([['acme', 30]])
  })
})

describe('orphans', () => {
  const GONE = 'gone_0123456789abcdef'

  test('are told once a day, noted with the first date, and never removed', async () => {
    await tenantWithRows('acme')
    rows.set(GONE, 3)
    rows.set('$foreign', 1)
    const found = new Date(at).toISOString()
    const orphan = { event: 'orphan found', partition: GONE, found }
    expect(await run()).toMatchObject({ orphans: [GONE] })
    at += 5 * MINUTE
    expect(await run()).toMatchObject({ orphans: [] })
    at = START + 2 * DAY
    expect(await run()).toMatchObject({ orphans: [GONE] })
    expect(told).toEqual([orphan, orphan])
    expect(rows.get(GONE)).toBe(3)
    expect(await partitions.notes()).toEqual([{ partitionKey: GONE, found }])
  })

  test('that are gone are forgotten', async () => {
    rows.set(GONE, 3)
    await run()
    rows.delete(GONE)
    at += DAY
    await run()
    expect(await partitions.notes()).toEqual([])
  })

  test('are looked for over several runs when there is much', async () => {
    for (let n = 0; n < 120; n += 1) rows.set(`t${String(n).padStart(3, '0')}_0123456789abcdef`, 1)
    const found: string[] = []
    for (let n = 0; n < 2; n += 1) {
      const { orphans, complete } = await run({ partitions: { ...partitions, next: slowly } })
      found.push(...orphans)
      expect(complete).toBe(n === 1)
    }
    expect(found).toEqual([...rows.keys()])
  })
})

function purgedBy(reports: readonly MaintenanceReport[]): number {
  return reports.reduce((sum, { purged }) => sum + purged, 0)
}

/** Entries of one for each of so many days back from now. */
function fill(tenant: Tenant, days: number): void {
  const times = Array.from({ length: days }, (_, n) => new Date(at - n * DAY - HOUR))
  const entries = times.map((time) => aChangeAt(time.toISOString()))
  keptActivity(state, tenant.partitionKey).put(...entries)
}

function timesOf(tenant: Tenant): readonly string[] {
  return keptActivity(state, tenant.partitionKey).times()
}

/** Runs every five minutes for so many hours. */
async function runFor(
  hours: number,
  change: Partial<MaintenanceParts> = {},
): Promise<readonly MaintenanceReport[]> {
  const reports: MaintenanceReport[] = []
  for (const end = at + hours * HOUR; at < end; at += 5 * MINUTE) {
    reports.push(await run(change))
  }
  return reports
}

/** In hours: each tenant has one turn in it, wherever it falls. The last run is at its end. */
const PERIOD = 23 + 1 / 12

describe('the activity', () => {
  beforeEach(async () => {
    // Turns are counted from the first run on.
    await run()
  })

  test('goes when it is older than the tenant wants it kept, within a day, and nothing younger', async () => {
    const acme = await createTenant(store, { id: 'acme', now: new Date(at) })
    const settings = { activityDays: 7 }
    const contoso = await createTenant(store, { id: 'contoso', settings, now: new Date(at) })
    for (const tenant of [acme, contoso]) fill(tenant, 100)
    const reports = await runFor(24)
    for (const [tenant, days] of [
      [acme, 90],
      [contoso, 7],
    ] as const) {
      const times = timesOf(tenant)
      const oldest = Math.min(...times.map((time) => Date.parse(time)))
      expect(at - oldest).toBeLessThan((days + 2) * DAY)
      expect(times.length).toBeGreaterThanOrEqual(days - 1)
    }
    expect(purgedBy(reports)).toBe(200 - timesOf(acme).length - timesOf(contoso).length)
    const purges = told.filter((each) => each.event === 'activity purged')
    expect(new Set(purges.map(({ tenant }) => tenant))).toEqual(new Set(['acme', 'contoso']))
  })

  test('has its purges counted', async () => {
    await createTenant(store, { id: 'acme', now: new Date(at) })
    const counted = await countedBy(() => runFor(PERIOD))
    const purges = counted.filter((each) => each.startsWith('maintenance.purges'))
    expect(purges).toEqual(['maintenance.purges: complete'])
    const failing = { activity: { ...activity, purge: crash } }
    expect(await countedBy(() => runFor(PERIOD, failing))).toContain('maintenance.purges: failed')
  })

  test('is purged once in 23 hours', async () => {
    await createTenant(store, { id: 'acme', now: new Date(at) })
    const turns: number[] = []
    const purge = async (): Promise<number> => {
      turns.push(at)
      return 0
    }
    // The last run is at the end of the third period.
    await runFor(3 * 23 + 1 / 12, { activity: { ...activity, purge } })
    expect(turns).toHaveLength(3)
    for (const [n, turn] of turns.entries()) {
      const gap = turn - (turns[n - 1] ?? turn - 23 * HOUR)
      expect(Math.abs(gap - 23 * HOUR)).toBeLessThanOrEqual(5 * MINUTE)
    }
  })

  test('names of whom was deleted are looked for since the turn before, however long nobody ran', async () => {
    const acme = await createTenant(store, { id: 'acme', now: new Date(at) })
    const asked: (readonly [since: number, at: number])[] = []
    const forgetDeleted = async (tenant: unknown, since: Date): Promise<number> => {
      expect(tenant).toMatchObject({ partitionKey: acme.partitionKey })
      asked.push([since.getTime(), at])
      return 2
    }
    const change = { activity: { ...activity, forgetDeleted } }
    await runFor(48, change)
    at += 10 * DAY
    const reports = await runFor(1, change)
    expect(reports[0]).toMatchObject({ forgotten: 2 })
    for (const [n, [since]] of asked.entries()) {
      const [, before = START] = asked[n - 1] ?? []
      expect(since).toBeLessThan(before)
    }
    expect(told).toContainEqual({ event: 'activity purged', tenant: 'acme', rows: 0, names: 2 })
  })

  test('that is too much for one run is purged by the next ones, and others meanwhile', async () => {
    const acme = await createTenant(store, { id: 'acme', now: new Date(at) })
    await createTenant(store, { id: 'contoso', now: new Date(at) })
    let left = 40_000
    const others: string[] = []
    const purge = async (tenant: { readonly id: string }, _before: Date, most: number) => {
      if (tenant.id !== acme.id) others.push(tenant.id)
      if (tenant.id !== acme.id) return 0
      const removed = Math.min(left, most)
      left -= removed
      return removed
    }
    const reports = await runFor(24, { activity: { ...activity, purge } })
    expect(left).toBe(0)
    const busy = reports.filter(({ purged }) => purged > 0)
    expect(busy.map(({ purged }) => purged)).toEqual([30_000, 10_000])
    expect(busy.map(({ complete }) => complete)).toEqual([false, true])
    // Its turn may come twice in these hours.
    expect(new Set(others)).toEqual(new Set(['contoso']))
  })

  test('of many tenants is purged for each, whatever fails and however little time there is', async () => {
    const ids = Array.from({ length: 60 }, (_, n) => `tenant-${n}`)
    for (const id of ids) await createTenant(store, { id, now: new Date(at) })
    const seen: string[] = []
    let calls = 0
    const purge = async (tenant: { readonly id: string }): Promise<number> => {
      calls += 1
      if (calls % 3 === 0) throw new Error('no')
      // Two seconds of a run of ten.
      at += 2000
      seen.push(tenant.id)
      return 0
    }
    at += 10 * DAY
    for (let n = 0; n < 60; n += 1) {
      // Nobody was deleted: to look for that takes no time.
      const parts = { ...activity, purge, forgetDeleted: async () => 0 }
      await run({ activity: parts, until: new Date(at + 10 * SECOND) })
      at += 5 * MINUTE
    }
    expect(new Set(seen)).toEqual(new Set(ids))
    expect(
      told.some((each) => each.event === 'maintenance failed' && each.step === 'retention'),
    ).toBe(true)
  })

  test('of a tenant that is being deleted is left to that', async () => {
    const acme = await createTenant(store, { id: 'acme', now: new Date(at) })
    fill(acme, 100)
    await beginDeletion(store, 'acme', new Date(at))
    const { length } = timesOf(acme)
    const isNever = { erase: () => Promise.reject(new Error('not yet')) }
    await runFor(24, isNever)
    expect(timesOf(acme)).toHaveLength(length)
  })

  test('has how many people there were each day', async () => {
    const acme = await createTenant(store, { id: 'acme', now: new Date(at) })
    await runFor(60)
    expect(await activity.people(acme, '2026-11-22', '2026-11-25')).toMatchObject([
      { day: '2026-11-22', users: 7, groups: 2 },
      { day: '2026-11-23', users: 7 },
      { day: '2026-11-24', users: 7 },
    ])
  })
})
