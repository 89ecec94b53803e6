import type { StoredResource } from '../../../scim/resource.ts'
import { recognitionsOf } from '../../hidden.ts'
import { entryKey, keysOfAll } from '../../index-changes.ts'
import { indexEntries, isInactive, type IndexEntry } from '../../index-entries.ts'
import { lackOf } from '../../index-filling.ts'
import { hiddenKey, indexKey, resourceKey } from '../../keys.ts'
import { recognitionRow } from '../hidden-rows.ts'
import { toRow } from '../index-rows.ts'
import type { ResourcePartition } from '../partition.ts'
import { reindex } from '../reindex.ts'
import type { Entity, Row } from '../row.ts'
import { holderIn } from './families.ts'
import { asRead, erasing, inPlaceOf, writing } from './mending.ts'
import { resourceIn } from './readable.ts'
import { steadily } from './steady.ts'
import { isUnindexed } from './walk.ts'
import type { Found, Ground, Look, Suspect } from './suspect.ts'

/** An index row, and the resource that it should be about. */
interface Entry {
  readonly key: string
  readonly id: string
  readonly row: Row | undefined
  /** The id of whom the row is about, as far as anybody can tell. */
  readonly holderId: string | undefined
  readonly own: StoredResource | undefined
  /** Whom the row is about, where that is another. */
  readonly holder: StoredResource | undefined
}

export async function lookAtIndexRow(
  partition: ResourcePartition,
  { key, ids: [id = ''] }: Suspect,
): Promise<Look> {
  const looked = await steadily(async (reads): Promise<Entry> => {
    const [row, own] = await Promise.all([reads.row(partition, key), reads.resource(partition, id)])
    const [holderId] = row === undefined ? [] : holderIn(partition, row)
    const isOther = holderId !== undefined && holderId !== id
    const holder = isOther ? await reads.resource(partition, holderId) : undefined
    return { key, id, row, holderId, own, holder }
  })
  return looked === 'moving' ? looked : entryProblem(partition, looked.seen)
}

function entryProblem(partition: ResourcePartition, entry: Entry): Look {
  const { key, id, row, holderId, own, holder } = entry
  if (own === undefined || !has(partition, own, key)) {
    if (row === undefined || holderId !== id) return undefined
    return found(partition, entry, 'index row stray', erasing(partition, row))
  }
  if (holder !== undefined && has(partition, holder, key)) {
    return { ...found(partition, entry, 'unique value twice'), about: `${id}, ${holder.id}` }
  }
  const right = rowOf(partition, own, key)
  if (row !== undefined && isSame(row, right ?? { id })) return undefined
  const problem = row === undefined ? 'index row lost' : 'index row wrong'
  if (right === undefined) return found(partition, entry, problem)
  const anchor = asRead(partition, resourceKey(partition.layout, id), own.revision)
  return found(partition, entry, problem, writing(partition, anchor, inPlaceOf(row, right)))
}

function has(
  { layout, resourceType }: ResourcePartition,
  stored: StoredResource,
  key: string,
): boolean {
  return keysOfAll(layout, resourceType, stored).includes(key)
}

function entryOf(
  { layout, resourceType }: ResourcePartition,
  { id, attributes }: StoredResource,
  key: string,
): IndexEntry | undefined {
  const entries = indexEntries(layout, resourceType, attributes)
  return entries.find((each) => entryKey(id, each) === key)
}

/** The row as it should be; undefined for one of an attribute that the tenant has removed. */
function rowOf(
  partition: ResourcePartition,
  stored: StoredResource,
  key: string,
): Entity | undefined {
  const entry = entryOf(partition, stored, key)
  if (entry === undefined) return undefined
  return toRow(partition, { id: stored.id, isInactive: isInactive(stored.attributes) }, entry)
}

function isSame(row: Row, right: Row): boolean {
  const columns = 'value' in right ? ['id', 'value', 'inactive'] : ['id']
  return columns.every((column) => row[column] === right[column])
}

function found(
  { layout, resourceType }: ResourcePartition,
  { key, id }: Pick<Entry, 'key' | 'id'>,
  problem: Found['problem'],
  mend?: Found['mend'],
): Found {
  const detail = indexOf(key, layout.prefix)
  const mending = mend === undefined ? {} : { mend }
  return { problem, type: resourceType.name, about: id, detail, ...mending }
}

/** The name of an index, without the value. */
function indexOf(key: string, prefix: string): string {
  const [name = '', path = ''] = key.slice(prefix.length).split(':')
  const isNamed = name !== 'unique' && name !== 'values' && name !== 'hiddenBy'
  return isNamed ? name : `${name}:${path}`
}

/** A resource that an index lacks in which filters look for it. */
export async function lookAtUnindexed(
  partition: ResourcePartition,
  { memberships }: Ground,
  { ids: [id = ''] }: Suspect,
): Promise<Look> {
  const looked = await steadily((reads) => reads.resource(partition, id))
  if (looked === 'moving') return looked
  const { seen: stored } = looked
  if (stored === undefined || !isUnindexed(partition, stored)) return undefined
  const { layout, resourceType } = partition
  const { shared = [], claims = [] } = lackOf(layout, resourceType, stored) ?? {}
  const paths = [...shared, ...claims].flatMap(({ index }) => (index.complete ? [index.path] : []))
  return {
    problem: 'index row lost',
    type: resourceType.name,
    about: id,
    detail: [...new Set(paths)].join(', '),
    mend: () => reindex(partition, memberships, { ids: [id] }),
  }
}

/** A row by which a hidden account is recognised. */
export async function lookAtRecognition(
  partition: ResourcePartition,
  { key, ids: [id = ''] }: Suspect,
): Promise<Look> {
  const { layout, resourceType } = partition
  const accountKey = hiddenKey(layout, id)
  const looked = await steadily(async (reads) => {
    const [row, account] = await Promise.all([
      reads.row(partition, key),
      reads.row(partition, accountKey),
    ])
    return { row, account }
  })
  if (looked === 'moving') return looked
  const { row, account } = looked.seen
  const hidden = account && resourceIn(partition, account)
  const recognition =
    hidden &&
    recognitionsOf(layout, resourceType, hidden.attributes).find(
      ({ index, value }) => indexKey(index, value, id) === key,
    )
  if (hidden === undefined || recognition === undefined) {
    if (row === undefined) return undefined
    return found(partition, { key, id }, 'hidden index row stray', erasing(partition, row))
  }
  const right = recognitionRow(partition, hidden, recognition)
  const isRight = ['id', 'since', 'isIdentified'].every((column) => row?.[column] === right[column])
  if (isRight) return undefined
  const anchor = asRead(partition, accountKey, hidden.revision)
  const mend = writing(partition, anchor, inPlaceOf(row, right))
  return found(partition, { key, id }, 'hidden index row lost', mend)
}

/** An account that is out of sight and in sight: nobody can tell which it should be. */
export async function lookAtHidden(
  partition: ResourcePartition,
  { key, ids: [id = ''] }: Suspect,
): Promise<Look> {
  const looked = await steadily(async (reads) => {
    const [hidden, there] = await Promise.all([
      reads.row(partition, key),
      reads.resource(partition, id),
    ])
    return hidden !== undefined && there !== undefined
  })
  if (looked === 'moving') return looked
  if (!looked.seen) return undefined
  return { problem: 'hidden and there', type: partition.resourceType.name, about: id }
}
