import { inParallel } from '../in-parallel.ts'
import { isObject, type JsonObject } from '../scim/json.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { NO_DEADLINE } from '../storage/deadline.ts'
import { SYSTEM, type ResourceStore, type Scope } from '../storage/port.ts'
import { oneChange, withDifference, type ChangeContext } from './next-change.ts'

/** Resources that are looked at between two looks at the clock, and changed at the same time. */
const PAGE = 200
const AT_ONCE = 8

/** What values are taken out with. */
export interface TakeOutParts extends Pick<ChangeContext, 'now' | 'random' | 'newVersion'> {
  readonly store: Pick<
    ResourceStore,
    'get' | 'listFrom' | 'replace' | 'getHidden' | 'listHidden' | 'replaceHidden'
  >
}

/** Which values, and of whom. */
export interface TakeOutTask {
  readonly partitionKey: string
  /** A type that has the attributes. */
  readonly resourceType: ResourceType
  /** Names of attributes of its extensions. */
  readonly names: ReadonlySet<string>
  /** Whether the journal may have the names by which people are recognised. */
  readonly withNames: boolean
  /** `next` of the run before. */
  readonly after?: string | undefined
  readonly isOver: () => boolean
}

/** What came of it. */
interface TakenOut {
  readonly changed: number
  readonly complete: boolean
  readonly next?: string
}

/**
 * Takes all values of attributes out of all resources of a type, and of accounts that are kept out of sight; each one that had some is a change that nobody asked for.
 * May be stopped and repeated.
 * @returns how many resources were changed, whether these are all, and if not where it goes on.
 */
export async function takeOut(
  { store, ...marks }: TakeOutParts,
  { partitionKey, resourceType, names, withNames, after, isOver }: TakeOutTask,
): Promise<TakenOut> {
  const scope: Scope = { partitionKey, deadline: NO_DEADLINE }
  const context: ChangeContext = {
    ...marks,
    requestId: '',
    author: SYSTEM,
    namesInActivity: withNames,
    ignored: () => [],
  }
  let changed = 0
  let position = after
  for (;;) {
    if (isOver()) {
      return { changed, complete: false, ...(position === undefined ? {} : { next: position }) }
    }
    const [shelf, behind] = shelfAt(store, position)
    const page = await shelf.list(scope, resourceType, { ...behind, count: PAGE })
    const having = page.resources.filter(({ attributes }) => without(attributes, names))
    const outcomes = await inParallel(having, AT_ONCE, (each) =>
      takeOutOf(shelf, scope, { resourceType, names, context }, each),
    )
    changed += outcomes.filter(Boolean).length
    if (page.next !== undefined) position = shelf.mark + page.next
    else if (shelf.mark === HIDDEN) return { changed, complete: true }
    else position = HIDDEN
  }
}

/** Where resources are kept: those that are there, or those that are out of sight. */
interface Shelf {
  /** Begins its positions. */
  readonly mark: string
  readonly list: ResourceStore['listHidden']
  readonly get: ResourceStore['get']
  readonly replace: ResourceStore['replace']
}

/** No position of a store has a colon. */
const HIDDEN = 'hidden:'

function shelfAt(
  store: TakeOutParts['store'],
  position = '',
): readonly [Shelf, { readonly after?: string }] {
  const shelf: Shelf = position.startsWith(HIDDEN)
    ? { mark: HIDDEN, list: store.listHidden, get: store.getHidden, replace: store.replaceHidden }
    : { mark: '', list: store.listFrom, get: store.get, replace: store.replace }
  const after = position.slice(shelf.mark.length)
  return [shelf, after === '' ? {} : { after }]
}

/** @returns false when it had none any more. */
async function takeOutOf(
  shelf: Shelf,
  scope: Scope,
  {
    resourceType,
    names,
    context,
  }: Pick<TakeOutTask, 'resourceType' | 'names'> & { readonly context: ChangeContext },
  read: StoredResource,
): Promise<boolean> {
  const next = oneChange(context, resourceType, 'patch')
  let before: StoredResource | undefined = read
  for (;;) {
    const attributes = before && without(before.attributes, names)
    if (before === undefined || attributes === undefined) return false
    const change = withDifference(
      next({ ...before, attributes }),
      resourceType,
      before.attributes,
      attributes,
    )
    if (await shelf.replace(scope, resourceType, before, attributes, change)) return true
    before = await shelf.get(scope, resourceType, read.id)
  }
}

/** The attributes without those of extensions that have these names; undefined when there are none. */
function without(attributes: JsonObject, names: ReadonlySet<string>): JsonObject | undefined {
  let isChanged = false
  const kept = Object.entries(attributes).flatMap(([name, value]) => {
    if (!name.startsWith('urn:') || !isObject(value)) return [[name, value] as const]
    const inner = Object.entries(value).filter(([each]) => !names.has(each))
    if (inner.length === Object.keys(value).length) return [[name, value] as const]
    isChanged = true
    return inner.length === 0 ? [] : [[name, Object.fromEntries(inner)] as const]
  })
  return isChanged ? Object.fromEntries(kept) : undefined
}
