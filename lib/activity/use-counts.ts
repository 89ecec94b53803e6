import {
  NO_COUNTS,
  type ConnectionFacts,
  type DayFacts,
  type HourCounts,
  type SeenAttribute,
  type UseNotes,
} from '../storage/activity-port.ts'
import type { NamedAttribute } from '../scim/ignored-names.ts'
import { attributeKey } from './facts.ts'
import { digest } from './position.ts'

/** Attributes of a tenant that are kept, and characters of one. */
const MOST_ATTRIBUTES = 200
const LONGEST_ATTRIBUTE = 200

/** What is unknown is any number of names: those that are known have their place. */
const MOST_UNKNOWN = 100

/** Attributes beyond, which are only counted: as far as that. */
const MOST_MORE = 1000

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

export type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] }

/** What is counted on a day. */
export interface Day {
  readonly day: string
  readonly connections: Map<string, Mutable<ConnectionFacts>>
  readonly attributes: Map<string, Mutable<SeenAttribute>>
  /** Digests of what is not in it, so that each counts once. */
  readonly more: Set<string>
}

/** What is counted: the last of each goes on, those before it are not written yet. */
export interface Periods {
  hours: Mutable<HourCounts>[]
  days: Day[]
}

/** The notes as they are when a look-up that has come is served. */
export function withServed(notes: UseNotes, { credentialId }: Caller, at: string): UseNotes {
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
export function hourOf({ hours }: Pick<Periods, 'hours'>, at: string): Mutable<HourCounts> {
  const last = hours.at(-1)
  // A text that begins another one is less than that.
  if (last !== undefined && (at.startsWith(last.hour) || last.hour > at)) return last
  return begin(hours, { hour: at.slice(0, 13), ...NO_COUNTS })
}

export function dayOf({ days }: Pick<Periods, 'days'>, at: string): Day {
  const last = days.at(-1)
  if (last !== undefined && (at.startsWith(last.day) || last.day > at)) return last
  return begin(days, {
    day: at.slice(0, 10),
    connections: new Map(),
    attributes: new Map(),
    more: new Set(),
  })
}

function begin<Period>(periods: Period[], period: Period): Period {
  periods.push(period)
  if (periods.length > MOST_PERIODS) periods.shift()
  return period
}

export function startingWith<Period>(periods: Period[], first: Period | undefined): Period[] {
  return first === undefined ? periods : periods.slice(Math.max(0, periods.indexOf(first)))
}

/** 429 is no fault of what was sent: it may come again. */
export function outcomeOf(status: number): 'served' | 'refused' | 'failed' {
  if (status < 400) return 'served'
  return status === 429 || status >= 500 ? 'failed' : 'refused'
}

export function connectionOf(
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

export function noteRefusal(
  connection: Mutable<ConnectionFacts> | undefined,
  reason: string,
  at: string,
): void {
  if (connection === undefined) return
  connection.lastRefusal = at
  connection.lastReason = reason
}

export function see(day: Day, name: NamedAttribute, known: boolean, at: string): void {
  const { type, like } = name
  const path = name.path.slice(0, LONGEST_ATTRIBUTE)
  const key = attributeKey({ type, path })
  const seen = day.attributes.get(key)
  if (seen !== undefined) {
    seen.last = at
    seen.count += 1
  } else if (hasPlace(day, known)) {
    const told = like === undefined ? {} : { like }
    day.attributes.set(key, { type, path, known, ...told, first: at, last: at, count: 1 })
  } else noteMore(day, key)
}

/** Where there is none for what is known, what is unknown gives way. */
function hasPlace(day: Day, known: boolean): boolean {
  const { attributes } = day
  const unknown = Array.from(attributes).filter(([, seen]) => !seen.known)
  if (!known) return attributes.size < MOST_ATTRIBUTES && unknown.length < MOST_UNKNOWN
  if (attributes.size < MOST_ATTRIBUTES) return true
  const [key] = unknown.at(-1) ?? []
  if (key === undefined) return false
  attributes.delete(key)
  noteMore(day, key)
  return true
}

function noteMore({ more }: Day, key: string): void {
  if (more.size < MOST_MORE) more.add(digest(key))
}

export function factsOf({ day, connections, attributes, more }: Day): DayFacts {
  return {
    day,
    connections: copiesOf(connections.values()),
    attributes: copiesOf(attributes.values()),
    more: more.size,
  }
}

export function copiesOf<Facts extends object>(facts: Iterable<Facts>): Facts[] {
  return Array.from(facts, (each) => ({ ...each }))
}
