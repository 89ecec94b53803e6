import { isDeepStrictEqual } from 'node:util'
import { isArray, isObject, own, type JsonObject, type JsonValue } from '../../../lib/scim/json.ts'

/** A person as a backend keeps one: names of teams and of managers are told by others. */
interface Kept {
  readonly version: string
  /** All that makes another version. */
  readonly values: JsonObject
  readonly teams: readonly string[]
  readonly manager: string | undefined
}

/** How what a list says of a person stands to what the copy has. */
export type Coming =
  'new' | 'removed' | 'again' | 'changed' | 'otherInOneVersion' | 'sameInTwoVersions'

/** What a vendor's backend has in its own database: the people and the teams of a tenant. */
export class Copy {
  readonly #people = new Map<string, Kept>()
  /** Their names, by their ids. */
  readonly #teams = new Map<string, string>()

  /** Takes what a list says of a person. */
  takePerson(person: JsonObject): Coming {
    const id = textOf(person, 'id')
    const before = this.#people.get(id)
    if (person['removed'] === true) {
      this.#people.delete(id)
      return 'removed'
    }
    const kept = keptOf(person)
    this.#people.set(id, kept)
    if (before === undefined) return 'new'
    const { version: _, ...was } = before
    const { version, ...is } = kept
    if (version === before.version) {
      return isDeepStrictEqual(was, is) ? 'again' : 'otherInOneVersion'
    }
    return isDeepStrictEqual(was, is) ? 'sameInTwoVersions' : 'changed'
  }

  takeTeam(team: JsonObject): void {
    const id = textOf(team, 'id')
    if (team['removed'] === true) this.#teams.delete(id)
    else this.#teams.set(id, textOf(team, 'name'))
  }

  /** Forgets who, and which team, is not in the lists of all. */
  keepOnly(all: Readonly<Record<'people' | 'teams', ReadonlySet<string>>>): void {
    for (const id of this.#people.keys()) if (!all.people.has(id)) this.#people.delete(id)
    for (const id of this.#teams.keys()) if (!all.teams.has(id)) this.#teams.delete(id)
  }

  /** The people as the list of people shows them, by their ids. */
  people(): ReadonlyMap<string, JsonObject> {
    return new Map([...this.#people].map(([id, kept]) => [id, this.#shown(kept)]))
  }

  #shown({ version, values, teams, manager }: Kept): JsonObject {
    return {
      ...values,
      version,
      teams: teams.map((id) => ({ id, name: this.#teams.get(id) ?? null })),
      ...(manager === undefined ? {} : { manager: this.#shownManager(manager) }),
    }
  }

  #shownManager(id: string): JsonObject {
    const manager = this.#people.get(id)
    if (manager === undefined) return { id, exists: false }
    const name = `${textOf(manager.values, 'firstName')} ${textOf(manager.values, 'lastName')}`
    return { id, name, exists: true }
  }
}

function keptOf({ version, teams, manager, ...values }: JsonObject): Kept {
  const managerId = own(manager, 'id')
  return {
    version: typeof version === 'string' ? version : '',
    values,
    teams: elementsOf(teams)
      .map((team) => textOf(team, 'id'))
      .toSorted(),
    manager: typeof managerId === 'string' ? managerId : undefined,
  }
}

/** What a copy has too much, too little or otherwise than the list of people. */
export function differences(copy: Copy, list: readonly JsonObject[]): readonly string[] {
  const kept = copy.people()
  const there = new Map(list.map((person) => [textOf(person, 'id'), inOrder(person)]))
  return [...new Set([...kept.keys(), ...there.keys()])].flatMap((id) => {
    const [has, is] = [kept.get(id), there.get(id)]
    return isDeepStrictEqual(has, is)
      ? []
      : [`the copy has ${inWords(has)}, and there is ${inWords(is)}`]
  })
}

/** In which order the teams of a person come nobody promises. */
function inOrder(person: JsonObject): JsonObject {
  const teams = elementsOf(person['teams']).toSorted((a, b) =>
    textOf(a, 'id') < textOf(b, 'id') ? -1 : 1,
  )
  return { ...person, teams }
}

function inWords(person: JsonObject | undefined): string {
  return person === undefined ? 'nothing' : JSON.stringify(person)
}

function elementsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return isArray(value) ? value.filter(isObject) : []
}

export function textOf(object: JsonObject, name: string): string {
  const text = object[name]
  if (typeof text !== 'string') throw new Error(`${name} is missing: ${JSON.stringify(object)}`)
  return text
}
