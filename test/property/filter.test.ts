import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findAttribute } from '../../lib/scim/attribute.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import {
  COMPARISON_OPERATORS,
  type ComparisonOperator,
  type Filter,
  type FilterValue,
} from '../../lib/scim/filter/filter.ts'
import { matches, matchesValue } from '../../lib/scim/filter/match.ts'
import { parseFilter } from '../../lib/scim/filter/parse.ts'
import { printFilter } from '../support/print-filter.ts'
import { resolveFilter, resolveValueFilter } from '../../lib/scim/filter/resolve.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import { parsePath, resolvePatchPath } from '../../lib/scim/patch/path.ts'
import { USER_SCHEMA } from '../../lib/scim/schema/user.ts'
import { codePoint } from '../support/code-point.ts'
import { TYPED_URN, TYPED_USER } from '../support/typed-attributes.ts'

type Comparison = Filter & { kind: 'comparison' }

function path(text: string): { text: string; position: number } {
  return { text, position: 0 }
}

/** A chain of the same kind is one list, as the parser makes it. */
function chain(kind: 'and' | 'or', filters: readonly Filter[]): Filter {
  return { kind, filters: filters.flatMap((each) => (each.kind === kind ? each.filters : [each])) }
}

function withoutPositions(filter: Filter): Filter {
  if ('filters' in filter) {
    return { kind: filter.kind, filters: filter.filters.map(withoutPositions) }
  }
  if (filter.kind === 'not') return { kind: 'not', filter: withoutPositions(filter.filter) }
  const written = path(filter.path.text)
  if (filter.kind === 'valuePath') {
    return { kind: 'valuePath', path: written, filter: withoutPositions(filter.filter) }
  }
  return { ...filter, path: written }
}

/** Logic of up to three levels over the given conditions. */
function logic(condition: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> {
  return fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      condition,
      fc
        .tuple(
          fc.constantFrom('and' as const, 'or' as const),
          fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
        )
        .map(([kind, filters]) => chain(kind, filters)),
      tie('filter').map((filter): Filter => ({ kind: 'not', filter })),
    ),
  })).filter
}

// Any filter at all.

const attributeName = fc.stringMatching(/^[A-Za-z$][A-Za-z0-9_-]{0,8}$/)
const keyword = /^(?:and|or|not)$/i
const anyPath = fc
  .oneof(
    attributeName,
    fc.tuple(attributeName, attributeName).map(([a, b]) => `${a}.${b}`),
    attributeName.map((each) => `urn:ietf:params:scim:schemas:core:2.0:User:${each}`),
  )
  .filter((text) => !keyword.test(text))
  .map(path)
const anyValue: fc.Arbitrary<FilterValue> = fc.oneof(
  fc.string({ unit: codePoint }),
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((each) => !Object.is(each, -0)),
  fc.boolean(),
  fc.constant(null),
)
const anyCondition: fc.Arbitrary<Filter> = fc.oneof(
  anyPath.map((each): Filter => ({ kind: 'present', path: each })),
  fc.record({
    kind: fc.constant('comparison' as const),
    path: anyPath,
    operator: fc.constantFrom(...COMPARISON_OPERATORS),
    value: anyValue,
  }),
)
const anyFilter = logic(
  fc.oneof(
    { weight: 3, arbitrary: anyCondition },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('valuePath' as const),
        path: anyPath,
        filter: logic(anyCondition),
      }),
    },
  ),
)

// Filters and resources over a few attributes with few values, so that hits and misses are both frequent.

const TEXTS = ['a', 'A', 'ab', 'B', 'é', 'e\u0301', 'É']
const INSTANTS = [
  '2011-05-13T04:42:34Z',
  '2011-05-13T06:42:34+02:00',
  '2011-05-13T04:42:34.5Z',
  '2011-05-12T21:42:35.000-07:00',
]
const OPERATORS_OF: Readonly<Record<string, readonly ComparisonOperator[]>> = {
  text: COMPARISON_OPERATORS,
  number: ['eq', 'ne', 'gt', 'ge', 'lt', 'le'],
  instant: ['eq', 'ne', 'gt', 'ge', 'lt', 'le'],
  boolean: ['eq', 'ne'],
}
const VALUES_OF: Readonly<Record<string, readonly FilterValue[]>> = {
  text: [...TEXTS, ''],
  number: [-1, 0, 1, 1.5, '1'],
  instant: INSTANTS,
  boolean: [true, false, 'True', 'false'],
}

type Kind = 'text' | 'exact' | 'number' | 'instant' | 'boolean'

type Known = readonly (readonly [path: string, kind: Kind])[]

const ATTRIBUTES: Known = [
  ['userName', 'text'],
  ['externalId', 'exact'],
  ['active', 'boolean'],
  ['name.givenName', 'text'],
  ['emails', 'text'],
  ['emails.type', 'text'],
  ['emails.primary', 'boolean'],
  ['meta.created', 'instant'],
  [`${TYPED_URN}:integerValue`, 'number'],
  [`${TYPED_URN}:tags`, 'text'],
  [`${TYPED_URN}:numbers`, 'number'],
]
const EMAIL_ATTRIBUTES: Known = [
  ['value', 'text'],
  ['type', 'text'],
  ['primary', 'boolean'],
]

