import type * as z from 'zod'
import { changePerson, deletePerson } from '../people/change-person.ts'
import { LOOKUP_NAMES, lookUp } from '../people/lookup.ts'
import { changedPeople, getPerson, listPeople, type VersionedPerson } from '../people/people.ts'
import { searchPeople } from '../people/search.ts'
import type { PeopleContext } from '../people/people-context.ts'
import { restorePerson } from '../people/restore-person.ts'
import { detail, quote } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import { isObject } from '../scim/json.ts'
import { isTenantId } from '../storage/tenant-port.ts'
import { invalidRequest } from './check.ts'
import { boundTo, entityTag } from './entity-tag.ts'
import type { Input, ManageContext, ManageResult } from './operation.ts'
import type { PERSON_PATCH } from './people-answers.ts'
import type { DELETION_PARAMETERS, LOOKUP_PARAMETERS, PEOPLE_PARAMETERS } from './people-query.ts'
import type { QuerySchema } from './query.ts'
import { noTenant } from './tenants.ts'

type PeopleInput<Query extends QuerySchema> = Input<Query, z.ZodType>

/** Tenant and declarations by one read. @throws Problem `not-found`. */
export async function peopleOf(
  { domain, people }: ManageContext,
  id: string,
): Promise<PeopleContext> {
  const declarations = isTenantId(id) ? await domain.attributes(id) : undefined
  return people.of(declarations ?? noTenant(id))
}

export async function readPeople(
  context: ManageContext,
  { id, query: { cursor, count, changedSince, q } }: PeopleInput<typeof PEOPLE_PARAMETERS>,
): Promise<ManageResult> {
  if (q !== undefined) return search(context, id, { q, cursor, count, changedSince })
  const people = await peopleOf(context, id)
  const page =
    changedSince === undefined
      ? listPeople(people, { cursor, count })
      : changedPeople(people, { changedSince, cursor }, count)
  return { status: 200, body: { ...(await page.catch(refusePlace(cursor, changedSince))) } }
}

/** What is asked while somebody types reads the tenant as it was a moment ago. */
async function search(
  context: ManageContext,
  id: string,
  {
    changedSince,
    ...query
  }: Parameters<typeof searchPeople>[1] & { readonly changedSince: string | undefined },
): Promise<ManageResult> {
  if (changedSince !== undefined) {
    const what = detail`must come without changedSince: who has changed is not searched`
    throw invalidRequest([{ path: ['q'], what }], 'query')
  }
  const people = isTenantId(id) ? await context.people.remembered(id) : undefined
  const page = searchPeople(people ?? noTenant(id), query)
  return { status: 200, body: { ...(await page.catch(refusePlace(query.cursor))) } }
}

/** @throws Problem `invalid-request` for a place that is not of this list. */
export function refusePlace(
  cursor: string | undefined,
  changedSince?: string,
): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ScimError) || error.kind !== 'invalidCursor') throw error
    const wrong =
      cursor === undefined
        ? {
            path: ['changedSince'],
            what: detail`must be the position of an answer of this list, not ${quote(changedSince ?? '')}: read everything again without it`,
          }
        : {
            path: ['cursor'],
            what: detail`must be the nextCursor of an answer to the same parameters, not ${quote(cursor)}`,
          }
    throw invalidRequest([wrong], 'query')
  }
}

export async function readPerson(
  context: ManageContext,
  { id, personId }: PeopleInput<QuerySchema>,
): Promise<ManageResult> {
  return answer(await getPerson(await peopleOf(context, id), personId))
}

export async function lookUpPerson(
  context: ManageContext,
  { id, query }: PeopleInput<typeof LOOKUP_PARAMETERS>,
): Promise<ManageResult> {
  const given = LOOKUP_NAMES.filter((name) => query[name] !== undefined)
  const [name, ...others] = given
  const value = name === undefined ? undefined : query[name]
  if (name === undefined || value === undefined || others.length > 0) {
    const what =
      others.length > 0
        ? detail`must come alone: one of ${LOOKUP_NAMES.join(', ')}`
        : detail`is missing: it must be there, or else ${LOOKUP_NAMES.slice(1).join(' or ')}`
    throw invalidRequest([{ path: [name ?? LOOKUP_NAMES[0]], what }], 'query')
  }
  const people = isTenantId(id) ? await context.people.remembered(id) : undefined
  return { status: 200, body: await lookUp(people ?? noTenant(id), name, value) }
}

export async function patchPerson(
  context: ManageContext,
  { id, personId, body, ifMatch }: Input<QuerySchema, typeof PERSON_PATCH>,
): Promise<ManageResult> {
  const people = await peopleOf(context, id)
  const condition = await conditionOf(people, personId, ifMatch)
  return answer(await changePerson(people, personId, isObject(body) ? body : {}, condition))
}

const NOTICE =
  'An account that is still assigned at the identity provider is made anew by its next run.'

export async function removePerson(
  context: ManageContext,
  { id, personId, query: { force }, ifMatch }: PeopleInput<typeof DELETION_PARAMETERS>,
): Promise<ManageResult> {
  const people = await peopleOf(context, id)
  const condition = await conditionOf(people, personId, ifMatch)
  await deletePerson(people, personId, { force, ...condition })
  return { status: 200, body: { id: personId, deleted: true, notice: NOTICE } }
}

export async function bringBackPerson(
  context: ManageContext,
  { id, personId, ifMatch }: PeopleInput<QuerySchema>,
): Promise<ManageResult> {
  const people = await peopleOf(context, id)
  const condition = await conditionOf(people, personId, ifMatch)
  return answer(await restorePerson(people, personId, condition))
}

/** Nothing is read where no version is named. */
async function conditionOf(
  people: PeopleContext,
  personId: string,
  ifMatch: string | undefined,
): Promise<ReturnType<typeof boundTo>> {
  if (ifMatch === undefined) return {}
  const { stored } = await getPerson(people, personId)
  return boundTo(stored, ifMatch)
}

function answer({ person, stored }: VersionedPerson): ManageResult {
  return { status: 200, body: person, etag: entityTag(stored, person) }
}
