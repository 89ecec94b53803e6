import type { Attribute } from '../attribute.ts'
import { detail } from '../detail.ts'
import { ScimError } from '../errors.ts'
import { elementsOf, type JsonValue } from '../json.ts'
import { comparableText } from '../text.ts'
import { whatCame } from '../what-came.ts'

/** So many of the values that are taken are told. */
const MOST_TOLD = 5

/** The value as it is spelt among those that an attribute takes: text is compared as the attribute does it. */
export function allowedSpelling(attribute: Attribute, text: string): string {
  const { canonicalValues = [] } = attribute
  const wanted = comparableText(attribute, text)
  return canonicalValues.find((each) => comparableText(attribute, each) === wanted) ?? text
}

/**
 * Refuses what is none of the values of an attribute that takes no others, nor one that was there: which values are taken
 * may have changed since, and clients send again what they have read.
 * @param value in canonical form; undefined when unassigned.
 * @param stored what was there.
 * @throws ScimError `invalidValue` that tells the first of those that are taken.
 */
export function checkAllowed(
  attribute: Attribute,
  path: string,
  value: JsonValue | undefined,
  ...stored: readonly (JsonValue | undefined)[]
): void {
  const { canonicalValues = [], onlyCanonicalValues, multiValued } = attribute
  if (!onlyCanonicalValues) return
  const had = new Set(stored.flatMap(elementsOf))
  let folded: ReadonlySet<string | undefined> | undefined
  for (const [at, each] of elementsOf(value).entries()) {
    if (!isPlain(each) || had.has(each) || isListed(canonicalValues, each)) continue
    folded ??= new Set([...had].map((one) => foldedText(attribute, one)))
    if (typeof each === 'string' && folded.has(foldedText(attribute, each))) continue
    throw notAllowed(canonicalValues, each, multiValued ? `${path}[${at}]` : path)
  }
}

function isListed(canonicalValues: readonly string[], value: string | number): boolean {
  return typeof value === 'string'
    ? canonicalValues.includes(value)
    : canonicalValues.some((each) => Number(each) === value)
}

function foldedText(attribute: Attribute, value: JsonValue): string | undefined {
  return typeof value === 'string' ? comparableText(attribute, value) : undefined
}

function isPlain(value: JsonValue): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
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
