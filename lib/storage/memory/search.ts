import type { PeopleSearch } from '../people-port.ts'
import { foundPage, readPlace, searchedIndexes, valuesFound } from '../search.ts'
import { readable, type Open } from './partition.ts'

/** Searches in memory: all values are looked through. */
export function memorySearch(open: Open): PeopleSearch {
  return {
    async search(scope, resourceType, query) {
      const { layout, rows } = open(scope, resourceType)
      const searched = searchedIndexes(layout, resourceType, query)
      const all = [...rows.values()].map((kept) => readable(resourceType, kept))
      const found = all.flatMap((each) => valuesFound(layout, resourceType, searched, each))
      return foundPage({ found, ends: [] }, readPlace(query.behind), query.count, (stored) =>
        valuesFound(layout, resourceType, searched, stored),
      )
    },
  }
}
