import { attributeWork } from '../../lib/attribute-work.ts'
import { ROUTE_PREFIX } from '../../lib/http/routes.ts'
import { withTeams } from '../../lib/people/memberships.ts'
import { createRuntime, setRuntime, type Stores } from '../../lib/runtime.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../lib/scim/default-resource-types.ts'
import { NO_DEADLINE } from '../../lib/storage/deadline.ts'
import { checkTenant } from '../../lib/storage/table/check/check-tenant.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, type Tables } from '../../lib/storage/table/tables.ts'
import { loadFunctionApp } from '../local-host/function-app.ts'
import { functionFiles, ROOT } from '../local-host/function-files.ts'
import { createHost, type Host } from '../local-host/host.ts'
import type { Backing } from './run.ts'

/** What the commands need of the tables. */
export function backingOn(tables: Tables): Backing {
  const stores = tableStores(tables)
  return {
    ...backingOf(stores),
    check: (scope, options) => checkTenant(tables, stores.memberships, scope, options),
    createTables: () => createTables(tables),
  }
}

/** What the commands need of stores, wherever they are. */
export function backingOf(stores: Stores): Omit<Backing, 'createTables'> {
  const { resources, tenants, erase, partitions, maintenance, activity } = stores
  return {
    store: tenants,
    people: resources,
    ...peopleOn(stores),
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

/** People and teams, as the app has them. */
function peopleOn(stores: Stores): Pick<Backing, 'peopleParts' | 'teamsParts' | 'backupParts'> {
  const { service, sign } = createRuntime(stores)
  const { activity, teams } = stores
  const memberships = withTeams(stores.memberships, teams)
  return {
    peopleParts: {
      service: { ...service, memberships },
      sign,
      activity,
    },
    teamsParts: { service, sign, activity, teams, resourceTypes: DEFAULT_RESOURCE_TYPES },
    backupParts: { ...service, ...stores },
  }
}

/** What a function logs of its failure is told; the line of each request is not. */
async function functionsOn(stores: Stores): Promise<Host> {
  setRuntime(createRuntime(stores, { requestsPerSecond: () => Infinity }))
  const app = await loadFunctionApp(functionFiles(), ROOT, (level, _category, message) => {
    if (level === 'error') console.error(message)
  })
  return createHost(app, ROUTE_PREFIX)
}
