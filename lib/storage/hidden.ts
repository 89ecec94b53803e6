import { differenceOf } from '../scim/difference.ts'
import { isObject, type JsonObject } from '../scim/json.ts'
import type { ChangeStamp, StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { comparedValue } from './index-entries.ts'
import { joinedInvitation, withInvitation } from './invitations.ts'
import { hiddenIndexName } from './keys.ts'
import { indexesOf, type StorageLayout } from './layout.ts'
import type { Change } from './port.ts'

/** By what an account is recognised when it returns, the surer first. */
const RECOGNISED_BY = ['externalId', 'userName'] as const

type RecognisedBy = (typeof RECOGNISED_BY)[number]

/** A value by which an account is recognised. */
export interface Recognition {
  readonly by: RecognisedBy
  /** The name of the index of hidden accounts. */
  readonly index: string
  /** The name of the index of accounts that are there. */
  readonly live: string
  /** In the form in which values of the attribute are compared. */
  readonly value: string
}

/** The values by which an account is recognised. */
export function recognitionsOf(
  layout: StorageLayout,
  resourceType: ResourceType,
  attributes: JsonObject,
): readonly Recognition[] {
  return RECOGNISED_BY.flatMap((by): readonly Recognition[] => {
    const live = indexesOf(layout, resourceType).find(({ path }) => path === by)
    const value = attributes[by]
    if (live === undefined || typeof value !== 'string') return []
    const compared = comparedValue(live.reference, value)
    if (compared === undefined) return []
    return [{ by, index: hiddenIndexName(layout, by), live: live.name, value: compared }]
  })
}

/** A hidden account that has one of these values. */
export interface Recognised {
  readonly by: RecognisedBy
  readonly id: string
  /** ISO 8601: since when it is hidden. */
  readonly since: string
  readonly hasExternalId: boolean
}

/** Whether somebody who arrives is new, perhaps an old acquaintance, or returns. */
export type Arrival =
  | { readonly kind: 'new'; readonly possibleReturner?: string }
  | { readonly kind: 'return'; readonly id: string }

/**
 * Who it is that arrives. A userName alone may have been given to another person since, which an externalId on both sides
 * tells: that person must not inherit anything. Nor may a second account of one externalId.
 * @param isPresent whether somebody who is there has the externalId.
 */
export function arrivalOf(
  attributes: JsonObject,
  recognised: readonly Recognised[],
  isPresent: boolean,
): Arrival {
  const surest = latest(recognised, 'externalId')
  if (surest !== undefined && isPresent) return { kind: 'new', possibleReturner: surest.id }
  if (surest !== undefined) return { kind: 'return', id: surest.id }
  const namesake = latest(recognised, 'userName')
  if (namesake === undefined) return { kind: 'new' }
  const isOther = namesake.hasExternalId && hasExternalId(attributes)
  return isOther
    ? { kind: 'new', possibleReturner: namesake.id }
    : { kind: 'return', id: namesake.id }
}

function latest(recognised: readonly Recognised[], wanted: RecognisedBy): Recognised | undefined {
  return recognised
    .filter(({ by }) => by === wanted)
    .toSorted((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1))
    .at(-1)
}

function orderOf({ since, id }: Recognised): string {
  return `${since} ${id}`
}

export function hasExternalId(attributes: JsonObject): boolean {
  return typeof attributes['externalId'] === 'string'
}

/** What is kept of an account that is hidden by a change. */
export function hiddenOf(stored: StoredResource, change: Change): StoredResource {
  const { indexed: _, ...before } = stored
  const attributes = { ...before.attributes, active: false }
  return withInvitation(before, { ...before, ...change.stamp, attributes }, change)
}

/** The change that hides an account. */
export function hidingChange(change: Change): Change {
  return { ...change, note: { ...change.note, hidden: true } }
}

/** A change as it is told of somebody who is new, and perhaps an old acquaintance. */
export function arrivingChange(
  change: Change,
  { id: subject, possibleReturner }: Pick<StoredResource, 'id' | 'possibleReturner'>,
): Change {
  const told = possibleReturner === undefined ? {} : { possibleReturner }
  return { ...change, note: { ...change.note, subject, ...told } }
}

/**
 * A change as it is told of a hidden account that returns by it, with what it sets and clears of what was kept: its time moves
 * forward.
 */
export function returningChange(
  change: Change,
  resourceType: ResourceType,
  { id, lastModified, attributes: kept }: StoredResource,
  attributes: JsonObject,
): Change {
  const stamp = laterStamp(change.stamp, lastModified)
  const { changed, cleared } = differenceOf(resourceType, kept, attributes)
  const { changed: _, cleared: __, ...note } = change.note
  const told = {
    ...(changed.length === 0 ? {} : { changed }),
    ...(cleared.length === 0 ? {} : { cleared }),
  }
  return { ...change, stamp, operation: 'restore', note: { ...note, subject: id, ...told } }
}

function laterStamp(stamp: ChangeStamp, than: string): ChangeStamp {
  if (stamp.lastModified > than) return stamp
  return { ...stamp, lastModified: new Date(Date.parse(than) + 1).toISOString() }
}

/**
 * An account that has returned by a change, with the attributes with which it came. What was kept beyond the resource type stays.
 * @param returner the account that ends with it.
 */
export function returnedOf(
  kept: StoredResource,
  attributes: JsonObject,
  change: Change,
  returner?: StoredResource,
): StoredResource {
  const { id, created, possibleReturner } = kept
  const beyond = bothOf(kept.hidden, returner?.hidden)
  const returned = {
    id,
    created,
    ...change.stamp,
    attributes,
    ...(beyond === undefined ? {} : { hidden: beyond }),
    ...(possibleReturner === undefined ? {} : { possibleReturner }),
  }
  const before = returner === undefined ? kept : joinedInvitation(kept, returner)
  return withInvitation(before, returned, change)
}

/** What either has; of what both have the later. */
function bothOf(
  one: JsonObject | undefined,
  later: JsonObject | undefined,
): JsonObject | undefined {
  if (one === undefined || later === undefined) return one ?? later
  const inner = Object.entries(later).map(([name, value]) => {
    const known = one[name]
    return [name, isObject(known) && isObject(value) ? { ...known, ...value } : value] as const
  })
  return { ...one, ...Object.fromEntries(inner) }
}
