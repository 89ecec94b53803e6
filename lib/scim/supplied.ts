import { referencePath, resolvePath } from './attribute-path.ts'
import { rewriteOperations } from './clients/operations.ts'
import { containersOf, contentOf } from './container.ts'
import { sameValue } from './equal.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from './json.ts'
import type { PatchOperation } from './patch/operation.ts'
import { resolvePatchPath } from './path.ts'
import type { ResourceType } from './resource-type.ts'

/**
 * The canonical paths of what a write has set: attributes and sub-attributes whose values differ from those before it.
 * What is returned on request only comes back in the answer to a write that supplied it (RFC 7643 §7).
 */
export function suppliedPaths(
  resourceType: ResourceType,
  before: JsonObject,
  after: JsonObject,
): ReadonlySet<string> {
  const paths = new Set<string>()
  for (const container of containersOf(resourceType)) {
    const was = contentOf(container, before) ?? {}
    const is = contentOf(container, after) ?? {}
    const extension = container.extension === undefined ? {} : { extension: container.extension }
    for (const attribute of container.attributes) {
      const value = is[attribute.name]
      if (value === undefined || sameValue(value, was[attribute.name])) continue
      paths.add(referencePath({ ...extension, attribute }))
      for (const subAttribute of attribute.subAttributes) {
        if (!hasPart(value, subAttribute.name)) continue
        paths.add(referencePath({ ...extension, attribute, subAttribute }))
      }
    }
  }
  return paths
}

/**
 * The canonical paths of what a PATCH names, whether it changes the value or sets the one that was there: attributes, the
 * parts of them that are named, and extensions by their URN. RFC 7643 §7: what is returned on request comes back too when
 * "the attribute was specified by the client".
 *
 * @param operations such as `applyPatch` accepts.
 * @throws ScimError `invalidPath`, `invalidFilter`, `invalidSyntax`, `invalidValue` as `applyPatch`.
 */
export function patchedPaths(
  resourceType: ResourceType,
  operations: readonly PatchOperation[],
): ReadonlySet<string> {
  const paths = new Set<string>()
  for (const { path, value } of rewriteOperations(resourceType, operations)) {
    if (path !== undefined) addPatchPath(resourceType, path, value, paths)
    else if (isObject(value)) addKeys(resourceType, value, '', paths)
  }
  return paths
}

function addPatchPath(
  resourceType: ResourceType,
  path: string,
  value: JsonValue | undefined,
  paths: Set<string>,
): void {
  const target = resolvePatchPath(resourceType, path)
  if (target.kind === 'attribute') paths.add(referencePath(target.reference))
  if (target.kind !== 'extension') return
  // Without attributes in its value, the whole extension is meant.
  if (isObject(value)) addKeys(resourceType, value, `${target.extension.id}:`, paths)
  else paths.add(target.extension.id)
}

function addKeys(
  resourceType: ResourceType,
  value: JsonObject,
  prefix: string,
  paths: Set<string>,
): void {
  for (const [key, given] of Object.entries(value)) {
    const target = resolvePath(resourceType, `${prefix}${key}`)
    if (target?.kind === 'attribute') paths.add(referencePath(target))
    if (target?.kind !== 'extension') continue
    if (isObject(given)) addKeys(resourceType, given, `${target.extension.id}:`, paths)
    else paths.add(target.extension.id)
  }
}

function hasPart(value: JsonValue, name: string): boolean {
  if (isArray(value)) return value.some((element) => hasPart(element, name))
  return isObject(value) && value[name] !== undefined
}
