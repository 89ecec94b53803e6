import type { TransactionAction } from '@azure/data-tables'
import type { StoredResource } from '../../scim/resource.ts'
import {
  hasExternalId,
  hiddenOf,
  recognitionsOf,
  type Recognised,
  type Recognition,
} from '../hidden.ts'
import { keysOfAll } from '../index-changes.ts'
import { hiddenKey, indexKey, indexRange } from '../keys.ts'
import type { Change } from '../port.ts'
import { storableJson } from '../stored-size.ts'
import { countAction, readCounter } from './counters.ts'
import { fromEntity, toEntity } from './entity.ts'
import { moveGates, moveGatesToHide } from './gates.ts'
import {
  readAllRows,
  readRow,
  readRows,
  type Partition,
  type ResourcePartition,
} from './partition.ts'
import { text, type Entity } from './row.ts'

/**
 * Rows of indexes that go with an account beside which there is room for its gates: 100 fit into a transaction, with the journal's, the
 * tombstone, its mark, the invitation's, what is kept and its two values, the counter, and three of events. Accounts have more from
 * before there was a limit only: who arrives while one of them goes is somebody new.
 */
const MOST_ROWS = 87

/** The rows that keep an account out of sight, and by which it is recognised. */
export function keepHidden(
  partition: ResourcePartition,
  before: StoredResource,
  change: Change,
): readonly TransactionAction[] {
  const { resourceType, layout } = partition
  const hidden = hiddenOf(before, change)
  const entity = toEntity(partition, hidden, storableJson(resourceType, hidden))
  const recognitions = recognitionsOf(layout, resourceType, hidden.attributes)
  const hasRoom = keysOfAll(layout, resourceType, before).length <= MOST_ROWS
  return [
    ['create', { ...entity, rowKey: hiddenKey(layout, hidden.id) }],
    ...recognitions.map((each): TransactionAction => [
      'create',
      recognitionRow(partition, hidden, each),
    ]),
    ...(hasRoom ? moveGatesToHide(partition, recognitions) : []),
  ]
}

/**
 * What goes with every change of an account that is hidden, so that whoever is about to take it away looks again: its gates for who
 * arrives, its counter for who brings it back by hand or deletes it for good, and may have no room for more rows.
 */
export async function moveHidden(
  partition: ResourcePartition,
  { id, attributes }: Pick<StoredResource, 'id' | 'attributes'>,
): Promise<readonly TransactionAction[]> {
  const { layout, resourceType } = partition
  const counter = await readCounter(partition, id)
  return [
    ...moveGates(partition, recognitionsOf(layout, resourceType, attributes)),
    countAction(partition, counter, 0),
  ]
}

/** The row by which a hidden account is recognised. */
export function recognitionRow(
  partition: Partition,
  { id, lastModified: since, attributes }: StoredResource,
  recognition: Recognition,
): Entity {
  const isIdentified = hasExternalId(attributes)
  return { ...keyOf(partition, id, recognition), id, since, isIdentified }
}

/**
 * Takes these rows away; they must be there. A transaction deletes a row whatever its ETag: only what moves with each change of the
 * account (`moveHidden`), and was read before it, tells that it is as it was read.
 */
export function forgetHidden(
  partition: ResourcePartition,
  { id, attributes }: StoredResource,
): readonly TransactionAction[] {
  const { partitionKey, layout, resourceType } = partition
  return [
    ['delete', { partitionKey, rowKey: hiddenKey(layout, id) }],
    ...recognitionsOf(layout, resourceType, attributes).map((each): TransactionAction => {
      return ['delete', keyOf(partition, id, each)]
    }),
  ]
}

function keyOf(
  { partitionKey }: Partition,
  id: string,
  { index, value }: Recognition,
): { readonly partitionKey: string; readonly rowKey: string } {
  return { partitionKey, rowKey: indexKey(index, value, id) }
}

/** The hidden accounts that have one of these values. */
export async function recognisedIn(
  partition: Partition,
  recognitions: readonly Recognition[],
): Promise<readonly Recognised[]> {
  const found = await Promise.all(
    recognitions.map(async ({ by, index, value }) => {
      const rows = await readAllRows(partition, { range: indexRange(index, value) })
      return rows.map((row): Recognised => {
        const hasOwnId = row['isIdentified'] === true
        return { by, id: text(row, 'id'), since: text(row, 'since'), hasExternalId: hasOwnId }
      })
    }),
  )
  return found.flat()
}

/** Whether somebody who is there has the externalId. */
export async function isExternalIdPresent(
  partition: Partition,
  recognitions: readonly Recognition[],
): Promise<boolean> {
  const own = recognitions.find(({ by }) => by === 'externalId')
  if (own === undefined) return false
  const range = indexRange(own.live, own.value)
  for await (const { rows } of readRows(partition, { range, pageSize: 1 })) {
    if (rows.length > 0) return true
  }
  return false
}

/** Reads a hidden account; undefined when there is none. */
export async function readHidden(
  partition: ResourcePartition,
  id: string,
): Promise<StoredResource | undefined> {
  const row = await readRow(partition, hiddenKey(partition.layout, id))
  return row === undefined ? undefined : fromEntity(partition.resourceType, row)
}
