import type { Attribute, AttributeType } from '../attribute.ts'
import { booleanIn } from '../clients/entra.ts'
import { comparableInstant, withTime } from '../date-time.ts'
import {
  COMPARISON_OPERATORS,
  PARTIAL,
  type ComparisonOperator,
  type FilterValue,
} from './filter.ts'

/** A literal that is compared. */
export type Literal = Exclude<FilterValue, null>

/** What may be compared with values of a type (RFC 7644 §3.4.2.2 Table 3). */
interface Comparability {
  readonly operators: readonly ComparisonOperator[]
  /** Names the right literal, for an error's detail. */
  readonly literal: string
  /** The literal in the attribute's type, or undefined when it cannot be one. */
  readonly coerce: (value: Literal) => Literal | undefined
}

/** For what has no order. */
export const EQUALITY = ['eq', 'ne'] as const
const ORDER = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const

/** A number as text; unlike in JSON it may start with zeros. */
const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i

const TEXT: Comparability = {
  operators: COMPARISON_OPERATORS,
  literal: 'a string in double quotes',
  // Lenient: an identifier made of digits often comes without quotes.
  coerce: String,
}
const NUMERIC: Comparability = { operators: ORDER, literal: 'a number', coerce: toNumber }

const COMPARABILITY: Readonly<Record<AttributeType, Comparability>> = {
  string: TEXT,
  reference: TEXT,
  binary: { ...TEXT, operators: EQUALITY },
  boolean: {
    operators: EQUALITY,
    literal: 'true or false',
    coerce: (value) => booleanIn(String(value)),
  },
  integer: NUMERIC,
  decimal: NUMERIC,
  dateTime: {
    operators: ORDER,
    literal: 'a dateTime such as "2011-05-13T04:42:34Z"',
    coerce: toInstant,
  },
  complex: { operators: [], literal: 'nothing', coerce: () => undefined },
}

/** Dates are published as strings, so a part of one may be looked for, too. */
const DATE: Comparability = {
  operators: COMPARISON_OPERATORS,
  literal: 'a date such as "2026-01-31", or a dateTime such as "2026-01-31T09:00:00Z"',
  coerce: toInstant,
}

/** What values of an attribute may be compared with by an operator. */
export function comparabilityOf(
  { type, format }: Attribute,
  operator: ComparisonOperator,
): Comparability {
  const isDate = format === 'dateOrDateTime' && !PARTIAL.has(operator)
  return isDate ? DATE : COMPARABILITY[type]
}

function toInstant(value: Literal): string | undefined {
  const text = withTime(String(value))
  return comparableInstant(text) === undefined ? undefined : text
}

function toNumber(value: Literal): number | undefined {
  if (!NUMBER.test(String(value))) return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}
