import { LIMITS } from '../limits.ts'
import { detail, quote } from '../detail.ts'
import { ScimError } from '../errors.ts'
import { hasTooManyMarks } from '../text.ts'
import {
  COMPARISON_OPERATORS,
  type ComparisonOperator,
  type Filter,
  type FilterValue,
  type WrittenPath,
} from './filter.ts'
import { isWord, TokenReader, type Token } from './lex.ts'

const OPERATORS: ReadonlyMap<string, ComparisonOperator> = new Map(
  COMPARISON_OPERATORS.map((operator) => [operator, operator]),
)
const OPERATOR_NAMES = [...COMPARISON_OPERATORS, 'pr'].join(', ')

/** RFC 7643 §2.1 ATTRNAME, which has "$"; tenants may name their own attributes by a number. */
const NAME = /^[\w$-]+$/
/** `name` or `name.sub`; after a URN the schemas decide; here no segment may be empty. */
const ATTRIBUTE_PATH = /^[\w$-]+(?:\.[\w$-]+)?$/
const URN_PATH = /^[^.:]+(?:[.:][^.:]+)+$/

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

const FILTER = { kind: 'invalidFilter', name: 'filter' } as const

/** Where in the filter the parser is. */
interface Nesting {
  readonly depth: number
  readonly inValuePath: boolean
}

/**
 * Reads a filter (RFC 7644 §3.4.2.2 Figure 1) in linear time. Comparisons bind tightest, then `not`, `and`, `or`
 * (erratum 4670); `not` may be followed by a space (7319); value paths do not nest (4690, 7322). Words without quotes
 * are strings, as Entra's documentation writes them; where nothing else is in the filter, several are one (BR3-13). `emails[type eq "work"].value eq "x"`, and the same without
 * `.value`, put the comparison into the value path.
 *
 * @throws ScimError `invalidFilter`, whose detail says what was expected and found at which character (1-based).
 */
export function parseFilter(text: string): Filter {
  const reader = new TokenReader(text, FILTER)
  if (text.length > LIMITS.filterCharacters) {
    throw reader.error(
      `The filter has ${text.length} characters; at most ${LIMITS.filterCharacters} are accepted.`,
    )
  }
  if (reader.isAt('end')) throw reader.error('The filter is empty.')
  const words = readWords(text)
  if (words !== undefined) return words
  const filter = parseOr(reader, { depth: 0, inValuePath: false })
  if (!reader.isAt('end')) throw reader.expected('"and", "or" or the end')
  return filter
}

