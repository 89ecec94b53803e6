import { peopleSchemaOf } from './attribute-definition.ts'
import type { ResourceType } from './resource-type.ts'

/** The type whose attributes tenants add to: that of people. */
export function peopleTypeOf(resourceTypes: readonly ResourceType[]): ResourceType {
  const found = resourceTypes.find((each) => peopleSchemaOf(each) !== undefined)
  if (found === undefined) throw new TypeError('no resource type has the people extension')
  return found
}

/** The type of what people are members of: that of teams. */
export function teamTypeOf(resourceTypes: readonly ResourceType[]): ResourceType {
  const found = resourceTypes.find(({ membershipAttribute }) => membershipAttribute === 'members')
  if (found === undefined) throw new TypeError('no resource type has members')
  return found
}
