import { newDefinition } from '../people/definitions.ts'
import { definitionOf, type AttributeDefinition } from '../scim/attribute-definition.ts'
import { ScimError } from '../scim/errors.ts'
import type { JsonObject } from '../scim/json.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { Declarations, DeclaredAttribute, TenantStore } from '../storage/tenant-port.ts'
import { changeTenant } from '../tenants/tenants.ts'
import { again } from './again.ts'
import type { BackupParts } from './backup-parts.ts'
import type { DefinitionRecord, TenantRecord } from './format.ts'
import { removedFirst, settingsIn } from './line-tenant.ts'
import { inLine } from './wrong-file.ts'

/** What is brought of the tenant itself. */
export interface TenantPlan {
  readonly name: string
  readonly reference: string | null
  readonly settings: JsonObject
  /** Names of settings in the file that there are not here. */
  readonly unknownSettings: readonly string[]
  /** Those that the tenant does not have yet, the ones that were removed first: each makes room for the others. */
  readonly definitions: readonly DefinitionRecord[]
}

/**
 * What has to be changed of a tenant for it to be as the file says.
 * @param users the type of users that every tenant has.
 * @throws ScimError `invalidValue`, `uniqueness`, `mutability` where it cannot be.
 */
export function planTenant(
  record: TenantRecord,
  { tenant, definitions: present }: Declarations,
  users: ResourceType,
): TenantPlan {
  const { known, unknown } = settingsIn(record)
  return {
    // A tenant may have been created with an empty one, which none can be given.
    name: record.name === '' ? tenant.name : record.name,
    reference: record.reference ?? null,
    settings: { ...tenant.settings, ...known },
    unknownSettings: unknown,
    definitions: missingOf(removedFirst(record), present, users),
  }
}

function missingOf(
  wanted: readonly DefinitionRecord[],
  present: readonly DeclaredAttribute[],
  users: ResourceType,
): readonly DefinitionRecord[] {
  const live: AttributeDefinition[] = present.filter((each) => each.removed === undefined)
  const removed = present.filter((each) => each.removed !== undefined)
  const missing: DefinitionRecord[] = []
  for (const record of wanted) {
    const there = present.find(({ id }) => id.toLowerCase() === record.id.toLowerCase())
    if (there !== undefined) {
      if (isSame(there, record)) continue
      throw new ScimError(
        'uniqueness',
        `the tenant has declared the attribute ${there.id} otherwise than the file; remove it with --purge, or import into a new tenant`,
      )
    }
    const declared = { resourceType: users, definitions: live, removed }
    const made = inLine(1, () => newDefinition(definitionOf(record), declared))
    if (record.removed === undefined) live.push(made)
    missing.push(record)
  }
  return missing
}

function isSame(there: DeclaredAttribute, record: DefinitionRecord): boolean {
  const { type, multiValued, schema } = there
  return (
    type === record.type &&
    multiValued === record.multiValued &&
    schema === record.schema &&
    (there.removed === undefined) === (record.removed === undefined)
  )
}

/** Makes the tenant what the plan says; what is so already stays. */
export async function bringTenant(
  { tenants, pause }: Pick<BackupParts, 'tenants' | 'pause'>,
  tenantId: string,
  { name, reference, settings, definitions }: TenantPlan,
  users: ResourceType,
): Promise<void> {
  await again(pause, async () => changeTenant(tenants, tenantId, { name, reference, settings }))
  for (const record of definitions) {
    await again(pause, async () => bringDefinition(tenants, tenantId, record, users))
  }
}

async function bringDefinition(
  store: TenantStore,
  tenantId: string,
  record: DefinitionRecord,
  users: ResourceType,
): Promise<void> {
  const added =
    (await declaredAs(store, tenantId, record.id)) ??
    (await store.addDefinition(tenantId, ({ definitions: all }) => {
      const made = newDefinition(definitionOf(record), {
        resourceType: users,
        definitions: all.filter(({ removed }) => removed === undefined),
        removed: all.filter(({ removed }) => removed !== undefined),
      })
      return { ...made, created: record.created }
    }))
  const { removed, purging = false, unfilled } = record
  if (removed !== undefined) {
    await store.removeDefinition(tenantId, record.id, { at: removed, purge: purging })
  } else if (unfilled === true && added?.index !== undefined) {
    // Two users may come who have one value: the maintenance looks through all of them, and lists those.
    await store.noteIndex(tenantId, added, { ...added.index, complete: false })
  }
}

/** Of a try before this one nobody may know. */
async function declaredAs(
  store: TenantStore,
  tenantId: string,
  id: string,
): Promise<DeclaredAttribute | undefined> {
  const { definitions = [] } = (await store.definitions(tenantId)) ?? {}
  return definitions.find((each) => each.id.toLowerCase() === id.toLowerCase())
}
