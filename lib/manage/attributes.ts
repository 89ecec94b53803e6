import type * as z from 'zod'
import { detail, quote } from '../scim/detail.ts'
import type { DeclaredAttribute } from '../storage/tenant-port.ts'
import type { ATTRIBUTE, ATTRIBUTE_LIST } from './answers.ts'
import type { ATTRIBUTE_PATCH, NEW_ATTRIBUTE } from './bodies.ts'
import { boundTo, entityTag } from './entity-tag.ts'
import type { Input, ManageContext, ManageResult } from './operation.ts'
import { Problem } from './problem.ts'
import {
  readCursor,
  writeCursor,
  type PAGE_PARAMETERS,
  type QuerySchema,
  type REMOVAL_PARAMETERS,
} from './query.ts'
import { noTenant, requireTenant } from './tenants.ts'

type AttributeInput<Body extends z.ZodType> = Input<QuerySchema, Body>

/** A tenant has a few: all of them are read. */
export async function listAttributes(
  context: ManageContext,
  { id, query: { cursor, count } }: Input<typeof PAGE_PARAMETERS, z.ZodType>,
): Promise<ManageResult> {
  const all = await attributesOf(context, id)
  const after = readCursor(cursor, (text) => all.some((each) => each.id === text))
  const start = after === undefined ? 0 : all.findIndex((each) => each.id === after) + 1
  const page = all.slice(start, start + count)
  const last = start + count < all.length ? page.at(-1) : undefined
  const body: z.output<typeof ATTRIBUTE_LIST> = {
    items: page.map((definition) => context.domain.told(definition)),
    ...(last === undefined ? {} : { nextCursor: writeCursor(last.id) }),
  }
  return { status: 200, body }
}

export async function declareAttribute(
  context: ManageContext,
  { id, body }: AttributeInput<typeof NEW_ATTRIBUTE>,
): Promise<ManageResult> {
  await requireTenant(context, id)
  const declared = await context.domain.declareAttribute(id, body, context.now)
  return answer(context, id, declared, 201)
}

export async function readAttribute(
  context: ManageContext,
  { id, attributeId }: AttributeInput<z.ZodType>,
): Promise<ManageResult> {
  return answer(context, id, await requireAttribute(context, id, attributeId), 200)
}

export async function changeAttribute(
  context: ManageContext,
  { id, attributeId, body, ifMatch }: AttributeInput<typeof ATTRIBUTE_PATCH>,
): Promise<ManageResult> {
  const { description, ...others } = body
  const change = {
    ...others,
    ...(description === undefined ? {} : { description: description ?? '' }),
  }
  const condition = boundTo(await requireAttribute(context, id, attributeId), ifMatch)
  const changed = await context.domain.changeAttribute(id, attributeId, change, condition)
  return answer(context, id, changed, 200)
}

export async function removeAttribute(
  context: ManageContext,
  { id, attributeId, query: { purge }, ifMatch }: Input<typeof REMOVAL_PARAMETERS, z.ZodType>,
): Promise<ManageResult> {
  const condition = boundTo(await requireAttribute(context, id, attributeId), ifMatch)
  const { domain, now } = context
  const removed = await domain.removeAttribute(id, attributeId, { purge, now }, condition)
  return answer(context, id, removed, 200)
}

async function attributesOf(
  { domain }: ManageContext,
  tenantId: string,
): Promise<readonly DeclaredAttribute[]> {
  const { definitions } = (await domain.attributes(tenantId)) ?? noTenant(tenantId)
  return definitions
}

/** The attribute in the path, in any case, which is the tenant's. @throws Problem `not-found`. */
async function requireAttribute(
  context: ManageContext,
  tenantId: string,
  attributeId: string,
): Promise<DeclaredAttribute> {
  const folded = attributeId.toLowerCase()
  const all = await attributesOf(context, tenantId)
  const found = all.find(({ id }) => id.toLowerCase() === folded)
  if (found !== undefined) return found
  const what = detail`The tenant has declared no attribute ${quote(attributeId)}.`
  const errors = [{ parameter: 'attributeId', detail: what.whole }]
  throw new Problem('not-found', what, { errors })
}

function answer(
  context: ManageContext,
  tenantId: string,
  definition: DeclaredAttribute,
  status: ManageResult['status'],
): ManageResult {
  const body: z.output<typeof ATTRIBUTE> = context.domain.told(definition)
  const location = { location: `tenants/${tenantId}/attributes/${definition.id}` }
  return {
    status,
    body: { ...body },
    etag: entityTag(definition, body),
    ...(status === 201 ? location : {}),
  }
}
