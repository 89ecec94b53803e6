import { resolvePath, schemaNamed, type PathTarget } from '../attribute-path.ts'
import { findAttribute } from '../attribute.ts'
import { isObject, type JsonObject, type JsonValue } from '../json.ts'
import { jsonTextIn } from '../json-text.ts'
import type { PatchOperation } from '../patch-operation.ts'
import type { ResourceType } from '../resource-type.ts'

/**
 * Takes a value out of its own name: Salesforce documents `path: "members"` with `value: {"members": […]}` (BR3-01), and
 * other attributes may stand beside it. It is read as if the path were not there. JSON text (BR3-05) is read first where an
 * object or a list of objects belongs.
 *
 * @throws ScimError `invalidValue` for text that begins as JSON and is none.
 */
export function unwrapped(resourceType: ResourceType, operation: PatchOperation): PatchOperation {
  const { path, value: written } = operation
  if (written === undefined) return operation
  const target = path === undefined ? undefined : targetOf(resourceType, path)
  const value = takesObjects(operation, target) ? jsonTextIn(written, path ?? 'value') : written
  const read = { ...operation, value }
  return path === undefined || !isObject(value)
    ? read
    : withoutOwnName(resourceType, { ...read, path, value }, target)
}

function withoutOwnName(
  resourceType: ResourceType,
  operation: PatchOperation & { readonly path: string; readonly value: JsonObject },
  target: PathTarget | undefined,
): PatchOperation {
  const { path, value, ...others } = operation
  const keys = Object.keys(value)
  const names = keys.filter((key) => isOwnName(resourceType, path, key))
  const [name] = names
  if (name === undefined || keys.some((key) => isPart(target, key))) return operation
  // What a remove lists is wrapped in the same way, but without a path it would remove nothing.
  if (others.op === 'remove' || keys.length === 1) {
    return { ...operation, value: value[name] ?? null }
  }
  if (target === undefined || isSubAttribute(target)) return operation
  return { ...others, value: names.length === 1 ? renamed(value, name, path) : value }
}

/** What a path without a filter names. */
function targetOf(resourceType: ResourceType, path: string): PathTarget | undefined {
  return path.includes('[') ? undefined : resolvePath(resourceType, path)
}

/** Whether an object or a list of objects belongs there; the value of a remove counts for lists only. */
function takesObjects({ op, path }: PatchOperation, target: PathTarget | undefined): boolean {
  if (path === undefined) return true
  if (target?.kind !== 'attribute') return target !== undefined && op !== 'remove'
  const { attribute, subAttribute } = target
  if (subAttribute !== undefined || attribute.type !== 'complex') return false
  return op !== 'remove' || attribute.multiValued
}

/** The path itself, its last name alone, or another spelling of it (RFC 7644 §3.10). */
function isOwnName(resourceType: ResourceType, path: string, key: string): boolean {
  const last = path.slice(Math.max(path.lastIndexOf('.'), path.lastIndexOf(':')) + 1)
  if ([path, last].some((each) => each.toLowerCase() === key.toLowerCase())) return true
  const schema = schemaNamed(resourceType, path)
  if (schema !== undefined) return schemaNamed(resourceType, key) === schema
  const [own, other] = [path, key].map((each) => targetOf(resourceType, each))
  if (own?.kind !== 'attribute' || other?.kind !== 'attribute') return false
  return own.attribute === other.attribute && own.subAttribute === other.subAttribute
}

function isSubAttribute(target: PathTarget): boolean {
  return target.kind === 'attribute' && target.subAttribute !== undefined
}

/** A sub-attribute of what the path names: the value is what it should be. */
function isPart(target: PathTarget | undefined, key: string): boolean {
  if (target?.kind !== 'attribute' || target.subAttribute !== undefined) return false
  return findAttribute(target.attribute.subAttributes, key) !== undefined
}

/** The own name as the path has it, which may say more of where the attribute is. */
function renamed(value: JsonObject, name: string, path: string): JsonValue {
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key === name ? path : key, each]),
  )
}
