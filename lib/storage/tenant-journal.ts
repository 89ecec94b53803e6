import { randomInt } from 'node:crypto'
import type { ActivityOperation } from './activity-port.ts'
import type { JournalFacts } from './journal-entry.ts'
import { journalPosition } from './journal-position.ts'
import { SYSTEM, type JournalNote } from './port.ts'
import {
  FIRST_VERSION,
  type ChangedBy,
  type Credential,
  type DeclaredAttribute,
  type NewCredential,
  type Tenant,
} from './tenant-port.ts'

/** What the journal is told of a change of a tenant or a credential. */
export interface Told extends JournalNote {
  readonly operation: ActivityOperation
  readonly version: string
}

/** What the journal of a store is made with. */
export interface JournalSource {
  /** The clock of changes that come without a time of their own; the system's when absent. */
  readonly now?: () => Date
}

const RANDOM_STEPS = 2 ** 32

/** As versions are made, so that changes of tenants take nothing from a sequence that others repeat. */
function random(): number {
  return randomInt(RANDOM_STEPS) / RANDOM_STEPS
}

/** Makes the entry of one change, for each attempt anew; its place in the journal is made once. */
export function oneEntry(
  { now = () => new Date() }: JournalSource,
  { requestId = '', ...author }: ChangedBy = SYSTEM,
): (told: Told) => JournalFacts {
  let place: { readonly at: string; readonly position: string } | undefined
  return ({ operation, version, ...note }) => {
    const at = now().toISOString()
    place ??= { at, position: journalPosition(at, random) }
    return { ...note, ...place, operation, version, requestId, author }
  }
}

/** What the creation of a tenant is in the journal. */
export function toldOfNewTenant(tenant: Tenant): Told {
  return {
    ...aboutTenant(tenant),
    operation: 'create',
    ...differenceOf(NONE, fieldsOfTenant(tenant)),
  }
}

/** What a change of a tenant is in the journal; undefined for what is none there: how far its deletion is, and copies. */
export function toldOfTenant(before: Tenant, after: Tenant): Told | undefined {
  const difference = differenceOf(fieldsOfTenant(before), fieldsOfTenant(after))
  if (difference === undefined) return undefined
  const { status } = after
  const told = { ...aboutTenant(after), ...difference }
  if (before.status === status) return { ...told, operation: 'patch' }
  if (status === 'deleting') return { ...told, operation: 'delete' }
  return { ...told, operation: 'patch', flip: status === 'enabled' ? 'activated' : 'deactivated' }
}

function aboutTenant({ id, version }: Tenant): Omit<Told, 'operation'> {
  return { type: 'Tenant', subject: id, name: id, version }
}

/** What a credential that is issued is in the journal. */
export function toldOfNewCredential(credential: NewCredential): Told {
  const difference = differenceOf(NONE, filledFields(fieldsOfNew(credential)))
  return { ...aboutCredential(credential, FIRST_VERSION), operation: 'issue', ...difference }
}

/** What a change of a credential is in the journal; undefined for what is none there. */
export function toldOfCredential(before: Credential, after: Credential): Told | undefined {
  const difference = differenceOf(fieldsOfCredential(before), fieldsOfCredential(after))
  if (difference === undefined) return undefined
  const operation = operationOf(difference.changed ?? [])
  return { ...aboutCredential(after, after.version), operation, ...difference }
}

/**
 * What a change of a tenant's own attribute is in the journal.
 * @param before undefined: it is declared.
 * @param after undefined: nothing of it is kept any more.
 */
export function toldOfDefinition(
  before: DeclaredAttribute | undefined,
  after: DeclaredAttribute | undefined,
): Told | undefined {
  const { id: subject = '', version = '' } = after ?? before ?? {}
  const told = { type: 'Attribute', subject, version }
  if (after === undefined) return { ...told, operation: 'delete', cleared: ['values'] }
  const was = before === undefined ? NONE : fieldsOfDefinition(before)
  const difference = differenceOf(was, fieldsOfDefinition(after))
  if (difference === undefined) return undefined
  if (before === undefined) return { ...told, operation: 'create', ...difference }
  const isRemoval = (difference.changed ?? []).some((name) => name === 'removed')
  return { ...told, operation: isRemoval ? 'delete' : 'patch', ...difference }
}

/** Without its label, which is a value. */
function aboutCredential({ id }: Pick<Credential, 'id'>, version: string): Omit<Told, 'operation'> {
  return { type: 'Credential', subject: id, version }
}

function operationOf(changed: readonly string[]): ActivityOperation {
  if (changed.includes('revoked')) return 'revoke'
  return changed.includes('rotated') ? 'rotate' : 'patch'
}

/** The values of what has some, by its name. */
type Fields = ReadonlyMap<string, string>

const NONE: Fields = new Map()

function differenceOf(
  before: Fields,
  after: Fields,
): Pick<JournalNote, 'changed' | 'cleared'> | undefined {
  const changed = [...after.keys()].filter((name) => before.get(name) !== after.get(name))
  const cleared = [...before.keys()].filter((name) => !after.has(name))
  if (changed.length + cleared.length === 0) return undefined
  return {
    ...(changed.length === 0 ? {} : { changed }),
    ...(cleared.length === 0 ? {} : { cleared }),
  }
}

function fieldsOfTenant({ name, reference, status, settings }: Tenant): Fields {
  const chosen = Object.entries(settings).map(
    ([setting, value]) => [`settings.${setting}`, JSON.stringify(value)] as const,
  )
  return filledFields([['name', name], ['reference', reference], ['status', status], ...chosen])
}

function fieldsOfCredential({ revoked, rotated, ...credential }: Credential): Fields {
  return filledFields([
    ...fieldsOfNew(credential),
    ['revoked', revoked],
    ['rotated', rotated === undefined ? undefined : String(rotated.times)],
  ])
}

function fieldsOfNew(credential: NewCredential): readonly Field[] {
  const { label, expires } = credential
  return [['label', label], ['expires', expires], ...fieldsOfKind(credential)]
}

/** A flag that is off is none. */
function fieldsOfDefinition(definition: DeclaredAttribute): Fields {
  const { label, description, type, schema, allowedValues, removed } = definition
  const { multiValued, unique, indexed, purging = false } = definition
  const flags = Object.entries({ multiValued, unique, indexed, purging })
  return filledFields([
    ['label', label],
    ['description', description],
    ['type', type],
    ['schema', schema],
    ['allowedValues', allowedValues.length === 0 ? undefined : JSON.stringify(allowedValues)],
    ...flags.map(([name, isOn]): Field => [name, isOn ? 'true' : undefined]),
    ['removed', removed],
  ])
}

type Field = readonly [name: string, value: string | undefined]

/** What belongs to one kind only; a secret and its hash are nobody's business. */
function fieldsOfKind(credential: NewCredential): readonly Field[] {
  if (credential.kind === 'federated') {
    const { issuer, audience, subject, jwksUri } = credential
    return Object.entries({ issuer, audience, subject, jwksUri })
  }
  if (credential.kind !== 'entra') return []
  const { entraTenantId, audience } = credential
  return Object.entries({ entraTenantId, audience })
}

function filledFields(fields: readonly Field[]): Fields {
  return new Map(
    fields.flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, value] as const],
    ),
  )
}
