import {
  definitionOf,
  wantedIndex,
  type AttributeDefinition,
} from '../scim/attribute-definition.ts'
import type { DeclaredAttribute } from '../storage/tenant-port.ts'
import type { DefinitionRecord } from './format.ts'
import type { TenantPlan } from './import-tenant.ts'

/** The attributes that a tenant has as soon as it is what the plan says. */
export function plannedDefinitions(
  present: readonly DeclaredAttribute[],
  { definitions }: TenantPlan,
): readonly AttributeDefinition[] {
  return [
    ...present.filter(({ removed }) => removed === undefined),
    ...definitions.filter(({ removed }) => removed === undefined).map(plannedDefinition),
  ]
}

function plannedDefinition(record: DefinitionRecord): AttributeDefinition {
  const definition = definitionOf(record)
  if (record.unfilled !== true) return definition
  return { ...definition, index: { written: wantedIndex(definition), complete: false } }
}
