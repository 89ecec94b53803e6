import type * as z from 'zod'
import type { MaintenanceStore, TenantSummary } from '../storage/tenant-port.ts'

/** What a walk through tenants goes with that may take several runs. */
export interface TenantWalk {
  readonly runs: MaintenanceStore
  readonly now: () => Date
  readonly isOver: () => boolean
  /** Runs one tenant's work; what fails there is told, and keeps no other waiting. */
  readonly each: (summary: TenantSummary, work: () => Promise<void>) => Promise<boolean>
}

/**
 * Works on one tenant after the other, as far as there is time; the one that the run before has begun comes first, with what it
 * has left.
 * @param walk with the name under which is kept what is left of a tenant, and its form.
 * @param work gives what is left when there was no time for all.
 */
export async function oneByOne<Left extends { readonly partitionKey: string }>(
  {
    runs,
    now,
    isOver,
    each,
    task,
    left: form,
  }: TenantWalk & { readonly task: string; readonly left: z.ZodType<Left> },
  tenants: readonly TenantSummary[],
  work: (summary: TenantSummary, left: Left | undefined) => Promise<Left | undefined>,
): Promise<void> {
  if (tenants.length === 0) return
  const { after } = (await runs.task(task)) ?? {}
  const left = after === undefined ? undefined : form.parse(JSON.parse(after))
  const isBegun = ({ partitionKey }: TenantSummary): boolean => partitionKey === left?.partitionKey
  const inOrder = [...tenants.filter(isBegun), ...tenants.filter((summary) => !isBegun(summary))]
  for (const summary of inOrder) {
    if (isOver()) return
    await each(summary, async () => {
      const next = await work(summary, isBegun(summary) ? left : undefined)
      if (next === undefined && !isBegun(summary)) return
      const kept = next === undefined ? {} : { after: JSON.stringify(next) }
      await runs.keepTask(task, { started: now().toISOString(), ...kept })
    })
  }
}
