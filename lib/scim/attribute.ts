/** Data types of RFC 7643 §2.3. */
export type AttributeType =
  'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'binary' | 'reference' | 'complex'

/** RFC 7643 §7. */
export type Mutability = 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly'
/** RFC 7643 §7. */
export type Returned = 'always' | 'never' | 'default' | 'request'
/** RFC 7643 §7. */
export type Uniqueness = 'none' | 'server' | 'global'

/** A format that the text of an attribute must have beside that of its data type; `validate/format.ts` defines it. */
export type TextFormat =
  | 'accountName'
  | 'visibleName'
  | 'languageTag'
  | 'languageRanges'
  | 'resourceId'
  | 'dateOrDateTime'
  | 'httpsUrl'

/**
 * One attribute with all its characteristics (RFC 7643 §7). This is the one table that validation, PATCH, filters,
 * projection, sorting and `/Schemas` read; nothing below it asks for an attribute's name.
 */
export interface Attribute {
  readonly name: string
  readonly type: AttributeType
  readonly description: string
  readonly multiValued: boolean
  readonly required: boolean
  readonly caseExact: boolean
  readonly mutability: Mutability
  readonly returned: Returned
  readonly uniqueness: Uniqueness
  readonly canonicalValues?: readonly string[]
  /** Other values are refused; RFC 7643 §7 has canonical values as suggestions. */
  readonly onlyCanonicalValues: boolean
  readonly referenceTypes?: readonly string[]
  /** Not published in `/Schemas`: RFC 7643 §7 has no such characteristic. */
  readonly format?: TextFormat
  /** White space at the ends of its text is no part of it; not published either. */
  readonly trimmed: boolean
  /** A number may come as text; not published either. */
  readonly numberAsText: boolean
  readonly subAttributes: readonly Attribute[]
}

/** A schema (RFC 7643 §7): its id is the URN. */
export interface Schema {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly attributes: readonly Attribute[]
  /**
   * Where its values are kept, if not under the URN, which may change then. Schemas that have it in common must have no
   * name in common.
   */
  readonly storedAs?: string
}

type Declared = Pick<Attribute, 'name' | 'description'> & Partial<Attribute>

/** An attribute with what was not declared set to the defaults of RFC 7643 §2.2. */
export function attribute(declared: Declared): Attribute {
  return {
    type: 'string',
    multiValued: false,
    required: false,
    // RFC 7643 §2.3.6 and §2.3.7: binary values and references are case exact whatever the schema's JSON says.
    caseExact: declared.type === 'reference' || declared.type === 'binary',
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    onlyCanonicalValues: false,
    trimmed: false,
    numberAsText: false,
    subAttributes: [],
    ...declared,
  }
}

/** Whether nobody may learn the value, such as a password (RFC 7644 §7.5.2). */
export function isSecret({ returned, mutability }: Attribute): boolean {
  return returned === 'never' || mutability === 'writeOnly'
}

const byName = new WeakMap<readonly Attribute[], Map<string, Attribute>>()

/** Finds an attribute by its name, without regard to case (RFC 7643 §2.1). */
export function findAttribute(
  attributes: readonly Attribute[],
  name: string,
): Attribute | undefined {
  let index = byName.get(attributes)
  if (index === undefined) {
    index = new Map(attributes.map((entry) => [entry.name.toLowerCase(), entry]))
    byName.set(attributes, index)
  }
  return index.get(name.toLowerCase())
}
