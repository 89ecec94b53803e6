import { attribute, type Schema } from '../../lib/scim/attribute.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { DEFAULT_LAYOUTS, type StorageLayout } from '../../lib/storage/layout.ts'

const DEVICE_SCHEMA: Schema = {
  id: 'urn:example:2.0:Device',
  name: 'Device',
  description: 'Device',
  attributes: [
    attribute({ name: 'displayName', description: 'What people call it.', required: true }),
    attribute({ name: 'enabled', description: 'Whether it may be used.', type: 'boolean' }),
    attribute({
      name: 'cards',
      description: 'The cards in it.',
      type: 'complex',
      multiValued: true,
      subAttributes: [
        attribute({ name: 'value', description: 'Its number.', uniqueness: 'global' }),
        attribute({ name: 'slot', description: 'Where it is.', type: 'integer' }),
      ],
    }),
  ],
}

/** The URN of the extension that devices have. */
export const INVENTORY = 'urn:example:2.0:Inventory'

const INVENTORY_SCHEMA: Schema = {
  id: INVENTORY,
  name: 'Inventory',
  description: 'Inventory',
  attributes: [
    attribute({ name: 'serialNumber', description: 'Of the maker.', uniqueness: 'server' }),
    attribute({
      name: 'shelf',
      description: 'Where it is kept.',
      type: 'integer',
      uniqueness: 'server',
    }),
  ],
}

/** A resource type beside users and groups. */
export const DEVICE: ResourceType = {
  name: 'Device',
  endpoint: '/Devices',
  description: 'Device',
  schema: DEVICE_SCHEMA,
  extensions: [{ schema: INVENTORY_SCHEMA, required: false }],
  valueLimits: {},
  defaults: {},
}

/** Devices are kept in the table of the users. */
const DEVICE_LAYOUT: StorageLayout = {
  resourceType: 'Device',
  table: 'users',
  family: 'device',
  prefix: 'device.',
  promoted: 'enabled',
  guarded: false,
  indexes: { externalId: 'externalId', displayName: 'displayName' },
}

/** Those of users, groups and devices. */
export const LAYOUTS: readonly StorageLayout[] = [...DEFAULT_LAYOUTS, DEVICE_LAYOUT]
