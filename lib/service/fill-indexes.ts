import type { ResourceType } from '../scim/resource-type.ts'
import { NO_DEADLINE } from '../storage/deadline.ts'
import type { Clash, ResourceStore, Scope } from '../storage/port.ts'

/** Resources that are looked at between two looks at the clock. */
const PAGE = 200

/** Which resources have their index rows brought in line. */
export interface FillTask {
  readonly partitionKey: string
  /** A type with the indexes as they are to be. */
  readonly resourceType: ResourceType
  /** These alone; all when absent. */
  readonly ids?: readonly string[] | undefined
  /** `next` of the run before. */
  readonly after?: string | undefined
  readonly isOver: () => boolean
}

/** What came of it. */
interface Filled {
  readonly changed: number
  readonly clashes: readonly Clash[]
  readonly complete: boolean
  readonly next?: string
}

/**
 * Brings the index rows of all resources of a type in line with its indexes. May be stopped and repeated; nothing is left
 * to do once it changes none.
 */
export async function fillIndexes(
  store: Pick<ResourceStore, 'reindex'>,
  { partitionKey, resourceType, ids, after, isOver }: FillTask,
): Promise<Filled> {
  const scope: Scope = { partitionKey, deadline: NO_DEADLINE }
  if (ids !== undefined) {
    return { ...(await store.reindex(scope, resourceType, { ids })), complete: true }
  }
  const clashes: Clash[] = []
  let changed = 0
  let position = after
  for (;;) {
    if (isOver()) {
      const next = position === undefined ? {} : { next: position }
      return { changed, clashes, complete: false, ...next }
    }
    const behind = position === undefined ? {} : { after: position }
    const page = await store.reindex(scope, resourceType, { ...behind, count: PAGE })
    changed += page.changed
    clashes.push(...page.clashes)
    if (page.next === undefined) return { changed, clashes, complete: true }
    position = page.next
  }
}
