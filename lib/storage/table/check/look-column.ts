import { storableJson } from '../../stored-size.ts'
import { isPromotedRight, toEntity } from '../entity.ts'
import { readRow, type ResourcePartition } from '../partition.ts'
import { inPlaceOf, writing } from './mending.ts'
import { resourceIn } from './readable.ts'
import type { Look, Suspect } from './suspect.ts'

/** The column of a resource that has an attribute of its JSON once more. */
export async function lookAtColumn(partition: ResourcePartition, { key }: Suspect): Promise<Look> {
  const { layout, resourceType } = partition
  const row = await readRow(partition, key)
  const stored = row && resourceIn(partition, row)
  if (row === undefined || stored === undefined) return undefined
  if (isPromotedRight(layout, row, stored.attributes)) return undefined
  return {
    problem: 'column wrong',
    type: resourceType.name,
    about: stored.id,
    ...(layout.promoted === undefined ? {} : { detail: layout.promoted }),
    // Replaced, as no merge takes a column away.
    mend: async () => {
      const right = toEntity(partition, stored, storableJson(resourceType, stored))
      await writing(partition, inPlaceOf(row, right))()
    },
  }
}
