import type * as z from 'zod'
import { acknowledgeInvitations, listInvitations } from '../people/invitations.ts'
import type { ACKNOWLEDGEMENT, INVITATION_PARAMETERS } from './invitation-shapes.ts'
import type { Input, ManageContext, ManageResult } from './operation.ts'
import { peopleOf, refusePlace } from './people.ts'
import type { QuerySchema } from './query.ts'

export async function readInvitations(
  context: ManageContext,
  { id, query }: Input<typeof INVITATION_PARAMETERS, z.ZodType>,
): Promise<ManageResult> {
  const page = listInvitations(await peopleOf(context, id), query)
  return { status: 200, body: { ...(await page.catch(refusePlace(query.cursor))) } }
}

export async function acknowledge(
  context: ManageContext,
  { id, body: { ids } }: Input<QuerySchema, typeof ACKNOWLEDGEMENT>,
): Promise<ManageResult> {
  const people = await peopleOf(context, id)
  return { status: 200, body: { ...(await acknowledgeInvitations(people, ids)) } }
}
