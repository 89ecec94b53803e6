import { attribute, type Schema } from '../attribute.ts'
import { URN } from '../urn.ts'

/** The key under which the values of people and of the tenant's own attributes are kept, whatever their URNs. */
const PEOPLE_KEY = 'people'

const date = { type: 'string', format: 'dateOrDateTime' } as const

const ATTRIBUTES = [
  attribute({
    name: 'level',
    type: 'string',
    description: 'The level of the User in the career of their profession.',
  }),
  attribute({
    name: 'location',
    type: 'string',
    description: 'The place where the User works.',
  }),
  attribute({ name: 'gender', type: 'string', description: 'The gender of the User.' }),
  attribute({
    name: 'startDate',
    ...date,
    description: 'The first day of work: a date, or a date and time.',
  }),
  attribute({
    name: 'endDate',
    ...date,
    description: 'The last day of work: a date, or a date and time.',
  }),
  attribute({
    name: 'birthday',
    ...date,
    description: 'The day of birth: a date, or a date and time.',
  }),
]

/**
 * What the applications of a vendor show of people beyond RFC 7643. Dates are published as strings: RFC 7643 §2.3.5 has no
 * dateTime without a time.
 */
export function peopleUserSchema(urn: string): Schema {
  return {
    id: urn,
    name: 'PeopleUser',
    description: 'People',
    attributes: ATTRIBUTES,
    storedAs: PEOPLE_KEY,
  }
}

export const PEOPLE_USER_SCHEMA = peopleUserSchema(URN.peopleUser)
