import { namesMembers, type Census } from './census.ts'
import { NAMES } from './choose.ts'
import { done, told } from './entry.ts'
import type { Entry, ObjectHistory } from './linearize.ts'
import { folded, type Event, type TypeName } from './operation.ts'

/** The id of who has the name; empty when nobody has. */
type Holder = string

/** In place of the id of what may have been created, and nobody has seen. */
const UNSEEN = 'unseen'

/** The names that at most one resource of a type has: who has had each. */
export function nameObjects(census: Census, type: TypeName): readonly ObjectHistory<Holder>[] {
  return NAMES[type].map((name) => ({
    name: `the name ${name} of a ${type}`,
    initial: '',
    key: (holder) => holder,
    entries: census.events
      .filter(({ operation }) => operation.type === type)
      .flatMap((event) => entriesFor(census, event, name)),
  }))
}

function entriesFor(census: Census, event: Event, name: string): readonly Entry<Holder>[] {
  const { operation, outcome } = event
  const { verb } = operation
  const isRefused = outcome.status >= 300 && outcome.status < 500
  if (verb === 'POST') return creating(census, event, name)
  if (verb === 'GET' || verb === 'LIST') return readsOf(event, name)
  if (verb === 'FIND') return outcome.status === 200 ? found(event, name) : []
  if (verb === 'DELETE') return isRefused ? [] : [givenUp(census, event)]
  return operation.name === undefined ? [] : renaming(census, event, name)
}

/** A resource that is shown has its name. */
function readsOf(event: Event, name: string): readonly Entry<Holder>[] {
  return event.outcome.seen
    .filter((seen) => folded(seen.name) === name)
    .map(({ id }) => told(event, (holder) => holder === id))
}

/** A filter on the name finds whoever has it, and nobody where nobody has. */
function found(event: Event, name: string): readonly Entry<Holder>[] {
  const { find } = event.operation
  if (find?.by !== 'name') return readsOf(event, name)
  if (folded(find.value) !== name) return []
  const ids = event.outcome.seen.filter((seen) => folded(seen.name) === name).map(({ id }) => id)
  const isOne = ids.length === event.outcome.seen.length && ids.length <= 1
  return [told(event, (holder) => isOne && holder === (ids[0] ?? ''))]
}

function creating(census: Census, event: Event, name: string): readonly Entry<Holder>[] {
  const { operation, outcome } = event
  if (folded(operation.name ?? '') !== name) return []
  if (outcome.status === 409) return [told(event, (holder) => holder !== '')]
  const ids = census.isMadeKnown(operation) ? [] : [UNSEEN]
  return [...ids, ...census.idsFrom(operation)].flatMap((id) => taking(census, event, id))
}

function taking(census: Census, event: Event, id: string): readonly Entry<Holder>[] {
  const goneBy = census.goneBy(id)
  const taken = done<Holder>(event, {
    effect: `taken by ${id}`,
    goneBy,
    apply: (holder) => (holder === '' ? id : undefined),
  })
  if (event.outcome.status < 500 || !namesMembers(event.operation)) return [taken]
  // When the members of a group cannot be added, it goes again.
  return [taken, left(event, id, goneBy)]
}

function renaming(census: Census, event: Event, name: string): readonly Entry<Holder>[] {
  const { operation, outcome } = event
  const { resource = '' } = operation
  if (outcome.status === 404 || outcome.status === 412) return []
  if (folded(operation.name ?? '') !== name) {
    return outcome.status === 409 ? [] : [givenUp(census, event)]
  }
  if (outcome.status === 409) {
    return [told(event, (holder) => holder !== '' && holder !== resource)]
  }
  return [
    done<Holder>(event, {
      effect: `taken by ${resource}`,
      goneBy: census.goneBy(resource),
      apply: (holder) => (holder === '' || holder === resource ? resource : undefined),
    }),
  ]
}

/** If the resource had this name, it has it no longer. */
function givenUp(census: Census, event: Event): Entry<Holder> {
  const { resource = '' } = event.operation
  return left(event, resource, census.goneBy(resource))
}

function left(event: Event, id: string, goneBy: number): Entry<Holder> {
  return done(event, {
    effect: `left by ${id}`,
    goneBy,
    apply: (holder) => (holder === id ? '' : holder),
  })
}
