import type { Schema } from '../attribute.ts'
import { referencePath } from '../attribute-path.ts'
import { isArray, type JsonObject } from '../json.ts'
import { LIMITS } from '../limits.ts'
import type { OperationName } from '../patch-operation.ts'
import type { ResourceType } from '../resource-type.ts'
import { checkAllowed } from '../validate/allowed.ts'
import { checkResource } from '../validate/final-state.ts'
import { attributeValueAt } from '../values-at.ts'
import { add } from './add.ts'
import { atOnce } from './at-once.ts'
import { atOperation } from './at-operation.ts'
import { Comparisons } from './comparisons.ts'
import { withoutEmptyElements } from './empty-elements.ts'
import { remove } from './remove.ts'
import { replace } from './replace.ts'
import type { ResolvedOperation } from './resolved-operation.ts'
import { writeAttribute } from './write.ts'

const OPERATIONS = { add, remove, replace }

/**
 * Applies the operations of a PATCH in their order (RFC 7644 §3.5.2), all of them or none; the attributes that come in
 * are left as they are. The generator yields between operations whenever other requests should have their turn: at most
 * about 50,000 comparisons after it was resumed.
 *
 * @param attributes canonical attributes of a resource of the type.
 * @param operations of `readPatch`.
 * @returns canonical attributes; the same object when the operations change nothing.
 * @throws ScimError `noTarget`, `mutability`, `invalidValue`, `invalidSyntax`; the detail starts with the operation's
 *   1-based position, unless it is the result as a whole that is wrong. `invalidValue` also when the operations need more
 *   than LIMITS.patchComparisons comparisons.
 */
export function* applyPatch(
  resourceType: ResourceType,
  attributes: JsonObject,
  operations: readonly ResolvedOperation[],
): Generator<undefined, JsonObject, undefined> {
  const comparisons = new Comparisons()
  let after = attributes
  for (const operation of operations) {
    if (comparisons.endsTurn()) yield
    const before = after
    after = atOperation(operation.index, () =>
      applyOperation(resourceType, { stored: attributes, before }, operation, comparisons),
    )
  }
  if (after === attributes) return attributes
  const result = withDefaultsOff(
    resourceType,
    attributes,
    withoutEmptyElements(resourceType, attributes, after),
  )
  checkResource(resourceType, result, attributes)
  return result
}

/** As `applyPatch`, without a pause. */
export function applyPatchAtOnce(
  resourceType: ResourceType,
  attributes: JsonObject,
  operations: readonly ResolvedOperation[],
): JsonObject {
  return atOnce(applyPatch(resourceType, attributes, operations))
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
  { stored, before: attributes }: { readonly stored: JsonObject; readonly before: JsonObject },
  { op, target, value }: ResolvedOperation,
  comparisons: Comparisons,
): JsonObject {
  if (target.kind === 'extension') {
    return op === 'add' ? attributes : withoutExtension(op, attributes, target.extension)
  }
  const { reference } = target
  const current = attributeValueAt(reference, attributes)
  const changed = OPERATIONS[op](target, current, value, comparisons)
  const after = writeAttribute(op, attributes, reference, changed)
  const { extension, attribute } = reference
  const whole = { extension, attribute }
  checkAllowed(
    attribute,
    referencePath(whole),
    changed,
    attributeValueAt(whole, stored),
    attributeValueAt(whole, attributes),
  )
  // At once and not only in the end, so that the work of a request stays bounded.
  if (isArray(changed) && changed.length > LIMITS.values) checkResource(resourceType, after, stored)
  return after
}

function withoutExtension(
  op: OperationName,
  attributes: JsonObject,
  extension: Schema,
): JsonObject {
  return extension.attributes.reduce((current, attribute) => {
    const reference = { extension, attribute }
    if (attributeValueAt(reference, current) === undefined) return current
    return writeAttribute(op, current, reference, undefined)
  }, attributes)
}
