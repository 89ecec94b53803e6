import { schemaNamed } from '../attribute-path.ts'
import { findAttribute, type Schema } from '../attribute.ts'
import { rewriteOperations } from '../clients/operations.ts'
import { containersOf } from '../container.ts'
import { ScimError } from '../errors.ts'
import { describe, isArray, isObject, type JsonObject, type JsonValue } from '../json.ts'
import { LIMITS } from '../limits.ts'
import { resolvePatchPath, type PatchTarget } from '../path.ts'
import type { ResourceType } from '../resource-type.ts'
import { checkResource } from '../validate/final-state.ts'
import { attributeValueAt } from '../values-at.ts'
import { add } from './add.ts'
import { withoutHollowElements } from './hollow-elements.ts'
import type { PatchOperation } from './operation.ts'
import { remove } from './remove.ts'
import { replace } from './replace.ts'
import { isDerived, refuseReadOnly, writeAttribute, type AttributeTarget } from './target.ts'

const OPERATIONS = { add, remove, replace }

/**
 * Applies the operations of a PATCH in their order (RFC 7644 §3.5.2), all of them or none; the attributes that come in
 * are left as they are.
 *
 * @param attributes canonical attributes of a resource of the type.
 * @returns canonical attributes; the same object when the operations change nothing.
 * @throws ScimError `invalidPath`, `invalidFilter`, `noTarget`, `mutability`, `invalidValue`, `invalidSyntax`; the detail
 *   starts with the operation's 1-based position, unless it is the result as a whole that is wrong.
 */
export function applyPatch(
  resourceType: ResourceType,
  attributes: JsonObject,
  operations: readonly PatchOperation[],
): JsonObject {
  const after = rewriteOperations(resourceType, operations).reduce(
    (current, operation) => applyOperation(resourceType, current, operation),
    attributes,
  )
  if (after === attributes) return attributes
  const result = withDefaultsOff(
    resourceType,
    attributes,
    withoutHollowElements(resourceType, attributes, after),
  )
  checkResource(resourceType, result)
  return result
}

/**
 * What a new resource gets by default is false once it is cleared: a user without `active` would be in neither of
 * `active eq true` and `active eq false`, and who has access must not hang on what its absence means to a reader.
 */
function withDefaultsOff(
  { defaults }: ResourceType,
  before: JsonObject,
  after: JsonObject,
): JsonObject {
  const cleared = Object.keys(defaults).filter(
    (name) => before[name] !== undefined && after[name] === undefined,
  )
  return { ...after, ...Object.fromEntries(cleared.map((name) => [name, false])) }
}

function applyOperation(
  resourceType: ResourceType,
  attributes: JsonObject,
  operation: PatchOperation,
): JsonObject {
  try {
    if (operation.path === undefined) return applyToResource(resourceType, attributes, operation)
    const target = resolvePatchPath(resourceType, operation.path)
    return applyToTarget(resourceType, attributes, operation, target)
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    throw new ScimError(error.kind, `Operation ${operation.index}: ${error.detail}`, {
      cause: error,
      headers: error.headers,
    })
  }
}

function applyToTarget(
  resourceType: ResourceType,
  attributes: JsonObject,
  operation: PatchOperation,
  target: PatchTarget,
): JsonObject {
  // Entra sends attributes of extensions that nobody declared (ENT-URN-04): nothing to change.
  if (target.kind === 'unknownUrn') return attributes
  if (target.kind === 'extension') {
    return applyToExtension(resourceType, attributes, operation, target.extension)
  }
  const after = applyToAttribute(attributes, operation, { op: operation.op, ...target })
  const value = attributeValueAt(target.reference, after)
  // At once and not only in the end, so that the work of a request stays bounded.
  if (isArray(value) && value.length > LIMITS.values) checkResource(resourceType, after)
  return after
}

function applyToAttribute(
  attributes: JsonObject,
  { op, value = null }: PatchOperation,
  target: AttributeTarget,
): JsonObject {
  const { reference } = target
  if (isDerived(reference)) return attributes
  refuseReadOnly(reference)
  const current = attributeValueAt(reference, attributes)
  return writeAttribute(attributes, target, OPERATIONS[op](target, current, value))
}

/** Without a path the value is an object of attributes of the resource; unknown ones are ignored, as in a POST. */
function applyToResource(
  resourceType: ResourceType,
  attributes: JsonObject,
  operation: PatchOperation,
): JsonObject {
  const { op, value } = operation
  if (op === 'remove') {
    throw new ScimError('noTarget', 'remove needs a path that says what to remove.')
  }
  if (!isObject(value)) {
    throw new ScimError(
      'invalidValue',
      `${op} without a path needs an object of attributes, not ${describe(value)}.`,
    )
  }
  return Object.entries(value).reduce((current, [name, given]) => {
    const target = findByName(resourceType, name)
    if (target === undefined) return current
    return applyToTarget(resourceType, current, { ...operation, value: given }, target)
  }, attributes)
}

/** An attribute by its name, the resource's own before those of extensions; or an extension by its URN. */
function findByName(resourceType: ResourceType, name: string): PatchTarget | undefined {
  const named = schemaNamed(resourceType, name)
  for (const { extension, attributes } of containersOf(resourceType)) {
    if (extension !== undefined && extension === named) return { kind: 'extension', extension }
    const attribute = findAttribute(attributes, name)
    if (attribute === undefined) continue
    const container = extension === undefined ? {} : { extension }
    return { kind: 'attribute', reference: { ...container, attribute } }
  }
  return undefined
}

/** The URN of an extension names its container, which is like a complex value (RFC 7643 §3.3). */
function applyToExtension(
  resourceType: ResourceType,
  attributes: JsonObject,
  operation: PatchOperation,
  extension: Schema,
): JsonObject {
  const { op, value = null } = operation
  if (op === 'remove') return withoutExtension(attributes, operation, extension)
  if (isEmpty(value)) {
    return op === 'add' ? attributes : withoutExtension(attributes, operation, extension)
  }
  if (!isObject(value)) {
    throw new ScimError(
      'invalidValue',
      `${extension.id} must be an object, not ${describe(value)}.`,
    )
  }
  return Object.entries(value).reduce((current, [name, given]) => {
    const attribute = findAttribute(extension.attributes, name)
    if (attribute === undefined) return current
    const target = { kind: 'attribute', reference: { extension, attribute } } as const
    return applyToTarget(resourceType, current, { ...operation, value: given }, target)
  }, attributes)
}

function withoutExtension(
  attributes: JsonObject,
  { op }: PatchOperation,
  extension: Schema,
): JsonObject {
  return extension.attributes.reduce((current, attribute) => {
    const reference = { extension, attribute }
    if (attributeValueAt(reference, current) === undefined) return current
    return writeAttribute(current, { op, reference }, undefined)
  }, attributes)
}

function isEmpty(value: JsonValue): boolean {
  if (value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
