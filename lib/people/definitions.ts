import {
  DEFINABLE_TYPES,
  peopleSchemaOf,
  type AttributeDefinition,
} from '../scim/attribute-definition.ts'
import { resolvePath } from '../scim/attribute-path.ts'
import type { ScimError } from '../scim/errors.ts'
import { extensionUrnProblem } from '../scim/extension-urn.ts'
import { LIMITS } from '../scim/limits.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { CORE_SCHEMAS, URN } from '../scim/urn.ts'
import { printableText } from '../tenants/naming.ts'
import { checkAllowedValues } from './allowed-values.ts'
import { WrongDefinition } from './wrong-definition.ts'

/** What is declared; what is absent has its default. */
export type NewDefinition = Pick<AttributeDefinition, 'id'> & Partial<AttributeDefinition>

/** What of a definition may be changed; the others may be repeated. */
export type DefinitionChange = Partial<AttributeDefinition>

/** What a definition is checked against. */
export interface Declared {
  /** The users' type as every tenant has it. */
  readonly resourceType: ResourceType
  /** Those of the tenant. */
  readonly definitions: readonly AttributeDefinition[]
  /** Those that the tenant had, whose values are still kept. */
  readonly removed?: readonly AttributeDefinition[]
}

const ID = /^[A-Za-z0-9_-]{1,64}$/

/** Part of a path of the manage API, where an id would be. */
const RESERVED_ID = 'seen'

const LABEL_CHARACTERS = 100
const DESCRIPTION_CHARACTERS = 500

/** What never changes: what is kept and what is indexed hang on it. */
const FIXED = ['id', 'type', 'multiValued', 'schema'] as const

/**
 * A definition that can be added to those of a tenant.
 * @throws ScimError `invalidValue` for what cannot be, `uniqueness` for an id that is taken, `mutability` where values of a removed
 *   one are kept that would not fit.
 */
export function newDefinition(given: NewDefinition, declared: Declared): AttributeDefinition {
  const { id, label = given.id, description, type = 'string', multiValued = false } = given
  const { allowedValues = [], unique = false, indexed = false } = given
  checkId(id, declared)
  if (declared.definitions.length >= LIMITS.definitions) {
    throw invalid('id', `a tenant may declare at most ${LIMITS.definitions} attributes`)
  }
  if (!DEFINABLE_TYPES.includes(type)) {
    throw invalid('type', `the type of an attribute must be one of ${DEFINABLE_TYPES.join(', ')}`)
  }
  checkAllowedValues(type, allowedValues)
  const schema = schemaOf(given.schema, declared)
  const definition = {
    id,
    ...texts({ label, description }),
    type,
    multiValued,
    allowedValues,
    unique,
    indexed,
    ...(schema === undefined ? {} : { schema }),
  }
  checkRemoved(definition, declared)
  return definition
}

/**
 * A definition with another label, description, other allowed values, unique or indexed otherwise.
 * @throws ScimError `mutability` for what never changes, `invalidValue` for what cannot be.
 */
export function changedDefinition(
  before: AttributeDefinition,
  change: DefinitionChange,
  declared: Declared,
): AttributeDefinition {
  const { schema = peopleSchemaOf(declared.resourceType)?.id } = before
  const isOther = (name: (typeof FIXED)[number]): boolean =>
    name === 'schema' && change.schema !== undefined
      ? !isSame(change.schema, schema)
      : change[name] !== undefined && change[name] !== before[name]
  const fixed = FIXED.find(isOther)
  if (fixed !== undefined) {
    throw new WrongDefinition(
      'mutability',
      fixed,
      `the ${fixed} of an attribute never changes: declare another one, and remove this one`,
    )
  }
  const { description: was, ...others } = before
  const { label = before.label, description = was, unique = before.unique } = change
  const { indexed = before.indexed, allowedValues = before.allowedValues } = change
  checkAllowedValues(before.type, allowedValues)
  return { ...others, ...texts({ label, description }), allowedValues, unique, indexed }
}

