import { isObject, type JsonObject } from '../../scim/json.ts'
import { ScimError } from '../../scim/errors.ts'
import type { StoredResource } from '../../scim/resource.ts'
import type { ResourceType } from '../../scim/resource-type.ts'
import { deletionKey, resourceKey } from '../keys.ts'
import { MAX_PROPERTY_LENGTH } from '../stored-size.ts'
import type { Partition } from './partition.ts'
import { text, type Row } from './row.ts'

/** A row to be written. */
export type Entity = Record<string, string | number | boolean> & {
  readonly partitionKey: string
  readonly rowKey: string
}

/** Attributes that have a column of their own, to be filtered by or read without the rest. */
const PROMOTED: Readonly<Record<ResourceType['name'], string>> = {
  User: 'active',
  Group: 'displayName',
}

/** The columns that tell which resource a row is, and whether it still is one. */
export const IDENTITY_COLUMNS = ['RowKey', 'id', 'version', 'deleted', 'deletion'] as const

/**
 * The row of a resource: `version`, `created`, `lastModified`, a promoted column, and the attributes as JSON in as many
 * properties as it takes.
 * @param json the attributes, as `storableJson` gives them.
 */
export function toEntity(partition: Partition, resource: StoredResource, json: string): Entity {
  const { id, version, created, lastModified, attributes } = resource
  return {
    partitionKey: partition.partitionKey,
    rowKey: resourceKey(partition.resourceType, id),
    id,
    version,
    created,
    lastModified,
    ...promoted(partition.resourceType, attributes),
    ...split(json),
  }
}

function promoted(
  resourceType: ResourceType,
  attributes: JsonObject,
): Record<string, string | boolean> {
  const column = PROMOTED[resourceType.name] ?? ''
  const value = attributes[column]
  if (typeof value === 'boolean') return { [column]: value }
  if (typeof value !== 'string') return {}
  if (value.length > MAX_PROPERTY_LENGTH) {
    throw new ScimError(
      'invalidValue',
      `${column} has ${value.length} characters; at most ${MAX_PROPERTY_LENGTH} can be kept.`,
    )
  }
  return { [column]: value }
}

function split(json: string): Record<string, string> {
  const properties: Record<string, string> = {}
  let start = 0
  for (let part = 0; start < json.length; part += 1) {
    let end = start + MAX_PROPERTY_LENGTH
    // Half a surrogate pair cannot be sent as UTF-8.
    if (/[\uD800-\uDBFF]/.test(json.charAt(end - 1))) end -= 1
    properties[`json${part}`] = json.slice(start, end)
    start = end
  }
  return properties
}

/** The resource in a row; undefined for what is left of a deleted one. @throws Error for a row nobody here wrote. */
export function fromEntity(row: Row): StoredResource | undefined {
  if (isTombstone(row)) return undefined
  return {
    id: text(row, 'id'),
    version: text(row, 'version'),
    created: text(row, 'created'),
    lastModified: text(row, 'lastModified'),
    attributes: join(row),
    revision: text(row, 'etag'),
  }
}

function join(row: Row): JsonObject {
  let json = ''
  for (let part = 0; typeof row[`json${part}`] === 'string'; part += 1) {
    json += text(row, `json${part}`)
  }
  const attributes: unknown = JSON.parse(json)
  if (isObject(attributes)) return attributes
  throw new TypeError(`the row ${text(row, 'rowKey')} holds no object`)
}

/**
 * What a resource's row becomes while its deletion is cleaned up: invisible, but not gone, because the SDK cannot delete
 * a row conditionally inside a transaction, and can update one.
 * @param deletion tells this deletion from any other.
 */
export function toTombstone(partition: Partition, id: string, deletion: string): Entity {
  return {
    partitionKey: partition.partitionKey,
    rowKey: resourceKey(partition.resourceType, id),
    id,
    deleted: true,
    deletion,
  }
}

/** Whether a row is what is left of a deleted resource. */
export function isTombstone(row: Row): boolean {
  return row['deleted'] === true
}

/** The row by which a deletion is found again whose clean-up was interrupted. */
export function toDeletionMark(partition: Partition, id: string): Entity {
  return { partitionKey: partition.partitionKey, rowKey: deletionKey(id), id }
}
