import type { Census } from './census.ts'
import { done, told } from './entry.ts'
import type { Entry, ObjectHistory } from './linearize.ts'
import type { Event } from './operation.ts'

type Membership = 'in' | 'out'

/** Who may be in which group: each such pair on its own. */
export function membershipObjects(census: Census): readonly ObjectHistory<Membership>[] {
  const pairs = new Pairs()
  for (const event of census.events) notePairs(census, event, pairs)
  for (const event of census.events) noteEntries(census, event, pairs)
  return pairs.all().map(({ groupId, memberId, entries }) => ({
    name: `the membership of ${memberId} in ${groupId}`,
    initial: 'out',
    key: (state) => state,
    entries,
  }))
}

interface Pair {
  readonly groupId: string
  readonly memberId: string
  readonly entries: Entry<Membership>[]
}

/** Pairs that anybody has named, found from both sides. */
class Pairs {
  readonly #byGroup = new Map<string, Map<string, Pair>>()
  readonly #byMember = new Map<string, Pair[]>()

  add(groupId: string, memberId: string): void {
    const ofGroup = this.#byGroup.get(groupId) ?? new Map<string, Pair>()
    this.#byGroup.set(groupId, ofGroup)
    if (ofGroup.has(memberId)) return
    const pair = { groupId, memberId, entries: [] }
    ofGroup.set(memberId, pair)
    this.#byMember.set(memberId, [...(this.#byMember.get(memberId) ?? []), pair])
  }

  ofGroup(groupId: string): readonly Pair[] {
    return [...(this.#byGroup.get(groupId)?.values() ?? [])]
  }

  ofMember(memberId: string): readonly Pair[] {
    return this.#byMember.get(memberId) ?? []
  }

  all(): readonly Pair[] {
    return [...this.#byGroup.keys()].flatMap((groupId) => this.ofGroup(groupId))
  }
}

function isRefused({ outcome: { status } }: Event): boolean {
  return status >= 300 && status < 500
}

function notePairs(census: Census, event: Event, pairs: Pairs): void {
  if (isRefused(event)) return
  const { members = [], add = [] } = event.operation
  const groupIds = event.operation.type === 'Group' ? census.idsFrom(event.operation) : []
  for (const groupId of groupIds) {
    for (const memberId of [...members, ...add]) pairs.add(groupId, memberId)
  }
  for (const seen of event.outcome.seen) {
    for (const id of seen.members ?? []) pairs.add(seen.id, id)
    for (const id of seen.groups ?? []) pairs.add(id, seen.id)
  }
}

function noteEntries(census: Census, event: Event, pairs: Pairs): void {
  const { operation } = event
  if (isRefused(event)) return
  const { verb, type, resource = '' } = operation
  if (verb === 'DELETE') {
    const left = type === 'Group' ? pairs.ofGroup(resource) : pairs.ofMember(resource)
    for (const { entries } of left) entries.push(become(event, 'out'))
  }
  const groupIds = type === 'Group' ? census.idsFrom(operation) : []
  for (const pair of groupIds.flatMap((id) => pairs.ofGroup(id))) noteChange(event, pair)
  if (verb !== 'POST') noteReads(event, pairs)
}

function noteChange(event: Event, { memberId, entries }: Pair): void {
  const { verb, members = [], add = [], remove = [] } = event.operation
  if (members.includes(memberId) || add.includes(memberId)) entries.push(become(event, 'in'))
  else if (verb === 'PUT' || remove.includes(memberId)) entries.push(become(event, 'out'))
  // A POST whose members cannot be added takes its group back.
  if (verb === 'POST' && event.outcome.status >= 500) entries.push(become(event, 'out'))
}

function noteReads(event: Event, pairs: Pairs): void {
  for (const { id, members, groups } of event.outcome.seen) {
    for (const { memberId, entries } of members === undefined ? [] : pairs.ofGroup(id)) {
      entries.push(seenAs(event, members?.includes(memberId) === true))
    }
    for (const { groupId, entries } of groups === undefined ? [] : pairs.ofMember(id)) {
      entries.push(seenAs(event, groups?.includes(groupId) === true))
    }
  }
}

function become(event: Event, state: Membership): Entry<Membership> {
  return done(event, { apply: () => state, effect: state })
}

function seenAs(event: Event, isMember: boolean): Entry<Membership> {
  return told(event, (state) => (state === 'in') === isMember)
}
