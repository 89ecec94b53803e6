import {
  referencePath,
  resolvePath,
  schemaNamed,
  type ResolvedAttribute,
} from '../attribute-path.ts'
import { findAttribute, type Schema } from '../attribute.ts'
import { jsonText } from '../clients/values.ts'
import { containersOf } from '../container.ts'
import { ScimError } from '../errors.ts'
import { isEmpty, describe, isObject, type JsonValue } from '../json.ts'
import { jsonTextIn } from '../json-text.ts'
import { toReference } from '../filter/resolve.ts'
import type { PatchOperation } from '../patch-operation.ts'
import type { ResourceType } from '../resource-type.ts'
import { COMMON_ATTRIBUTES } from '../schema/common.ts'
import { noContainer } from '../validate/refusals.ts'
import { resolvePatchPath, type PatchTarget } from './path.ts'
import type { AttributeTarget, ResolvedOperation } from './resolved-operation.ts'

const SCHEMAS = findAttribute(COMMON_ATTRIBUTES, 'schemas')

/** An operation whose path is found, or is not needed. */
type Named = Pick<ResolvedOperation, 'index' | 'op' | 'value'>

/**
 * The operations on attributes that a written one comes to: without a path one for each attribute in its value
 * (RFC 7644 §3.5.2.1), as for the URN of an extension, whose container is like a complex value (RFC 7643 §3.3). Unknown
 * attributes in a value are ignored, as in a POST.
 *
 * @throws ScimError `invalidPath`, `invalidFilter` as `resolvePatchPath`; `mutability` for what is readOnly; `noTarget` for
 *   remove without a path; `invalidValue` where an object of attributes is needed.
 */
export function resolveOperation(
  resourceType: ResourceType,
  { index, op, path, value = null }: PatchOperation,
): readonly ResolvedOperation[] {
  const named = { index, op, value }
  return path === undefined
    ? resolveAttributes(resourceType, named)
    : resolveTarget(resourceType, named, resolvePatchPath(resourceType, path))
}

function resolveAttributes(resourceType: ResourceType, named: Named): readonly ResolvedOperation[] {
  const { op, value } = named
  if (op === 'remove') {
    throw new ScimError('noTarget', 'remove needs a path that says what to remove.')
  }
  if (!isObject(value)) {
    throw new ScimError(
      'invalidValue',
      `${op} without a path needs an object of attributes, not ${describe(value)}.`,
    )
  }
  return Object.entries(value).flatMap(([name, given]) => {
    const target = findByName(resourceType, name)
    return target === undefined
      ? []
      : resolveTarget(resourceType, { ...named, value: given }, target)
  })
}

/** An attribute by its name, the resource's own before those of extensions; or an extension by its URN. */
function findByName(resourceType: ResourceType, name: string): PatchTarget | undefined {
  const schema = schemaNamed(resourceType, name)
  for (const { extension, attributes } of containersOf(resourceType)) {
    if (extension !== undefined && extension === schema) return { kind: 'extension', extension }
    const attribute = findAttribute(attributes, name)
    if (attribute === undefined) continue
    return { kind: 'attribute', reference: { extension, attribute }, filter: undefined }
  }
  return undefined
}

function resolveTarget(
  resourceType: ResourceType,
  named: Named,
  target: PatchTarget,
): readonly ResolvedOperation[] {
  if (target.kind === 'undeclared') return []
  if (target.kind === 'extension') {
    return resolveExtension(resourceType, named, target.extension)
  }
  const { reference } = target
  // RFC 7644 §3.5.2 lets clients patch `schemas`, which follows here from the attributes that are present.
  if (reference.attribute === SCHEMAS) return []
  refuseReadOnly(reference)
  return [{ ...named, value: valueFor(named, target), target }]
}

/** The value as it came, but its JSON text read where an object or a list of objects belongs; `remove` ignores most values. */
function valueFor({ op, value }: Named, { reference, filter }: AttributeTarget): JsonValue {
  const { attribute, subAttribute } = reference
  const isIgnored = op === 'remove' && (!attribute.multiValued || filter !== undefined)
  return isIgnored || subAttribute !== undefined
    ? value
    : jsonText(attribute, value, referencePath(reference))
}

function resolveExtension(
  resourceType: ResourceType,
  named: Named,
  extension: Schema,
): readonly ResolvedOperation[] {
  const { op } = named
  const value = op === 'remove' ? named.value : jsonTextIn(named.value, extension.id)
  if (op === 'remove' || isEmpty(value)) {
    return [{ ...named, target: { kind: 'extension', extension } }]
  }
  if (!isObject(value)) throw noContainer(extension, value)
  return Object.entries(value).flatMap(([name, given]) => {
    const target = resolvePath(resourceType, `${extension.id}:${name}`)
    if (target?.kind !== 'attribute') return []
    const reference = toReference(target)
    return resolveTarget(
      resourceType,
      { ...named, value: given },
      { kind: 'attribute', reference, filter: undefined },
    )
  })
}

/** RFC 7643 §7: neither a readOnly attribute nor a readOnly sub-attribute that is named. */
function refuseReadOnly(reference: ResolvedAttribute): void {
  const { attribute, subAttribute } = reference
  if (attribute.mutability !== 'readOnly' && subAttribute?.mutability !== 'readOnly') return
  throw new ScimError('mutability', `${referencePath(reference)} is readOnly.`)
}
