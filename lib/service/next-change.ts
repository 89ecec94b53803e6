import { differenceOf } from '../scim/difference.ts'
import type { JsonObject } from '../scim/json.ts'
import type { ChangeStamp, StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { beginningOf } from '../scim/text.ts'
import { journalPosition, partPosition } from '../storage/journal-position.ts'
import type { Change, JournalNote, JournalOperation } from '../storage/port.ts'
import type { ServiceContext } from './context.ts'
import { areInvited } from './invited.ts'

/** What is changed, as far as it is known before; the attributes are those that it has afterwards. */
export type Subject = Pick<StoredResource, 'id'> &
  Partial<Pick<StoredResource, 'lastModified' | 'attributes'>>

/** What a change is made with. */
export type ChangeContext = Pick<
  ServiceContext,
  'now' | 'random' | 'newVersion' | 'requestId' | 'author' | 'namesInActivity' | 'ignored' | 'cause'
> &
  Partial<Pick<ServiceContext, 'policies'>>

/** Makes the stamp of one change, anew for each attempt; its position in the journal is that of the first. */
export type NextChange = (subject: Subject) => Change

/** One change that a request makes, whatever number of attempts it takes. */
export function oneChange(
  context: ChangeContext,
  resourceType: ResourceType,
  operation: JournalOperation,
): NextChange {
  let position: string | undefined
  return (subject) => {
    const stamp = newStamp(context, subject)
    position ??= journalPosition(stamp.lastModified, context.random)
    const { requestId, author } = context
    const note = noteOf(context, resourceType, operation, subject)
    const invites = areInvited(context.policies, resourceType) ? { invites: true as const } : {}
    return { position, stamp, operation, requestId, author, note, ...invites }
  }
}

const LONGEST_NAME = 200

/** By what a resource is recognised, and nothing else of it; beside that what the request has that was ignored. */
function noteOf(
  { namesInActivity, ignored, cause }: ChangeContext,
  { name: type }: ResourceType,
  operation: JournalOperation,
  { id: subject, attributes = {} }: Subject,
): JournalNote {
  // The body is that of a creation which is undone.
  const names = operation === 'delete' ? [] : ignored()
  const externalId = textIn(attributes, 'externalId')
  const name = textIn(attributes, 'userName') ?? textIn(attributes, 'displayName')
  return {
    type,
    subject,
    // It may well be the name.
    ...(externalId === undefined || !namesInActivity ? {} : { externalId }),
    ...(name === undefined || !namesInActivity ? {} : { name }),
    ...(names.length === 0 ? {} : { ignored: names }),
    ...(cause === undefined ? {} : { cause }),
  }
}

/** The change with what it sets and clears, for a transaction that writes these attributes. */
export function withDifference(
  change: Change,
  resourceType: ResourceType,
  before: JsonObject,
  after: JsonObject,
): Change {
  const { changed, cleared } = differenceOf(resourceType, before, after)
  const flip = flipOf(before, after)
  return {
    ...change,
    note: {
      ...change.note,
      ...(changed.length === 0 ? {} : { changed }),
      ...(cleared.length === 0 ? {} : { cleared }),
      ...(flip === undefined ? {} : { flip }),
    },
  }
}

/** RFC 7643 §4.1.1: who has no `active` is as good as active. */
function flipOf(before: JsonObject, after: JsonObject): JournalNote['flip'] {
  const isActive = after['active'] !== false
  if (isActive === (before['active'] !== false)) return undefined
  return isActive ? 'activated' : 'deactivated'
}

function textIn(attributes: JsonObject, attribute: string): string | undefined {
  const value = attributes[attribute]
  return typeof value === 'string' ? beginningOf(value, LONGEST_NAME) : undefined
}

/**
 * The change of a group's members that comes with another change of the group, in a transaction of its own.
 * @param isSecond whether the other one is written: it has told what was ignored.
 */
export function membersChangeOf(change: Change, stamp: ChangeStamp, isSecond: boolean): Change {
  const position = partPosition(change.position, 'members')
  const { ignored, ...rest } = change.note
  const note = isSecond || ignored === undefined ? rest : { ...rest, ignored }
  return { ...change, position, stamp, operation: 'members', note }
}

/**
 * The mark of a change. `lastModified` moves forward with each change of a resource, whatever an instance's clock says.
 */
export function newStamp(
  context: Pick<ChangeContext, 'now' | 'newVersion'>,
  { lastModified }: Partial<Pick<StoredResource, 'lastModified'>> = {},
): ChangeStamp {
  const now = context.now().getTime()
  const earliest = lastModified === undefined ? now : Date.parse(lastModified) + 1
  return {
    version: context.newVersion(),
    lastModified: new Date(Math.max(now, earliest)).toISOString(),
  }
}