/** `attribute eq` and words without quotes, parentheses or brackets, all that is in the filter. */
const WORDS = /^\s*[^\s"()[\]]+\s+eq\s+((?!')[^\s"()[\]]+(?:\s+(?!')[^\s"()[\]]+)+)\s*$/i

/** What joins conditions, here or elsewhere, and what makes one: words with it are more likely several conditions. */
const JOINS = /(?<!\S)(?:and|or|not|xor|eq|&&|\|\|)(?!\S)/i

/** A filter whose value is several words: authentik and others look up a group by its name so (BR3-13). */
function readWords(text: string): Filter | undefined {
  const words = WORDS.exec(text)?.[1]
  if (words === undefined || JOINS.test(words)) return undefined
  const reader = new TokenReader(text, FILTER)
  const path = readAttributePath(reader)
  reader.take()
  refuseMarks(reader, words)
  return { kind: 'comparison', path, operator: 'eq', value: words }
}

/**
 * Reads an attribute path: `name`, `name.sub`, or either of them after a URN.
 * @throws ScimError of the reader's kind.
 */
export function readAttributePath(reader: TokenReader): WrittenPath {
  const { kind, text, start } = reader.current
  if (kind !== 'word' || isKeyword(reader.current)) throw reader.expected('an attribute')
  const valid = text.includes(':') ? URN_PATH.test(text) : ATTRIBUTE_PATH.test(text)
  if (!valid) {
    throw reader.error(
      detail`${quote(text)} at character ${start + 1} is not an attribute path; write name, name.sub or URN:name.`,
    )
  }
  reader.take()
  return { text, position: start }
}

/** True when a value filter stands directly after what was read last. */
export function isValueFilterNext(reader: TokenReader): boolean {
  return reader.isAt('[') && reader.isAdjacent
}

/**
 * Reads `[valFilter]`, which stands next.
 * @throws ScimError of the reader's kind.
 */
export function readValueFilter(reader: TokenReader, depth = 0): Filter {
  return parseEnclosed(reader, ']', { depth: depth + 1, inValuePath: true })
}

/**
 * Reads `.sub` where it stands directly after a value filter; undefined when there is none.
 * @throws ScimError of the reader's kind.
 */
export function readSubAttribute(reader: TokenReader): WrittenPath | undefined {
  const { kind, text, start } = reader.current
  if (kind !== 'word' || !reader.isAdjacent || !text.startsWith('.')) return undefined
  const name = text.slice(1)
  if (name === '') {
    throw reader.error(`Expected one sub-attribute after the dot at character ${start + 1}.`)
  }
  if (!NAME.test(name)) throw reader.expected('a dot and one sub-attribute')
  reader.take()
  return { text: name, position: start + 1 }
}

function parseOr(reader: TokenReader, nesting: Nesting): Filter {
  const filters = [parseAnd(reader, nesting)]
  while (isWord(reader.current, 'or')) {
    reader.take()
    filters.push(parseAnd(reader, nesting))
  }
  return join('or', filters)
}

function parseAnd(reader: TokenReader, nesting: Nesting): Filter {
  const filters = [parseTerm(reader, nesting)]
  while (isWord(reader.current, 'and')) {
    reader.take()
    filters.push(parseTerm(reader, nesting))
  }
  return join('and', filters)
}

/** One list for a chain of the same kind, parenthesised or not. */
function join(kind: 'and' | 'or', filters: readonly Filter[]): Filter {
  const [first] = filters
  if (first !== undefined && filters.length === 1) return first
  return {
    kind,
    filters: filters.flatMap((filter) => (filter.kind === kind ? filter.filters : [filter])),
  }
}

function parseTerm(reader: TokenReader, nesting: Nesting): Filter {
  if (isWord(reader.current, 'not')) {
    reader.take()
    if (!reader.isAt('(')) throw reader.expected('"(" after "not"')
    return { kind: 'not', filter: parseGroup(reader, nesting) }
  }
  if (reader.isAt('(')) return parseGroup(reader, nesting)
  const path = readAttributePath(reader)
  if (!isValueFilterNext(reader)) return parseCondition(reader, path)
  if (nesting.inValuePath) {
    throw reader.error(
      `The brackets at character ${reader.current.start + 1} are inside other brackets; value filters do not nest.`,
    )
  }
  return parseValuePath(reader, path, nesting)
}

function parseGroup(reader: TokenReader, nesting: Nesting): Filter {
  return parseEnclosed(reader, ')', { ...nesting, depth: nesting.depth + 1 })
}

function parseEnclosed(reader: TokenReader, closing: ')' | ']', nesting: Nesting): Filter {
  if (nesting.depth > LIMITS.filterDepth) {
    throw reader.error(
      `Parentheses and brackets may nest ${LIMITS.filterDepth} deep; character ${reader.current.start + 1} goes deeper.`,
    )
  }
  reader.take()
  const filter = parseOr(reader, nesting)
  if (!reader.isAt(closing)) throw reader.expected(`"and", "or" or "${closing}"`)
  reader.take()
  return filter
}

function parseValuePath(reader: TokenReader, path: WrittenPath, nesting: Nesting): Filter {
  const filter = readValueFilter(reader, nesting.depth)
  const { kind, start } = reader.current
  if (kind !== 'word' || isKeyword(reader.current)) return { kind: 'valuePath', path, filter }
  // Old Entra documentation leaves out `.value`: emails[type eq "work"] eq "x".
  const subAttribute = readSubAttribute(reader) ?? { text: 'value', position: start }
  const condition = parseCondition(reader, subAttribute)
  return { kind: 'valuePath', path, filter: join('and', [filter, condition]) }
}

function parseCondition(reader: TokenReader, path: WrittenPath): Filter {
  const { current } = reader
  if (isWord(current, 'pr')) {
    reader.take()
    return { kind: 'present', path }
  }
  const operator = readOperator(reader)
  return { kind: 'comparison', path, operator, value: readValue(reader) }
}

function readOperator(reader: TokenReader): ComparisonOperator {
  const { kind, text, start } = reader.current
  if (kind !== 'word' || isKeyword(reader.current)) {
    throw reader.expected(`an operator (${OPERATOR_NAMES})`)
  }
  const operator = OPERATORS.get(text.toLowerCase())
  if (operator === undefined) {
    throw reader.misread(
      detail`The operator ${quote(text)} at character ${start + 1} is not supported; the operators are ${OPERATOR_NAMES}.`,
    )
  }
  reader.take()
  return operator
}

function readValue(reader: TokenReader): FilterValue {
  const { current } = reader
  refuseMarks(reader, current.text)
  if (current.kind === 'string') return reader.take().text
  if (current.kind !== 'word') {
    throw reader.expected('a value (a string in double quotes, a number, true, false or null)')
  }
  const refusal = refuseBareWord(reader)
  if (refusal !== undefined) throw refusal
  const value = bareValue(current.text)
  if (typeof value === 'string') reader.takeValue()
  else reader.take()
  return value
}

function refuseMarks({ current }: TokenReader, value: string): void {
  if (!hasTooManyMarks(value)) return
  throw new ScimError(
    'invalidFilter',
    `The value at character ${current.start + 1} may have at most ${LIMITS.combiningMarks} combining marks in a row.`,
  )
}

/** A word that is more likely a slip than a value would silently match nothing. */
function refuseBareWord(reader: TokenReader): ScimError | undefined {
  const { text, start } = reader.current
  if (text.startsWith('{')) {
    return reader.error(
      `Expected a value at character ${start + 1}, found an object; write a string in double quotes, a number, true, false or null.`,
    )
  }
  const word = text.toLowerCase()
  if (isKeyword(reader.current) || word === 'pr' || OPERATORS.has(word)) {
    return reader.error(
      `Expected a value at character ${start + 1}, found the operator "${word}"; put it in double quotes if it is the value.`,
    )
  }
  return undefined
}

function bareValue(text: string): FilterValue {
  const word = text.toLowerCase()
  if (word === 'true') return true
  if (word === 'false') return false
  if (word === 'null') return null
  const number = Number(text)
  // Digits that a number would not keep (00701, 12345678901234567890, 1.10) stay text: they may be an identifier.
  return NUMBER.test(text) && String(number) === text ? number : text
}

function isKeyword(token: Token): boolean {
  return isWord(token, 'and') || isWord(token, 'or') || isWord(token, 'not')
}
