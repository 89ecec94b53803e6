import * as z from 'zod'
import type { JsonObject } from '../scim/json.ts'
import { ACTIVITY_OPERATIONS } from './activity-operations.ts'
import { ATTRIBUTE_OPERATIONS } from './attribute-operations.ts'
import {
  CREATED_CREDENTIAL,
  CREDENTIAL,
  CREDENTIAL_LIST,
  MAINTENANCE_REPORT,
  OPENAPI,
  ROTATED_CREDENTIAL,
  SETTINGS_SCHEMA,
  TENANT,
  TENANT_LIST,
} from './answers.ts'
import {
  CREDENTIAL_PATCH,
  NEW_CREDENTIAL,
  NEW_TENANT,
  NOTHING,
  ROTATION,
  TENANT_PATCH,
} from './bodies.ts'
import {
  changeCredential,
  issueCredential,
  listCredentials,
  readCredential,
  revokeCredential,
  rotateCredential,
} from './credentials.ts'
import { openApiDocument, settingsSchema } from './documents.ts'
import { entityTag } from './entity-tag.ts'
import { operation, type ManageResult, type Operation } from './operation.ts'
import { INVITATION_OPERATIONS } from './invitation-operations.ts'
import { LEVEL_OPERATIONS } from './level-operations.ts'
import { PEOPLE_OPERATIONS } from './people-operations.ts'
import { NO_PARAMETERS, PAGE_PARAMETERS, TENANT_PARAMETERS } from './query.ts'
import { TEAM_OPERATIONS } from './team-operations.ts'
import { changeTenant, createTenant, deleteTenant, listTenants, readTenant } from './tenants.ts'

/** Of an operation whose method has no body, and that has no parameters of its own. */
const PLAIN = { query: NO_PARAMETERS, body: z.undefined() } as const

const ONE = 'tenants/{id}'
const CREDENTIALS = `${ONE}/credentials`
const ONE_CREDENTIAL = `${CREDENTIALS}/{credentialId}`

/**
 * All operations of the manage API: functions, the routes, the OpenAPI document and the checks of requests are made of
 * this table. From 1.0 on it only grows.
 */
