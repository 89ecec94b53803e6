import type { ChangeStamp, StoredResource } from '../../lib/scim/resource.ts'
import { NO_DEADLINE, type Deadline } from '../../lib/storage/deadline.ts'
import { journalPosition } from '../../lib/storage/journal-position.ts'
import {
  SYSTEM,
  type Change,
  type JournalOperation,
  type NewResource,
  type Scope,
} from '../../lib/storage/port.ts'

/** What a call of a store is about: a partition, without a deadline unless one is given. */
export function scopeOf(partitionKey: string, deadline: Deadline = NO_DEADLINE): Scope {
  return { partitionKey, deadline }
}

/** A deadline that has passed. */
export const PASSED: Deadline = { remaining: () => 0, signal: AbortSignal.abort() }

let changes = 0

/** A stamp that no other change has. */
export function aStamp(): ChangeStamp {
  changes += 1
  const lastModified = new Date(Date.UTC(2026, 10, 23) + changes * 1000).toISOString()
  return { version: `v${String(changes)}`, lastModified }
}

/** A change that is made for the first time. */
export function aChange(operation: JournalOperation, stamp: ChangeStamp = aStamp()): Change {
  const position = journalPosition(stamp.lastModified, Math.random)
  const note = { type: 'User', subject: 'someone' }
  return { position, stamp, operation, requestId: `request of ${position}`, author: SYSTEM, note }
}

/** A creation, as the last arguments of `ResourceStore.create`; the change has the resource's own stamp. */
export function creation(resource: StoredResource): readonly [NewResource, Change] {
  const { version, lastModified } = resource
  return [resource, aChange('create', { version, lastModified })]
}

/** A replacement, as the last arguments of `ResourceStore.replace`; the change has the resource's own stamp. */
export function replacement(
  after: StoredResource,
): readonly [StoredResource['attributes'], Change] {
  const { attributes, version, lastModified } = after
  return [attributes, aChange('put', { version, lastModified })]
}

/** A deletion, as the last argument of `ResourceStore.delete`. */
export function deletion(): Change {
  return aChange('delete')
}
