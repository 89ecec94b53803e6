import { attributeWork } from '../../../lib/attribute-work.ts'
import { createRuntime, type Stores } from '../../../lib/runtime.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../../lib/scim/default-resource-types.ts'
import type { ActivityStore } from '../../../lib/storage/activity-port.ts'
import type { MemoryState } from '../../../lib/storage/memory/state.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import type { ResourceStore } from '../../../lib/storage/port.ts'
import type {
  MaintenanceStore,
  PartitionStore,
  TenantStore,
} from '../../../lib/storage/tenant-port.ts'
import type { Host } from '../../../tools/local-host/host.ts'
import type { Place } from '../../../tools/tenant/place.ts'
import { run, type Backing, type Terminal } from '../../../tools/tenant/run.ts'
import { partitionsIn } from '../tenants/partitions.ts'

/** What one command line did. */
interface Ran {
  readonly code: 0 | 1 | 2
  readonly out: string
  readonly err: string
  /** What stderr began with: whose tables are used. */
  readonly using: string | undefined
}

/** An operator's desk: one store in memory, a clock that stands still, and everything that was said. */
export interface Desk {
  readonly stores: Stores
  readonly store: TenantStore
  readonly resources: ResourceStore
  readonly activity: ActivityStore
  /** What the stores in memory have. */
  readonly state: MemoryState
  at: Date
  answer: string | undefined
  /** The functions; they are not there unless a test sets them. */
  host: Host | undefined
  environment: Record<string, string | undefined>
  files: Record<string, string>
  readonly opened: Place[]
  readonly settled: number[]
  readonly partitions: PartitionStore
  readonly maintenance: MaintenanceStore
  /** The rows of each partition of users and groups. */
  readonly rows: Map<string, number>
  readonly erased: string[]
  readonly swept: string[]
  readonly asked: string[]
  /** What its commands work on. */
  backing(): Backing
  run(...args: readonly string[]): Promise<Ran>
}

export function aDesk(change: Partial<Terminal> = {}): Desk {
  const stores = memoryStores()
  const { tenants: store, resources, activity, maintenance, state } = stores
  const rows = new Map<string, number>()
  const desk: Desk = {
    stores,
    store,
    resources,
    activity,
    state,
    rows,
    partitions: partitionsIn(rows),
    maintenance,
    at: new Date('2026-11-22T08:00:00.000Z'),
    answer: undefined,
    host: undefined,
    environment: { TABLES_CONNECTION_STRING: 'UseDevelopmentStorage=true' },
    files: {},
    opened: [],
    settled: [],
    erased: [],
    swept: [],
    asked: [],
    backing: () => backingOf(desk),
    async run(...args) {
      const [out, err]: [string[], string[]] = [[], []]
      const code = await run(args, {
        ...terminalOf(desk),
        out: (text) => out.push(text),
        err: (text) => err.push(text),
        ...change,
      })
      const using = err[0]?.startsWith('using ') === true ? err.shift() : undefined
      return { code, out: out.join('\n'), err: err.join('\n'), using }
    },
  }
  return desk
}

function backingOf(desk: Desk): Backing {
  const { service, sign } = createRuntime(desk.stores)
  return {
    store: desk.store,
    people: desk.resources,
    peopleParts: {
      service,
      sign,
      activity: desk.activity,
    },
    teamsParts: { ...desk.stores, service, sign, resourceTypes: DEFAULT_RESOURCE_TYPES },
    backupParts: { ...service, ...desk.stores },
    activity: desk.activity,
    partitions: desk.partitions,
    runs: desk.maintenance,
    async erase(partitionKey) {
      const again = desk.erased.includes(partitionKey)
      desk.erased.push(partitionKey)
      const rows = desk.rows.get(partitionKey)
      desk.rows.delete(partitionKey)
      return rows ?? (again ? 0 : 12)
    },
    async sweep(partitionKey) {
      desk.swept.push(partitionKey)
      return 3
    },
    ...attributeWork(desk.resources, DEFAULT_RESOURCE_TYPES, () => desk.at),
    async functions() {
      if (desk.host === undefined) throw new Error('there are no functions')
      return desk.host
    },
    createTables: () => Promise.reject(new Error('the tables are there')),
  }
}

function terminalOf(desk: Desk): Omit<Terminal, 'out' | 'err'> {
  const { answer } = desk
  return {
    environment: desk.environment,
    readText: (path) => desk.files[path],
    now: () => desk.at,
    async settle(seconds) {
      desk.settled.push(seconds)
    },
    async open(place) {
      desk.opened.push(place)
      return desk.backing()
    },
    ...(answer === undefined
      ? {}
      : {
          async ask(question: string) {
            desk.asked.push(question)
            return answer
          },
        }),
  }
}
