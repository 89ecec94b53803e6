import type { Attribute } from '../attribute.ts'
import { detail } from '../detail.ts'
import { ScimError } from '../errors.ts'
import { comparableText } from '../text.ts'
import { whatCame } from '../what-came.ts'

/** So many of the values that are taken are told. */
const MOST_TOLD = 5

/**
 * Refuses what is none of the values of an attribute that takes no others: text as the attribute compares it, numbers by value.
 * @returns the value as it is spelt among them.
 * @throws ScimError `invalidValue` that tells the first of them.
 */
export function allowedValue(attribute: Attribute, value: string | number, path: string): string {
  const { canonicalValues = [] } = attribute
  const allowed = canonicalValues.find((each) => isSame(attribute, each, value))
  if (allowed === undefined) throw notAllowed(canonicalValues, value, path)
  return allowed
}

function isSame(attribute: Attribute, canonical: string, value: string | number): boolean {
  if (typeof value === 'number') return Number(canonical) === value
  return comparableText(attribute, canonical) === comparableText(attribute, value)
}

function notAllowed(allowed: readonly string[], value: string | number, path: string): ScimError {
  const told = allowed
    .slice(0, MOST_TOLD)
    .map((each) => (typeof value === 'number' ? each : JSON.stringify(each)))
  const more = allowed.length - told.length
  const others = more === 0 ? '' : ` and ${more} more`
  return new ScimError(
    'invalidValue',
    detail`${path} must be one of ${told.join(', ')}${others}; ${whatCame(value)} came.`,
  )
}
