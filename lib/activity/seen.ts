import type { DayFacts, SeenAttribute } from '../storage/activity-port.ts'
import { attributeKey } from './facts.ts'

/** Attributes that an answer names at most; of them those that are unknown. */
const MOST_ATTRIBUTES = 200
const MOST_UNKNOWN = 100

/** Requests with a userName before it is said that one of them should have had an externalId. */
const ENOUGH_USERS = 20

/** What an admin of the identity provider should look at. */
export interface SeenWarning {
  readonly kind: 'neverCame' | 'unknownAttribute'
  /** The resource type that it is about. */
  readonly type?: string
  readonly path: string
  readonly detail: string
}

export interface SeenAttributes {
  /** The most frequent first. */
  readonly items: readonly SeenAttribute[]
  /** How many more there were, at least. */
  readonly more: number
  readonly warnings: readonly SeenWarning[]
}

/** The attributes that came in these days. */
export function seenAttributes(days: readonly DayFacts[]): SeenAttributes {
  const merged = new Map<string, SeenAttribute>()
  for (const seen of days.flatMap(({ attributes }) => attributes)) {
    const key = attributeKey(seen)
    merged.set(key, mergedAttribute(merged.get(key) ?? { ...seen, count: 0 }, seen))
  }
  const all = [...merged.values()].toSorted((one, other) => other.count - one.count)
  const known = all.filter((each) => each.known).slice(0, MOST_ATTRIBUTES)
  const places = Math.min(MOST_UNKNOWN, MOST_ATTRIBUTES - known.length)
  const unknown = all.filter((each) => !each.known).slice(0, places)
  const items = [...known, ...unknown].toSorted((one, other) => other.count - one.count)
  // What one instance had no place for on one day, another may have.
  const unkept = days.reduce((most, { more }) => Math.max(most, more), 0)
  return {
    items,
    more: Math.max(all.length - items.length, unkept),
    warnings: [...neverCame(merged), ...unknown.map(unknownOne)],
  }
}

function mergedAttribute(one: SeenAttribute, other: SeenAttribute): SeenAttribute {
  const newer = other.last < one.last ? one : other
  return {
    ...newer,
    first: one.first < other.first ? one.first : other.first,
    count: one.count + other.count,
  }
}

/** A userName comes when a user is created or replaced: the requests that should have the rest, too. */
function neverCame(merged: ReadonlyMap<string, SeenAttribute>): readonly SeenWarning[] {
  const type = 'User'
  const ofUsers = (path: string): SeenAttribute | undefined =>
    merged.get(attributeKey({ type, path }))
  const users = ofUsers('userName')?.count ?? 0
  if (users < ENOUGH_USERS || ofUsers('externalId') !== undefined) return []
  const times = users.toLocaleString('en-US')
  const detail = `externalId never came, in ${times} requests that set userName: whoever gets another userName or e-mail address may become a second user. In Entra ID map objectId to externalId.`
  return [{ kind: 'neverCame', type, path: 'externalId', detail }]
}

function unknownOne({ type, path, like, count }: SeenAttribute): SeenWarning {
  const times = count === 1 ? 'once' : `${count.toLocaleString('en-US')} times`
  const of = type === undefined ? '' : ` of a ${type}`
  const meant = like === undefined ? '' : ` Was ${like} meant?`
  const detail = `${path} came ${times} and is no attribute${of} here: it was left out.${meant} Correct or remove the row of the mapping.`
  return { kind: 'unknownAttribute', ...(type === undefined ? {} : { type }), path, detail }
}
