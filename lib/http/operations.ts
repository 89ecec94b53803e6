import { LIMITS } from '../scim/limits.ts'
import { bulk } from '../service/bulk.ts'
import { create } from '../service/create.ts'
import { remove } from '../service/delete.ts'
import {
  listResourceTypes,
  listSchemas,
  readResourceType,
  readSchema,
  readServiceProviderConfig,
} from '../service/discovery.ts'
import { get } from '../service/get.ts'
import { list } from '../service/list.ts'
import { refuseMe } from '../service/me.ts'
import { patch } from '../service/patch.ts'
import { replace } from '../service/replace.ts'
import { listAll, searchAll } from '../service/root.ts'
import { search } from '../service/search.ts'
import type { Steps } from './endpoint.ts'
import { publicSteps, tenantSteps, verbSteps } from './steps.ts'

/**
 * What each function of `ROUTES` does, by its name: the files in functions/ bind it to a route, and a path with repeated
 * slashes comes to it as well (`catch-all.ts`).
 */
export const OPERATIONS = {
  'users-create': verbSteps(create, 'User'),
  'users-list': verbSteps(list, 'User'),
  'users-search': verbSteps(search, 'User'),
  'users-get': verbSteps(get, 'User'),
  'users-replace': verbSteps(replace, 'User'),
  'users-patch': verbSteps(patch, 'User'),
  'users-delete': verbSteps(remove, 'User'),
  'groups-create': verbSteps(create, 'Group'),
  'groups-list': verbSteps(list, 'Group'),
  'groups-search': verbSteps(search, 'Group', () => LIMITS.bodyBytes),
  'groups-get': verbSteps(get, 'Group'),
  'groups-replace': verbSteps(replace, 'Group'),
  'groups-patch': verbSteps(patch, 'Group'),
  'groups-delete': verbSteps(remove, 'Group'),
  'service-provider-config': publicSteps(readServiceProviderConfig),
  'resource-types-list': publicSteps(listResourceTypes),
  'resource-types-get': publicSteps(readResourceType),
  'schemas-list': publicSteps(listSchemas),
  'schemas-get': publicSteps(readSchema),
  'root-list': tenantSteps(listAll),
  'root-search': tenantSteps(searchAll),
  bulk: tenantSteps(bulk),
  me: publicSteps(refuseMe),
} as const satisfies Readonly<Record<string, Steps>>
