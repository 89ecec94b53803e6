import { splitUrn } from './attribute-path.ts'
import type { Attribute, Schema } from './attribute.ts'
import { containersOf } from './container.ts'
import type { ResourceType } from './resource-type.ts'

/** A longer name is like no attribute's, and is not compared. */
const LONGEST_NAME = 100
const LONGEST_PATH = 200
const SHORTEST_BEGINNING = 3
const SHORTEST_PART = 4
/** In a name up to here one letter may be wrong, in a longer one two. */
const SHORT_NAME = 7

/**
 * What may have been meant by a path that names nothing of a resource type: the attribute, or the sub-attribute, that is
 * most like it. Behind the URN of a schema it is one of that schema, or of its guests, else one of the same name in an extension; a
 * URN that is none is compared as a whole, then the name behind it with those of extensions.
 */
export function likeAttribute(resourceType: ResourceType, path: string): string | undefined {
  if (path.length > LONGEST_PATH) return undefined
  const found = splitUrn(resourceType, path)
  if (found !== undefined) {
    return (
      likeName(found.name, pathsBehind(resourceType, found.schema)) ??
      sameInExtension(resourceType, found.name)
    )
  }
  if (!path.includes(':')) return likeName(path, pathsOfType(resourceType))
  return (
    closest(path.toLowerCase(), qualifiedPaths(resourceType)) ?? likeExtended(resourceType, path)
  )
}

/** The attribute of an extension, after its URN, whose name is or is like the last one of a path. */
function likeExtended({ extensions }: ResourceType, path: string): string | undefined {
  const name = path.slice(Math.max(path.lastIndexOf(':'), path.lastIndexOf('.')) + 1)
  const schemas = extensions.map(({ schema }) => schema)
  const names = schemas.flatMap(({ attributes }) => attributes.map((each) => each.name))
  const same = names.find((each) => each.toLowerCase() === name.toLowerCase())
  const like = same ?? likeName(name, names)
  const schema = schemas.find(({ attributes }) => attributes.some((each) => each.name === like))
  return schema && `${schema.id}:${like}`
}

/** The attribute of an extension that has this name, after its URN. */
function sameInExtension({ extensions }: ResourceType, name: string): string | undefined {
  const folded = name.toLowerCase()
  for (const { schema } of extensions) {
    const same = schema.attributes.find((each) => each.name.toLowerCase() === folded)
    if (same !== undefined) return `${schema.id}:${same.name}`
  }
  return undefined
}

function pathsBehind({ extensions }: ResourceType, schema: Schema): readonly string[] {
  const guests = extensions.find((extension) => extension.schema === schema)?.guests ?? []
  return [schema, ...guests].flatMap(({ attributes }) => pathsOf(attributes))
}

/** What may have been meant by a name that is no sub-attribute's. */
export function likeSubAttribute({ subAttributes }: Attribute, name: string): string | undefined {
  return likeName(
    name,
    subAttributes.map((sub) => sub.name),
  )
}

/** Ends the detail about an unknown name: what may have been meant, and where all names are. */
export function didYouMean(like: string | undefined): string {
  const question = like === undefined ? '.' : `; did you mean ${like}?`
  return `${question} /Schemas lists all attributes.`
}

/**
 * The one among some names that another may have been meant for: the only sub-attribute that has it; a slip of the keys away;
 * begun so, or with it inside (`mail`); or abbreviated so (`dept`).
 */
export function likeName(written: string, names: readonly string[]): string | undefined {
  const name = written.toLowerCase()
  if (name === '' || name.length > LONGEST_NAME) return undefined
  const inside = names.filter((each) => each.toLowerCase().endsWith(`.${name}`))
  const comparable = names.filter((each) => depthOf(each) === depthOf(name))
  return (
    (inside.length === 1 ? inside[0] : undefined) ??
    closest(name, comparable) ??
    shortest(comparable, (each) => name.length >= SHORTEST_BEGINNING && each.startsWith(name)) ??
    shortest(comparable, (each) => name.length >= SHORTEST_PART && each.includes(name)) ??
    shortest(comparable, (each) => isAbbreviation(name, each))
  )
}

const known = new WeakMap<ResourceType, readonly string[]>()

function pathsOfType(resourceType: ResourceType): readonly string[] {
  let paths = known.get(resourceType)
  if (paths === undefined) {
    paths = containersOf(resourceType).flatMap(({ attributes }) => pathsOf(attributes))
    known.set(resourceType, paths)
  }
  return paths
}

function pathsOf(attributes: readonly Attribute[]): readonly string[] {
  return attributes.flatMap(({ name, subAttributes }) => [
    name,
    ...subAttributes.map((sub) => `${name}.${sub.name}`),
  ])
}

/** The schemas by their URNs, and the attributes of extensions behind them. */
function qualifiedPaths({ schema, extensions }: ResourceType): readonly string[] {
  return [
    schema.id,
    ...extensions.flatMap((extension) => {
      const { id, attributes } = extension.schema
      return [id, ...pathsOf(attributes).map((path) => `${id}:${path}`)]
    }),
  ]
}

function depthOf(path: string): number {
  return path.split('.').length
}

/** The first of the names that take the fewest changes, if those are few. */
function closest(name: string, names: readonly string[]): string | undefined {
  const find = (changes: number): string | undefined =>
    names.find((each) => isWithin(name, each.toLowerCase(), changes))
  return find(1) ?? (name.length > SHORT_NAME ? find(2) : undefined)
}

function shortest(
  names: readonly string[],
  isLike: (folded: string) => boolean,
): string | undefined {
  const like = names.filter((each) => isLike(each.toLowerCase()))
  return like.toSorted((one, other) => one.length - other.length)[0]
}

/** Letters of the name in their order, the first and the last of them too. */
function isAbbreviation(short: string, name: string): boolean {
  if (short.length < SHORTEST_BEGINNING || short[0] !== name[0]) return false
  if (short.at(-1) !== name.at(-1)) return false
  let at = 0
  for (const letter of name) if (letter === short[at]) at += 1
  return at === short.length
}

/**
 * Whether at most so many letters were left out, added, changed, or swapped with the next one. Where the texts differ first,
 * one of these was done: with two changes that are at most sixteen ways.
 */
function isWithin(one: string, other: string, changes: number): boolean {
  let same = 0
  while (same < one.length && one[same] === other[same]) same += 1
  const [rest, otherRest] = [one.slice(same), other.slice(same)]
  if (rest === otherRest) return true
  if (changes === 0) return false
  const isRestWithin = (skipped: number, otherSkipped: number): boolean =>
    isWithin(rest.slice(skipped), otherRest.slice(otherSkipped), changes - 1)
  const isSwapped = rest[0] === otherRest[1] && rest[1] === otherRest[0]
  return (
    isRestWithin(1, 1) ||
    isRestWithin(1, 0) ||
    isRestWithin(0, 1) ||
    (isSwapped && isRestWithin(2, 2))
  )
}
