import type { JsonObject } from '../../lib/scim/json.ts'
import { URN } from '../../lib/scim/urn.ts'

const ENTERPRISE = URN.enterpriseUser

/** A user as they are stored, all values of the kind that identity providers send. */
export const STORED_USER = {
  externalId: '6f1ad3ff-2d6a-4a3d-8f9d-5b2c1d0e7a11',
  userName: 'adele.vance@contoso.example',
  name: {
    givenName: 'Adele',
    familyName: 'Vance',
    formatted: 'Adele Vance',
    middleName: 'M',
    honorificPrefix: 'Dr.',
    honorificSuffix: 'III',
  },
  displayName: 'Adele Vance',
  nickName: 'Addie',
  profileUrl: 'https://contoso.example/adele',
  title: 'Retail Manager',
  userType: 'Employee',
  preferredLanguage: 'en-US',
  locale: 'en-US',
  timezone: 'America/Guayaquil',
  active: true,
  emails: [
    { value: 'adele.vance@contoso.example', type: 'work', primary: true },
    { value: 'adele@home.example', type: 'home' },
  ],
  phoneNumbers: [
    { value: '+1 425 555 0109', type: 'work', primary: true },
    { value: '+1 425 555 0110', type: 'mobile' },
    { value: '+1 425 555 0111', type: 'fax' },
  ],
  addresses: [
    {
      formatted: '18/2111, Bellevue',
      streetAddress: '205 108th Ave. NE',
      locality: 'Bellevue',
      region: 'WA',
      postalCode: '98004',
      country: 'US',
      type: 'work',
      primary: true,
    },
  ],
  roles: [{ value: 'RV', display: 'RD', type: 'RT', primary: true }],
  [ENTERPRISE]: {
    employeeNumber: '701984',
    costCenter: '4130',
    organization: 'Contoso',
    division: 'Retail',
    department: 'Sales',
  },
} as const satisfies JsonObject

/** Filters as clients send them. */
export const FILTERS: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'userName eq', text: 'userName eq "adele.vance@contoso.example"' },
  {
    name: 'emails[type eq "work"].value eq',
    text: 'emails[type eq "work"].value eq "x@y.example"',
  },
  { name: 'extension attribute eq', text: `${ENTERPRISE}:department eq "Sales"` },
  {
    name: 'and, or, not, nested',
    text: '(userType eq "Employee" and (emails co "example.com" or emails.value sw "adele")) and not (title pr and active eq false)',
  },
  {
    name: '40 conditions with or',
    text: Array.from({ length: 40 }, (_, at) => `externalId eq "id-${at}"`).join(' or '),
  },
]

/** An operation as Entra writes it. */
interface Operation {
  readonly op: 'add' | 'replace'
  readonly path?: string
  readonly value?: string | boolean | JsonObject
}

function replaceAll(values: Readonly<Record<string, string | boolean>>): Operation[] {
  return Object.entries(values).map(([path, value]) => ({ op: 'replace', path, value }))
}

const MOST_ATTRIBUTES = replaceAll({
  active: true,
  displayName: 'D2',
  title: 'T2',
  'emails[type eq "work"].value': 'b@contoso.example',
  'emails[type eq "work"].primary': true,
  preferredLanguage: 'nus-SS',
  'name.givenName': 'G2',
  'name.familyName': 'F2',
  'name.formatted': 'FM2',
  'name.middleName': 'M2',
  'name.honorificPrefix': 'HP2',
  'name.honorificSuffix': 'HS2',
  'addresses[type eq "work"].formatted': 'AF2',
  'addresses[type eq "work"].streetAddress': '2 St',
  'addresses[type eq "work"].locality': 'L2',
  'addresses[type eq "work"].region': 'R2',
  'addresses[type eq "work"].postalCode': 'cd4 6xm',
  'addresses[type eq "work"].primary': true,
  'addresses[type eq "work"].country': 'Tunisia',
  'phoneNumbers[type eq "work"].value': '16-953-9121',
  'phoneNumbers[type eq "work"].primary': true,
  'phoneNumbers[type eq "mobile"].value': '16-953-9121',
  'phoneNumbers[type eq "fax"].value': '16-953-9121',
  [`${ENTERPRISE}:employeeNumber`]: 'E2',
  [`${ENTERPRISE}:department`]: 'DP2',
  [`${ENTERPRISE}:costCenter`]: 'CC2',
  [`${ENTERPRISE}:organization`]: 'O2',
  [`${ENTERPRISE}:division`]: 'DV2',
  userType: 'UT2',
  nickName: 'NN2',
  locale: 'LC2',
  timezone: 'America/Costa_Rica',
  profileUrl: 'PU2',
})

const ROLES = replaceAll({
  'roles[primary eq "True"].display': 'RD2',
  'roles[primary eq "True"].value': 'RV2',
  'roles[primary eq "True"].type': 'RT2',
})

/** A PATCH request. */
export interface Patch {
  readonly name: string
  readonly operations: readonly Operation[]
}

/** PATCH requests as clients send them. */
export const PATCHES: readonly Patch[] = [
  { name: 'deactivate', operations: replaceAll({ active: false }) },
  {
    name: 'replace an e-mail address',
    operations: replaceAll({ 'emails[type eq "work"].value': 'new@contoso.example' }),
  },
  {
    name: 'no path, flat keys',
    operations: [
      {
        op: 'replace',
        value: {
          displayName: 'Adele V.',
          'name.givenName': 'A.',
          [`${ENTERPRISE}:department`]: 'Marketing',
        },
      },
    ],
  },
  { name: '33 of the 36 below', operations: MOST_ATTRIBUTES },
  { name: '36 operations (SCIM Validator)', operations: [...MOST_ATTRIBUTES, ...ROLES] },
]

const repeated = (part: string, characters: number): string =>
  part.repeat(Math.floor(characters / part.length))

/** Filters of about so many characters that make a careless parser slow. */
export const HOSTILE: readonly {
  readonly name: string
  readonly text: (characters: number) => string
}[] = [
  {
    name: 'conditions with or',
    text: (characters) => `${repeated('active eq true or ', characters - 14)}active eq true`,
  },
  { name: 'one long string', text: (characters) => `title eq "${'a'.repeat(characters - 11)}"` },
  {
    name: 'escapes in a string',
    text: (characters) => `title eq "${repeated('\\\\', characters - 11)}"`,
  },
  { name: 'spaces', text: (characters) => `title eq${' '.repeat(characters - 11)}"a"` },
  {
    name: 'a string without end',
    text: (characters) => `title eq "${'a'.repeat(characters - 10)}`,
  },
  { name: 'one long name', text: (characters) => `${repeated('a.', characters - 4)} pr` },
  { name: 'open parentheses', text: (characters) => '('.repeat(characters) },
  { name: 'not (not (…', text: (characters) => repeated('not (', characters) },
]
