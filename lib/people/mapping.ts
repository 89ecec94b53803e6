import { peopleSchemaOf, type AttributeDefinition } from '../scim/attribute-definition.ts'
import { referencePath, resolvePath, type ResolvedAttribute } from '../scim/attribute-path.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { URN } from '../scim/urn.ts'

/** One line of the mapping: what the application calls it, and where SCIM has it. */
interface MappedAttribute {
  readonly name: string
  /** As RFC 7644 §3.10 writes it; `people:` stands for the URN of the people extension. */
  readonly path: string
  /** Of an attribute with several values the one that is meant: that of this type, else the only one without a type. */
  readonly type?: string
  readonly description: string
}

/**
 * The person of the application ↔ the User of SCIM: what the manage API shows of people, and what it can change, is this
 * table. A name that is added here takes precedence over an attribute that a tenant has declared under the same id.
 */
export const PERSON_ATTRIBUTES = [
  { name: 'firstName', path: 'name.givenName', description: 'First name.' },
  { name: 'lastName', path: 'name.familyName', description: 'Last name.' },
  {
    name: 'email',
    path: 'emails.value',
    type: 'work',
    description: 'The work e-mail.',
  },
  { name: 'position', path: 'title', description: 'Position, or job title.' },
  { name: 'department', path: `${URN.enterpriseUser}:department`, description: 'Department.' },
  { name: 'division', path: `${URN.enterpriseUser}:division`, description: 'Division.' },
  { name: 'costCenter', path: `${URN.enterpriseUser}:costCenter`, description: 'Cost center.' },
  { name: 'level', path: 'people:level', description: 'Level in the career.' },
  { name: 'location', path: 'people:location', description: 'Where the person works.' },
  { name: 'gender', path: 'people:gender', description: 'Gender.' },
  { name: 'startDate', path: 'people:startDate', description: 'First day: a date, or a time.' },
  { name: 'endDate', path: 'people:endDate', description: 'Last day: a date, or a time.' },
  { name: 'birthday', path: 'people:birthday', description: 'Day of birth: a date, or a time.' },
  {
    name: 'photo',
    path: 'photos.value',
    type: 'photo',
    description: 'An absolute https URL.',
  },
  {
    name: 'externalId',
    path: 'externalId',
    description:
      'What the identity provider knows the person by: it stays when the e-mail changes.',
  },
  { name: 'userName', path: 'userName', description: 'Unique; case is ignored.' },
] as const satisfies readonly MappedAttribute[]

/** What is not one value of SCIM: how these are made is code. */
const OTHER_NAMES = [
  'id',
  'version',
  'status',
  'removed',
  'manager',
  'teams',
  'possibleReturner',
] as const

/** Where the id of a manager is. */
const MANAGER = `${URN.enterpriseUser}:manager.value`

/** A line of a tenant's mapping, its path found in the schemas. */
export interface PersonLine {
  readonly name: string
  readonly path: string
  readonly reference: ResolvedAttribute
  /** As in the table. */
  readonly type?: string
  /** Whether the tenant has named it: its name is equal in any case. */
  readonly isDeclared: boolean
}

/** How a tenant's people are shown. */
export interface PersonMapping {
  readonly resourceType: ResourceType
  /** In the order in which a person has them. */
  readonly lines: readonly PersonLine[]
  readonly manager: PersonLine
}

/**
 * The mapping of a tenant: the table, then what the tenant has declared by its ids. An id that is one of a person's own
 * names, in any case, is shown as its whole name in SCIM, `<urn>:<id>`, which no own name can be.
 * @param resourceType with the definitions.
 */
export function mappingOf(
  resourceType: ResourceType,
  definitions: readonly AttributeDefinition[],
): PersonMapping {
  const urn = peopleSchemaOf(resourceType)?.id ?? ''
  const lines = PERSON_ATTRIBUTES.map((each: MappedAttribute) =>
    lineOf(resourceType, { ...each, path: each.path.replace(/^people:/, `${urn}:`) }),
  )
  const custom = definitions.map(({ id, schema = urn }) => {
    const path = `${schema}:${id}`
    const line = lineOf(resourceType, { name: isOwnName(id) ? path : id, path })
    return { ...line, isDeclared: true }
  })
  const manager = lineOf(resourceType, { name: 'manager', path: MANAGER })
  return { resourceType, lines: [...lines, ...custom], manager }
}

const OWN_NAMES: ReadonlySet<string> = new Set(
  [...PERSON_ATTRIBUTES.map(({ name }) => name), ...OTHER_NAMES].map((name) => name.toLowerCase()),
)

function isOwnName(id: string): boolean {
  return OWN_NAMES.has(id.toLowerCase())
}

function lineOf(
  resourceType: ResourceType,
  { name, path, type }: Pick<MappedAttribute, 'name' | 'path' | 'type'>,
): PersonLine {
  const reference = resolvePath(resourceType, path)
  if (reference?.kind !== 'attribute') {
    throw new TypeError(`the line ${name} of people: users have no attribute ${path}`)
  }
  const line = { name, path: referencePath(reference), reference, isDeclared: false }
  return type === undefined ? line : { ...line, type }
}
