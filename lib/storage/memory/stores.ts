import type { LayoutOptions } from '../layout.ts'
import type { Memberships, ResourceStore } from '../port.ts'
import type { TenantStore } from '../tenant-port.ts'
import { memoryMemberships } from './memberships.ts'
import { memoryResourceStore } from './resources.ts'
import { memoryState, type MemoryState } from './state.ts'
import { memoryTenantStore } from './tenants.ts'

/** All stores of an app in memory. */
export interface MemoryStores {
  readonly resources: ResourceStore
  readonly memberships: Memberships
  readonly tenants: TenantStore
  /** What is in them, and the journal. */
  readonly state: MemoryState
}

/**
 * Empty stores in memory, for tests and trials.
 * @throws TypeError for layouts that do not fit together.
 */
export function memoryStores(options: LayoutOptions = {}): MemoryStores {
  const state = memoryState()
  const memberships = memoryMemberships(state, options)
  return {
    resources: memoryResourceStore(state, memberships, options),
    memberships,
    tenants: memoryTenantStore(),
    state,
  }
}
