import { odata, type TransactionAction } from '@azure/data-tables'
import {
  DEFINABLE_TYPES,
  definitionOf,
  wantedIndex,
  type IndexKind,
} from '../../scim/attribute-definition.ts'
import { unavailable } from '../../scim/errors.ts'
import { isArray, isObject } from '../../scim/json.ts'
import { NO_DEADLINE } from '../deadline.ts'
import type { DefinitionEdit, DefinitionRows } from '../definition-changes.ts'
import { isPending } from '../index-state.ts'
import { ATTRIBUTE_RANGE, attributeKey, isAttributeKey, TENANT_KEY } from '../keys.ts'
import { oneEntry } from '../tenant-journal.ts'
import { isTenantId, oldestFirst, type DeclaredAttribute } from '../tenant-port.ts'
import { callStorage, storageStatus } from './failure.ts'
import { jsonColumns, jsonIn } from './json-columns.ts'
import { filled, parsedJson, text, type Entity, type Row } from './row.ts'
import type { JournaledTable } from './tenants-credentials.ts'
import { toTenant, toTenantJournalEntry } from './tenants-rows.ts'
import { syncSummary } from './tenants-summaries.ts'
import { getRow, query } from './tenants-table.ts'

/** The rows of all that a tenant has declared. */
export const OF_DEFINITIONS: string = odata`(RowKey ge ${ATTRIBUTE_RANGE.from} and RowKey lt ${ATTRIBUTE_RANGE.to})`

/** Those of them that are attributes. */
export const OF_LIVE_DEFINITIONS: string = `(${OF_DEFINITIONS} and ${odata`removed eq ${''}`})`

/** The definitions among rows, oldest first. */
export function definitionsIn(rows: readonly Row[]): readonly DeclaredAttribute[] {
  const found = rows.filter((row) => isAttributeKey(text(row, 'rowKey')))
  return oldestFirst(found.flatMap((row) => toDefinition(row) ?? []))
}

/** Definitions beside their tenant's row, whose ETag every change of one of them moves. */
export function tableDefinitionRows(journaled: JournaledTable): DefinitionRows {
  return {
    async read(tenantId) {
      const read = await readAll(journaled, tenantId)
      return read && { tenant: toTenant(read.tenant), definitions: read.definitions }
    },
    async edit(tenantId, decide, by) {
      const entryOf = oneEntry(journaled.source, by)
      for (;;) {
        const read = await readAll(journaled, tenantId)
        if (read === undefined) return undefined
        const tenant = toTenant(read.tenant)
        if (tenant.status === 'deleting') return undefined
        const edit = decide({ tenant, definitions: read.definitions })
        if (edit === undefined || (edit.told === undefined && edit.isNote !== true)) return edit
        const entry = edit.told && toTenantJournalEntry(tenant, entryOf(edit.told))
        if (!(await wasMade(journaled, read.tenant, edit, entry))) continue
        await noteInSummary(journaled, tenantId, read.definitions, edit)
        return edit
      }
    },
  }
}

interface Read {
  readonly tenant: Row
  readonly definitions: readonly DeclaredAttribute[]
}

async function readAll({ table }: JournaledTable, tenantId: string): Promise<Read | undefined> {
  if (!isTenantId(tenantId)) return undefined
  const own = odata`RowKey eq ${TENANT_KEY}`
  const filter = `${odata`PartitionKey eq ${tenantId}`} and (${own} or ${OF_DEFINITIONS})`
  const rows = await query(table, filter)
  const tenant = rows.find((row) => row['rowKey'] === TENANT_KEY)
  return tenant && { tenant, definitions: definitionsIn(rows) }
}

/**
 * The empty merge of the tenant's row makes the transaction fail when somebody else has changed what is declared, or has
 * begun to delete the tenant.
 * @returns false when all has to be read again.
 */
