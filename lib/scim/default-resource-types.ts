import { LIMITS } from './limits.ts'
import type { ResourceType } from './resource-type.ts'
import { ENTERPRISE_USER_SCHEMA } from './schema/enterprise-user.ts'
import { GROUP_SCHEMA } from './schema/group.ts'
import { PEOPLE_USER_SCHEMA, peopleUserSchema } from './schema/people-user.ts'
import { USER_SCHEMA } from './schema/user.ts'

export const USER = userWith(PEOPLE_USER_SCHEMA)

export const GROUP: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  description: 'Group',
  schema: GROUP_SCHEMA,
  extensions: [],
  membershipAttribute: 'members',
  valueLimits: {},
  defaults: {},
}

/** The resource types of a tenant that has none of its own, in the order in which `/ResourceTypes` lists them. */
export const DEFAULT_RESOURCE_TYPES: readonly ResourceType[] = [USER, GROUP]

/** The same with another URN of the people extension; without one the default ones themselves. */
export function defaultResourceTypes(peopleUrn?: string): readonly ResourceType[] {
  if (peopleUrn === undefined) return DEFAULT_RESOURCE_TYPES
  return [userWith(peopleUserSchema(peopleUrn)), GROUP]
}

function userWith(people: ResourceType['schema']): ResourceType {
  return {
    name: 'User',
    endpoint: '/Users',
    description: 'User Account',
    schema: USER_SCHEMA,
    extensions: [
      { schema: ENTERPRISE_USER_SCHEMA, required: false },
      { schema: people, required: false },
    ],
    membershipAttribute: 'groups',
    valueLimits: { emails: LIMITS.indexedValues },
    defaults: { active: true },
  }
}
