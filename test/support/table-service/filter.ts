import { Refused, type Columns } from './rows.ts'

/** What `$filter` asks for. */
export interface Filter {
  readonly matches: (columns: Columns) => boolean
  /** The partition that all matches are in, where it is one. */
  readonly partitionKey?: string
  /** A key before which no match is. */
  readonly from?: string
  /** A key at which, and behind which, no match is. */
  readonly to?: string
}

const TOKEN = /\s*(\(|\)|'(?:[^']|'')*'|[^\s()]+)/y

/** The comparisons that the service knows, of texts by their code units. */
const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
}

/** Reads a filter of comparisons, `and`, `or` and brackets. @throws Refused for anything else. */
export function parseFilter(text: string): Filter {
  const tokens = tokensOf(text)
  const filter = disjunction(tokens)
  if (tokens.length > 0) throw invalid(text)
  return filter
}

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  const pattern = new RegExp(TOKEN)
  while (pattern.lastIndex < text.trimEnd().length) {
    const token = pattern.exec(text)?.[1]
    if (token === undefined) throw invalid(text)
    tokens.push(token)
  }
  return tokens
}

function disjunction(tokens: string[]): Filter {
  let filter = conjunction(tokens)
  while (tokens[0] === 'or') {
    tokens.shift()
    const [one, other] = [filter, conjunction(tokens)]
    filter = { matches: (columns) => one.matches(columns) || other.matches(columns) }
  }
  return filter
}

function conjunction(tokens: string[]): Filter {
  let filter = operand(tokens)
  while (tokens[0] === 'and') {
    tokens.shift()
    const [one, other] = [filter, operand(tokens)]
    filter = {
      ...one,
      ...other,
      matches: (columns) => one.matches(columns) && other.matches(columns),
    }
  }
  return filter
}

function operand(tokens: string[]): Filter {
  const first = tokens.shift() ?? ''
  if (first === '(') {
    const filter = disjunction(tokens)
    if (tokens.shift() !== ')') throw invalid(first)
    return filter
  }
  const operator = tokens.shift() ?? ''
  const holds = OPERATORS[operator]
  const value = literal(tokens.shift() ?? '')
  if (holds === undefined) throw invalid(`${first} ${operator}`)
  return {
    ...bounds(first, operator, value),
    // A column that a row does not have is neither equal nor unequal.
    matches: (columns) => {
      const found = columns[first]
      return typeof found === typeof value && holds(compare(String(found), String(value)))
    },
  }
}

function bounds(column: string, operator: string, value: unknown): Partial<Filter> {
  if (typeof value !== 'string') return {}
  if (column === 'PartitionKey' && operator === 'eq') return { partitionKey: value }
  if (column !== 'RowKey') return {}
  if (operator === 'ge' || operator === 'gt') return { from: value }
  return operator === 'lt' ? { to: value } : {}
}

function literal(token: string): string | boolean {
  if (token === 'true' || token === 'false') return token === 'true'
  if (token.length < 2 || !token.startsWith("'") || !token.endsWith("'")) throw invalid(token)
  return token.slice(1, -1).replaceAll("''", "'")
}

function compare(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

function invalid(text: string): Refused {
  return new Refused(400, 'InvalidInput', `The filter cannot be read: ${text}`)
}