async function wasMade(
  { table }: JournaledTable,
  tenant: Row,
  { id, after }: DefinitionEdit,
  entry: Entity | undefined,
): Promise<boolean> {
  const partitionKey = text(tenant, 'partitionKey')
  const key = { partitionKey, rowKey: attributeKey(id) }
  const rows: TransactionAction[] = [
    ['update', { partitionKey, rowKey: TENANT_KEY }, 'Merge', { etag: text(tenant, 'etag') }],
    after === undefined ? ['delete', key] : ['upsert', { ...key, ...columnsOf(after) }, 'Replace'],
    ...(entry === undefined ? [] : [['create', entry] satisfies TransactionAction]),
  ]
  try {
    await callStorage(NO_DEADLINE, () => table.submitTransaction(rows))
    return true
  } catch (error) {
    const status = storageStatus(error)
    if (status === 404) return false
    if (status !== 409 && status !== 412) throw error
    if (entry === undefined) return false
    // It is ours when the answer to the SDK's first try was lost.
    const made = await getRow(table, partitionKey, entry.rowKey)
    if (made !== undefined && made['version'] === entry['version']) return true
    if (status === 412) return false
    throw unavailable('Another change has the same place in the journal. Try again.', error)
  }
}

function isGone({ removed }: DeclaredAttribute): boolean {
  return removed !== undefined
}

/** For the maintenance, which would have to ask each tenant else: what fails here is mended by its next repair. */
async function noteInSummary(
  { table }: JournaledTable,
  tenantId: string,
  before: readonly DeclaredAttribute[],
  { id, after }: DefinitionEdit,
): Promise<void> {
  const others = before.filter((each) => attributeKey(each.id) !== attributeKey(id))
  const now = [...others, ...(after === undefined ? [] : [after])]
  const removedAttributes = now.some(isGone)
  const isNewlyPending = now.some(isPending) && !before.some(isPending)
  if (removedAttributes === before.some(isGone) && !isNewlyPending) return
  const facts = { removedAttributes, ...(isNewlyPending ? { indexed: '' } : {}) }
  try {
    await syncSummary(table, tenantId, { facts })
  } catch {
    // See above.
  }
}

/** The columns of a definition; what it says is JSON, as values it is restricted to may be too long for one column. */
function columnsOf(definition: DeclaredAttribute): Omit<Entity, 'partitionKey' | 'rowKey'> {
  const { created, removed = '', purging = false, version, index } = definition
  const json = JSON.stringify(definitionOf(definition))
  const columns = { ...jsonColumns(json), created, removed, purging: purging ? 1 : 0, version }
  return { ...columns, ...(index === undefined ? {} : { index: JSON.stringify(index) }) }
}

/** The definition in a row; undefined for one of a type that a later version of this app has. */
function toDefinition(row: Row): DeclaredAttribute | undefined {
  const definition = definitionIn(parsedJson(row, 'json0', jsonIn(row)))
  const removed = filled(row, 'removed')
  const created = text(row, 'created')
  return (
    definition && {
      ...definition,
      ...indexIn(row, wantedIndex(definition), created),
      created,
      ...(removed === undefined ? {} : { removed }),
      ...(row['purging'] === 1 ? { purging: true } : {}),
      version: text(row, 'version'),
    }
  )
}

/** One that nobody here has written is filled anew. */
function indexIn(
  row: Row,
  wanted: readonly IndexKind[],
  created: string,
): Pick<DeclaredAttribute, 'index'> {
  const json = filled(row, 'index')
  const kept = json === undefined ? undefined : parsedJson(row, 'index', json)
  if (!isObject(kept)) {
    if (wanted.length === 0) return {}
    const state = { written: wanted, complete: false, since: created }
    return { index: { ...state, leftovers: false, clashes: [] } }
  }
  const { written, complete, since, leftovers, clashes } = kept
  return {
    index: {
      written: isArray(written) ? written.filter(isKind) : [],
      complete: complete === true,
      since: typeof since === 'string' ? since : created,
      leftovers: leftovers === true,
      clashes: isArray(clashes) ? clashes.filter(isArray).map((ids) => ids.filter(isText)) : [],
    },
  }
}

function isKind(value: unknown): value is IndexKind {
  return value === 'unique' || value === 'values'
}

function definitionIn(kept: unknown): ReturnType<typeof definitionOf> | undefined {
  if (!isObject(kept)) return undefined
  const { id, label, description, schema, allowedValues } = kept
  const type = DEFINABLE_TYPES.find((each) => each === kept['type'])
  if (typeof id !== 'string' || type === undefined) return undefined
  return {
    id,
    label: typeof label === 'string' ? label : id,
    ...(typeof description === 'string' ? { description } : {}),
    type,
    multiValued: kept['multiValued'] === true,
    allowedValues: Array.isArray(allowedValues) ? allowedValues.filter(isText) : [],
    unique: kept['unique'] === true,
    indexed: kept['indexed'] === true,
    ...(typeof schema === 'string' ? { schema } : {}),
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
