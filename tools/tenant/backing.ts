import { attributeWork } from '../../lib/attribute-work.ts'
import { ROUTE_PREFIX } from '../../lib/http/routes.ts'
import { createRuntime, setRuntime, type Stores } from '../../lib/runtime.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../lib/scim/default-resource-types.ts'
import { NO_DEADLINE } from '../../lib/storage/deadline.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, type Tables } from '../../lib/storage/table/tables.ts'
import { loadFunctionApp } from '../local-host/function-app.ts'
import { functionFiles, ROOT } from '../local-host/function-files.ts'
import { createHost, type Host } from '../local-host/host.ts'
import type { Backing } from './run.ts'

/** What the commands need of the tables. */
export function backingOn(tables: Tables): Backing {
  return { ...backingOf(tableStores(tables)), createTables: () => createTables(tables) }
}

/** What the commands need of stores, wherever they are. */
export function backingOf(stores: Stores): Omit<Backing, 'createTables'> {
  const { resources, tenants, erase, partitions, maintenance, activity } = stores
  return {
    store: tenants,
    people: resources,
    peopleParts: peoplePartsOn(stores),
    activity,
    partitions,
    erase,
    runs: maintenance,
    sweep: (partitionKey) =>
      resources.sweep({ partitionKey, deadline: NO_DEADLINE }, DEFAULT_RESOURCE_TYPES),
    ...attributeWork(resources, DEFAULT_RESOURCE_TYPES, () => new Date()),
    functions: () => functionsOn(stores),
  }
}

function peoplePartsOn(stores: Stores): Backing['peopleParts'] {
  const { service, sign } = createRuntime(stores)
  return { service, sign, activity: stores.activity }
}

/** What a function logs of its failure is told; the line of each request is not. */
async function functionsOn(stores: Stores): Promise<Host> {
  setRuntime(createRuntime(stores, { requestsPerSecond: () => Infinity }))
  const app = await loadFunctionApp(functionFiles(), ROOT, (level, _category, message) => {
    if (level === 'error') console.error(message)
  })
  return createHost(app, ROUTE_PREFIX)
}
