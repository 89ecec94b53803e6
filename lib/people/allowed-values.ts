import type { DefinableType } from '../scim/attribute-definition.ts'
import type { ScimError } from '../scim/errors.ts'
import { LIMITS } from '../scim/limits.ts'
import { foldCase, hasTooManyMarks } from '../scim/text.ts'
import { WrongDefinition } from './wrong-definition.ts'

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/

/** Whether a text is a value of the type, for types that may be restricted; how two values are told apart. */
const RESTRICTED: Readonly<
  Partial<
    Record<
      DefinableType,
      { right: string; isValue: (text: string) => boolean; key: (text: string) => string | number }
    >
  >
> = {
  string: { right: 'printable text', isValue: isPrintable, key: foldCase },
  integer: {
    right: 'a whole number, as text',
    isValue: (text) => NUMBER.test(text) && Number.isSafeInteger(Number(text)),
    key: Number,
  },
  decimal: {
    right: 'a number, as text',
    isValue: (text) => NUMBER.test(text) && Number.isFinite(Number(text)),
    key: Number,
  },
}

/**
 * Checks the values that an attribute is to take and no others; none: it takes any.
 * @throws ScimError `invalidValue` that says which one is wrong, and what would be right.
 */
export function checkAllowedValues(type: DefinableType, values: readonly string[]): void {
  if (values.length === 0) return
  const restricted = RESTRICTED[type]
  if (restricted === undefined) {
    const types = Object.keys(RESTRICTED).join(', ')
    throw invalid(`only attributes of the types ${types} have allowedValues, not ${type}`)
  }
  if (values.length > LIMITS.allowedValues) {
    throw invalid(
      `allowedValues may have at most ${LIMITS.allowedValues} values; ${values.length} came`,
    )
  }
  const { right, isValue, key } = restricted
  const seen = new Set<string | number>()
  for (const [at, value] of values.entries()) {
    if (value.length > LIMITS.allowedValueCharacters || value.trim() !== value || !isValue(value)) {
      throw invalid(
        `allowedValues[${at}] must be ${right}, of 1 to ${LIMITS.allowedValueCharacters} characters with no white space around them`,
      )
    }
    if (seen.has(key(value))) throw invalid(`allowedValues[${at}] is there twice; case is ignored`)
    seen.add(key(value))
  }
}

function isPrintable(text: string): boolean {
  return text !== '' && !/[\p{C}\p{Zl}\p{Zp}]/u.test(text) && !hasTooManyMarks(text)
}

function invalid(what: string): ScimError {
  return new WrongDefinition('invalidValue', 'allowedValues', what)
}
