import { referencePath } from '../../scim/attribute-path.ts'
import { ScimError } from '../../scim/errors.ts'
import { LIMITS } from '../../scim/limits.ts'
import { indexedAttributes } from '../index-entries.ts'
import { inParallel } from '../in-parallel.ts'
import type { AttributeIndex } from '../layout.ts'
import { prefixRange } from '../keys.ts'
import type { ListQuery, ResourcePage } from '../port.ts'
import { readResource } from './find.ts'
import { readRows, type Partition } from './partition.ts'
import { text } from './row.ts'

type Sort = NonNullable<ListQuery['sort']>

/** Resources of a page that are read at the same time. */
const READS_AT_ONCE = 32

/** The index that has a value of every resource to sort by: its attribute is unique and required. */
export function indexOfNames(
  { resourceType }: Partition,
  { by }: Sort,
): AttributeIndex | undefined {
  const path = referencePath(by)
  return indexedAttributes(resourceType).find((index) => index.unique && index.path === path)
}

/**
 * A page of all resources, sorted by their names: the index rows are read, the page's resources, and no others.
 * @throws ScimError `tooMany`.
 */
export async function pageByName(
  partition: Partition,
  index: AttributeIndex,
  sort: Sort,
  { startIndex, count }: ListQuery,
): Promise<ResourcePage> {
  const names = await readNames(partition, index)
  const direction = sort.descending ? -1 : 1
  const sorted = names.toSorted((a, b) => (a.name < b.name ? -direction : direction))
  const page = sorted.slice(startIndex - 1, startIndex - 1 + count)
  const resources = await inParallel(page, READS_AT_ONCE, ({ id }) => readResource(partition, id))
  return {
    totalResults: names.length,
    resources: resources.filter((resource) => resource !== undefined),
  }
}

/** The names are read from their column: the key of a long one does not hold all of it. */
async function readNames(
  partition: Partition,
  index: AttributeIndex,
): Promise<readonly { readonly name: string; readonly id: string }[]> {
  const names: { name: string; id: string }[] = []
  const query = { range: prefixRange(index.name, ''), select: ['id', 'value'] }
  for await (const { rows } of readRows(partition, query)) {
    for (const row of rows) names.push({ name: text(row, 'value'), id: text(row, 'id') })
    if (names.length > LIMITS.sortedNames) {
      throw new ScimError(
        'tooMany',
        `More than ${LIMITS.sortedNames} resources are to be sorted; leave sortBy out.`,
      )
    }
  }
  return names
}
