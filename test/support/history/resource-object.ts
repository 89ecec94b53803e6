import { namesAttributes, namesMembers, type Census } from './census.ts'
import { done, told } from './entry.ts'
import type { Entry, ObjectHistory } from './linearize.ts'
import { writerOf, type Event, type Operation, type Seen, type TypeName } from './operation.ts'

/** A user or a group, its members left aside. */
interface Live {
  readonly name: string
  readonly externalId: string | undefined
  /** UNSEEN where no answer has shown it; `~` is behind one in whose place another may be unseen. */
  readonly version: string
}

/** A version that no answer has shown. */
const UNSEEN = '?'

type State = 'absent' | 'gone' | Live

type Written = Pick<Live, 'name' | 'externalId'>

/** Users and groups: what each has been through. */
export function resourceObjects(census: Census, type: TypeName): readonly ObjectHistory<State>[] {
  const entries = new Map(census.ids(type).map((id): [string, Entry<State>[]] => [id, []]))
  const note = (id: string | undefined, ...more: readonly Entry<State>[]): void => {
    if (id !== undefined) entries.get(id)?.push(...more)
  }
  for (const event of census.events) {
    const { operation, outcome } = event
    if (type === 'Group') noteLeaving(census, event, note)
    if (operation.type !== type) continue
    if (operation.verb === 'POST') noteCreation(census, event, note)
    else if (operation.resource === undefined) noteFinding(census, event, note)
    else if (operation.verb === 'GET') {
      const [seen] = outcome.seen
      if (seen !== undefined)
        note(
          operation.resource,
          told(event, (state) => shows(state, seen)),
        )
    } else note(operation.resource, ...changesBy(census, event, operation.resource))
    if (outcome.status === 404)
      note(
        operation.resource,
        told(event, (state) => state === 'gone'),
      )
  }
  return Array.from(entries, ([id, each]) => {
    return { name: `${type} ${id}`, initial: 'absent', key, entries: each }
  })
}

type Note = (id: string | undefined, ...entries: readonly Entry<State>[]) => void

function key(state: State): string {
  if (typeof state === 'string') return state
  return JSON.stringify([state.name, state.externalId, state.version])
}

/** What an event does to a resource that is there. */
function doneAlive(
  event: Event,
  change: (live: Live) => State | undefined,
  of: { readonly effect: string; readonly goneBy: number; readonly isOptional?: boolean },
): Entry<State> {
  const apply = (state: State): State | undefined =>
    typeof state === 'string' ? undefined : change(state)
  return done(event, { apply, ...of })
}

function shows(state: State, { name, externalId, version }: Seen): boolean {
  if (typeof state === 'string') return false
  return state.name === name && state.externalId === externalId && isVersion(state, version)
}

function isVersion({ version }: Live, seen: string): boolean {
  return version === seen || version === `${seen}~`
}

function mayHold({ version }: Live, ifMatch: string | undefined): boolean {
  return ifMatch === undefined || version === ifMatch || version === `${ifMatch}~`
}

function noteCreation(census: Census, event: Event, note: Note): void {
  if (event.outcome.status === 409) return
  for (const id of census.idsFrom(event.operation)) note(id, ...creation(census, event, id))
}

function creation(census: Census, event: Event, id: string): readonly Entry<State>[] {
  const { operation, outcome } = event
  const { name = '', externalId } = operation
  const goneBy = census.goneBy(id)
  const isOptional = outcome.status >= 500
  const version = census.versionsBy(operation, id)[0] ?? UNSEEN
  const created = done<State>(event, {
    goneBy,
    apply: (state) => (state === 'absent' ? { name, externalId, version } : undefined),
  })
  if (!namesMembers(operation)) return [created]
  // The members come in a transaction of their own, with the same version.
  const filled = touched(event, version, goneBy)
  // When they cannot be added, the group goes again.
  return isOptional ? [created, filled, removed(event, goneBy)] : [created, filled]
}

/** A change of a group's members, or of those who are in it: it may have been none. */
function touched(event: Event, version: string, goneBy: number): Entry<State> {
  const effect = `version ${version}`
  return doneAlive(event, (live) => ({ ...live, version }), { effect, goneBy, isOptional: true })
}

function removed(event: Event, goneBy: number): Entry<State> {
  const { ifMatch } = event.operation
  return doneAlive(event, (live) => (mayHold(live, ifMatch) ? 'gone' : undefined), {
    effect: `gone if ${ifMatch ?? 'there'}`,
    goneBy,
  })
}