export const MANAGE_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'manage-tenants-list',
    method: 'GET',
    path: 'tenants',
    summary: 'The tenants, in order of their ids',
    query: TENANT_PARAMETERS,
    body: z.undefined(),
    status: 200,
    answer: TENANT_LIST,
    headers: [],
    problems: [],
    run: listTenants,
  }),
  operation({
    name: 'manage-tenants-create',
    method: 'POST',
    path: 'tenants',
    summary: 'A new tenant, enabled and without credentials',
    query: NO_PARAMETERS,
    body: NEW_TENANT,
    status: 201,
    answer: TENANT,
    headers: ['Location', 'ETag'],
    problems: ['taken'],
    run: createTenant,
  }),
  operation({
    ...PLAIN,
    name: 'manage-tenants-get',
    method: 'GET',
    path: ONE,
    summary: 'One tenant: its Tenant URL, how many users and groups, its settings',
    status: 200,
    answer: TENANT,
    headers: ['ETag'],
    problems: ['not-found'],
    run: readTenant,
  }),
  operation({
    name: 'manage-tenants-change',
    method: 'PATCH',
    path: ONE,
    summary: 'Changes name, reference, status or settings',
    query: NO_PARAMETERS,
    body: TENANT_PATCH,
    status: 200,
    answer: TENANT,
    headers: ['ETag'],
    takesIfMatch: true,
    problems: ['not-found', 'not-possible'],
    run: changeTenant,
  }),
  operation({
    ...PLAIN,
    name: 'manage-tenants-delete',
    method: 'DELETE',
    path: ONE,
    summary: 'Begins to delete a tenant with all its data; reading it tells how far that has come',
    status: 202,
    answer: TENANT,
    headers: ['Location', 'ETag'],
    takesIfMatch: true,
    problems: ['not-found'],
    run: deleteTenant,
  }),
  operation({
    name: 'manage-credentials-list',
    method: 'GET',
    path: CREDENTIALS,
    summary: 'The credentials of a tenant, oldest first, revoked and expired ones too',
    query: PAGE_PARAMETERS,
    body: z.undefined(),
    status: 200,
    answer: CREDENTIAL_LIST,
    headers: [],
    problems: ['not-found'],
    run: listCredentials,
  }),
  operation({
    name: 'manage-credentials-create',
    method: 'POST',
    path: CREDENTIALS,
    summary: 'One more credential; a secret is in this answer and in no other',
    query: NO_PARAMETERS,
    body: NEW_CREDENTIAL,
    status: 201,
    answer: CREATED_CREDENTIAL,
    headers: ['Location', 'ETag'],
    problems: ['not-found', 'taken', 'not-possible'],
    run: issueCredential,
  }),
  operation({
    ...PLAIN,
    name: 'manage-credentials-get',
    method: 'GET',
    path: ONE_CREDENTIAL,
    summary: 'One credential, without its secret',
    status: 200,
    answer: CREDENTIAL,
    headers: ['ETag'],
    problems: ['not-found'],
    run: readCredential,
  }),
  operation({
    name: 'manage-credentials-change',
    method: 'PATCH',
    path: ONE_CREDENTIAL,
    summary: 'Changes label or expiry',
    query: NO_PARAMETERS,
    body: CREDENTIAL_PATCH,
    status: 200,
    answer: CREDENTIAL,
    headers: ['ETag'],
    takesIfMatch: true,
    problems: ['not-found', 'not-possible'],
    run: changeCredential,
  }),
  operation({
    ...PLAIN,
    name: 'manage-credentials-revoke',
    method: 'DELETE',
    path: ONE_CREDENTIAL,
    summary: 'Revokes a credential, everywhere within 30 seconds; it stays in the list',
    status: 200,
    answer: CREDENTIAL,
    headers: ['ETag'],
    takesIfMatch: true,
    problems: ['not-found'],
    run: revokeCredential,
  }),
  operation({
    name: 'manage-credentials-rotate',
    method: 'POST',
    path: `${ONE_CREDENTIAL}/rotate`,
    summary: 'A new credential in place of this one, which stays good for some hours',
    query: NO_PARAMETERS,
    body: ROTATION,
    bodyMayBeAbsent: true,
    status: 201,
    answer: ROTATED_CREDENTIAL,
    headers: ['Location', 'ETag'],
    takesIfMatch: true,
    problems: ['not-found', 'not-possible'],
    run: rotateCredential,
  }),
  // `attributes/seen` comes before `attributes/{attributeId}`.
  ...ACTIVITY_OPERATIONS,
  ...ATTRIBUTE_OPERATIONS,
  ...PEOPLE_OPERATIONS,
  ...TEAM_OPERATIONS,
  ...LEVEL_OPERATIONS,
  ...INVITATION_OPERATIONS,
  operation({
    ...PLAIN,
    name: 'manage-settings-schema',
    method: 'GET',
    path: 'settings/schema',
    summary: 'JSON Schema of the tenant settings, with defaults and meaning',
    status: 200,
    answer: SETTINGS_SCHEMA,
    headers: ['ETag'],
    problems: [],
    run: async () => document(settingsSchema()),
  }),
  operation({
    name: 'manage-maintenance',
    method: 'POST',
    path: 'maintenance',
    summary: 'Does what the timer does: deletions, sweep, repair of the list, expiry warnings',
    query: NO_PARAMETERS,
    body: NOTHING,
    bodyMayBeAbsent: true,
    status: 200,
    answer: MAINTENANCE_REPORT,
    headers: [],
    problems: [],
    run: async ({ runMaintenance }) => ({ status: 200, body: { ...(await runMaintenance()) } }),
  }),
  operation({
    ...PLAIN,
    name: 'manage-openapi',
    method: 'GET',
    path: 'openapi.json',
    summary: 'This document',
    status: 200,
    answer: OPENAPI,
    headers: ['ETag'],
    problems: [],
    run: async () => document(openApiDocument(MANAGE_OPERATIONS)),
  }),
]

/** A document is its own version. */
function document(body: JsonObject): ManageResult {
  return {
    status: 200,
    body,
    etag: entityTag({ id: 'document', version: JSON.stringify(body) }, body),
  }
}
