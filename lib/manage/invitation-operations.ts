import * as z from 'zod'
import {
  ACKNOWLEDGED,
  ACKNOWLEDGEMENT,
  INVITATION_LIST,
  INVITATION_PARAMETERS,
} from './invitation-shapes.ts'
import { acknowledge, readInvitations } from './invitations.ts'
import { operation, type Operation } from './operation.ts'
import { NO_PARAMETERS } from './query.ts'

const ALL = 'tenants/{id}/invitations'

/** The operations on invitations of the people of a tenant. */
export const INVITATION_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'manage-invitations-list',
    method: 'GET',
    path: ALL,
    summary: 'Who was active for the first time, and is to be invited',
    query: INVITATION_PARAMETERS,
    body: z.undefined(),
    status: 200,
    answer: INVITATION_LIST,
    headers: [],
    problems: ['not-found', 'not-possible'],
    run: readInvitations,
  }),
  operation({
    name: 'manage-invitations-acknowledge',
    method: 'POST',
    path: `${ALL}/acknowledgements`,
    summary: 'Takes people off that list for good; it may be repeated',
    query: NO_PARAMETERS,
    body: ACKNOWLEDGEMENT,
    status: 200,
    answer: ACKNOWLEDGED,
    headers: [],
    problems: ['not-found', 'not-possible'],
    run: acknowledge,
  }),
]
