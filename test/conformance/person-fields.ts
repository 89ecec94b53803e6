import type { JsonObject, JsonValue } from '../../lib/scim/json.ts'
import { URN } from '../../lib/scim/urn.ts'

/**
 * What people products have of a person, as their vendors document it, and the SCIM attribute that each of it is. Facts of
 * others: lib/people/mapping.ts is what this app makes of them.
 */

const { enterpriseUser: ENTERPRISE, peopleUser: PEOPLE } = URN

/** A line of the vendors' documentation; one that has two attributes is there twice. */
export interface PersonField {
  /** As the vendors call it. */
  readonly field: string
  /** What it is mapped to in Entra ID: the path of an operation of a PATCH. */
  readonly target: string
  /** What the record of the application calls it. */
  readonly name: string
  /** Two of its values, as they are sent. */
  readonly values: readonly [JsonValue, JsonValue]
  /** A value in a body, or in an answer, where it does not follow from the target. */
  readonly inScim?: (value: JsonValue) => JsonObject
  /** A value in the record, where it is another one there. */
  readonly inRecord?: (value: JsonValue) => JsonValue
  /** A value in a change of the record, where it is another one there. */
  readonly inChange?: (value: JsonValue) => JsonValue
  /** Whether nobody can be without it. */
  readonly isRequired?: boolean
}

/** The attributes that the test's tenant has declared. */
export const CUSTOM = [
  { id: 'shirt' },
  { id: 'seats', type: 'integer' },
  { id: 'remote', type: 'boolean' },
  { id: 'probation', type: 'dateTime' },
] as const satisfies readonly JsonObject[]

const DATES = ['2026-02-01', '2027-03-31T00:00:00Z'] as const

export const PERSON_FIELDS: readonly PersonField[] = [
  { field: 'First name', target: 'name.givenName', name: 'firstName', values: ['Ann', 'Anna'] },
  { field: 'Last name', target: 'name.familyName', name: 'lastName', values: ['Lee', 'Ray'] },
  {
    field: 'E-mail',
    target: 'userName',
    name: 'userName',
    values: ['ann@acme.example', 'anna@acme.example'],
    isRequired: true,
  },
  {
    field: 'E-mail',
    target: 'emails[type eq "work"].value',
    name: 'email',
    values: ['ann@work.example', 'anna@work.example'],
    inScim: (value) => ({ emails: [{ type: 'work', value }] }),
  },
  { field: 'Position', target: 'title', name: 'position', values: ['Buyer', 'Head of Purchase'] },
  ...['department', 'division', 'costCenter'].map((name): PersonField => ({
    field: { department: 'Department', division: 'Division' }[name] ?? 'Cost center',
    target: `${ENTERPRISE}:${name}`,
    name,
    values: [`${name} one`, `${name} two`],
  })),
  {
    field: 'Manager',
    target: `${ENTERPRISE}:manager`,
    name: 'manager',
    values: ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'],
    inScim: (value) => ({ [ENTERPRISE]: { manager: { value } } }),
    inRecord: (id) => ({ id, exists: false }),
    inChange: (id) => ({ id }),
  },
  ...Object.entries({
    Level: ['level', 'Senior', 'Principal'],
    Location: ['location', 'Zürich', 'Bern'],
    Gender: ['gender', 'female', 'non-binary'],
    'Start date': ['startDate', ...DATES],
    'End date': ['endDate', ...DATES],
    Birthday: ['birthday', ...DATES],
  }).map(([field, [name = '', first = '', second = '']]): PersonField => ({
    field,
    target: `${PEOPLE}:${name}`,
    name,
    values: [first, second],
  })),
  {
    field: 'Photo',
    target: 'photos[type eq "photo"].value',
    name: 'photo',
    values: ['https://acme.example/1.png', 'https://acme.example/2.png'],
    inScim: (value) => ({ photos: [{ type: 'photo', value }] }),
  },
  ...[':', '.'].flatMap((separator) =>
    Object.entries({
      shirt: ['M', 'XL'],
      seats: [1, 2],
      remote: [true, false],
      probation: ['2026-02-01T00:00:00Z', '2027-02-01T00:00:00Z'],
    }).map(([name, [first = '', second = '']]): PersonField => ({
      field: 'Custom attributes',
      target: `${PEOPLE}${separator}${name}`,
      name,
      values: [first, second],
      inScim: (value) => ({ [PEOPLE]: { [name]: value } }),
    })),
  ),
]

/** All lines of the vendors' documentation, with a test each; that of teams is about groups. */
export const DOCUMENTED_FIELDS = [
  'First name',
  'Last name',
  'E-mail',
  'Position',
  'Department',
  'Division',
  'Cost center',
  'Manager',
  'Team',
  'Level',
  'Location',
  'Gender',
  'Start date',
  'End date',
  'Birthday',
  'Photo',
  'Custom attributes',
] as const

/** A value of a field in a body as Entra ID sends it, and in an answer. */
export function inScim({ target, inScim: written }: PersonField, value: JsonValue): JsonObject {
  if (written !== undefined) return written(value)
  const [, urn, name] = /^(urn:.*:User):(\w+)$/.exec(target) ?? []
  if (urn !== undefined && name !== undefined) return { [urn]: { [name]: value } }
  const [whole = '', part] = target.split('.')
  return part === undefined ? { [whole]: value } : { [whole]: { [part]: value } }
}
