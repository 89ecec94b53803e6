import type {
  ActivityStore,
  ConnectionFacts,
  DayFacts,
  HourCounts,
  SeenAttribute,
  UseNotes,
} from '../storage/activity-port.ts'
import type { TenantActivity, TenantIdentity } from '../storage/tenant-port.ts'
import { inBrief } from './in-brief.ts'
import { TenantStates } from './tenant-states.ts'

/** One write a minute, a tenant and an instance. */
const PAUSE_MILLISECONDS = 60_000

/** Attributes of a tenant that are kept, and characters of one. */
const MOST_ATTRIBUTES = 200
const LONGEST_ATTRIBUTE = 200

/** Credentials of a tenant that are kept on one day. */
const MOST_CONNECTIONS = 50

/** Hours, and days, that are held while they could not be written. */
const MOST_PERIODS = 3

/** Who sends a request. */
export interface Caller {
  /** Empty when it is not known. */
  readonly credentialId: string
  readonly client: string
  /** Whether it is a *Test Connection*. */
  readonly isProbe: boolean
}

/** How a request of a tenant ended. */
export interface EndedRequest {
  readonly status: number
  /** GET, HEAD and `.search`. */
  readonly isLookUp: boolean
  /** The statuses of its writes: its own, or those of a bulk's operations. */
  readonly writes: readonly number[]
  /** Canonical paths that it names. */
  readonly named: Iterable<string>
  /** Names that are no attributes, as `IgnoredNames` shows them. */
  readonly ignored: Iterable<string>
  /** Why it was refused. */
  readonly refusal?: string | undefined
}

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] }

interface Day {
  readonly day: string
  readonly connections: Map<string, Mutable<ConnectionFacts>>
  readonly attributes: Map<string, Mutable<SeenAttribute>>
  more: number
}

