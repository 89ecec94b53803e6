import * as z from 'zod'
import type {
  Declarations,
  DeclaredAttribute,
  TenantStore,
  TenantSummary,
} from '../storage/tenant-port.ts'
import type { Tell } from './maintenance-events.ts'
import { oneByOne, type TenantWalk } from './one-by-one.ts'
import { readSettings } from './settings.ts'
import { SETTLE_SECONDS } from './tenants.ts'

const TASK = 'attributes'
const DAY = 24 * 60 * 60 * 1000

/** Takes the values of attributes out of a tenant's users, as far as there is time. */
export type TakeOutValues = (task: {
  readonly partitionKey: string
  /** Those that the tenant has, and those whose values go. */
  readonly definitions: readonly DeclaredAttribute[]
  readonly purging: readonly DeclaredAttribute[]
  readonly withNames: boolean
  readonly after: string | undefined
  readonly isOver: () => boolean
}) => Promise<{ readonly changed: number; readonly complete: boolean; readonly next?: string }>

/** What the step works with. */
export interface PurgeStep extends TenantWalk {
  readonly store: TenantStore
  readonly takeOut: TakeOutValues
  readonly tell: Tell
}

/** How far the walk through the users of one tenant is that there was no time to end. */
const LEFT = z.object({
  partitionKey: z.string(),
  /** The versions of what is purged: of others it begins anew. */
  versions: z.array(z.string()),
  position: z.string(),
  users: z.number(),
})

type Left = z.infer<typeof LEFT>

/**
 * Takes out what users have of attributes that are to be purged, or were removed longer ago than the activity is kept; the
 * tenant that the run before has begun comes first.
 */
export async function purgeAttributes(
  step: PurgeStep,
  summaries: readonly TenantSummary[],
): Promise<void> {
  const concerned = summaries.filter(
    ({ status, removedAttributes }) => status !== 'deleting' && removedAttributes === true,
  )
  await oneByOne({ ...step, task: TASK, left: LEFT }, concerned, async (summary, left) =>
    purgeOf(step, summary, left),
  )
}

/** @returns what is left, when there was no time for all. */
async function purgeOf(
  step: PurgeStep,
  { id, partitionKey }: TenantSummary,
  left: Left | undefined,
): Promise<Left | undefined> {
  const { store } = step
  const declared = await store.definitions(id)
  if (declared?.tenant.partitionKey !== partitionKey || declared.tenant.status === 'deleting') {
    return undefined
  }
  const removed = declared.definitions.filter((each) => each.removed !== undefined)
  if (removed.length === 0) {
    await forgetRemovals(store, declared)
    return undefined
  }
  const purging = await duePurges(step, declared, removed)
  return purging.length === 0 ? undefined : takeOutAll(step, declared, purging, left)
}

async function takeOutAll(
  { store, takeOut, isOver, tell }: PurgeStep,
  { tenant, definitions }: Declarations,
  purging: readonly DeclaredAttribute[],
  left: Left | undefined,
): Promise<Left | undefined> {
  const { id, partitionKey } = tenant
  const versions = purging.map(({ version }) => version)
  const begun = left?.versions.join() === versions.join() ? left : undefined
  const { changed, complete, next } = await takeOut({
    partitionKey,
    definitions: definitions.filter((each) => each.removed === undefined),
    purging,
    withNames: readSettings(tenant.settings).namesInActivity,
    after: begun?.position,
    isOver,
  })
  const users = (begun?.users ?? 0) + changed
  if (!complete)
    return next === undefined ? begun : { partitionKey, versions, position: next, users }
  for (const each of purging) await store.purgeDefinition(id, each)
  tell({
    event: 'attributes purged',
    tenant: id,
    attributes: purging.map((each) => each.id),
    users,
  })
  return undefined
}

/** Those that no request can still write, which is let in by a credential from before the removal. */
async function duePurges(
  { store, now }: PurgeStep,
  { tenant }: Declarations,
  removed: readonly DeclaredAttribute[],
): Promise<readonly DeclaredAttribute[]> {
  const at = now().getTime()
  const days = readSettings(tenant.settings).activityDays
  const due = new Array<DeclaredAttribute>()
  for (const each of removed) {
    const passed = at - Date.parse(each.removed ?? '')
    if (each.purging === true) {
      if (passed >= SETTLE_SECONDS * 1000) due.push(each)
      continue
    }
    if (passed < days * DAY) continue
    const removal = { at: now().toISOString(), purge: true }
    const marked = await store.removeDefinition(tenant.id, each.id, removal, {
      ifMatch: each.version,
    })
    if (marked !== undefined) due.push(marked)
  }
  return due
}

/** Looks again, as one may have been removed in between. */
async function forgetRemovals(store: TenantStore, { tenant }: Declarations): Promise<void> {
  await store.repairSummary(tenant, { removedAttributes: false })
  const { definitions = [] } = (await store.definitions(tenant.id)) ?? {}
  if (definitions.every(({ removed }) => removed === undefined)) return
  await store.repairSummary(tenant, { removedAttributes: true })
}
