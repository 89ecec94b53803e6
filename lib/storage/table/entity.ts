import { isArray, isObject, type JsonObject } from '../../scim/json.ts'
import { ScimError } from '../../scim/errors.ts'
import type { IndexedWith, StoredResource } from '../../scim/resource.ts'
import type { ResourceType } from '../../scim/resource-type.ts'
import { deletionKey, resourceKey } from '../keys.ts'
import type { StorageLayout } from '../layout.ts'
import { SYSTEM, type Change } from '../port.ts'
import { fromStored } from '../stored-attributes.ts'
import { invitationText } from '../invitations.ts'
import { MAX_PROPERTY_LENGTH } from '../stored-size.ts'
import { UnreadableRow } from '../unreadable-row.ts'
import { invitationIn } from './invitation-column.ts'
import { jsonColumns, jsonIn } from './json-columns.ts'
import { authorColumns, authorIn, noteColumns, noteIn } from './journal-row.ts'
import type { Partition } from './partition.ts'
import { filled, parsedJson, text, type Entity, type Row } from './row.ts'

/** The columns that tell which resource a row is, and whether it still is one. */
export const IDENTITY_COLUMNS = ['RowKey', 'id', 'version', 'deleted'] as const

/**
 * The row of a resource: `version`, `created`, `lastModified`, a promoted column, and the attributes as JSON in as many
 * properties as it takes.
 * @param json the attributes, as `storableJson` gives them.
 */
export function toEntity(partition: Partition, resource: StoredResource, json: string): Entity {
  const { id, version, created, lastModified, attributes, possibleReturner, invitation } = resource
  return {
    partitionKey: partition.partitionKey,
    rowKey: resourceKey(partition.layout, id),
    id,
    version,
    created,
    lastModified,
    ...promotedColumn(partition.layout, attributes),
    ...(possibleReturner === undefined ? {} : { possibleReturner }),
    ...(invitation === undefined ? {} : { invitation: invitationText(invitation) }),
    ...indexColumns(resource.indexed),
    ...jsonColumns(json),
  }
}

/** The columns that tell which index rows a resource has beside those that all have. */
function indexColumns(indexed: IndexedWith | undefined): Record<string, string> {
  const { names = [], declared = {} } = indexed ?? {}
  const isDeclared = Object.keys(declared).length > 0
  return {
    ...(names.length === 0 ? {} : { indexes: names.join(' ') }),
    ...(isDeclared ? { declaredIndexes: JSON.stringify(declared) } : {}),
  }
}

/** The row of a resource whose index rows have changed, and nothing else, for a merge; an empty text is none. */
export function toIndexedEntity(partition: Partition, id: string, indexed: IndexedWith): Entity {
  return {
    partitionKey: partition.partitionKey,
    rowKey: resourceKey(partition.layout, id),
    declaredIndexes: '',
    ...indexColumns(indexed),
  }
}

/** Absent columns are those of a row from before there were more indexes than all rows have. */
function indexedIn(row: Row): Pick<StoredResource, 'indexed'> {
  const [names, json] = [filled(row, 'indexes'), filled(row, 'declaredIndexes')]
  if (names === undefined && json === undefined) return {}
  const kept = json === undefined ? {} : parsedJson(row, 'declaredIndexes', json)
  const declared = Object.entries(isObject(kept) ? kept : {}).map(
    ([name, keys]) => [name, isArray(keys) ? keys.filter(isText) : []] as const,
  )
  return {
    indexed: { names: names?.split(' ') ?? [], declared: Object.fromEntries(declared) },
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function promotedColumn(
  { promoted }: StorageLayout,
  attributes: JsonObject,
): Record<string, string | boolean> {
  if (promoted === undefined) return {}
  const value = promotedValue(attributes[promoted])
  if (value === undefined) return {}
  if (!fitsColumn(value)) {
    throw new ScimError(
      'invalidValue',
      `${promoted} has ${String(value).length} characters; at most ${MAX_PROPERTY_LENGTH} can be kept.`,
    )
  }
  return { [promoted]: value }
}

function promotedValue(value: unknown): string | boolean | undefined {
  return typeof value === 'string' || typeof value === 'boolean' ? value : undefined
}

function fitsColumn(value: string | boolean): boolean {
  return typeof value === 'boolean' || value.length <= MAX_PROPERTY_LENGTH
}

/** Whether the promoted column says what the attributes do, as far as it can. */
export function isPromotedRight(
  { promoted }: StorageLayout,
  row: Row,
  attributes: JsonObject,
): boolean {
  if (promoted === undefined) return true
  const value = promotedValue(attributes[promoted])
  return (row[promoted] ?? undefined) === value || (value !== undefined && !fitsColumn(value))
}

/** The resource in a row; undefined for what is left of a deleted one. @throws UnreadableRow */
export function fromEntity(resourceType: ResourceType, row: Row): StoredResource | undefined {
  if (isTombstone(row)) return undefined
  const json = jsonIn(row)
  const [possibleReturner, invitation] = [filled(row, 'possibleReturner'), invitationIn(row)]
  return {
    id: text(row, 'id'),
    version: text(row, 'version'),
    created: text(row, 'created'),
    lastModified: text(row, 'lastModified'),
    ...fromStored(resourceType, parse(row, json)),
    ...(possibleReturner === undefined ? {} : { possibleReturner }),
    ...(invitation === undefined ? {} : { invitation }),
    ...indexedIn(row),
    revision: text(row, 'etag'),
    characters: json.length,
  }
}

function parse(row: Row, json: string): JsonObject {
  const attributes = parsedJson(row, 'json0', json)
  if (isObject(attributes)) return attributes
  throw new UnreadableRow(row, 'json0', 'object')
}

/**
 * What a resource's row becomes while its deletion is cleaned up: invisible, but not gone, because the SDK cannot delete
 * a row conditionally inside a transaction, and can update one. `position` is that of the deletion: a hidden account may return
 * and be deleted again.
 */
export function toTombstone(
  { partitionKey, layout }: Partition,
  id: string,
  { position }: Pick<Change, 'position'>,
): Entity {
  return { partitionKey, rowKey: resourceKey(layout, id), id, deleted: true, position }
}

/** Whether a row is what is left of a deleted resource. */
export function isTombstone(row: Row): boolean {
  return row['deleted'] === true
}

/**
 * The row by which a deletion is found again whose clean-up was interrupted. It keeps the change, so that what follows
 * from the deletion is written as it would have been.
 */
export function toDeletionMark(
  { partitionKey, layout }: Partition,
  id: string,
  { position, stamp, requestId, author, note }: Change,
): Entity {
  return {
    ...authorColumns(author),
    ...noteColumns(note),
    partitionKey,
    rowKey: deletionKey(layout, id),
    id,
    position,
    version: stamp.version,
    at: stamp.lastModified,
    request: requestId,
  }
}

/** The deletion that left a mark; of one from before there were authors nobody knows who has asked for it. */
export function fromDeletionMark(row: Row): { readonly id: string; readonly change: Change } {
  const stamp = { version: text(row, 'version'), lastModified: text(row, 'at') }
  const [position, requestId] = [text(row, 'position'), text(row, 'request')]
  const id = text(row, 'id')
  const author = authorIn(row) ?? SYSTEM
  const note = noteIn(row) ?? { type: '', subject: id }
  return { id, change: { position, stamp, operation: 'delete', requestId, author, note } }
}
