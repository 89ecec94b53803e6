import type { JsonObject } from '../scim/json.ts'
import type { ChangeStamp, StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { journalPosition, partPosition } from '../storage/journal-position.ts'
import type { Change, JournalNote, JournalOperation } from '../storage/port.ts'
import type { ServiceContext } from './context.ts'

/** What is changed, as far as it is known before. */
export type Subject = Pick<StoredResource, 'id'> &
  Partial<Pick<StoredResource, 'lastModified' | 'attributes'>>

/** Makes the stamp of one change, anew for each attempt; its position in the journal is that of the first. */
export type NextChange = (subject: Subject) => Change

/** One change that a request makes, whatever number of attempts it takes. */
export function oneChange(
  context: ServiceContext,
  resourceType: ResourceType,
  operation: JournalOperation,
): NextChange {
  let position: string | undefined
  return (subject) => {
    const stamp = newStamp(context, subject)
    position ??= journalPosition(stamp.lastModified, context.random)
    const { requestId, author } = context
    const note = noteOf(context, resourceType, subject)
    return { position, stamp, operation, requestId, author, note }
  }
}

const LONGEST_NAME = 200

/** By what a resource is recognised, and nothing else of it. */
function noteOf(
  { namesInActivity }: ServiceContext,
  { name: type }: ResourceType,
  { id: subject, attributes = {} }: Subject,
): JournalNote {
  const externalId = textIn(attributes, 'externalId')
  const name = textIn(attributes, 'userName') ?? textIn(attributes, 'displayName')
  return {
    type,
    subject,
    ...(externalId === undefined ? {} : { externalId }),
    ...(name === undefined || !namesInActivity ? {} : { name }),
  }
}

function textIn(attributes: JsonObject, attribute: string): string | undefined {
  const value = attributes[attribute]
  return typeof value === 'string' ? value.slice(0, LONGEST_NAME) : undefined
}

/** The change of a group's members that comes with another change of the group, in a transaction of its own. */
export function membersChangeOf(change: Change, stamp = change.stamp): Change {
  const position = partPosition(change.position, 'members')
  return { ...change, position, stamp, operation: 'members' }
}

/**
 * The mark of a change. `lastModified` moves forward with each change of a resource, whatever an instance's clock says.
 */
export function newStamp(
  context: ServiceContext,
  { lastModified }: Partial<Pick<StoredResource, 'lastModified'>> = {},
): ChangeStamp {
  const now = context.now().getTime()
  const earliest = lastModified === undefined ? now : Date.parse(lastModified) + 1
  return {
    version: context.newVersion(),
    lastModified: new Date(Math.max(now, earliest)).toISOString(),
  }
}
