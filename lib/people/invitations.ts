import * as z from 'zod'
import { ScimError } from '../scim/errors.ts'
import { seal, unseal } from '../sealed-text.ts'
import type { DueInvitation } from '../storage/people-port.ts'
import type { PeopleContext } from './people-context.ts'

/** A page of those who are to be invited. */
export interface InvitationList {
  readonly items: readonly DueInvitation[]
  readonly nextCursor?: string
}

const CURSOR = z.strictObject({ after: z.string() })

/**
 * A page of those whose first activation nobody has acknowledged, in the order of their ids: one round trip.
 * @throws ScimError `invalidCursor`
 */
export async function listInvitations(
  { scope, store, resourceType, changes }: PeopleContext,
  { cursor, count }: { readonly cursor?: string | undefined; readonly count: number },
): Promise<InvitationList> {
  const { sign } = changes
  const place = cursor === undefined ? {} : unseal(sign, 'invitations', '', cursor)
  const content = CURSOR.partial().safeParse(place).data
  if (content === undefined) {
    throw new ScimError(
      'invalidCursor',
      'This cursor was not made for this list. Start again without a cursor.',
    )
  }
  const behind = content.after === undefined ? {} : { after: content.after }
  const { items, next } = await store.listInvitations(scope, resourceType, { ...behind, count })
  if (next === undefined) return { items }
  return { items, nextCursor: seal(sign, 'invitations', '', { after: next }) }
}

/** What an acknowledgement came to. */
export interface Acknowledged {
  /** Those who were, or are, to be invited: they are not any more. */
  readonly acknowledged: readonly string[]
  /** Of these no invitation is known: they are not there, or were never to be invited. */
  readonly unknown: readonly string[]
}

/** Takes people off the list of those who are to be invited; to say it again changes nothing. */
export async function acknowledgeInvitations(
  { scope, store, resourceType }: PeopleContext,
  ids: readonly string[],
): Promise<Acknowledged> {
  const acknowledged = await store.acknowledge(scope, resourceType, ids)
  const known = new Set(acknowledged)
  return { acknowledged, unknown: [...new Set(ids)].filter((id) => !known.has(id)) }
}