function checkId(id: string, { resourceType, definitions }: Declared): void {
  if (Object.hasOwn(Object.prototype, id)) {
    throw invalid(
      'id',
      `the id of an attribute must not be ${id}: every object has a property of that name in JavaScript, which programs would mistake for it`,
    )
  }
  if (!ID.test(id)) {
    throw invalid(
      'id',
      'the id of an attribute must have 1 to 64 characters out of A-Z, a-z, 0-9, _ and -',
    )
  }
  const folded = id.toLowerCase()
  if (folded === RESERVED_ID) {
    throw invalid(
      'id',
      `the id of an attribute must not be ${RESERVED_ID}: that is a path of the manage API`,
    )
  }
  const other = definitions.find((each) => each.id.toLowerCase() === folded)
  if (other !== undefined) {
    throw taken(`the attribute ${other.id} is declared already; names ignore case`)
  }
  const urn = urnsOf(resourceType).find((each) => resolvePath(resourceType, `${each}:${id}`))
  if (urn !== undefined) throw taken(`every tenant has the attribute ${id}, in ${urn}`)
}

function urnsOf({ schema, extensions }: ResourceType): readonly string[] {
  return [schema.id, ...extensions.map((extension) => extension.schema.id)]
}

/** The URN as it is kept; undefined for that of the people extension, which may change. */
function schemaOf(
  given: string | undefined,
  { resourceType, definitions }: Declared,
): string | undefined {
  if (given === undefined || isSame(given, peopleSchemaOf(resourceType)?.id)) return undefined
  checkPeopleUrn(given, peopleSchemaOf(resourceType)?.id)
  const own = definitions.flatMap(({ schema }) => schema ?? [])
  const present = own.find((each) => isSame(given, each))
  if (present !== undefined) return present
  const others = [...new Set([...CORE_SCHEMAS, ...urnsOf(resourceType), ...own])]
  const problem = extensionUrnProblem(given, others)
  if (problem !== undefined) throw invalid('schema', `the schema of an attribute ${problem}`)
  const isPeopleUsed = definitions.some(({ schema }) => schema === undefined)
  if (new Set(own).size + Number(isPeopleUsed) >= LIMITS.definitionUrns) {
    throw invalid(
      'schema',
      `a tenant's attributes may be under at most ${LIMITS.definitionUrns} URNs`,
    )
  }
  return given
}

/** The URN that the extension has elsewhere is no customer's, and would be taken for that of this app. */
function checkPeopleUrn(given: string, configured: string | undefined): void {
  if (!isSame(given, URN.peopleUser) || configured === undefined) return
  throw new WrongDefinition(
    'uniqueness',
    'schema',
    `the schema of an attribute must not be ${URN.peopleUser}: that is the people extension by default, which is ${configured} here; leave schema out for it`,
  )
}

function isSame(urn: string, other: string | undefined): boolean {
  return urn.toLowerCase() === other?.toLowerCase()
}

/** Values that are kept come back with a definition of the same id: they must be what it says. */
function checkRemoved(definition: AttributeDefinition, { removed = [] }: Declared): void {
  const folded = definition.id.toLowerCase()
  const before = removed.find(({ id }) => id.toLowerCase() === folded)
  const other = before && FIXED.find((name) => before[name] !== definition[name])
  if (before === undefined || other === undefined) return
  throw new WrongDefinition(
    'mutability',
    other,
    `values of a removed attribute ${before.id} are still kept, whose ${other} is another: purge it, or declare it as it was`,
  )
}

/** Trimmed; an empty description is none. */
function texts(given: {
  readonly label: string
  readonly description: string | undefined
}): Pick<AttributeDefinition, 'label' | 'description'> {
  const label = printableText('label of an attribute', given.label, LABEL_CHARACTERS)
  if (label === '') throw invalid('label', 'the label of an attribute must not be empty')
  const description = printableText(
    'description of an attribute',
    given.description ?? '',
    DESCRIPTION_CHARACTERS,
  )
  return description === '' ? { label } : { label, description }
}

function invalid(member: keyof AttributeDefinition, what: string): ScimError {
  return new WrongDefinition('invalidValue', member, what)
}

function taken(what: string): ScimError {
  return new WrongDefinition('uniqueness', 'id', what)
}
