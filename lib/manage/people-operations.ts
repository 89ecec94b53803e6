import * as z from 'zod'
import { NOTHING } from './bodies.ts'
import { operation, type Operation } from './operation.ts'
import { DELETED_PERSON, PEOPLE_LIST, PERSON, PERSON_PATCH, SIGN_IN } from './people-answers.ts'
import { DELETION_PARAMETERS, LOOKUP_PARAMETERS, PEOPLE_PARAMETERS } from './people-query.ts'
import {
  bringBackPerson,
  lookUpPerson,
  patchPerson,
  readPeople,
  readPerson,
  removePerson,
} from './people.ts'
import { NO_PARAMETERS } from './query.ts'

const ALL = 'tenants/{id}/people'
const ONE = `${ALL}/{personId}`

/** The operations on the people of a tenant, as an application has them. */
export const PEOPLE_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'manage-people-list',
    method: 'GET',
    path: ALL,
    summary: 'The people of a tenant, or who has changed since a position',
    query: PEOPLE_PARAMETERS,
    body: z.undefined(),
    status: 200,
    answer: PEOPLE_LIST,
    headers: [],
    problems: ['not-found', 'not-possible', 'gone'],
    run: readPeople,
  }),
  operation({
    name: 'manage-people-lookup',
    method: 'GET',
    path: `${ALL}/lookup`,
    summary: 'Who signs in, by exactly one of externalId, userName and email',
    query: LOOKUP_PARAMETERS,
    body: z.undefined(),
    status: 200,
    answer: SIGN_IN,
    headers: [],
    problems: ['not-found', 'not-possible'],
    run: lookUpPerson,
  }),
  operation({
    // The host tries functions in the order of their names: `manage-people-lookup` has to come first.
    name: 'manage-people-show',
    method: 'GET',
    path: ONE,
    summary: 'One person',
    query: NO_PARAMETERS,
    body: z.undefined(),
    status: 200,
    answer: PERSON,
    headers: ['ETag'],
    problems: ['not-found', 'not-possible'],
    run: readPerson,
  }),
  operation({
    name: 'manage-people-change',
    method: 'PATCH',
    path: ONE,
    summary: 'Changes a person until the identity provider does; null clears',
    query: NO_PARAMETERS,
    body: PERSON_PATCH,
    status: 200,
    answer: PERSON,
    headers: ['ETag'],
    takesIfMatch: true,
    problems: ['not-found', 'taken', 'not-possible'],
    run: patchPerson,
  }),
  operation({
    name: 'manage-people-delete',
    method: 'DELETE',
    path: ONE,
    summary: 'Deletes a person for good; an active one with force only',
    query: DELETION_PARAMETERS,
    body: z.undefined(),
    status: 200,
    answer: DELETED_PERSON,
    headers: [],
    takesIfMatch: true,
    problems: ['not-found', 'not-possible'],
    run: removePerson,
  }),
  operation({
    name: 'manage-people-restore',
    method: 'POST',
    path: `${ONE}/restore`,
    summary: 'Joins a person with the removed one whom possibleReturner names: that id is kept',
    query: NO_PARAMETERS,
    body: NOTHING,
    bodyMayBeAbsent: true,
    status: 200,
    answer: PERSON,
    headers: ['ETag'],
    takesIfMatch: true,
    problems: ['not-found', 'not-possible'],
    run: bringBackPerson,
  }),
]
