import type { TransactionAction } from '@azure/data-tables'
import type { StoredResource } from '../../scim/resource.ts'
import {
  arrivalOf,
  arrivingChange,
  recognitionsOf,
  returnedOf,
  returningChange,
  type Arrival,
  type Recognised,
  type Recognition,
} from '../hidden.ts'
import { indexEntries, requireStorable, type IndexEntry } from '../index-entries.ts'
import { withInvitation } from '../invitations.ts'
import { journalKey, resourceKey } from '../keys.ts'
import type { Change, MembershipCascade, NewResource } from '../port.ts'
import { storableJson } from '../stored-size.ts'
import { countAction, readCounter } from './counters.ts'
import { resumeDeletion } from './delete.ts'
import { IDENTITY_COLUMNS, isTombstone } from './entity.ts'
import { isJustHidden, passGates, readGates, type Gate } from './gates.ts'
import { forgetHidden, isExternalIdPresent, readHidden, recognisedIn } from './hidden-rows.ts'
import { holdersOf, refuseTaken } from './index-rows.ts'
import { commitOnce, type Explained } from './journal.ts'
import { newRows } from './new-rows.ts'
import { readResource } from './get.ts'
import { levelMove } from './levels.ts'
import { readRow, type ResourcePartition } from './partition.ts'
import { filled, text } from './row.ts'

/** What one attempt would make of who arrives. */
interface Attempted {
  readonly stored: StoredResource
  readonly change: Change
  readonly rows: readonly TransactionAction[]
  readonly isReturn: boolean
}

/** Who arrives, and what is written of them in any case. */
interface Arriving {
  readonly resource: NewResource
  readonly json: string
  readonly entries: readonly IndexEntry[]
  readonly change: Change
}

/**
 * Inserts a resource, or brings the hidden account back that it is (see `HiddenAccounts.createOrRestore`), in one transaction. The
 * hidden accounts are looked for beside the counter; one that returns takes one more round trip, and so does everybody who may have
 * been hidden just now.
 * @throws ScimError `uniqueness`, `invalidValue`, `unavailable`.
 */
export async function createOrRestore(
  partition: ResourcePartition,
  resource: NewResource,
  memberships: MembershipCascade,
  change: Change,
): Promise<StoredResource> {
  const { layout, resourceType } = partition
  const { attributes } = resource
  const entries = indexEntries(layout, resourceType, attributes)
  requireStorable(entries)
  const json = storableJson(resourceType, { attributes })
  const arriving: Arriving = { resource, json, entries, change }
  const attempts: Attempted[] = []
  const last = (): Attempted => {
    const attempted = attempts.at(-1)
    if (attempted === undefined) throw new TypeError('nothing was attempted')
    return attempted
  }
  const told = await commitOnce<'answer' | 'journal'>(partition, change, {
    rows: async () => {
      const attempted = await attemptOf(partition, arriving)
      attempts.push(attempted)
      return attempted.rows
    },
    told: () => last().change,
    committed: 'answer',
    decided: 'journal',
    explain: async (refusal) => explained(partition, memberships, last(), entries, refusal?.error),
  })
  return told === 'answer' ? last().stored : journaledOf(partition, change, attempts)
}

async function attemptOf(partition: ResourcePartition, arriving: Arriving): Promise<Attempted> {
  const { layout, resourceType } = partition
  const { resource, json, change } = arriving
  const recognitions = recognitionsOf(layout, resourceType, resource.attributes)
  const [counter, gates, seen] = await Promise.all([
    readCounter(partition, resource.id),
    readGates(partition, recognitions),
    lookFor(partition, recognitions),
  ])
  const { recognised, isPresent } = isJustHidden(gates)
    ? await lookFor(partition, recognitions)
    : seen
  const arrival = arrivalOf(resource.attributes, recognised, isPresent)
  if (arrival.kind === 'return') {
    const returned = await returnOf(partition, arrival.id, gates, arriving)
    // It has returned, or was deleted for good, since its index was read: who arrives is looked at again.
    return returned ?? attemptOf(partition, arriving)
  }
  const stored = newcomer(resource, change, arrival)
  const rows = [
    ...newRows(partition, stored, arriving.entries, json),
    countAction(partition, counter, 1, levelMove(partition, undefined, stored.attributes)),
    ...passGates(partition, gates),
  ]
  return {
    stored,
    change: arrivingChange(change, stored),
    rows,
    isReturn: false,
  }
}

