import * as z from 'zod'
import { isPending, isSameIndex, isWanted, settledIndex } from '../storage/index-state.ts'
import {
  LATER_INDEXES,
  type Declarations,
  type DeclaredAttribute,
  type IndexState,
  type Tenant,
  type TenantStore,
  type TenantSummary,
} from '../storage/tenant-port.ts'
import type { Tell } from './maintenance-events.ts'
import { oneByOne, type TenantWalk } from './one-by-one.ts'
import { SETTLE_SECONDS } from './tenants.ts'

const TASK = 'indexes'

/** What is told of one attribute, and kept between two runs. */
const MOST_CLASHES = 100

/** What `TenantSummary.indexed` says when nothing is left to do. */
const COMPLETE = LATER_INDEXES.join(' ')

/** Brings the index rows of a tenant's users in line, as far as there is time. */
export type FillIndexes = (task: {
  readonly partitionKey: string
  /** With the indexes that they are to have. */
  readonly definitions: readonly DeclaredAttribute[]
  /** These users alone; all when absent. */
  readonly ids?: readonly string[] | undefined
  readonly after?: string | undefined
  readonly isOver: () => boolean
}) => Promise<{
  readonly changed: number
  readonly clashes: readonly { readonly attribute: string; readonly ids: readonly string[] }[]
  readonly complete: boolean
  readonly next?: string
}>

/** What the step works with. */
export interface FillStep extends TenantWalk {
  readonly store: TenantStore
  readonly fillIndexes: FillIndexes
  readonly tell: Tell
}

/** How far the walk through the users of one tenant is that there was no time to end. */
const LEFT = z.object({
  partitionKey: z.string(),
  /** What it is for: for anything else it begins anew. */
  work: z.string(),
  position: z.string().optional(),
  /** Users that were written by this walk, and by those before it. */
  changed: z.number(),
  users: z.number(),
  clashing: z.array(z.string()),
  clashes: z.array(z.object({ attribute: z.string(), ids: z.array(z.string()) })),
})

type Left = z.infer<typeof LEFT>

/**
 * Fills the indexes that do not have all users of their tenant: those of attributes that were made unique or indexed when
 * there were values, and those that came with a later version of this app. An index is complete once a walk through all
 * users, begun when every instance writes it, has found nothing to do. The tenant that the run before has begun comes first.
 */
export async function fillAllIndexes(
  step: FillStep,
  summaries: readonly TenantSummary[],
): Promise<void> {
  const concerned = summaries.filter(
    ({ status, indexed }) => status !== 'deleting' && indexed !== COMPLETE,
  )
  await oneByOne({ ...step, task: TASK, left: LEFT }, concerned, async (summary, left) =>
    fillOf(step, summary, left),
  )
}

/** @returns what is left, when there was no time for all. */
async function fillOf(
  step: FillStep,
  { id, partitionKey }: TenantSummary,
  left: Left | undefined,
): Promise<Left | undefined> {
  const { store } = step
  const declared = await store.definitions(id)
  if (declared?.tenant.partitionKey !== partitionKey || declared.tenant.status === 'deleting') {
    return undefined
  }
  const { tenant, definitions } = declared
  if (isComplete(tenant) && !definitions.some(isPending)) {
    await noteComplete(step, tenant)
    return undefined
  }
  const due = await dueWork(step, declared)
  return due === undefined ? undefined : walk(step, due, left)
}

/** What a walk through all users of a tenant is for. */
interface Work {
  readonly tenant: Tenant
  /** All that the tenant has, and of what it had those whose rows can go. */
  readonly definitions: readonly DeclaredAttribute[]
  /** Those whose index is changed by it. */
  readonly concerned: readonly DeclaredAttribute[]
  /** Whether it is for LATER_INDEXES, too. */
  readonly isForAll: boolean
}

async function dueWork(
  step: FillStep,
  { tenant, definitions }: Declarations,
): Promise<Work | undefined> {
  const isForAll = !isComplete(tenant) && (await isLaterDue(step, tenant))
  const concerned: DeclaredAttribute[] = []
  for (const definition of definitions.filter(isPending)) {
    if (await isDue(step, tenant, definition)) concerned.push(definition)
  }
  if (!isForAll && concerned.length === 0) return undefined
  const live = definitions.filter(({ removed }) => removed === undefined)
  const gone = concerned.filter(({ removed }) => removed !== undefined)
  return { tenant, definitions: [...live, ...gone.map(withoutRows)], concerned, isForAll }
}

function withoutRows(definition: DeclaredAttribute): DeclaredAttribute {
  const { index } = definition
  return index === undefined ? definition : { ...definition, index: { ...index, written: [] } }
}

/** An index that came with this version is noted first, and filled when every instance may be of this version. */
async function isLaterDue({ store, now }: FillStep, tenant: Tenant): Promise<boolean> {
  const { complete = [], since } = tenant.indexes ?? {}
  if (since !== undefined) return hasSettled(since, now())
  await store.noteIndexes(tenant, { complete, since: now().toISOString() })
  return false
}