function typedCondition(attributes: Known): fc.Arbitrary<Filter> {
  return fc.constantFrom(...attributes).chain(([text, kind]): fc.Arbitrary<Filter> => {
    const family = kind === 'exact' ? 'text' : kind
    const comparison = fc.record({
      kind: fc.constant('comparison' as const),
      path: fc.constant(path(text)),
      operator: fc.constantFrom(...(OPERATORS_OF[family] ?? [])),
      value: fc.constantFrom(...(VALUES_OF[family] ?? [])),
    })
    const withNull = fc.constantFrom('eq' as const, 'ne' as const).map((operator): Comparison => ({
      kind: 'comparison',
      path: path(text),
      operator,
      value: null,
    }))
    const present = fc.constant<Filter>({ kind: 'present', path: path(text) })
    return fc.oneof({ weight: 6, arbitrary: comparison }, withNull, present)
  })
}

const emailFilter = logic(typedCondition(EMAIL_ATTRIBUTES))
const typedFilter = logic(
  fc.oneof(
    { weight: 3, arbitrary: typedCondition(ATTRIBUTES) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('valuePath' as const),
        path: fc.constant(path('emails')),
        filter: emailFilter,
      }),
    },
  ),
)

const text = fc.constantFrom(...TEXTS)
const email = fc.record({ value: text, type: text, primary: fc.boolean() }, { requiredKeys: [] })
const resource: fc.Arbitrary<JsonObject> = fc.record(
  {
    userName: text,
    externalId: text,
    active: fc.boolean(),
    name: fc.record({ givenName: text }, { requiredKeys: [] }),
    emails: fc.array(email, { maxLength: 3 }),
    meta: fc.record({ created: fc.constantFrom(...INSTANTS) }, { requiredKeys: [] }),
    [TYPED_URN]: fc.record(
      {
        integerValue: fc.integer({ min: -2, max: 2 }),
        tags: fc.array(text, { maxLength: 2 }),
        numbers: fc.array(fc.integer({ min: -2, max: 2 }), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
)

// The evaluator that `match` is held against: slow, and straight from the RFC.

function valuesAt(subject: JsonValue, steps: readonly string[]): JsonValue[] {
  if (isArray(subject)) return subject.flatMap((each) => valuesAt(each, steps))
  const [step, ...rest] = steps
  if (step === undefined) return [subject]
  const value = isObject(subject) ? subject[step] : undefined
  if (value !== undefined) return valuesAt(value, rest)
  return []
}

function stepsOf(attributePath: string): string[] {
  if (attributePath === 'emails') return ['emails', 'value']
  if (!attributePath.startsWith(TYPED_URN)) return attributePath.split('.')
  return [TYPED_URN, attributePath.slice(TYPED_URN.length + 1)]
}

function isAssigned(value: JsonValue): boolean {
  if (isArray(value)) return value.some(isAssigned)
  if (isObject(value)) return Object.values(value).some(isAssigned)
  return value !== null && value !== ''
}

type Scalar = Exclude<FilterValue, null>

function isScalar(value: JsonValue): value is Scalar {
  return value !== null && typeof value !== 'object'
}

function prepared(kind: Kind, value: Scalar): string | number {
  if (kind === 'number') return Number(value)
  if (kind === 'instant') return Date.parse(String(value))
  const composed = String(value).normalize('NFC')
  return kind === 'exact' ? composed : composed.toLowerCase()
}

function compares(kind: Kind, value: Scalar, operator: string, operand: Scalar): boolean {
  const a = prepared(kind, value)
  const b = prepared(kind, operand)
  if (operator === 'co') return String(a).includes(String(b))
  if (operator === 'sw') return String(a).startsWith(String(b))
  if (operator === 'ew') return String(a).endsWith(String(b))
  if (operator === 'gt') return a > b
  if (operator === 'ge') return a >= b
  if (operator === 'lt') return a < b
  if (operator === 'le') return a <= b
  return a === b
}

function naive(filter: Filter, subject: JsonObject, known: Known = ATTRIBUTES): boolean {
  if ('filters' in filter) {
    const hits = filter.filters.filter((each) => naive(each, subject, known)).length
    return filter.kind === 'and' ? hits === filter.filters.length : hits > 0
  }
  if (filter.kind === 'not') return !naive(filter.filter, subject, known)
  if (filter.kind === 'valuePath') {
    return valuesAt(subject, [filter.path.text]).some(
      (element) => isObject(element) && naive(filter.filter, element, EMAIL_ATTRIBUTES),
    )
  }
  if (filter.kind === 'present') return isPresent(filter.path.text, subject)
  const { operator, value } = filter
  if (value === null) return (operator === 'ne') === isPresent(filter.path.text, subject)
  const kind = known.find(([each]) => each === filter.path.text)?.[1] ?? 'text'
  const values = comparedValues(filter.path.text, subject)
  if (operator === 'ne') return !values.some((each) => compares(kind, each, 'eq', value))
  return values.some((each) => compares(kind, each, operator, value))
}

/** `emails pr` is about the whole attribute, `emails eq` about its values. */
function isPresent(name: string, subject: JsonObject): boolean {
  return valuesAt(subject, name === 'emails' ? [name] : stepsOf(name)).some(isAssigned)
}

function comparedValues(name: string, subject: JsonObject): Scalar[] {
  if (!name.endsWith('primary')) return valuesAt(subject, stepsOf(name)).filter(isScalar)
  const elements = name === 'primary' ? [subject] : valuesAt(subject, ['emails'])
  return elements.map((element) => isObject(element) && element['primary'] === true)
}

test('what is printed reads as the same filter', () => {
  fc.assert(
    fc.property(anyFilter, (filter) => {
      expect(withoutPositions(parseFilter(printFilter(filter)))).toEqual(filter)
    }),
  )
})

const fragments = fc.array(
  fc.oneof(
    fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      '"',
      "'",
      ' ',
      '.',
      ':',
      '\\',
      'not',
      'and',
      'or',
      'pr',
      'eq',
    ),
    fc.constantFrom('userName', 'emails', 'type', '.value', '"x"', 'true', 'null', '1', 'urn:x:y'),
    fc.string({ unit: codePoint, maxLength: 3 }),
  ),
  { maxLength: 20 },
)
const anyText = fc.oneof(
  fc.string({ unit: codePoint }),
  fragments.map((parts) => parts.join('')),
  fragments.map((parts) => parts.join(' ')),
)

test('any text is a filter or invalidFilter', () => {
  fc.assert(
    fc.property(anyText, (input) => {
      try {
        const filter = parseFilter(input)
        expect(withoutPositions(parseFilter(printFilter(filter)))).toEqual(withoutPositions(filter))
        resolveFilter(TYPED_USER, filter)
      } catch (error) {
        if (!(error instanceof ScimError && error.kind === 'invalidFilter')) throw error
      }
    }),
    { numRuns: 1000 },
  )
})

test('any text is a path or invalidPath', () => {
  fc.assert(
    fc.property(anyText, (input) => {
      const kinds: string[] = []
      for (const read of [parsePath, (each: string) => resolvePatchPath(TYPED_USER, each)]) {
        try {
          read(input)
        } catch (error) {
          if (!(error instanceof ScimError)) throw error
          kinds.push(error.kind)
        }
      }
      // A path that can be read may have a filter that does not fit.
      expect(['', 'invalidPath', 'invalidFilter', 'invalidPath,invalidPath']).toContain(
        kinds.join(','),
      )
    }),
    { numRuns: 1000 },
  )
})

test('match agrees with the naive evaluator', () => {
  let hits = 0
  let misses = 0
  fc.assert(
    fc.property(typedFilter, resource, (filter, subject) => {
      const expected = naive(filter, subject)
      expect(matches(resolveFilter(TYPED_USER, filter), subject)).toBe(expected)
      if (expected) hits += 1
      else misses += 1
    }),
    { numRuns: 2000 },
  )
  expect(Math.min(hits, misses)).toBeGreaterThan(200)
})

test('an element matches as the value path with this one element does', () => {
  const emails = findAttribute(USER_SCHEMA.attributes, 'emails')
  if (emails === undefined) throw new Error('no emails')
  fc.assert(
    fc.property(emailFilter, email, (filter, element) => {
      const whole = resolveFilter(TYPED_USER, { kind: 'valuePath', path: path('emails'), filter })
      expect(matchesValue(resolveValueFilter(emails, filter), element)).toBe(
        matches(whole, { emails: [element] }),
      )
    }),
  )
})

test('not (not f) is f', () => {
  fc.assert(
    fc.property(typedFilter, resource, (filter, subject) => {
      const twice: Filter = { kind: 'not', filter: { kind: 'not', filter } }
      expect(matches(resolveFilter(TYPED_USER, twice), subject)).toBe(
        matches(resolveFilter(TYPED_USER, filter), subject),
      )
    }),
  )
})

function changeCase(filter: Filter, change: (name: string) => string): Filter {
  if ('filters' in filter) {
    return { kind: filter.kind, filters: filter.filters.map((each) => changeCase(each, change)) }
  }
  if (filter.kind === 'not') return { kind: 'not', filter: changeCase(filter.filter, change) }
  const written = path(change(filter.path.text))
  if (filter.kind === 'valuePath') {
    return { kind: 'valuePath', path: written, filter: changeCase(filter.filter, change) }
  }
  return { ...filter, path: written }
}

test('attribute names and URNs match in any case', () => {
  fc.assert(
    fc.property(typedFilter, fc.infiniteStream(fc.boolean()), (filter, upper) => {
      const changed = changeCase(filter, (each) =>
        Array.from(each, (c) =>
          upper.next().value === true ? c.toUpperCase() : c.toLowerCase(),
        ).join(''),
      )
      expect(resolveFilter(TYPED_USER, changed)).toEqual(resolveFilter(TYPED_USER, filter))
    }),
  )
})
