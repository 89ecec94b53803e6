import { leaf, type ResolvedAttribute } from '../attribute-path.ts'
import type { Attribute } from '../attribute.ts'
import { isArray, isObject, own, type JsonObject, type JsonValue } from '../json.ts'
import { comparableForm, ComparableTexts } from '../text.ts'
import { valuesAt } from '../values-at.ts'
import { containing } from './contains.ts'
import {
  PARTIAL,
  type ComparisonOperator,
  type FilterValue,
  type ResolvedFilter,
} from './filter.ts'

/** What a reference finds in a subject: one entry for each place, undefined where nothing is. */
type Read<Subject> = (subject: Subject) => readonly (JsonValue | undefined)[]

type Predicate<Subject> = (subject: Subject, texts: ComparableTexts) => boolean

type Operator = Exclude<ComparisonOperator, 'ne'>

const TEXT_TESTS: Readonly<
  Record<Exclude<Operator, 'co'>, (value: string, operand: string) => boolean>
> = {
  eq: (value, operand) => value === operand,
  sw: (value, operand) => value.startsWith(operand),
  ew: (value, operand) => value.endsWith(operand),
  gt: (value, operand) => value > operand,
  ge: (value, operand) => value >= operand,
  lt: (value, operand) => value < operand,
  le: (value, operand) => value <= operand,
}

const NUMBER_TESTS: Readonly<Record<Operator, (value: number, operand: number) => boolean>> = {
  eq: (value, operand) => value === operand,
  co: () => false,
  sw: () => false,
  ew: () => false,
  gt: (value, operand) => value > operand,
  ge: (value, operand) => value >= operand,
  lt: (value, operand) => value < operand,
  le: (value, operand) => value <= operand,
}

const compiled = new WeakMap<ResolvedFilter, Predicate<JsonObject>>()
const compiledForValues = new WeakMap<ResolvedFilter, Predicate<JsonValue>>()

/**
 * Whether a resource matches a filter of `resolveFilter`.
 * @param resource as it is answered: canonical names, extension attributes in an object under their URN.
 */
export function matches(filter: ResolvedFilter, resource: JsonObject): boolean {
  let predicate = compiled.get(filter)
  if (predicate === undefined) {
    predicate = compile(filter, readResource)
    compiled.set(filter, predicate)
  }
  return predicate(resource, new ComparableTexts())
}

/**
 * Whether one element of a multi-valued attribute, or a complex value, matches a filter of `resolveValueFilter`.
 * @param texts of a work that has several filters look at the same elements.
 */
export function matchesValue(
  filter: ResolvedFilter,
  element: JsonValue,
  texts = new ComparableTexts(),
): boolean {
  let predicate = compiledForValues.get(filter)
  if (predicate === undefined) {
    predicate = compile(filter, readElement)
    compiledForValues.set(filter, predicate)
  }
  return predicate(element, texts)
}

/** What it costs to match one value. */
export interface FilterCost {
  readonly conditions: number
  /** Those of the conditions that search the whole text (`co`). */
  readonly searches: number
}

/** The cost of a filter. */
export function costOf(filter: ResolvedFilter): FilterCost {
  if ('filters' in filter) {
    return filter.filters.map(costOf).reduce(
      (sum, each) => ({
        conditions: sum.conditions + each.conditions,
        searches: sum.searches + each.searches,
      }),
      { conditions: 0, searches: 0 },
    )
  }
  if ('filter' in filter) return costOf(filter.filter)
  const isSearch = filter.kind === 'comparison' && filter.operator === 'co'
  return { conditions: 1, searches: isSearch ? 1 : 0 }
}