/**
 * Whether users can be looked through for an attribute: not while an instance may not know what is to be written, and not
 * again while those that were in the way still are, or others instead; that is noted.
 */
async function isDue(
  { store, now, fillIndexes, isOver }: FillStep,
  { id: tenantId, partitionKey }: Tenant,
  definition: DeclaredAttribute,
): Promise<boolean> {
  const { index, removed, id } = definition
  if (index === undefined || !hasSettled(index.since, now())) return false
  if (removed !== undefined) return true
  if (!isWanted(definition)) {
    await store.noteIndex(tenantId, definition, settledIndex(definition, now()))
    return false
  }
  const ids = [...new Set(index.clashes.flat())]
  if (ids.length === 0) return true
  const definitions = [definition]
  const { clashes } = await fillIndexes({ partitionKey, definitions, ids, isOver })
  const found = clashesOf(id, clashes).slice(0, MOST_CLASHES)
  // There may have been more than were listed, which only a walk finds.
  const isMore = index.clashes.length >= MOST_CLASHES && found.length < MOST_CLASHES
  if (found.length === 0 || isMore) return true
  const after = { ...index, clashes: found }
  if (!isSameIndex(index, after)) await store.noteIndex(tenantId, definition, after)
  return false
}

function clashesOf(
  id: string,
  clashes: Awaited<ReturnType<FillIndexes>>['clashes'],
): IndexState['clashes'] {
  return clashes.filter(({ attribute }) => attribute === id).map(({ ids }) => ids)
}

function hasSettled(since: string, now: Date): boolean {
  return now.getTime() - Date.parse(since) >= SETTLE_SECONDS * 1000
}

function isComplete({ indexes }: Pick<Tenant, 'indexes'>): boolean {
  return LATER_INDEXES.every((name) => indexes?.complete.includes(name) === true)
}

/** Walks until nothing is left to do. @returns what is left, when there was no time for that. */
async function walk(
  step: FillStep,
  work: Work,
  before: Left | undefined,
): Promise<Left | undefined> {
  const { tenant, definitions } = work
  const { partitionKey } = tenant
  const begun = beginning(work)
  let left = before?.work === begun.work ? before : begun
  for (;;) {
    const { position: after } = left
    const { isOver } = step
    const done = await step.fillIndexes({ partitionKey, definitions, after, isOver })
    const sofar = added(left, done)
    if (!done.complete)
      return { ...sofar, ...(done.next === undefined ? {} : { position: done.next }) }
    if (sofar.changed === 0) {
      await noteFilled(step, work, sofar)
      return undefined
    }
    left = { ...begun, users: sofar.users }
  }
}

function beginning({ tenant, concerned, isForAll }: Work): Left {
  const what = concerned.map(({ id, version, index }) => [id, version, index?.since])
  return {
    partitionKey: tenant.partitionKey,
    work: JSON.stringify([isForAll, what]),
    changed: 0,
    users: 0,
    clashing: [],
    clashes: [],
  }
}

function added(
  left: Left,
  { changed, clashes }: Pick<Awaited<ReturnType<FillIndexes>>, 'changed' | 'clashes'>,
): Left {
  const found = clashes.map(({ attribute, ids }) => ({ attribute, ids: [...ids] }))
  return {
    ...left,
    changed: left.changed + changed,
    users: left.users + changed,
    clashing: [...new Set([...left.clashing, ...clashes.map(({ attribute }) => attribute)])],
    clashes: [...left.clashes, ...found].slice(0, MOST_CLASHES),
  }
}

/** What has changed since it was read stays as it is then, and is for a later run. */
async function noteFilled(
  { store, tell }: FillStep,
  { tenant, concerned, isForAll }: Work,
  { clashing, clashes, users }: Left,
): Promise<void> {
  if (isForAll) await store.noteIndexes(tenant, { complete: LATER_INDEXES })
  for (const definition of concerned) {
    const { id, index, removed } = definition
    if (index === undefined) continue
    const isClashing = clashing.includes(id)
    const after: IndexState = {
      ...index,
      written: removed === undefined ? index.written : [],
      complete: removed === undefined && !isClashing,
      leftovers: false,
      clashes: clashesOf(id, clashes),
    }
    await store.noteIndex(tenant.id, definition, after)
  }
  const attributes = concerned.map(({ id }) => id)
  tell({ event: 'indexes filled', tenant: tenant.id, attributes, clashing, users })
}

/** Looks again, as an attribute may have been changed in between. */
async function noteComplete({ store }: FillStep, tenant: Tenant): Promise<void> {
  await store.repairSummary(tenant, { indexed: COMPLETE })
  const { definitions = [] } = (await store.definitions(tenant.id)) ?? {}
  if (definitions.some(isPending)) await store.repairSummary(tenant, { indexed: '' })
}