/** Who is hidden, and who is there, that it may be. */
async function lookFor(
  partition: ResourcePartition,
  recognitions: readonly Recognition[],
): Promise<{ readonly recognised: readonly Recognised[]; readonly isPresent: boolean }> {
  const [recognised, isPresent] = await Promise.all([
    recognisedIn(partition, recognitions),
    isExternalIdPresent(partition, recognitions),
  ])
  return { recognised, isPresent }
}

function newcomer(
  resource: NewResource,
  change: Change,
  { possibleReturner }: Arrival & { kind: 'new' },
): StoredResource {
  const { id, created, attributes } = resource
  const told = possibleReturner === undefined ? {} : { possibleReturner }
  return withInvitation(undefined, { id, created, attributes, ...change.stamp, ...told }, change)
}

async function returnOf(
  partition: ResourcePartition,
  id: string,
  gates: readonly Gate[],
  arriving: Arriving,
): Promise<Attempted | undefined> {
  const [hidden, counter] = await Promise.all([
    readHidden(partition, id),
    readCounter(partition, id),
  ])
  if (hidden === undefined) return undefined
  const { attributes } = arriving.resource
  const { resourceType } = partition
  const change = returningChange(arriving.change, resourceType, hidden, attributes)
  const stored = returnedOf(hidden, attributes, change)
  const json = hidden.hidden === undefined ? arriving.json : storableJson(resourceType, stored)
  const rows = [
    ...newRows(partition, stored, arriving.entries, json),
    countAction(partition, counter, 1, levelMove(partition, undefined, stored.attributes)),
    ...forgetHidden(partition, hidden),
    ...passGates(partition, gates),
  ]
  return { stored, change, rows, isReturn: true }
}

async function explained(
  partition: ResourcePartition,
  memberships: MembershipCascade,
  { stored: { id }, isReturn }: Attempted,
  entries: readonly IndexEntry[],
  error: unknown,
): Promise<Explained<'answer' | 'journal'>> {
  const [row, holders] = await Promise.all([
    readRow(partition, resourceKey(partition.layout, id), IDENTITY_COLUMNS),
    holdersOf(partition, entries),
  ])
  // A new id is never used twice, so a row with it is from this very creation.
  if (row !== undefined && !isReturn) return { result: 'journal' }
  // An account that somebody else has brought back holds its names like any other.
  refuseTaken(partition, isReturn ? '' : id, holders)
  // It cannot return before what it left is cleared away.
  if (row !== undefined && isTombstone(row)) await resumeDeletion(partition, id, memberships)
  return { again: error }
}

/** What was committed where the journal alone knows which attempt it was, of an earlier call perhaps. */
async function journaledOf(
  partition: ResourcePartition,
  change: Change,
  attempts: readonly Attempted[],
): Promise<StoredResource> {
  const row = await readRow(partition, journalKey(change.position), ['subject', 'possibleReturner'])
  const subject = row === undefined ? '' : text(row, 'subject')
  const returner = row && filled(row, 'possibleReturner')
  const found = attempts.findLast(({ stored: { id, possibleReturner } }) => {
    return id === subject && possibleReturner === returner
  })
  const stored =
    found?.stored ?? (await readResource(partition, subject)) ?? attempts.at(-1)?.stored
  if (stored === undefined) throw new TypeError('nothing was attempted')
  return stored
}
