import { prefixRange, rangeBehind, type KeyRange } from '../keys.ts'
import type { FoundPage, SearchQuery } from '../people-port.ts'
import {
  foundPage,
  keyIn,
  readPlace,
  searchedIndexes,
  valuesFound,
  type FoundValue,
  type Searched,
} from '../search.ts'
import { readRows, type ResourcePartition } from './partition.ts'
import { text, type Row } from './row.ts'

/**
 * One page of those who have a value that begins so. One answer of each index is read, side by side: from their beginnings,
 * so that who was on a page before is known, as long as the place is among what those answers have.
 */
export async function searchResources(
  partition: ResourcePartition,
  query: SearchQuery,
): Promise<FoundPage> {
  const { layout, resourceType } = partition
  const searched = searchedIndexes(layout, resourceType, query)
  const place = readPlace(query.behind)
  const answers = await Promise.all(
    searched.map(async (each, rank) => {
      const range = rangeOf(each, rank, place)
      if (range.from >= range.to) return { found: [], end: undefined }
      const { rows, more } = await firstAnswer(partition, range)
      const found = rows.map((row): FoundValue => {
        return { id: text(row, 'id'), rank, key: keyIn(each.index, text(row, 'rowKey')) }
      })
      return { found, end: more ? found.at(-1) : undefined }
    }),
  )
  const read = {
    found: answers.flatMap(({ found }) => found),
    ends: answers.flatMap(({ end }) => end ?? []),
  }
  return foundPage(read, place, query.count, (stored) =>
    valuesFound(layout, resourceType, searched, stored),
  )
}

function rangeOf(
  { index, beginning }: Searched,
  rank: number,
  place: ReturnType<typeof readPlace>,
): KeyRange {
  const whole = prefixRange(index.name, beginning)
  if (place?.isDeep !== true) return whole
  const key = `${index.name}:${place.key}`
  const rest = rank <= place.rank ? rangeBehind(whole, key) : { ...whole, from: key }
  return rest.from > whole.from ? rest : whole
}

/** The service may answer without rows and have some all the same. */
async function firstAnswer(
  partition: ResourcePartition,
  range: KeyRange,
): Promise<{ readonly rows: readonly Row[]; readonly more: boolean }> {
  for await (const page of readRows(partition, { range, select: ['RowKey', 'id'] })) {
    if (page.rows.length > 0) return page
  }
  return { rows: [], more: false }
}
