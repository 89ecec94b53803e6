import type { DayFacts, SeenAttribute } from '../storage/activity-port.ts'

/** Attributes that an answer names at most. */
const MOST_ATTRIBUTES = 200

/** Requests with a userName before it is said that one of them should have had an externalId. */
const ENOUGH_USERS = 20

/** What an admin of the identity provider should look at. */
export interface SeenWarning {
  readonly kind: 'neverCame' | 'unknownAttribute'
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
    merged.set(seen.path, mergedAttribute(merged.get(seen.path) ?? { ...seen, count: 0 }, seen))
  }
  const all = [...merged.values()].toSorted((one, other) => other.count - one.count)
  const unkept = days.reduce((most, { more }) => Math.max(most, more), 0)
  return {
    items: all.slice(0, MOST_ATTRIBUTES),
    more: Math.max(0, all.length - MOST_ATTRIBUTES) + unkept,
    warnings: [...neverCame(merged), ...unknownOnes(all)],
  }
}

function mergedAttribute(one: SeenAttribute, other: SeenAttribute): SeenAttribute {
  return {
    path: one.path,
    known: other.last < one.last ? one.known : other.known,
    first: one.first < other.first ? one.first : other.first,
    last: one.last > other.last ? one.last : other.last,
    count: one.count + other.count,
  }
}

/** A userName comes when a user is created or replaced: the requests that should have the rest, too. */
function neverCame(merged: ReadonlyMap<string, SeenAttribute>): readonly SeenWarning[] {
  const users = merged.get('userName')?.count ?? 0
  if (users < ENOUGH_USERS || merged.has('externalId')) return []
  const times = users.toLocaleString('en-US')
  const detail = `externalId never came, in ${times} requests that set userName: whoever gets another userName or e-mail address may become a second user. In Entra ID map objectId to externalId.`
  return [{ kind: 'neverCame', path: 'externalId', detail }]
}

function unknownOnes(all: readonly SeenAttribute[]): readonly SeenWarning[] {
  return all
    .filter(({ known }) => !known)
    .slice(0, MOST_ATTRIBUTES)
    .map(({ path, count }) => {
      const times = count === 1 ? 'once' : `${count.toLocaleString('en-US')} times`
      const detail = `${path} came ${times} and is no attribute here: it was left out. Correct or remove the row of the mapping.`
      return { kind: 'unknownAttribute', path, detail }
    })
}
