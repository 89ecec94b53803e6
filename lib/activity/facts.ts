import {
  addCounts,
  NO_COUNTS,
  type ActivityEntry,
  type ConnectionFacts,
  type Counts,
  type DayFacts,
  type SeenAttribute,
} from '../storage/activity-port.ts'
import { isAboutCredential } from './reasons.ts'

export function addedUp(all: readonly Counts[]): Counts {
  return all.reduce(addCounts, NO_COUNTS)
}

/** What tells attributes apart: users and groups have some of the same name. */
export function attributeKey({ type = '', path }: Pick<SeenAttribute, 'type' | 'path'>): string {
  return `${type} ${path}`
}

/** `YYYY-MM-DDTHH`. */
export function hourOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 13)
}

/** `YYYY-MM-DD`. */
export function dayOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10)
}

const CREDENTIAL = 'credential:'

/** The id of the credential that did something; undefined for what none did. */
export function credentialOf(actor: string): string | undefined {
  return actor.startsWith(CREDENTIAL) ? actor.slice(CREDENTIAL.length) : undefined
}

/**
 * What refusals tell of the credentials that were refused. They are kept at once, where the facts of a day wait for the
 * next request that is let in.
 */
export function refusedConnections(entries: readonly ActivityEntry[]): readonly ConnectionFacts[] {
  return entries.flatMap((entry): readonly ConnectionFacts[] => {
    if (entry.kind === 'change' || !isAboutCredential(entry.reason)) return []
    const { author, first, at, reason: lastReason } = entry
    const credentialId = credentialOf(author.actor)
    const client = author.client === undefined ? {} : { client: author.client }
    if (credentialId === undefined) return []
    return [{ credentialId, ...client, first, last: at, lastRefusal: at, lastReason }]
  })
}

/** What all instances saw of each credential on all these days. */
export function mergedConnections(
  days: readonly DayFacts[],
  refused: readonly ConnectionFacts[] = [],
): readonly ConnectionFacts[] {
  const merged = new Map<string, ConnectionFacts>()
  for (const facts of [...days.flatMap(({ connections }) => connections), ...refused]) {
    const before = merged.get(facts.credentialId)
    merged.set(facts.credentialId, before === undefined ? facts : mergedFacts(before, facts))
  }
  return [...merged.values()]
}

function mergedFacts(one: ConnectionFacts, other: ConnectionFacts): ConnectionFacts {
  const [older, newer] = one.last <= other.last ? [one, other] : [other, one]
  const client = newer.client ?? older.client
  const refused = (one.lastRefusal ?? '') > (other.lastRefusal ?? '') ? one : other
  const { lastRefusal, lastReason } = refused
  const lastSuccess = latest(one.lastSuccess, other.lastSuccess)
  const lastProbe = latest(one.lastProbe, other.lastProbe)
  return {
    credentialId: one.credentialId,
    ...(client === undefined ? {} : { client }),
    first: one.first < other.first ? one.first : other.first,
    last: newer.last,
    ...(lastSuccess === undefined ? {} : { lastSuccess }),
    ...(lastRefusal === undefined ? {} : { lastRefusal }),
    ...(lastReason === undefined ? {} : { lastReason }),
    ...(lastProbe === undefined ? {} : { lastProbe }),
  }
}

/** The latest of these times; undefined when there is none. */
export function latest(...times: readonly (string | undefined)[]): string | undefined {
  return times
    .flatMap((time) => time ?? [])
    .toSorted()
    .at(-1)
}
