import type * as z from 'zod'
import { detail, quote } from '../scim/detail.ts'
import {
  isTenantId,
  type ChangeOptions,
  type Tenant,
  type TenantSettings,
  type TenantSummary,
} from '../storage/tenant-port.ts'
import type { TenantPatch } from '../tenants/tenants.ts'
import type { TENANT, TENANT_LIST, TENANT_SUMMARY } from './answers.ts'
import type { NEW_TENANT, TENANT_PATCH } from './bodies.ts'
import { boundTo, entityTag } from './entity-tag.ts'
import { mergeInto } from './merge-patch.ts'
import type { Input, ManageContext, ManageResult } from './operation.ts'
import { Problem } from './problem.ts'
import {
  readCursor,
  writeCursor,
  type NO_PARAMETERS,
  type QuerySchema,
  type TENANT_PARAMETERS,
} from './query.ts'
import type { JsonValue } from '../scim/json.ts'
import { readSettings, TENANT_SETTINGS } from '../tenants/settings.ts'

type TenantInput<Body extends z.ZodType> = Input<typeof NO_PARAMETERS, Body>

export async function listTenants(
  { domain }: ManageContext,
  { query: { cursor, ...query } }: Input<typeof TENANT_PARAMETERS, z.ZodType>,
): Promise<ManageResult> {
  const after = readCursor(cursor, isTenantId)
  const behind = after === undefined ? {} : { after }
  const { items, next } = await domain.summaries({ ...query, ...behind })
  const body: z.output<typeof TENANT_LIST> = {
    items: items.map(entryOf),
    ...(next === undefined ? {} : { nextCursor: writeCursor(next) }),
  }
  return { status: 200, body }
}

/** Without what only the store needs. */
function entryOf({
  id,
  name,
  reference,
  status,
  created,
  users,
  groups,
  ...times
}: TenantSummary): z.output<typeof TENANT_SUMMARY> {
  return {
    id,
    name,
    ...(reference === undefined ? {} : { reference }),
    status,
    created,
    ...(users === undefined ? {} : { users }),
    ...(groups === undefined ? {} : { groups }),
    ...timesOf(times),
  }
}

type Times = Pick<TenantSummary, 'lastRequest' | 'lastSuccess' | 'lastRefusal' | 'nextExpiry'>

function timesOf({ lastRequest, lastSuccess, lastRefusal, nextExpiry }: Times = {}): Times {
  return {
    ...(lastRequest === undefined ? {} : { lastRequest }),
    ...(lastSuccess === undefined ? {} : { lastSuccess }),
    ...(lastRefusal === undefined ? {} : { lastRefusal }),
    ...(nextExpiry === undefined ? {} : { nextExpiry }),
  }
}

export async function createTenant(
  context: ManageContext,
  { body }: TenantInput<typeof NEW_TENANT>,
): Promise<ManageResult> {
  const { settings, ...rest } = body
  const chosen = settings === undefined ? {} : { settings: present(settings) }
  const tenant = await context.domain.createTenant({ ...rest, ...chosen, now: context.now })
  context.tell({ event: 'tenant created', tenant: tenant.id })
  return { ...(await answer(context, tenant, 201)), facts: { tenant: tenant.id } }
}

export async function readTenant(
  context: ManageContext,
  { id }: Input<QuerySchema, z.ZodType>,
): Promise<ManageResult> {
  return answer(context, await requireTenant(context, id), 200)
}

export async function changeTenant(
  context: ManageContext,
  { id, body, ifMatch }: TenantInput<typeof TENANT_PATCH>,
): Promise<ManageResult> {
  const { settings: patch, ...others } = body
  const condition = await conditionOf(context, id, ifMatch)
  const change: TenantPatch =
    patch === undefined ? others : { ...others, settings: (now) => patched(now, patch) }
  return answer(context, await context.domain.changeTenant(id, change, condition), 200)
}

export async function deleteTenant(
  context: ManageContext,
  { id, ifMatch }: Input<QuerySchema, z.ZodType>,
): Promise<ManageResult> {
  const condition = await conditionOf(context, id, ifMatch)
  const tenant = await context.domain.beginDeletion(id, context.now, condition)
  // Once: whoever asks again learns how far it is.
  const isNew = tenant.deletion?.started === context.now.toISOString()
  if (isNew) context.tell({ event: 'tenant deletion begun', tenant: id })
  return answer(context, tenant, 202)
}

/** The tenant in the path. @throws Problem `not-found`. */
export async function requireTenant({ domain }: ManageContext, id: string): Promise<Tenant> {
  const tenant = isTenantId(id) ? await domain.get(id) : undefined
  return tenant ?? noTenant(id)
}

/** @throws Problem `not-found`, always. */
export function noTenant(id: string): never {
  const what = isTenantId(id)
    ? detail`There is no tenant ${quote(id)}.`
    : detail`There is no tenant ${quote(id)}: an id has 1 to 32 characters out of a-z, 0-9 and -.`
  throw new Problem('not-found', what, { errors: [{ parameter: 'id', detail: what.whole }] })
}

/** The tenant must be there, and as the client knows it, now and when it is written. */
async function conditionOf(
  context: ManageContext,
  id: string,
  ifMatch: string | undefined,
): Promise<ChangeOptions> {
  return boundTo(await requireTenant(context, id), ifMatch)
}

async function answer(
  { domain, tenantUrl }: ManageContext,
  tenant: Tenant,
  status: ManageResult['status'],
): Promise<ManageResult> {
  const { id, name, reference, created, deletion } = tenant
  const [{ users, groups }, summary] = await Promise.all([
    domain.countPeople(tenant.partitionKey),
    domain.summary(tenant),
  ])
  const body: z.output<typeof TENANT> = {
    id,
    name,
    ...(reference === undefined ? {} : { reference }),
    status: tenant.status,
    created,
    tenantUrl,
    users,
    groups,
    ...timesOf(summary),
    settings: readSettings(tenant.settings),
    ...(deletion === undefined ? {} : { deletion: progress(deletion) }),
  }
  const location = status === 200 ? {} : { location: `tenants/${id}` }
  return { status, body, etag: entityTag(tenant, body), ...location }
}

function progress({
  started,
  phase,
  rows,
}: NonNullable<Tenant['deletion']>): NonNullable<z.output<typeof TENANT>['deletion']> {
  return { started, phase, rowsRemoved: rows }
}

/** Null takes all settings back; those that this version does not know stay. */
function patched(
  settings: TenantSettings,
  patch: Readonly<Record<string, JsonValue | undefined>> | null,
): TenantSettings {
  const defaults = Object.keys(TENANT_SETTINGS.shape).map((name) => [name, null] as const)
  return mergeInto(settings, patch === null ? Object.fromEntries(defaults) : present(patch))
}

/** Without what is undefined. */
function present<Value>(object: Readonly<Record<string, Value | undefined>>): {
  readonly [name: string]: Value
} {
  const entries = Object.entries(object).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return Object.fromEntries(entries)
}
