import type { NamedAttribute } from '../scim/ignored-names.ts'
import type { ActivityStore, HourCounts, UseNotes } from '../storage/activity-port.ts'
import type { TenantActivity, TenantIdentity } from '../storage/tenant-port.ts'
import { inBrief } from './in-brief.ts'
import { isAboutCredential } from './reasons.ts'
import { TenantStates } from './tenant-states.ts'
import {
  NOTHING_WRITTEN,
  unwrittenOf,
  writtenOf,
  type Unwritten,
  type Written,
} from './unwritten.ts'
import {
  connectionOf,
  copiesOf,
  dayOf,
  factsOf,
  hourOf,
  noteRefusal,
  outcomeOf,
  see,
  startingWith,
  withServed,
  type Caller,
  type Day,
  type Mutable,
  type Periods,
} from './use-counts.ts'

/** One write a minute, a tenant and an instance. */
const PAUSE_MILLISECONDS = 60_000

/** What somebody waits for is written at once, but not more often than this. */
const SHORT_PAUSE_MILLISECONDS = 5000

/** Credentials of a tenant of which it is known whether they were refused. */
const MOST_CREDENTIALS = 50

/** Tenants that are written side by side when the instance ends. */
const AT_ONCE = 20

/** How a request of a tenant ended. */
export interface EndedRequest {
  readonly status: number
  /** GET, HEAD and `.search`. */
  readonly isLookUp: boolean
  /** The statuses of its writes: its own, or those of a bulk's operations. */
  readonly writes: readonly number[]
  /** Canonical paths that it names. */
  readonly named: Iterable<NamedAttribute>
  /** Names that are no attributes, as `IgnoredNames` shows them. */
  readonly ignored: Iterable<NamedAttribute>
  /** Why it was refused. */
  readonly refusal?: string | undefined
}

/** A request that was let in, and has no answer yet. */
export interface Coming {
  readonly caller: Caller
  readonly isLookUp: boolean
}

/** What is held of one tenant. The counts are those of this instance, from its first request under this name on. */
interface TenantUses extends Periods {
  readonly tenant: TenantIdentity
  readonly instance: string
  /** What is not written yet. */
  activity: Mutable<TenantActivity>
  /** The last uses, written or not. */
  readonly latest: Mutable<TenantActivity>
  /** What the rows of this instance have. */
  written: Written
  /** The write under way. */
  writing: Promise<void> | undefined
  /** Credentials that were refused, and did not come in since. */
  readonly refused: Set<string>
  /** Credentials of which it is written that they come in. */
  readonly admitted: Set<string>
  isChanged: boolean
  /** Milliseconds since 1970 when it was written last. */
  tried: number
}

/** Counts what requests of tenants there are, and writes that once a minute. */
export class Uses {
  readonly #store: Pick<ActivityStore, 'noteUse'>
  readonly #now: () => Date
  readonly #tenants: TenantStates<TenantUses>
  /** The last moment that was asked for: many requests share it. */
  #moment = { milliseconds: Number.NaN, at: '' }

