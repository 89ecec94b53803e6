import { resolvePath, schemaNamed } from '../scim/attribute-path.ts'
import { containersOf } from '../scim/container.ts'
import { detail } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import { isArray, isObject, own, type JsonObject, type JsonValue } from '../scim/json.ts'
import { LIMITS } from '../scim/limits.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { hasTooManyMarks } from '../scim/text.ts'
import { isBlank } from '../scim/validate/unknown-names.ts'
import { whatCame } from '../scim/what-came.ts'
import { fromStored } from '../storage/stored-attributes.ts'
import { storableJson } from '../storage/stored-size.ts'

/** Of an attribute, or the URN of an extension. */
const NAME = /^[\w:.$-]{1,200}$/

/** Levels of arrays and objects inside a resource: an extension, its attribute, the values of that, and a value. */
const MOST_LEVELS = 4

/**
 * Holds what is kept of a resource to what a store can have: all that a request would ignore or change its place is refused,
 * and what is kept beyond the type has limits, too.
 * @param resource as it is read from the content.
 * @throws ScimError `invalidValue` that names what cannot be.
 */
export function checkContent(
  resourceType: ResourceType,
  content: JsonObject,
  { attributes, hidden = {} }: StoredResource,
): void {
  checkForm(content, 0)
  const { attributes: given } = fromStored(resourceType, content)
  const ignored = namesLost(given, attributes)
  if (ignored !== undefined) {
    throw wrong(detail`content has ${whatCame(ignored)}, of which nothing is kept`)
  }
  const { membershipAttribute } = resourceType
  if (membershipAttribute !== undefined && Object.hasOwn(attributes, membershipAttribute)) {
    throw wrong(detail`content has ${membershipAttribute}, which have lines of their own`)
  }
  checkNames(resourceType, hidden)
  storableJson(resourceType, { attributes, hidden })
}

function wrong(what: ReturnType<typeof detail>): ScimError {
  return new ScimError('invalidValue', what)
}

/** The first name that is not there any more, and said something: an id of blanks is kept as empty text. */
function namesLost(given: JsonValue, kept: JsonValue | undefined): string | undefined {
  if (isArray(given) && isArray(kept) && given.length === kept.length) {
    return firstOf(given, (each, at) => namesLost(each, kept[at]))
  }
  if (!isObject(given) || !isObject(kept)) return undefined
  return firstOf(Object.keys(given), (name) => {
    const value = own(given, name) ?? null
    const inner = own(kept, name)
    if (inner === undefined) return isBlank(value) ? undefined : name
    return namesLost(value, inner)
  })
}

function firstOf<Each>(
  all: readonly Each[],
  find: (each: Each, at: number) => string | undefined,
): string | undefined {
  for (const [at, each] of all.entries()) {
    const found = find(each, at)
    if (found !== undefined) return found
  }
  return undefined
}

/** A name that the type knows in another case, or elsewhere, would come to life with some later change of the type. */
function checkNames(resourceType: ResourceType, hidden: JsonObject): void {
  for (const [key, value] of Object.entries(hidden)) {
    const ids = containersOf(resourceType).flatMap(({ extension }) =>
      extension !== undefined && (extension.storedAs ?? extension.id) === key ? extension.id : [],
    )
    const isKnown = (path: string): boolean =>
      resolvePath(resourceType, path) !== undefined || schemaNamed(resourceType, path) !== undefined
    const known =
      ids.length === 0
        ? [key].find(isKnown)
        : Object.keys(isObject(value) ? value : {}).find((name) =>
            ids.some((id) => isKnown(`${id}:${name}`)),
          )
    if (known !== undefined) {
      throw wrong(detail`content has ${whatCame(known)}, which is kept under another name`)
    }
  }
}

/** What is known has limits by its schema but for their number: those that are there already may be more than come now. */
function checkForm(value: JsonValue, level: number): void {
  if (typeof value !== 'object' || value === null) return checkPlain(value)
  if (level >= MOST_LEVELS) {
    throw wrong(detail`content nests arrays and objects deeper than ${MOST_LEVELS} levels`)
  }
  if (isObject(value)) checkForms(Object.keys(value))
  else if (value.length > LIMITS.values) {
    throw wrong(
      detail`an attribute may have at most ${LIMITS.values} values, ${value.length} are in content`,
    )
  }
  for (const each of Object.values(value)) checkForm(each, level + 1)
}

function checkForms(names: readonly string[]): void {
  const wrongly = names.find((name) => !NAME.test(name) || Object.hasOwn(Object.prototype, name))
  if (wrongly === undefined) return
  throw wrong(detail`content has the name ${whatCame(wrongly)}, which no attribute has`)
}

function checkPlain(value: string | number | boolean | null): void {
  if (typeof value === 'string') checkText(value)
  else if (value === null || !Number.isFinite(Number(value))) {
    throw wrong(detail`content has ${whatCame(value)}, which is never kept`)
  }
}

function checkText(text: string): void {
  if (text.length > LIMITS.longTextCharacters) {
    throw wrong(
      detail`a value may have at most ${LIMITS.longTextCharacters} characters, ${text.length} are in content`,
    )
  }
  if (/\p{Surrogate}/u.test(text) || hasTooManyMarks(text)) {
    throw wrong(detail`content has text that is not well-formed Unicode, or has too many marks`)
  }
}
