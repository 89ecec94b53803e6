import { writerOf, type Event, type Operation, type TypeName } from './operation.ts'

/** Which of its versions an operation has made first. */
function numberOf(version: string): number {
  return Number(version.split('.')[1])
}

/** Whether an answer says that the resource in its path is gone, or has just removed it. */
function tellsEnd({ operation: { verb, resource }, outcome: { status } }: Event): boolean {
  return resource !== undefined && (status === 404 || (verb === 'DELETE' && status === 204))
}

/** When answers showed a resource: `first` by the return of one, `last` from the call of one on. */
interface Shown {
  readonly first: number
  readonly last: number
}

/** What the events tell of each resource, before any of them is judged. */
export class Census {
  readonly events: readonly Event[]
  /** A resource, when an answer first showed it, and when one was asked for that showed it last. */
  readonly #shown: Readonly<Record<TypeName, Map<string, Shown>>> = {
    User: new Map(),
    Group: new Map(),
  }
  readonly #creation = new Map<string, Event>()
  readonly #madeBy = new Map<string, string>()
  readonly #goneBy = new Map<string, number>()
  readonly #versions = new Map<string, Set<string>>()
  readonly #everAdded = new Map<string, Set<string>>()

  constructor(events: readonly Event[]) {
    this.events = events
    const posts = new Map(
      events.flatMap((event) =>
        event.operation.verb === 'POST' ? [[event.operation.id, event] as const] : [],
      ),
    )
    for (const event of events) {
      this.#noteSeen(event)
      for (const { id, version } of event.outcome.seen) {
        this.#noteVersion(id, version)
        const post = posts.get(writerOf(version))
        if (post !== undefined) this.#noteCreation(id, post)
      }
      this.#noteTarget(event)
    }
    for (const { operation, outcome } of events) {
      if (outcome.status >= 300 && outcome.status < 500) continue
      for (const id of this.idsFrom(operation)) this.#noteMembers(id, operation)
    }
  }

  /** The ids of all resources of a type that anybody has seen. */
  ids(type: TypeName): readonly string[] {
    return [...this.#shown[type].keys()]
  }

  /**
   * The ids of what an operation is about. Of a POST without an answer: what it has made, if anybody has seen the version
   * that it made; else all that may have been made by it, as nobody knows by whom.
   */
  idsFrom({ id, verb, type, resource }: Operation): readonly string[] {
    if (verb !== 'POST') return resource === undefined ? [] : [resource]
    const made = this.#madeBy.get(id)
    if (made !== undefined) return [made]
    return this.ids(type).filter((each) => !this.#creation.has(each))
  }

  /** Whether somebody has seen what a POST has made, and knows that it is from it. */
  isMadeKnown({ id }: Operation): boolean {
    return this.#madeBy.has(id)
  }

  /** When a resource was gone at the latest: Infinite while nobody has said so. */
  goneBy(id: string): number {
    return this.#goneBy.get(id) ?? Infinity
  }

  /** The resources of a type that were there all the time from the call of an event to its return. */
  thereDuring(type: TypeName, { called, returned }: Event): readonly string[] {
    // Ids are never used twice.
    return [...this.#shown[type]].flatMap(([id, { first, last }]) =>
      first < called && last > returned ? [id] : [],
    )
  }

  /** The versions of a resource that an operation has made and anybody has seen, in the order in which they were made. */
  versionsBy({ id: operation }: Operation, id: string): readonly string[] {
    return [...(this.#versions.get(`${operation} ${id}`) ?? [])].toSorted(
      (one, other) => numberOf(one) - numberOf(other),
    )
  }

  /** All that was seen: which versions an operation has made of a resource. */
  allVersions(): Iterable<readonly [string, ReadonlySet<string>]> {
    return this.#versions
  }

  /** Whether anybody ever wanted a user to be in a group. */
  mayHaveMember(groupId: string, memberId: string): boolean {
    return this.#everAdded.get(groupId)?.has(memberId) === true
  }

  /** Whether a resource may have been there at some moment of an event. */
  mayMeet(id: string, { called, returned }: Event): boolean {
    return (this.#creation.get(id)?.called ?? 0) < returned && this.goneBy(id) > called
  }

  #noteSeen({ operation: { type }, outcome, called, returned }: Event): void {
    const note = (all: Map<string, Shown>, id: string): void => {
      const { first, last } = all.get(id) ?? { first: returned, last: called }
      all.set(id, { first: Math.min(first, returned), last: Math.max(last, called) })
    }
    for (const { id, groups = [] } of outcome.seen) {
      note(this.#shown[type], id)
      for (const groupId of groups) note(this.#shown.Group, groupId)
    }
  }

  #noteTarget(event: Event): void {
    const { operation, outcome, returned } = event
    const { resource } = operation
    if (resource === undefined) return
    if (outcome.version !== undefined) this.#noteVersion(resource, outcome.version)
    if (tellsEnd(event)) this.#goneBy.set(resource, Math.min(returned, this.goneBy(resource)))
  }

  #noteVersion(id: string, version: string): void {
    const key = `${writerOf(version)} ${id}`
    const versions = this.#versions.get(key) ?? new Set()
    this.#versions.set(key, versions.add(version))
  }

  #noteCreation(id: string, post: Event): void {
    this.#creation.set(id, post)
    this.#madeBy.set(post.operation.id, id)
  }

  #noteMembers(groupId: string, { members = [], add = [] }: Operation): void {
    const added = this.#everAdded.get(groupId) ?? new Set()
    this.#everAdded.set(groupId, added)
    for (const id of [...members, ...add]) added.add(id)
  }
}

/** Whether an operation says anything of a group's members. */
export function namesMembers({ verb, type, members, add, remove }: Operation): boolean {
  if (type !== 'Group') return false
  return verb === 'PUT' || [members, add, remove].some((list) => (list ?? []).length > 0)
}

/** Whether an operation says anything of a resource but its members. */
export function namesAttributes({ verb, name, externalId }: Operation): boolean {
  return verb === 'PUT' || name !== undefined || externalId !== undefined
}
