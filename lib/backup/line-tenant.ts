import { newDefinition } from '../people/definitions.ts'
import { definitionOf, type AttributeDefinition } from '../scim/attribute-definition.ts'
import { detail } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import type { JsonObject } from '../scim/json.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { whatCame } from '../scim/what-came.ts'
import { isTenantId } from '../storage/tenant-port.ts'
import { checkSettings, TENANT_SETTINGS } from '../tenants/settings.ts'
import { tenantNameFrom, tenantReferenceFrom } from '../tenants/tenants.ts'
import type { DefinitionRecord, TenantRecord } from './format.ts'

/** Of a setting, also of a later version's. */
const SETTING_NAME = /^[A-Za-z][A-Za-z0-9]{0,99}$/

const MOST_SETTINGS = 100

/** Settings in a file: those that there are here, and the names of others. */
export interface FoundSettings {
  readonly known: JsonObject
  readonly unknown: readonly string[]
}

export function settingsIn({ settings }: TenantRecord): FoundSettings {
  const names = new Set(Object.keys(TENANT_SETTINGS.shape))
  const entries = Object.entries(settings)
  return {
    known: Object.fromEntries(entries.filter(([name]) => names.has(name))),
    unknown: entries.flatMap(([name]) => (names.has(name) ? [] : [name])),
  }
}

/** Those that the tenant has behind those that it had: each makes room for the others. */
export function removedFirst({ definitions }: TenantRecord): readonly DefinitionRecord[] {
  return [...definitions].toSorted(
    (one, other) => Number(one.removed === undefined) - Number(other.removed === undefined),
  )
}

/**
 * Holds what a file says of the tenant to what requests could have set.
 * @param users the type of users that every tenant has.
 * @throws ScimError that names what cannot be.
 */
export function checkTenantLine(record: TenantRecord, users: ResourceType): void {
  const { id, name, reference } = record
  if (!isTenantId(id)) {
    throw invalid('the tenant id must have 1 to 32 characters out of a-z, 0-9 and -')
  }
  // A tenant may have been created with an empty one.
  if (name !== '') tenantNameFrom(name)
  if (reference !== undefined) tenantReferenceFrom(reference)
  checkFoundSettings(settingsIn(record))
  checkDefinitions(removedFirst(record), users)
}

function checkFoundSettings({ known, unknown }: FoundSettings): void {
  checkSettings(known)
  if (unknown.length > MOST_SETTINGS) {
    throw invalid(`there are at most ${MOST_SETTINGS} settings that are not known here`)
  }
  const wrong = unknown.find(
    (name) => !SETTING_NAME.test(name) || Object.hasOwn(Object.prototype, name),
  )
  if (wrong === undefined) return
  throw new ScimError('invalidValue', detail`no setting is called as ${whatCame(wrong)}`)
}

function checkDefinitions(all: readonly DefinitionRecord[], resourceType: ResourceType): void {
  const ids = new Set<string>()
  const definitions: AttributeDefinition[] = []
  for (const record of all) {
    const made = newDefinition(definitionOf(record), { resourceType, definitions })
    const folded = made.id.toLowerCase()
    if (ids.has(folded)) {
      throw invalid(`the attribute ${made.id} is there twice; names ignore case`)
    }
    ids.add(folded)
    if (record.removed === undefined) definitions.push(made)
    if (record.removed === undefined && record.purging === true) {
      throw invalid(`the attribute ${made.id} is purged, and was not removed`)
    }
  }
}

function invalid(what: string): ScimError {
  return new ScimError('invalidValue', what)
}