/** The filter as a function, so that operands are prepared once and not for each subject. */
function compile<Subject>(
  filter: ResolvedFilter,
  readerOf: (reference: ResolvedAttribute) => Read<Subject>,
): Predicate<Subject> {
  switch (filter.kind) {
    case 'and': {
      const all = filter.filters.map((each) => compile(each, readerOf))
      return (subject, texts) => all.every((predicate) => predicate(subject, texts))
    }
    case 'or': {
      const any = filter.filters.map((each) => compile(each, readerOf))
      return (subject, texts) => any.some((predicate) => predicate(subject, texts))
    }
    case 'not': {
      const predicate = compile(filter.filter, readerOf)
      return (subject, texts) => !predicate(subject, texts)
    }
    case 'present':
      return isPresent(readerOf(filter.reference))
    case 'comparison':
      return comparison(filter, readerOf(filter.reference))
    case 'valuePath':
      break
  }
  const read = readerOf(filter.reference)
  const predicate = compile(filter.filter, readElement)
  return (subject, texts) =>
    read(subject).some((element) => element !== undefined && predicate(element, texts))
}

function isPresent<Subject>(read: Read<Subject>): (subject: Subject) => boolean {
  return (subject) => read(subject).some(isAssigned)
}

/** RFC 7643 §2.5: null and empty arrays are no values; nor are empty strings and objects without a value. */
function isAssigned(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '') return false
  if (isArray(value)) return value.some(isAssigned)
  return !isObject(value) || Object.values(value).some(isAssigned)
}

function comparison<Subject>(
  filter: ResolvedFilter & { kind: 'comparison' },
  read: Read<Subject>,
): Predicate<Subject> {
  const { reference, operator, value: operand } = filter
  if (operand === null) {
    const present = isPresent(read)
    return operator === 'ne' ? present : (subject) => !present(subject)
  }
  // RFC 7644 §3.4.2.2 leaves open what `ne` means without a value or with several: the opposite of `eq`.
  if (operator === 'ne') {
    const equal = comparison({ ...filter, operator: 'eq' }, read)
    return (subject, texts) => !equal(subject, texts)
  }
  const attribute = leaf(reference)
  const test = valueTest(attribute, operator, operand)
  const missing = valueWhenMissing(attribute)
  return (subject, texts) =>
    read(subject).some((value = missing) => value !== undefined && test(value, texts))
}

/** RFC 7643 §2.4: an element without `primary` is not the primary one. */
function valueWhenMissing(attribute: Attribute): JsonValue | undefined {
  return attribute.type === 'boolean' && attribute.name === 'primary' ? false : undefined
}

function valueTest(
  attribute: Attribute,
  operator: Operator,
  operand: Exclude<FilterValue, null>,
): (value: JsonValue, texts: ComparableTexts) => boolean {
  if (typeof operand === 'boolean') return (value) => value === operand
  if (typeof operand === 'number') {
    const test = NUMBER_TESTS[operator]
    return (value) => typeof value === 'number' && test(value, operand)
  }
  const compared = PARTIAL.has(operator) ? withoutFormat(attribute) : attribute
  const prepared = comparableForm(compared, operand)
  if (prepared === undefined) return () => false
  const test = textTest(operator, prepared)
  return (value, texts) => {
    const text = typeof value === 'string' ? texts.of(compared, value) : undefined
    return text !== undefined && test(text)
  }
}

/** A part of a date is a part of its text, such as `sw "2026-"`. */
function withoutFormat(attribute: Attribute): Attribute {
  const { format: _, ...others } = attribute
  return others
}

function textTest(operator: Operator, operand: string): (text: string) => boolean {
  if (operator === 'co') return containing(operand)
  const test = TEXT_TESTS[operator]
  return (text) => test(text, operand)
}

function readResource(reference: ResolvedAttribute): Read<JsonObject> {
  return (resource) => valuesAt(reference, resource)
}

function readElement({ attribute }: ResolvedAttribute): Read<JsonValue> {
  return (element) => {
    if (isObject(element)) return [own(element, attribute.name)]
    // The elements of a simple attribute are their own `value`.
    return attribute.name === 'value' ? [element] : []
  }
}
