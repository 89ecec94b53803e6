import type * as z from 'zod'
import { detail, quote } from '../scim/detail.ts'
import type { Credential } from '../storage/tenant-port.ts'
import { keyAddressProblem } from '../tenants/key-address.ts'
import type { CredentialSpec } from '../tenants/new-credential.ts'
import type { CREDENTIAL, CREDENTIAL_LIST } from './answers.ts'
import type { CREDENTIAL_PATCH, NEW_CREDENTIAL, ROTATION } from './bodies.ts'
import { invalidRequest } from './check.ts'
import { boundTo, entityTag } from './entity-tag.ts'
import { isCredentialId, type Input, type ManageContext, type ManageResult } from './operation.ts'
import { Problem } from './problem.ts'
import { readCursor, writeCursor, type PAGE_PARAMETERS, type QuerySchema } from './query.ts'
import { noTenant, requireTenant } from './tenants.ts'

type CredentialInput<Body extends z.ZodType> = Input<QuerySchema, Body>

/** A tenant has a few: all of them are read. */
export async function listCredentials(
  context: ManageContext,
  { id, query: { cursor, count } }: Input<typeof PAGE_PARAMETERS, z.ZodType>,
): Promise<ManageResult> {
  await requireTenant(context, id)
  const all = await context.domain.listCredentials(id)
  const after = readCursor(cursor, (text) => all.some((each) => each.id === text))
  const start = after === undefined ? 0 : all.findIndex((each) => each.id === after) + 1
  const page = all.slice(start, start + count)
  const last = start + count < all.length ? page.at(-1) : undefined
  const body: z.output<typeof CREDENTIAL_LIST> = {
    items: page.map((credential) => shown(context, id, credential)),
    ...(last === undefined ? {} : { nextCursor: writeCursor(last.id) }),
  }
  return { status: 200, body }
}

export async function issueCredential(
  context: ManageContext,
  { id, body }: CredentialInput<typeof NEW_CREDENTIAL>,
): Promise<ManageResult> {
  const spec = specOf(body, context)
  await requireTenant(context, id)
  const { credential, secret } = await context.domain.issueCredential(id, spec, context.now)
  const created = answer(context, id, credential, 201)
  return secret === undefined ? created : { ...created, body: { ...created.body, secret } }
}

export async function readCredential(
  context: ManageContext,
  { id, credentialId }: CredentialInput<z.ZodType>,
): Promise<ManageResult> {
  return answer(context, id, await requireCredential(context, id, credentialId), 200)
}

export async function changeCredential(
  context: ManageContext,
  { id, credentialId, body, ifMatch }: CredentialInput<typeof CREDENTIAL_PATCH>,
): Promise<ManageResult> {
  const { label, expires } = body
  const change = {
    ...(label === undefined ? {} : { label: label ?? '' }),
    ...(expires === undefined ? {} : { expires: expiryIn(expires, context.now) }),
  }
  const condition = boundTo(await requireCredential(context, id, credentialId), ifMatch)
  const { domain, now } = context
  const changed = await domain.changeCredential(id, credentialId, change, { ...condition, now })
  return answer(context, id, changed, 200)
}

export async function revokeCredential(
  context: ManageContext,
  { id, credentialId, ifMatch }: CredentialInput<z.ZodType>,
): Promise<ManageResult> {
  const condition = boundTo(await requireCredential(context, id, credentialId), ifMatch)
  const { domain, now } = context
  return answer(context, id, await domain.revokeCredential(id, credentialId, now, condition), 200)
}

export async function rotateCredential(
  context: ManageContext,
  { id, credentialId, body: { overlapHours }, ifMatch }: CredentialInput<typeof ROTATION>,
): Promise<ManageResult> {
  const before = await requireCredential(context, id, credentialId)
  const condition = boundTo(before, ifMatch)
  if (before.kind === 'federated' || before.kind === 'entra') {
    throw new Problem(
      'not-possible',
      `A credential of the kind ${before.kind} has no secret that could be rotated: create another one, and delete this one.`,
    )
  }
  const { domain, now } = context
  const { credential, secret, previous } = await domain.rotateCredential(
    id,
    credentialId,
    { overlapHours, ...condition },
    now,
  )
  const created = answer(context, id, credential, 201)
  const body = { ...created.body, secret, previous: shown(context, id, previous) }
  return { ...created, body }
}

