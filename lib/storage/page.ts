import { ScimError } from '../scim/errors.ts'
import { LIMITS } from '../scim/limits.ts'
import type { StoredResource } from '../scim/resource.ts'
import { isPosition, positionOf } from './keys.ts'
import type { ListQuery, PositionedPage, ResourcePage } from './port.ts'

/** Matching resources in the order of their ids, in batches of any size. */
export type Matches = AsyncIterable<readonly StoredResource[]>

/** A page that is being filled. */
export interface PageInProgress {
  readonly resources: readonly StoredResource[]
  /** Whether it holds as many as it may. */
  readonly isFull: boolean
  /** Adds the next resource. @returns false when the page has no room for it: then it takes no other either. */
  add(stored: StoredResource): boolean
}

/** An empty page of up to `count` resources, which are cut short at LIMITS.answerBytes, but not below one. */
export function emptyPage(count: number): PageInProgress {
  const resources: StoredResource[] = []
  let characters = 0
  let isFull = count <= 0
  return {
    resources,
    get isFull() {
      return isFull
    },
    add(stored) {
      if (isFull) return false
      characters += stored.characters ?? 0
      if (resources.length > 0 && characters > LIMITS.answerBytes) {
        isFull = true
        return false
      }
      resources.push(stored)
      isFull = resources.length >= count
      return true
    },
  }
}

/** The page by index of all that match: all are counted, the page alone is held in memory. */
export async function pageByIndex(
  matching: Matches,
  { startIndex, count }: Pick<ListQuery, 'startIndex' | 'count'>,
): Promise<ResourcePage> {
  const page = emptyPage(count)
  let totalResults = 0
  for await (const batch of matching) {
    for (const stored of batch) {
      totalResults += 1
      if (totalResults >= startIndex) page.add(stored)
    }
  }
  return { totalResults, resources: page.resources }
}

/**
 * The page of what matches behind a position; reads no further than it must.
 * @param matching what matches behind `after`.
 */
export async function pageByPosition(
  matching: Matches,
  { after = '', count }: { readonly after?: string; readonly count: number },
): Promise<PositionedPage> {
  const page = emptyPage(count)
  const { resources } = page
  for await (const batch of matching) {
    for (const stored of batch) {
      if (page.add(stored)) continue
      const last = resources.at(-1)
      return { resources, next: last === undefined ? after : positionOf(last.id) }
    }
  }
  return after === '' ? { resources, totalResults: resources.length } : { resources }
}

/** @throws ScimError `invalidCursor` for a text that no store has given as `next`. */
export function requirePosition(after: string | undefined): void {
  if (after === undefined || isPosition(after)) return
  throw new ScimError('invalidCursor', 'The cursor was not issued by this endpoint.')
}

/** Resources in the order of their ids, which all stores keep. */
export function inOrderOfIds(resources: Iterable<StoredResource>): readonly StoredResource[] {
  return Array.from(resources, (stored): [string, StoredResource] => [
    positionOf(stored.id),
    stored,
  ])
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, stored]) => stored)
}
