import { attribute, type Attribute, type AttributeType, type Schema } from './attribute.ts'
import type { DeclaredIndex, Guests, ResourceType, SchemaExtension } from './resource-type.ts'
import { URN } from './urn.ts'

/** Types that a tenant's own attributes may have. */
export const DEFINABLE_TYPES = [
  'string',
  'integer',
  'decimal',
  'boolean',
  'dateTime',
  'reference',
] as const satisfies readonly AttributeType[]

export type DefinableType = (typeof DEFINABLE_TYPES)[number]

/** Rows that hold a value for one resource only, and rows that note who has it. */
export type IndexKind = 'unique' | 'values'

/** Which index rows there are of a tenant's own attribute. */
export interface DefinitionIndex {
  /** Those that are written with each change of a resource: the wanted ones, and for a while those that were wanted before. */
  readonly written: readonly IndexKind[]
  /** Whether the wanted ones have all values that there are. */
  readonly complete: boolean
}

/** An attribute that a tenant has beyond those of all. Id, type, multiValued and schema never change. */
export interface AttributeDefinition {
  /** Its name in SCIM; another one is not equal to it but in case. */
  readonly id: string
  readonly label: string
  readonly description?: string
  readonly type: DefinableType
  readonly multiValued: boolean
  /** Others are refused; empty: any. */
  readonly allowedValues: readonly string[]
  readonly unique: boolean
  readonly indexed: boolean
  /** The URN of its extension; absent for the people extension, whose URN is a setting of the app. */
  readonly schema?: string
  /** Absent: all values were written with the index that is wanted. */
  readonly index?: DefinitionIndex
}

/** The index that an attribute is to have: a unique value is found by the row that keeps it. */
export function wantedIndex({
  unique,
  indexed,
}: Pick<AttributeDefinition, 'unique' | 'indexed'>): readonly IndexKind[] {
  if (unique) return ['unique']
  return indexed ? ['values'] : []
}

/**
 * A resource type with a tenant's own attributes: in the people extension, or in extensions of their own after it. They are
 * found behind the URN of the enterprise extension as well, under which customers have them in their mappings. A type
 * without a people extension stays as it is.
 */
export function withDefinitions(
  resourceType: ResourceType,
  definitions: readonly AttributeDefinition[],
): ResourceType {
  const people = peopleSchemaOf(resourceType)
  if (people === undefined || definitions.length === 0) return resourceType
  const guests = guestsOf(definitions, people)
  const joined = guests.find(({ schema }) => schema.id === people.id)?.schema ?? people
  const extensions = resourceType.extensions.map((extension): SchemaExtension => {
    if (extension.schema === people) return { ...extension, schema: joined }
    return extension.schema.id === URN.enterpriseUser ? { ...extension, guests } : extension
  })
  const others = guests
    .filter(({ schema }) => schema !== joined)
    .map(({ schema }) => ({ schema, required: false }))
  const indexes = definitions.map((definition): DeclaredIndex => {
    const { schema } = guestOf(guests, definition, people)
    const own = schema.attributes.find(({ name }) => name === definition.id)
    if (own === undefined) throw new TypeError(`no attribute ${definition.id}`)
    const { index = { written: wantedIndex(definition), complete: true } } = definition
    return { reference: { extension: schema, attribute: own }, ...index }
  })
  return { ...resourceType, extensions: [...extensions, ...others], declaredIndexes: indexes }
}

function guestOf(
  guests: readonly Guests[],
  { schema: urn }: AttributeDefinition,
  people: Schema,
): Guests {
  const folded = (urn ?? people.id).toLowerCase()
  const found = guests.find(({ schema }) => schema.id.toLowerCase() === folded)
  if (found === undefined) throw new TypeError(`no extension ${folded}`)
  return found
}

/** The schemas of the definitions, in the order in which they come first, and what each has of them. */
function guestsOf(definitions: readonly AttributeDefinition[], people: Schema): readonly Guests[] {
  const urnOf = ({ schema = people.id }: AttributeDefinition): string => schema.toLowerCase()
  return [...new Set(definitions.map(urnOf))].map((urn) => {
    const its = definitions.filter((each) => urnOf(each) === urn)
    const attributes = its.map(attributeOf)
    if (urn !== people.id.toLowerCase()) {
      return { schema: ownSchema(its[0]?.schema ?? urn, attributes, people), attributes }
    }
    return { schema: { ...people, attributes: [...people.attributes, ...attributes] }, attributes }
  })
}

/** The extension in which a tenant's own attributes are unless they have a URN of their own. */
export function peopleSchemaOf({ extensions }: ResourceType): Schema | undefined {
  return extensions.find(({ schema }) => schema.storedAs !== undefined)?.schema
}

/** Kept beside those of the people extension: ids are the tenant's, so that no two of them meet. */
function ownSchema(id: string, attributes: readonly Attribute[], { storedAs }: Schema): Schema {
  const description = 'Attributes that this tenant has declared'
  const schema = { id, name: nameIn(id), description, attributes }
  return storedAs === undefined ? schema : { ...schema, storedAs }
}

/** `peakon` of `urn:ietf:params:scim:schemas:extension:peakon:2.0:User`. */
function nameIn(urn: string): string {
  return /:extension:([^:]+)/i.exec(urn)?.[1] ?? urn
}

function attributeOf(definition: AttributeDefinition): Attribute {
  const { id, label, description = label, type, multiValued, allowedValues, unique } = definition
  return attribute({
    name: id,
    type,
    description,
    multiValued,
    uniqueness: unique ? 'server' : 'none',
    // The attributes that Entra's admins declare for an application send text whatever their type is.
    numberAsText: type === 'integer' || type === 'decimal',
    ...(type === 'reference' ? { referenceTypes: ['external'] } : {}),
    ...(allowedValues.length === 0
      ? {}
      : { canonicalValues: allowedValues, onlyCanonicalValues: true }),
  })
}

/** An attribute as it is declared, without what is kept beside it. */
export function definitionOf({
  id,
  label,
  description,
  type,
  multiValued,
  allowedValues,
  unique,
  indexed,
  schema,
}: AttributeDefinition): Omit<AttributeDefinition, 'index'> {
  return {
    id,
    label,
    ...(description === undefined ? {} : { description }),
    type,
    multiValued,
    allowedValues,
    unique,
    indexed,
    ...(schema === undefined ? {} : { schema }),
  }
}