/** What a filter finds was there; by externalId it finds all that have it, each at some moment. */
function noteFinding(census: Census, event: Event, note: Note): void {
  const { operation, outcome } = event
  for (const seen of outcome.seen)
    note(
      seen.id,
      told(event, (state) => shows(state, seen)),
    )
  const { find } = operation
  if (find?.by !== 'externalId' || outcome.status !== 200) return
  const found = new Set(outcome.seen.map(({ id }) => id))
  const others = census
    .ids(operation.type)
    .filter((id) => !found.has(id) && census.mayMeet(id, event))
  for (const id of others) {
    note(
      id,
      told(event, (state) => typeof state === 'string' || state.externalId !== find.value),
    )
  }
}

/** A group that a deleted user was in gets a version of the deletion. */
function noteLeaving(census: Census, event: Event, note: Note): void {
  const { operation, outcome } = event
  if (operation.type !== 'User' || operation.verb !== 'DELETE') return
  if (outcome.status !== 204 && outcome.status < 500) return
  const { resource: userId = '' } = operation
  for (const id of census.ids('Group')) {
    if (!census.mayHaveMember(id, userId) || !census.mayMeet(id, event)) continue
    const [version = UNSEEN] = census.versionsBy(operation, id)
    note(id, touched(event, version, census.goneBy(id)))
  }
}

function changesBy(census: Census, event: Event, id: string): readonly Entry<State>[] {
  const { operation, outcome } = event
  const { verb, ifMatch } = operation
  switch (outcome.status) {
    case 404:
      return []
    case 409:
      return [told(event, (state) => typeof state !== 'string' && mayHold(state, ifMatch))]
    case 412:
      return [told(event, (state) => typeof state !== 'string' && state.version !== ifMatch)]
    default:
      if (verb === 'DELETE') return [removed(event, census.goneBy(id))]
      return namesAttributes(operation)
        ? writing(census, event, id)
        : [ofMembersAlone(census, event, id)]
  }
}

/** A PATCH of members: a new version, or none when they were as they should be. */
function ofMembersAlone(census: Census, event: Event, id: string): Entry<State> {
  const { operation, outcome } = event
  const { version } = outcome
  if (version !== undefined && writerOf(version) !== operation.id) {
    return told(event, (state) => {
      return (
        typeof state !== 'string' && isVersion(state, version) && mayHold(state, operation.ifMatch)
      )
    })
  }
  const [made = UNSEEN] = census.versionsBy(operation, id)
  const goneBy = census.goneBy(id)
  return doneAlive(
    event,
    (live) => (mayHold(live, operation.ifMatch) ? { ...live, version: made } : undefined),
    { effect: `version ${made} if ${operation.ifMatch ?? 'there'}`, goneBy },
  )
}

/** A PUT or PATCH of attributes, and behind them of members, in a transaction of their own. */
function writing(census: Census, event: Event, id: string): readonly Entry<State>[] {
  const { operation, outcome } = event
  const goneBy = census.goneBy(id)
  const { version } = outcome
  const { id: _, client: __, resource: ___, ...asked } = operation
  const isKnown = outcome.status < 500
  const [first = UNSEEN, second] = census.versionsBy(operation, id)
  const isKept = version !== undefined && writerOf(version) !== operation.id
  const write = doneAlive(
    event,
    (live) => {
      const after = written(operation, live)
      const isSame = after.name === live.name && after.externalId === live.externalId
      if (!mayHold(live, operation.ifMatch) || !isShown(outcome.seen, after)) return undefined
      if (!isSame) return isKept ? undefined : { ...after, version: first }
      // What equals what is there is not written, and an unknown outcome of nothing is no effect.
      const isRight = isKept ? isVersion(live, version) : isKnown && namesMembers(operation)
      return isRight ? live : undefined
    },
    { effect: `${JSON.stringify(asked)} ${first}`, goneBy },
  )
  if (!namesMembers(operation) || isKept) return [write]
  const last = second ?? (isKnown || first === UNSEEN ? first : `${first}~`)
  return [write, touched(event, last, goneBy)]
}

function written({ verb, name, externalId }: Operation, live: Live): Written {
  if (verb === 'PUT') return { name: name ?? '', externalId }
  return { name: name ?? live.name, externalId: externalId ?? live.externalId }
}

/** RFC 7644 §3.5.1, §3.5.2: an answer with a body shows what was made of the resource. */
function isShown([seen]: readonly Seen[], { name, externalId }: Written): boolean {
  return seen === undefined || (seen.name === name && seen.externalId === externalId)
}