  /** @param newInstance a name that no other instance has, nor this one before. */
  constructor(
    store: Pick<ActivityStore, 'noteUse'>,
    { now, newInstance }: { readonly now: () => Date; readonly newInstance: () => string },
  ) {
    this.#store = store
    this.#now = now
    this.#tenants = new TenantStates<TenantUses>({
      make: (tenant) => ({
        tenant,
        instance: newInstance(),
        activity: {},
        latest: {},
        written: NOTHING_WRITTEN,
        writing: undefined,
        refused: new Set(),
        admitted: new Set(),
        hours: [],
        days: [],
        isChanged: false,
        tried: Number.NEGATIVE_INFINITY,
      }),
    })
  }

  /** A request has come in, by a credential that is good. */
  began(tenant: TenantIdentity, caller: Caller): void {
    const { state, at, hour, day } = this.#present(tenant)
    hour.requests += 1
    noteActivity(state, 'lastRequest', at)
    const connection = connectionOf(day, caller, at)
    noteActivity(state, 'lastClient', connection?.client ?? caller.client)
    if (connection !== undefined && caller.isProbe) connection.lastProbe = at
  }

  /** The same request has its answer. @returns when. */
  ended(tenant: TenantIdentity, caller: Caller, request: EndedRequest): Date {
    const { state, at, hour, day } = this.#present(tenant)
    const { status, refusal } = request
    hour[outcomeOf(status)] += 1
    if (request.isLookUp) hour.lookups += 1
    for (const each of request.writes) {
      const outcome = outcomeOf(each)
      hour.writes += 1
      if (outcome === 'refused') hour.writesRefused += 1
      if (outcome === 'failed') hour.writesFailed += 1
    }
    const connection = connectionOf(day, caller, at)
    if (status < 400) {
      noteActivity(state, 'lastSuccess', at)
      if (connection !== undefined) connection.lastSuccess = at
    }
    if (refusal !== undefined) {
      noteRefusal(connection, refusal, at)
      // Its credential may have ended while it ran.
      if (isAboutCredential(refusal)) noteActivity(state, 'lastRefusal', at)
    }
    for (const name of request.named) see(day, name, true, at)
    for (const name of request.ignored) see(day, name, false, at)
    return new Date(at)
  }

  /** A request was not let in, by a credential that was good before, or whose tenant is disabled. @returns when. */
  refused(tenant: TenantIdentity, caller: Caller, status: number, reason: string): Date {
    const { state, at, hour, day } = this.#present(tenant)
    hour.requests += 1
    hour[outcomeOf(status)] += 1
    noteActivity(state, 'lastRefusal', at)
    state.admitted.delete(caller.credentialId)
    if (state.refused.size < MOST_CREDENTIALS) state.refused.add(caller.credentialId)
    noteRefusal(connectionOf(day, caller, at), reason, at)
    return new Date(at)
  }

  /**
   * Writes what is not written yet, once a minute; for what somebody waits for five seconds after the last write: a *Test
   * Connection*, and the first request that is let in after a credential was refused. Takes a second at most, and never
   * rejects; undefined when nothing is due.
   * @param coming the request that is under way. A look-up is told as served: a *Test Connection* is mostly the only
   *   request for a while. What became of it all the same, the next write tells.
   */
  write(tenant: TenantIdentity, coming?: Coming): Promise<void> | undefined {
    const state = this.#tenants.find(tenant)
    const now = this.#now().getTime()
    if (state === undefined || !state.isChanged) return undefined
    const age = now - state.tried
    const isAwaited = coming !== undefined && (coming.caller.isProbe || isRepaired(state, coming))
    const pause = isAwaited ? SHORT_PAUSE_MILLISECONDS : PAUSE_MILLISECONDS
    // A clock that was set back must not keep it from being written.
    if (age >= 0 && age < pause) return undefined
    if (coming !== undefined) noteAdmitted(state, coming.caller.credentialId)
    return this.#write(state, now, coming?.isLookUp === true ? coming.caller : undefined)
  }

  /** Writes what is left of all tenants, when the instance ends. Takes so long at most, and never rejects. */
  async writeAll(milliseconds: number): Promise<void> {
    const end = this.#now().getTime() + milliseconds
    const states = this.#tenants.all()
    const writeNext = async (): Promise<void> => {
      for (let state = states.pop(); state !== undefined; state = states.pop()) {
        await state.writing
        const now = this.#now().getTime()
        if (state.isChanged && now < end) await this.#write(state, now)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, writeNext))
  }

  /**
   * What was counted and is not in the tenant's rows: what is under way is waited for.
   * @returns undefined where there was no request.
   */
  async unwritten(tenant: TenantIdentity): Promise<Unwritten | undefined> {
    await this.#tenants.find(tenant)?.writing
    return this.unwrittenNow(tenant)
  }

  /** As `unwritten`, without a look at what is under way. */
  unwrittenNow(tenant: TenantIdentity): Unwritten | undefined {
    const state = this.#tenants.find(tenant)
    return state === undefined
      ? undefined
      : unwrittenOf(notesOf(state), state.written, state.latest)
  }

  #write(state: TenantUses, now: number, lookUp?: Caller): Promise<void> {
    const writing = this.#written(state, now, lookUp).finally(() => {
      if (state.writing === writing) state.writing = undefined
    })
    state.writing = writing
    return writing
  }

  async #written(state: TenantUses, now: number, lookUp: Caller | undefined): Promise<void> {
    const { tenant, activity, hours, days } = state
    // Those before are over: nothing is counted in them any more.
    const [lastHour, lastDay] = [hours.at(-1), days.at(-1)]
    const notes = { ...notesOf(state), activity }
    state.activity = {}
    state.isChanged = false
    state.tried = now
    const told = lookUp === undefined ? notes : withServed(notes, lookUp, this.#at())
    const isWritten = await inBrief(this.#now, (deadline) =>
      this.#store.noteUse(tenant, told, deadline),
    )
    if (isWritten) {
      state.written = writtenOf(told)
      state.hours = startingWith(state.hours, lastHour)
      state.days = startingWith(state.days, lastDay)
    } else {
      state.activity = { ...activity, ...state.activity }
      state.isChanged = true
    }
  }

  /** The tenant's counts of this moment, which are about to change. */
  #present(tenant: TenantIdentity): {
    readonly state: TenantUses
    readonly at: string
    readonly hour: Mutable<HourCounts>
    readonly day: Day
  } {
    const state = this.#tenants.of(tenant)
    const at = this.#at()
    state.isChanged = true
    return { state, at, hour: hourOf(state, at), day: dayOf(state, at) }
  }

  #at(): string {
    const now = this.#now()
    const milliseconds = now.getTime()
    if (milliseconds !== this.#moment.milliseconds) {
      this.#moment = { milliseconds, at: now.toISOString() }
    }
    return this.#moment.at
  }
}

function notesOf({ instance, activity, hours, days }: TenantUses): UseNotes {
  return { instance, activity, hours: copiesOf(hours), days: days.map(factsOf) }
}

function noteActivity(
  { activity, latest }: Pick<TenantUses, 'activity' | 'latest'>,
  which: keyof TenantActivity,
  value: string,
): void {
  activity[which] = value
  latest[which] = value
}

/** Whether it is the first of its credential since that one, or another one of the tenant, was refused. */
function isRepaired({ refused, admitted }: TenantUses, { caller }: Coming): boolean {
  return refused.size > 0 && !admitted.has(caller.credentialId)
}

function noteAdmitted({ refused, admitted }: TenantUses, credentialId: string): void {
  refused.delete(credentialId)
  if (admitted.size >= MOST_CREDENTIALS) admitted.clear()
  admitted.add(credentialId)
}
