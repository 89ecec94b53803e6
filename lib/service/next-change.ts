import type { ChangeStamp, StoredResource } from '../scim/resource.ts'
import { journalPosition, partPosition } from '../storage/journal-position.ts'
import type { Change, JournalOperation } from '../storage/port.ts'
import type { ServiceContext } from './context.ts'

/** Makes the stamp of one change, anew for each attempt; its position in the journal is that of the first. */
export type NextChange = (before?: Pick<StoredResource, 'lastModified'>) => Change

/** One change that a request makes, whatever number of attempts it takes. */
export function oneChange(context: ServiceContext, operation: JournalOperation): NextChange {
  let position: string | undefined
  return (before) => {
    const stamp = newStamp(context, before)
    position ??= journalPosition(stamp.lastModified, context.random)
    return { position, stamp, operation, requestId: context.requestId }
  }
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
  before?: Pick<StoredResource, 'lastModified'>,
): ChangeStamp {
  const now = context.now().getTime()
  const earliest = before === undefined ? now : Date.parse(before.lastModified) + 1
  return {
    version: context.newVersion(),
    lastModified: new Date(Math.max(now, earliest)).toISOString(),
  }
}
