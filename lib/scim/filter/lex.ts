import { detail, quote, type Detail } from '../detail.ts'
import { ScimError } from '../errors.ts'

const SPACE = /[ \t\r\n]*/y
const WORD = /[^ \t\r\n()[\]"]+/y

/** A piece of a filter or of a PATCH path. */
export interface Token {
  readonly kind: '(' | ')' | '[' | ']' | 'string' | 'word' | 'end'
  /** Of a string the decoded value, else the text as written. */
  readonly text: string
  /** Where it starts, 0-based. */
  readonly start: number
  /** After its last character, 0-based. */
  readonly end: number
}

/** What is being read: it decides the scimType of errors and how they call the text. */
export interface Syntax {
  readonly kind: 'invalidFilter' | 'invalidPath'
  readonly name: 'filter' | 'path'
}

/** Behind an error in what follows a value without quotes: that may be more of the value, as in `eq TeamX and friends`. */
const NEEDS_QUOTES = ' A value of several words needs double quotes, such as "Sales and Marketing".'

/** Reads tokens from left to right, one ahead, each character once. */
export class TokenReader {
  readonly #text: string
  readonly #syntax: Syntax
  #current: Token
  #takenTo = 0
  #isValueUnquoted = false

  constructor(text: string, syntax: Syntax) {
    this.#text = text
    this.#syntax = syntax
    this.#current = this.#read(0)
  }

  /** The next token, not yet taken. */
  get current(): Token {
    return this.#current
  }

  /** Whether the next token is of a kind. */
  isAt(kind: Token['kind']): boolean {
    return this.#current.kind === kind
  }

  /** True when no space stands between the next token and the one taken last. */
  get isAdjacent(): boolean {
    return this.#current.start === this.#takenTo
  }

  /** Takes the next token. */
  take(): Token {
    const token = this.#current
    this.#takenTo = token.end
    this.#current = this.#read(token.end)
    return token
  }

  /** Takes the next token, a word that is the value of a comparison. */
  takeValue(): Token {
    this.#isValueUnquoted = true
    return this.take()
  }

  /** The error for the next token: what was expected, where, and what stands there instead. */
  expected(what: string): ScimError {
    const { start } = this.#current
    return this.misread(
      detail`Expected ${what} at character ${start + 1} of the ${this.#syntax.name}, found ${nameToken(this.#current)}.`,
    )
  }

  /** An error of what may belong to the value before it. */
  misread(what: Detail): ScimError {
    return this.error(this.#isValueUnquoted ? detail`${what}${NEEDS_QUOTES}` : what)
  }

  /** An error of this syntax. */
  error(what: string | Detail): ScimError {
    return new ScimError(this.#syntax.kind, what)
  }

  #read(from: number): Token {
    SPACE.lastIndex = from
    SPACE.test(this.#text)
    const start = SPACE.lastIndex
    const first = this.#text[start]
    if (first === undefined) return { kind: 'end', text: '', start, end: start }
    if (first === '(' || first === ')' || first === '[' || first === ']') {
      return { kind: first, text: first, start, end: start + 1 }
    }
    if (first === '"' || first === "'") return this.#readString(start, first)
    WORD.lastIndex = start
    WORD.test(this.#text)
    const end = WORD.lastIndex
    return { kind: 'word', text: this.#text.slice(start, end), start, end }
  }

  #readString(start: number, mark: '"' | "'"): Token {
    const close = mark === '"' ? closingQuote : closingSingleQuote
    const end = close(this.#text, start) + 1
    if (end === 0) {
      throw this.error(
        `The string that starts at character ${start + 1} of the ${this.#syntax.name} has no closing ${mark === '"' ? 'double' : 'single'} quote.`,
      )
    }
    const next = this.#text[end]
    if (next !== undefined && !ENDS_STRING.includes(next)) {
      throw this.error(
        `Expected a space or the end at character ${end + 1} of the ${this.#syntax.name}, after a closing double quote.`,
      )
    }
    return { kind: 'string', text: this.#decode(start, end), start, end }
  }

  #decode(start: number, end: number): string {
    try {
      const value: unknown = JSON.parse(inDoubleQuotes(this.#text.slice(start, end)))
      return String(value)
    } catch {
      // Without the cause: its message repeats the value, which may be personal data.
      throw new ScimError(
        this.#syntax.kind,
        `The string that starts at character ${start + 1} of the ${this.#syntax.name} is not a JSON string: a backslash must be written \\\\, a control character \\uXXXX.`,
      )
    }
  }
}

/** The position of the quote that ends the string, or -1. */
function closingQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"') return at
    if (character === '\\') at += 1
  }
  return -1
}

const ENDS_STRING = ' \t\r\n)]'

/**
 * The same for single quotes, as clients of other servers write (BR3-14). One inside the text, as in O'Brien, closes
 * nothing.
 */
function closingSingleQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at]
    if (character === '\\') at += 1
    else if (character === "'" && ENDS_STRING.includes(text[at + 1] ?? ' ')) return at
  }
  return -1
}

/** Text in single quotes as the JSON string that it means; one in double quotes as it is. */
function inDoubleQuotes(quoted: string): string {
  if (quoted.startsWith('"')) return quoted
  const content = quoted
    .slice(1, -1)
    .replaceAll(/\\'|"|\\./gs, (found) => (found === "\\'" ? "'" : found === '"' ? '\\"' : found))
  return `"${content}"`
}

/** True for a word that reads so, without regard to case. */
export function isWord(token: Token, word: string): boolean {
  return token.kind === 'word' && token.text.toLowerCase() === word
}

/** What is meant as an operator between conditions, such as `xor` and `&&`. */
const OPERATOR_LIKE = /^(?:and|or|not|[a-z]{2,4}|[A-Z]{2,4}|[&|!]+)$/

/** Other words and strings are not repeated: they may be values, which may be personal data. */
function nameToken({ kind, text }: Token): string | Detail {
  if (kind === 'end') return 'the end'
  if (kind === 'string') return 'a quoted string'
  if (kind !== 'word') return `"${text}"`
  return OPERATOR_LIKE.test(text) ? quote(text) : 'a word'
}
