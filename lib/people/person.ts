import { createHash } from 'node:crypto'
import { elementsOf, own, type JsonObject, type JsonValue } from '../scim/json.ts'
import type { StoredResource } from '../scim/resource.ts'
import { attributeValueAt } from '../scim/values-at.ts'
import type { PersonLine, PersonMapping } from './mapping.ts'

/** What is known of a person beside the person's own row. */
export interface Surroundings {
  /** The ids of the teams that each person is in. */
  readonly teamsOf: ReadonlyMap<string, readonly string[]>
  /** The names of teams that there are. */
  readonly teamNames: ReadonlyMap<string, string>
  /** Managers who are there. */
  readonly managers: ReadonlyMap<string, StoredResource>
}

/** A team that a person is in. */
export interface TeamOfPerson extends JsonObject {
  readonly id: string
  readonly name: string
}

/** Who reports to whom; the manager need not be there yet, or any more. */
interface ManagerOfPerson extends JsonObject {
  readonly id: string
  readonly name?: string
  readonly exists: boolean
}

/** A person as the application has it: flat, the values of the mapping by their names, without what is not known. */
export interface Person extends JsonObject {
  readonly id: string
  /** Another one whenever the person, or the teams that the person is in, are others. */
  readonly version: string
  readonly status: PersonStatus
  readonly manager?: ManagerOfPerson
  readonly teams: readonly TeamOfPerson[]
  /** The id of a removed person who may have been the same. */
  readonly possibleReturner?: string
}

/** Removed: deleted by the identity provider, and kept for when the person comes again. */
export const PERSON_STATUSES = ['active', 'inactive', 'removed'] as const

export type PersonStatus = (typeof PERSON_STATUSES)[number]

/** Of accounts that are there. RFC 7643 §4.1.1: who has no `active` is as good as active. */
export function statusOf({
  attributes,
}: Pick<StoredResource, 'attributes'>): Exclude<PersonStatus, 'removed'> {
  return attributes['active'] === false ? 'inactive' : 'active'
}

/** The person of a user. */
export function toPerson(
  mapping: PersonMapping,
  stored: StoredResource,
  { teamsOf, teamNames, managers }: Surroundings,
): Person {
  const teams = teamsIn(teamsOf.get(stored.id) ?? [], teamNames)
  const managerId = managerOf(mapping, stored)
  const { possibleReturner } = stored
  const values = mapping.lines.flatMap((line) => {
    const value = valueOf(line, stored.attributes)
    return value === undefined ? [] : [[line.name, value] as const]
  })
  return {
    id: stored.id,
    version: versionOf(stored, teams),
    status: statusOf(stored),
    ...Object.fromEntries(values),
    ...(managerId === undefined ? {} : { manager: shownManager(managerId, managers) }),
    teams,
    ...(possibleReturner === undefined ? {} : { possibleReturner }),
  }
}

/** A team without a name is being deleted: nobody is in it any more. */
function teamsIn(
  ids: readonly string[],
  names: ReadonlyMap<string, string>,
): readonly TeamOfPerson[] {
  return ids.flatMap((id) => {
    const name = names.get(id)
    return name === undefined ? [] : [{ id, name }]
  })
}

/** Names of teams and managers change with others. */
function versionOf({ version }: StoredResource, teams: readonly TeamOfPerson[]): string {
  const ids = teams.map(({ id }) => id).toSorted()
  const text = JSON.stringify([version, ids])
  return createHash('sha256').update(text).digest('base64url').slice(0, 16)
}

/** The id of a person's manager. */
export function managerOf(
  { manager }: Pick<PersonMapping, 'manager'>,
  { attributes }: Pick<StoredResource, 'attributes'>,
): string | undefined {
  const value = valueOf(manager, attributes)
  return typeof value === 'string' ? value : undefined
}

function shownManager(id: string, managers: ReadonlyMap<string, StoredResource>): ManagerOfPerson {
  const manager = managers.get(id)
  if (manager === undefined) return { id, exists: false }
  const name = nameOf(manager.attributes)
  return { id, ...(name === undefined ? {} : { name }), exists: true }
}

/** What a person is called. */
function nameOf(attributes: JsonObject): string | undefined {
  const { displayName, name, userName } = attributes
  const parts = [own(name, 'givenName'), own(name, 'familyName')].filter(
    (part) => typeof part === 'string',
  )
  const names = [displayName, parts.join(' '), userName]
  return names.filter((each) => typeof each === 'string').find((each) => each !== '')
}

/** The value of a line; undefined where there is none. */
export function valueOf(line: PersonLine, attributes: JsonObject): JsonValue | undefined {
  const { subAttribute, attribute } = line.reference
  if (subAttribute === undefined) return attributeValueAt(line.reference, attributes)
  const whole = attribute.multiValued
    ? elementOf(line, attributes)
    : attributeValueAt(line.reference, attributes)
  return own(whole, subAttribute.name)
}

/** The element that a line is about: of its type, the primary one first; else the only one, if that has no type. */
export function elementOf(
  { reference, type }: PersonLine,
  attributes: JsonObject,
): JsonValue | undefined {
  const elements = elementsOf(attributeValueAt(reference, attributes))
  const typed = elements.filter((each) => typeOf(each) === type)
  const primary = typed.find((each) => own(each, 'primary') === true) ?? typed[0]
  if (primary !== undefined) return primary
  const [only, ...others] = elements.filter((each) => typeOf(each) === undefined)
  return others.length === 0 ? only : undefined
}

function typeOf(element: JsonValue): string | undefined {
  const type = own(element, 'type')
  return typeof type === 'string' ? type.toLowerCase() : undefined
}
