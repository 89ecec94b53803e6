import { findAttribute, type Attribute, type Schema } from './attribute.ts'
import { isReferenceId } from './clients/reference-id.ts'
import { beginsWithUrn, urnSpellings } from './clients/urn.ts'
import type { ResourceType } from './resource-type.ts'
import { COMMON_ATTRIBUTES } from './schema/common.ts'

/** An attribute, or one of its sub-attributes, found in the schemas of a resource type. */
export interface ResolvedAttribute {
  /** The extension whose container holds the attribute; absent for core and common attributes. */
  readonly extension?: Schema | undefined
  readonly attribute: Attribute
  readonly subAttribute?: Attribute | undefined
}

/** What a path can name: an attribute, or a whole extension by its URN. */
export type PathTarget =
  | ({ readonly kind: 'attribute' } & ResolvedAttribute)
  | { readonly kind: 'extension'; readonly extension: Schema }

/** The attribute whose values a reference is about: the sub-attribute where there is one. */
export function leaf(reference: ResolvedAttribute): Attribute {
  return reference.subAttribute ?? reference.attribute
}

/** The reference in canonical notation (RFC 7644 §3.10), such as `name.givenName` or `urn:…:User:department`. */
export function referencePath(reference: ResolvedAttribute): string {
  const name =
    reference.subAttribute === undefined
      ? reference.attribute.name
      : `${reference.attribute.name}.${reference.subAttribute.name}`
  return reference.extension === undefined ? name : `${reference.extension.id}:${name}`
}

/**
 * Finds what a path in attribute notation names (RFC 7644 §3.10: `[URN:]name[.sub]`), without regard to case.
 * URNs are matched against the schemas of the resource type, longest first, so the dot in `2.0` never splits a name, in
 * the spellings of `urnSpellings`. Behind the URN of an extension its guests are found, too. A name without URN is looked up
 * among the common and core attributes, then in the extensions in their order.
 *
 * @returns undefined when the schemas have no such attribute.
 */
export function resolvePath(resourceType: ResourceType, path: string): PathTarget | undefined {
  const found = writtenUrn(resourceType, path)
  if (found === undefined) return resolveUnqualified(resourceType, path)
  const { schema, length } = found
  const isExtension = schema !== resourceType.schema
  if (path.length === length) {
    return isExtension ? { kind: 'extension', extension: schema } : undefined
  }
  const name = path.slice(length + 1)
  if (isExtension) {
    return (
      resolveIn(schema.attributes, name, schema) ??
      resolveReferenceId(schema, name) ??
      resolveGuest(resourceType, schema, name)
    )
  }
  // RFC 7644 §3.10: common attributes may carry the URN of the core schema too.
  return resolveIn(schema.attributes, name) ?? resolveIn(COMMON_ATTRIBUTES, name)
}

/** The schema of the resource type whose URN this is, and nothing after it. */
export function schemaNamed(resourceType: ResourceType, urn: string): Schema | undefined {
  const found = writtenUrn(resourceType, urn)
  return found?.length === urn.length ? found.schema : undefined
}

/** A path that starts with the URN of a schema of the resource type, the longest one: that schema, and what follows. */
export function splitUrn(
  resourceType: ResourceType,
  path: string,
): { readonly schema: Schema; readonly name: string } | undefined {
  const found = writtenUrn(resourceType, path)
  return found && { schema: found.schema, name: path.slice(found.length + 1) }
}

/** A spelling of a schema's URN. */
interface Spelling {
  readonly text: string
  readonly schema: Schema
}

const known = new WeakMap<ResourceType, readonly Spelling[]>()

/** Those of all schemas of a resource type, the longest first. */
function spellingsOf(resourceType: ResourceType): readonly Spelling[] {
  let spellings = known.get(resourceType)
  if (spellings === undefined) {
    spellings = [resourceType.schema, ...resourceType.extensions.map(({ schema }) => schema)]
      .flatMap((schema) => urnSpellings(schema.id).map((text) => ({ text, schema })))
      .toSorted((a, b) => b.text.length - a.text.length || a.schema.id.length - b.schema.id.length)
    known.set(resourceType, spellings)
  }
  return spellings
}

function writtenUrn(
  resourceType: ResourceType,
  path: string,
): { schema: Schema; length: number } | undefined {
  if (!path.includes(':')) return undefined
  const folded = path.toLowerCase()
  const found = spellingsOf(resourceType).find(({ text }) => beginsWithUrn(folded, text))
  return found && { schema: found.schema, length: found.text.length }
}

/** The same in the first of several resource types that has the attribute. */
export function resolveInTypes(
  resourceTypes: readonly ResourceType[],
  path: string,
): PathTarget | undefined {
  for (const resourceType of resourceTypes) {
    const found = resolvePath(resourceType, path)
    if (found !== undefined) return found
  }
  return undefined
}

function resolveUnqualified(resourceType: ResourceType, name: string): PathTarget | undefined {
  const core = resolveIn(COMMON_ATTRIBUTES, name) ?? resolveIn(resourceType.schema.attributes, name)
  if (core !== undefined) return core
  for (const { schema } of resourceType.extensions) {
    const found = resolveIn(schema.attributes, name, schema)
    if (found !== undefined) return found
  }
  return undefined
}

/** The id in a reference by its name in SCIM 1.1; after the URN only, where no other schema can mean something else by it. */
function resolveReferenceId(extension: Schema, name: string): PathTarget | undefined {
  const attribute = extension.attributes.find((each) => isReferenceId(each, name))
  const subAttribute = attribute && findSubAttribute(attribute, name)
  if (attribute === undefined || subAttribute === undefined) return undefined
  return { kind: 'attribute', extension, attribute, subAttribute }
}

function resolveGuest(
  { extensions }: ResourceType,
  host: Schema,
  name: string,
): PathTarget | undefined {
  const guests = extensions.find(({ schema }) => schema === host)?.guests ?? []
  for (const { schema, attributes } of guests) {
    const found = resolveIn(attributes, name, schema)
    if (found !== undefined) return found
  }
  return undefined
}

/** A sub-attribute by its name, or `value` by the one that it had in SCIM 1.1. */
function findSubAttribute(attribute: Attribute, name: string): Attribute | undefined {
  const found = findAttribute(attribute.subAttributes, name)
  if (found !== undefined || !isReferenceId(attribute, name)) return found
  return findAttribute(attribute.subAttributes, 'value')
}

function resolveIn(
  attributes: readonly Attribute[],
  path: string,
  extension?: Schema,
): PathTarget | undefined {
  const [name = '', sub, ...more] = path.split('.')
  const attribute = findAttribute(attributes, name)
  if (attribute === undefined || more.length > 0) return undefined
  if (sub === undefined) return { kind: 'attribute', extension, attribute }
  const subAttribute = findSubAttribute(attribute, sub)
  if (subAttribute === undefined) return undefined
  return { kind: 'attribute', extension, attribute, subAttribute }
}
