import { referencePath } from '../scim/attribute-path.ts'
import { detail, quote, type Detail } from '../scim/detail.ts'
import { ScimError, type ErrorKind } from '../scim/errors.ts'
import { describe, isObject, own, type JsonObject, type JsonValue } from '../scim/json.ts'
import { applyPatchAtOnce } from '../scim/patch/apply.ts'
import { readPatchAtOnce } from '../scim/patch/read.ts'
import { MESSAGE } from '../scim/urn.ts'
import type { PersonLine, PersonMapping } from './mapping.ts'
import { inOwnWords, whatIsWrong } from './member-values.ts'
import { elementOf } from './person.ts'

/** A member of a person that cannot be as it is wanted, for whoever has sent it. */
export class WrongMember extends ScimError {
  readonly member: string

  constructor(member: string, what: Detail, kind: ErrorKind = 'invalidValue') {
    super(kind, what)
    this.member = member
  }
}

/** Why some members are not changed with the person. */
const READ_ONLY: Readonly<Record<string, string>> = {
  id: 'the id of a person never changes',
  version: 'the version follows from what is changed',
  status: 'the status is what the identity provider says by active',
  removed: 'a person is removed by DELETE',
  teams: 'teams are changed by their members',
  possibleReturner: 'who it may be follows from the user name; restore joins the two',
}

/**
 * The attributes of a user after a JSON Merge Patch of the person (RFC 7396): null clears, what is not named stays.
 * Validated as SCIM does it, member by member.
 * @throws WrongMember for what is not known, never changes, or is not of its type.
 */
export function patchedAttributes(
  mapping: PersonMapping,
  before: JsonObject,
  patch: JsonObject,
): JsonObject {
  let attributes = before
  for (const [name, value] of Object.entries(patch)) {
    const line = lineFor(mapping, name)
    const wanted = line === mapping.manager ? managerId(value) : value
    const wrong = whatIsWrong(line, wanted)
    if (wrong !== undefined) throw new WrongMember(name, wrong)
    const operation = operationFor(line, attributes, wanted)
    if (operation !== undefined) {
      attributes = applied(mapping, { line, member: name }, attributes, operation)
    }
  }
  return attributes
}

/** Checks the names of a patch, each given once, before anything is read. @throws WrongMember */
export function checkMembers(mapping: PersonMapping, patch: JsonObject): void {
  const named = new Set<PersonLine>()
  for (const name of Object.keys(patch)) {
    const line = lineFor(mapping, name)
    if (named.has(line)) {
      throw new WrongMember(
        name,
        detail`${line.name} is given more than once; the case of its name does not count.`,
      )
    }
    named.add(line)
  }
}

function lineFor({ lines, manager }: PersonMapping, name: string): PersonLine {
  if (name === manager.name) return manager
  const line = lines.find((each) => each.name === name)
  if (line !== undefined) return line
  const declared = lines.find((each) => each.isDeclared && isSameName(each.name, name))
  if (declared !== undefined) return declared
  const reason = Object.hasOwn(READ_ONLY, name) ? READ_ONLY[name] : undefined
  if (reason !== undefined) {
    throw new WrongMember(name, detail`${name} cannot be changed here: ${reason}.`)
  }
  const known = [...lines.map((each) => each.name), manager.name].join(', ')
  throw new WrongMember(name, detail`${quote(name)} is not known here; known are ${known}.`)
}

function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** What a patch wants the manager to be: `{"id": …}`, or null. */
function managerId(value: JsonValue): JsonValue {
  if (value === null) return null
  const id = own(value, 'id')
  const isPlain = isObject(value) && Object.keys(value).length === 1
  if (isPlain && typeof id === 'string' && id !== '') return id
  const came = isObject(value)
    ? `an object of ${Object.keys(value).length} members`
    : describe(value)
  throw new WrongMember(
    'manager',
    detail`manager must be null or {"id": "…"}, the id of a person, not ${came}; name and exists follow from it.`,
  )
}

/** An operation of a PATCH in SCIM. */
interface Operation {
  readonly op: 'replace' | 'remove'
  readonly path: string
  readonly value?: JsonValue
}

/** What a value of a line comes to in SCIM; undefined when there is nothing to clear. */
function operationFor(
  line: PersonLine,
  attributes: JsonObject,
  value: JsonValue,
): Operation | undefined {
  const { attribute, extension, subAttribute } = line.reference
  if (!attribute.multiValued || subAttribute === undefined) {
    return value === null
      ? { op: 'remove', path: line.path }
      : { op: 'replace', path: line.path, value }
  }
  const whole = referencePath({ extension, attribute })
  const element = elementOf(line, attributes)
  const isTyped = element === undefined || own(element, 'type') !== undefined
  const chosen = isTyped
    ? `type eq ${JSON.stringify(line.type)}`
    : `${subAttribute.name} eq ${JSON.stringify(own(element, subAttribute.name))}`
  if (value !== null) {
    return { op: 'replace', path: `${whole}[${chosen}].${subAttribute.name}`, value }
  }
  return element === undefined ? undefined : { op: 'remove', path: `${whole}[${chosen}]` }
}

function applied(
  { resourceType }: PersonMapping,
  { line, member }: { readonly line: PersonLine; readonly member: string },
  attributes: JsonObject,
  operation: Operation,
): JsonObject {
  try {
    const body = { schemas: [MESSAGE.patchOp], Operations: [operation] }
    const { operations } = readPatchAtOnce(resourceType, body)
    return applyPatchAtOnce(resourceType, attributes, operations)
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    // Of an operation that is not the client's nobody need hear.
    const said = error.cause instanceof ScimError ? error.cause : error
    throw new WrongMember(member, inOwnWords(line, said))
  }
}

/** A refusal that is about an attribute, as one of the member that has been sent; any other one as it is. */
export function inPersonsNames(mapping: PersonMapping, patch: JsonObject, error: unknown): unknown {
  if (!(error instanceof ScimError) || error.path === undefined) return error
  const { path, kind } = error
  for (const member of Object.keys(patch)) {
    const line = lineFor(mapping, member)
    if (line.path === path) return new WrongMember(member, inOwnWords(line, error), kind)
  }
  return error
}