/** The credential in the path, which is the tenant's. @throws Problem `not-found`. */
async function requireCredential(
  { domain }: ManageContext,
  tenantId: string,
  credentialId: string,
): Promise<Credential> {
  const { tenant, credential } = isCredentialId(credentialId)
    ? await domain.findCredential(tenantId, credentialId)
    : { tenant: await domain.get(tenantId), credential: undefined }
  if (tenant === undefined) noTenant(tenantId)
  if (credential !== undefined) return credential
  const what = isCredentialId(credentialId)
    ? detail`The tenant has no credential ${quote(credentialId)}.`
    : detail`The tenant has no credential ${quote(credentialId)}: an id has 12 characters out of a-z and 0-9.`
  const errors = [{ parameter: 'credentialId', detail: what.whole }]
  throw new Problem('not-found', what, { errors })
}

/** @throws Problem `invalid-request` for a time that has passed, or keys that the app itself would have to serve. */
function specOf(
  body: z.output<typeof NEW_CREDENTIAL>,
  { tenantUrl, now }: ManageContext,
): CredentialSpec {
  const { expires, ...spec } = body
  if (spec.kind === 'federated') {
    const problem = keyAddressProblem(spec.jwksUri, new URL(tenantUrl).hostname)
    if (problem !== undefined) {
      const what = detail`${problem}, not ${quote(spec.jwksUri)}`
      throw invalidRequest([{ path: ['jwksUri'], what }], 'body')
    }
  }
  return expires === undefined ? spec : { ...spec, expires: expiryIn(expires, now) }
}

/** @throws Problem `invalid-request` for a time that has passed. */
function expiryIn(expires: string | null, now: Date): Date | null {
  const date = expires === null ? null : new Date(expires)
  if (date === null || date.getTime() > now.getTime()) return date
  const what = detail`must be in the future, not ${quote(date.toISOString())}`
  throw invalidRequest([{ path: ['expires'], what }], 'body')
}

function answer(
  context: ManageContext,
  tenantId: string,
  credential: Credential,
  status: ManageResult['status'],
): ManageResult {
  const body = shown(context, tenantId, credential)
  const path = `tenants/${tenantId}/credentials/${credential.id}`
  const facts = { createdCredential: credential.id }
  const made = status === 201 ? { location: path, facts } : {}
  return { status, body, etag: entityTag(credential, body), ...made }
}

/** All but what nobody may see again. */
function shown(
  context: ManageContext,
  tenantId: string,
  credential: Credential,
): z.output<typeof CREDENTIAL> {
  const facts = factsOf(context, credential)
  const { domain, tokenUrl } = context
  const client = { clientId: domain.clientIdOf(tenantId), tokenUrl }
  if (credential.kind === 'federated') {
    const { kind, issuer, audience, subject, jwksUri } = credential
    return { kind, ...facts, ...client, issuer, audience, subject, jwksUri }
  }
  if (credential.kind === 'entra') {
    const { kind, entraTenantId, audience } = credential
    return { kind, ...facts, entraTenantId, audience }
  }
  const { kind } = credential
  return kind === 'token' ? { kind, ...facts } : { kind, ...facts, ...client }
}

function factsOf(
  { domain, now }: ManageContext,
  credential: Credential,
): Omit<Extract<z.output<typeof CREDENTIAL>, { kind: 'token' }>, 'kind'> {
  const { id, label, created, expires, lastUsed, revoked } = credential
  return {
    id,
    label,
    status: domain.credentialStatus(credential, now),
    created,
    ...(expires === undefined ? {} : { expires }),
    ...(lastUsed === undefined ? {} : { lastUsed }),
    ...(revoked === undefined ? {} : { revoked }),
  }
}