/** What is held of one tenant. The counts are those of this instance, from its first request under this name on. */
interface TenantUses {
  readonly tenant: TenantIdentity
  readonly instance: string
  /** What is not written yet. */
  activity: Mutable<TenantActivity>
  hours: Mutable<HourCounts>[]
  days: Day[]
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
    state.activity.lastRequest = at
    const connection = connectionOf(day, caller, at)
    if (connection !== undefined && caller.isProbe) connection.lastProbe = at
  }

  /** The same request has its answer. */
  ended(tenant: TenantIdentity, caller: Caller, request: EndedRequest): void {
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
      state.activity.lastSuccess = at
      if (connection !== undefined) connection.lastSuccess = at
    }
    if (refusal !== undefined) noteRefusal(connection, refusal, at)
    for (const path of request.named) see(day, path, true, at)
    for (const name of request.ignored) see(day, name, false, at)
  }

  /** A request was not let in, by a credential that was good before, or whose tenant is disabled. */
  refused(tenant: TenantIdentity, caller: Caller, status: number, reason: string): void {
    const { state, at, hour, day } = this.#present(tenant)
    hour.requests += 1
    hour[outcomeOf(status)] += 1
    state.activity.lastRefusal = at
    noteRefusal(connectionOf(day, caller, at), reason, at)
  }

  /**
   * Writes what is not written yet, once a minute. Takes a second at most, and never rejects; undefined when nothing is due.
   * @param lookUp who sends the look-up that is under way. It is told as served: a *Test Connection* is mostly the only
   *   request for a while. What became of it all the same, the next write tells.
   */
  write(tenant: TenantIdentity, lookUp?: Caller): Promise<void> | undefined {
    const state = this.#tenants.find(tenant)
    const now = this.#now().getTime()
    if (state === undefined || !state.isChanged) return undefined
    const age = now - state.tried
    // A clock that was set back must not keep it from being written.
    return age >= 0 && age < PAUSE_MILLISECONDS ? undefined : this.#write(state, now, lookUp)
  }

  async #write(state: TenantUses, now: number, lookUp: Caller | undefined): Promise<void> {
    const { tenant, instance, activity, hours, days } = state
    // Those before are over: nothing is counted in them any more.
    const [lastHour, lastDay] = [hours.at(-1), days.at(-1)]
    state.activity = {}
    state.isChanged = false
    state.tried = now
    const notes = { instance, activity, hours: copiesOf(hours), days: days.map(factsOf) }
    const told = lookUp === undefined ? notes : withServed(notes, lookUp, this.#at())
    const isWritten = await inBrief(this.#now, (deadline) =>
      this.#store.noteUse(tenant, told, deadline),
    )
    if (isWritten) {
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

/** The notes as they are when a look-up that has come is served. */
function withServed(notes: UseNotes, { credentialId }: Caller, at: string): UseNotes {
  const served = ({ connections, ...day }: DayFacts): DayFacts => ({
    ...day,
    connections: connections.map((each) =>
      each.credentialId === credentialId ? { ...each, lastSuccess: at } : each,
    ),
  })
  return {
    ...notes,
    activity: { ...notes.activity, lastSuccess: at },
    hours: withLast(notes.hours, (hour) => ({
      ...hour,
      served: hour.served + 1,
      lookups: hour.lookups + 1,
    })),
    days: withLast(notes.days, served),
  }
}

function withLast<Period>(
  periods: readonly Period[],
  change: (last: Period) => Period,
): readonly Period[] {
  return periods.map((period, index) => (index === periods.length - 1 ? change(period) : period))
}

/** The last one, also when the clock was set back: one that is over may be gone, and must not begin again. */
function hourOf({ hours }: TenantUses, at: string): Mutable<HourCounts> {
  const last = hours.at(-1)
  // A text that begins another one is less than that.
  if (last !== undefined && (at.startsWith(last.hour) || last.hour > at)) return last
  return begin(hours, {
    hour: at.slice(0, 13),
    requests: 0,
    served: 0,
    refused: 0,
    failed: 0,
    lookups: 0,
    writes: 0,
    writesRefused: 0,
    writesFailed: 0,
  })
}

function dayOf({ days }: TenantUses, at: string): Day {
  const last = days.at(-1)
  if (last !== undefined && (at.startsWith(last.day) || last.day > at)) return last
  return begin(days, {
    day: at.slice(0, 10),
    connections: new Map(),
    attributes: new Map(),
    more: 0,
  })
}

function begin<Period>(periods: Period[], period: Period): Period {
  periods.push(period)
  if (periods.length > MOST_PERIODS) periods.shift()
  return period
}

function startingWith<Period>(periods: Period[], first: Period | undefined): Period[] {
  return first === undefined ? periods : periods.slice(Math.max(0, periods.indexOf(first)))
}

/** 429 is no fault of what was sent: it may come again. */
function outcomeOf(status: number): 'served' | 'refused' | 'failed' {
  if (status < 400) return 'served'
  return status === 429 || status >= 500 ? 'failed' : 'refused'
}

function connectionOf(
  { connections }: Day,
  { credentialId, client }: Caller,
  at: string,
): Mutable<ConnectionFacts> | undefined {
  let connection = connections.get(credentialId)
  if (connection === undefined) {
    if (credentialId === '' || connections.size >= MOST_CONNECTIONS) return undefined
    connection = { credentialId, client, first: at, last: at }
    connections.set(credentialId, connection)
  }
  connection.last = at
  // Not every request tells who has sent it.
  if (client !== 'other') connection.client = client
  return connection
}

function noteRefusal(
  connection: Mutable<ConnectionFacts> | undefined,
  reason: string,
  at: string,
): void {
  if (connection === undefined) return
  connection.lastRefusal = at
  connection.lastReason = reason
}

function see(day: Day, name: string, known: boolean, at: string): void {
  const path = name.slice(0, LONGEST_ATTRIBUTE)
  const seen = day.attributes.get(path)
  if (seen !== undefined) {
    seen.last = at
    seen.count += 1
  } else if (day.attributes.size < MOST_ATTRIBUTES) {
    day.attributes.set(path, { path, known, first: at, last: at, count: 1 })
  } else day.more += 1
}

function factsOf({ day, connections, attributes, more }: Day): DayFacts {
  return {
    day,
    connections: copiesOf(connections.values()),
    attributes: copiesOf(attributes.values()),
    more,
  }
}

function copiesOf<Facts extends object>(facts: Iterable<Facts>): Facts[] {
  return Array.from(facts, (each) => ({ ...each }))
}
