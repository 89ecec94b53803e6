import { ScimError } from '../scim/errors.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { entryKey } from './index-changes.ts'
import { comparedValue, entriesOf, indexedValues } from './index-entries.ts'
import { indexesOf, type AttributeIndex, type StorageLayout } from './layout.ts'
import type { FoundPage, SearchQuery } from './people-port.ts'

/** An index, and the beginning that values are looked for in it. */
export interface Searched {
  readonly index: AttributeIndex
  readonly beginning: string
}

/**
 * Where a value stands in the order of what is found: by the values in all indexes, then by index. Somebody with several
 * values that begin so stands at the first of them, and is passed over at the others.
 */
interface Place {
  /** The key of a row behind the name of the index. */
  readonly key: string
  /** Which of the indexes it is. */
  readonly rank: number
}

/** A value that begins so, and whose it is. */
export interface FoundValue extends Place {
  readonly id: string
}

/** Where a page ends. */
interface End extends Place {
  /** What stands before it is more than one answer of each index: it is not looked at again. */
  readonly isDeep: boolean
}

/**
 * The indexes that are searched, in their order.
 * @throws ScimError `mutability` while one of them does not have all resources.
 */
export function searchedIndexes(
  layout: StorageLayout,
  resourceType: ResourceType,
  { paths, beginning }: Pick<SearchQuery, 'paths' | 'beginning'>,
): readonly Searched[] {
  const indexes = indexesOf(layout, resourceType)
  return paths.flatMap((path): readonly Searched[] => {
    const index = indexes.find((each) => each.path === path)
    if (index === undefined) throw new TypeError(`there is no index of ${path}`)
    if (!index.complete) {
      throw new ScimError(
        'mutability',
        `The index of ${path} is still being made of people who were there before. Search again later.`,
      )
    }
    const compared = comparedValue(index.reference, beginning)
    return compared === undefined ? [] : [{ index, beginning: compared }]
  })
}

/** A position as `FoundPage.next` has it; undefined for the first page. */
export function readPlace(position: string | undefined): End | undefined {
  const [, kind, rank, key] = /^([nd])(\d+):(.*)$/s.exec(position ?? '') ?? []
  if (key === undefined) return undefined
  return { key, rank: Number(rank), isDeep: kind === 'd' }
}

function writePlace({ key, rank, isDeep }: End): string {
  return `${isDeep ? 'd' : 'n'}${rank}:${key}`
}

/** The key of a row behind the name of its index. */
export function keyIn({ name }: AttributeIndex, rowKey: string): string {
  return rowKey.slice(name.length + 1)
}

/** The values of a resource that begin so. */
export function valuesFound(
  layout: StorageLayout,
  resourceType: ResourceType,
  searched: readonly Searched[],
  { id, attributes }: StoredResource,
): readonly FoundValue[] {
  const values = indexedValues(layout, resourceType, attributes)
  return searched.flatMap(({ index, beginning }, rank) =>
    values
      .filter((each) => each.index.name === index.name)
      .flatMap(entriesOf)
      .filter(({ value }) => value.startsWith(beginning))
      .map((entry) => ({ id, rank, key: keyIn(index, entryKey(id, entry)) })),
  )
}

function comparePlaces(one: Place, other: Place): number {
  if (one.key === other.key) return one.rank - other.rank
  return one.key < other.key ? -1 : 1
}

/** What was read of the indexes. */
interface Read {
  /** In any order; behind `place` alone where that is deep. */
  readonly found: readonly FoundValue[]
  /** The last value of each index that has more of them. */
  readonly ends: readonly Place[]
}

/** The page behind a place, as far as all indexes were read. */
export function foundPage(
  { found, ends }: Read,
  place: End | undefined,
  count: number,
  valuesOf: (stored: StoredResource) => readonly FoundValue[],
): FoundPage {
  const [reach] = ends.toSorted(comparePlaces)
  const isBehind = (each: Place): boolean => place === undefined || comparePlaces(each, place) > 0
  const known = found
    .filter((each) => reach === undefined || comparePlaces(each, reach) <= 0)
    .toSorted(comparePlaces)
  const passed = new Set(known.filter((each) => !isBehind(each)).map(({ id }) => id))
  const ids: string[] = []
  let last: Place | undefined
  const page = (next: End | undefined): FoundPage => ({
    ids,
    isHere: (stored) => {
      const [first] = valuesOf(stored).toSorted(comparePlaces)
      return first !== undefined && isBehind(first)
    },
    ...(next === undefined ? {} : { next: writePlace(next) }),
  })
  for (const each of known.filter(isBehind)) {
    if (!passed.has(each.id)) {
      if (ids.length === count) break
      ids.push(each.id)
      passed.add(each.id)
    }
    last = each
  }
  const end = known.at(-1)
  const isAll = end === undefined || !isBehind(end) || last === end
  if (!isAll && last !== undefined) return page({ ...last, isDeep: place?.isDeep === true })
  if (reach === undefined) return page(undefined)
  return page({ ...(isBehind(reach) ? reach : (place ?? reach)), isDeep: true })
}
