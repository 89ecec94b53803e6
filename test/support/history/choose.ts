import type { Operation, Outcome, TypeName } from './operation.ts'
import { below, oneOf, weighted, type Random } from './random.ts'

const USER_NAMES = ['ada', 'bob', 'cy', 'dee', 'eve', 'fay', 'gus']
const GROUP_NAMES = ['red', 'green', 'blue', 'grey', 'pink']
const EXTERNAL_IDS = ['1', '2', '3']

/** The names that resources of a type have. */
export const NAMES: Readonly<Record<TypeName, readonly string[]>> = {
  User: USER_NAMES,
  Group: GROUP_NAMES,
}

/** Resources that are remembered: the last of them are gone, mostly. */
const REMEMBERED = 10
const VERSIONS_REMEMBERED = 4

/** What the clients have learned from answers, to ask for what others change at the same time. */
export class Acquaintance {
  readonly #versions: Readonly<Record<TypeName, Map<string, string[]>>> = {
    User: new Map(),
    Group: new Map(),
  }

  /** Ids, the one that was met last at the end. */
  ids(type: TypeName): readonly string[] {
    return [...this.#versions[type].keys()]
  }

  versionsOf(type: TypeName, id: string): readonly string[] {
    return this.#versions[type].get(id) ?? []
  }

  learn({ type, resource, verb }: Operation, { status, seen, version }: Outcome): void {
    for (const each of seen) this.#meet(type, each.id, each.version)
    if (resource === undefined) return
    if (status === 404 || (verb === 'DELETE' && status === 204))
      this.#versions[type].delete(resource)
    else if (version !== undefined) this.#meet(type, resource, version)
  }

  #meet(type: TypeName, id: string, version: string): void {
    const byId = this.#versions[type]
    const versions = [...(byId.get(id) ?? []).filter((each) => each !== version), version]
    byId.delete(id)
    byId.set(id, versions.slice(-VERSIONS_REMEMBERED))
    const [oldest] = byId.keys()
    if (byId.size > REMEMBERED && oldest !== undefined) byId.delete(oldest)
  }
}

/** An operation without its name and its client. */
export type Choice = Omit<Operation, 'id' | 'client'>

/** What a client asks for next. */
export function choose(random: Random, known: Acquaintance): Choice {
  const type = weighted<TypeName>(random, [
    [3, 'User'],
    [4, 'Group'],
  ])
  const ids = known.ids(type)
  const resource = below(random, 2) === 0 ? ids.at(-1) : oneOf(random, ids)
  const verb = weighted<Operation['verb'] | 'MEMBERS'>(random, [
    [12, 'POST'],
    [14, 'GET'],
    [16, 'FIND'],
    [2, 'COUNT'],
    [8, 'PUT'],
    [16, 'PATCH'],
    [7, 'DELETE'],
    [type === 'Group' ? 20 : 0, 'MEMBERS'],
  ])
  if (verb === 'COUNT') return { verb, type }
  if (verb === 'FIND') return { verb, type, find: aFilter(random, type) }
  if (verb === 'POST' || resource === undefined) {
    return { verb: 'POST', type, name: aName(random, type), ...some(random, type, known) }
  }
  if (verb === 'GET') return { verb, type, resource }
  const target = { type, resource, ...condition(random, known.versionsOf(type, resource)) }
  if (verb === 'DELETE') return { verb, ...target }
  if (verb === 'MEMBERS') return { verb: 'PATCH', ...target, ...someMembers(random, known) }
  if (verb === 'PUT') {
    return { verb, ...target, name: aName(random, type), ...some(random, type, known) }
  }
  return { verb, ...target, ...aPatch(random, type, known) }
}

function aName(random: Random, type: TypeName): string {
  const name = oneOf(random, NAMES[type]) ?? ''
  return below(random, 4) === 0 ? name.toUpperCase() : name
}

function aFilter(random: Random, type: TypeName): NonNullable<Operation['find']> {
  return below(random, 3) === 0
    ? { by: 'externalId', value: oneOf(random, EXTERNAL_IDS) ?? '' }
    : { by: 'name', value: aName(random, type) }
}

/** What a body may have beside the name. */
function some(
  random: Random,
  type: TypeName,
  known: Acquaintance,
): Pick<Choice, 'externalId' | 'members'> {
  return {
    ...(below(random, 2) === 0 ? {} : { externalId: oneOf(random, EXTERNAL_IDS) ?? '' }),
    ...(type === 'User' || below(random, 3) === 0 ? {} : { members: users(random, known, 3) }),
  }
}

function aPatch(random: Random, type: TypeName, known: Acquaintance): Partial<Choice> {
  const isOfName = below(random, 3) > 0
  return {
    ...(isOfName ? { name: aName(random, type) } : {}),
    ...(isOfName && below(random, 2) === 0
      ? {}
      : { externalId: oneOf(random, EXTERNAL_IDS) ?? '' }),
    ...(type === 'Group' && below(random, 5) === 0 ? someMembers(random, known) : {}),
  }
}

/** Some come, some go, or both. */
function someMembers(random: Random, known: Acquaintance): Pick<Choice, 'add' | 'remove'> {
  const [first, ...others] = users(random, known, 3)
  const one = first === undefined ? [] : [first]
  const lists: readonly Pick<Choice, 'add' | 'remove'>[] = [
    { add: [...one, ...others] },
    { add: one },
    { remove: one },
    { remove: [...one, ...others] },
    { add: one, remove: others },
  ]
  return oneOf(random, lists) ?? {}
}

function users(random: Random, known: Acquaintance, most: number): readonly string[] {
  const ids = known.ids('User')
  const chosen = Array.from({ length: 1 + below(random, most) }, () => oneOf(random, ids) ?? [])
  return [...new Set(chosen.flat())]
}

/** In half of the cases that the resource still has a version of an earlier answer, mostly of the last one. */
function condition(random: Random, versions: readonly string[]): Pick<Choice, 'ifMatch'> {
  const version = below(random, 3) === 0 ? oneOf(random, versions) : versions.at(-1)
  return version === undefined || below(random, 2) === 0 ? {} : { ifMatch: version }
}
