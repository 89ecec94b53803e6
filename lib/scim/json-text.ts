import { detail, sent, type Detail } from './detail.ts'
import { ScimError, type ErrorKind } from './errors.ts'
import { isArray, isObject, type JsonValue } from './json.ts'
import { LIMITS } from './limits.ts'

/** What the text is, for errors. */
interface Subject {
  readonly kind: ErrorKind
  readonly name: string
}

const BODY: Subject = { kind: 'invalidSyntax', name: 'The body' }

/**
 * Parses a JSON text, refusing what `JSON.parse` would let through: nesting beyond the limit, and a name that occurs twice
 * in one object (RFC 8259 §4: which one counts is unpredictable).
 * @throws ScimError of the subject's kind.
 */
export function parseJsonText(text: string, subject = BODY): unknown {
  const nameGivenTwice = scan(text, subject)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw refused(subject, detail`is not valid JSON${position(error)}.`)
  }
  if (nameGivenTwice !== undefined) {
    throw refused(subject, detail`has ${sent(nameGivenTwice.slice(0, 100))} twice in one object.`)
  }
  return value
}

/** The first character of JSON text that is an object or an array. */
const BEGINS_JSON = /^\s*[[{]/

/** JSON text that is a string. */
const QUOTED = /^\s*"(?:[^"\\]|\\.)*"\s*$/

/**
 * An object or a list, where one belongs and it came as its JSON text (BR3-05); any other value as it came. Text that
 * begins as they do is never taken for a value, such as an id; a string in quotes is what it says.
 * @param path names the value in errors.
 * @throws ScimError `invalidValue`.
 */
export function jsonTextIn(value: JsonValue, path: string): JsonValue {
  if (typeof value !== 'string') return value
  const text = QUOTED.test(value) ? unquoted(value) : value
  if (!BEGINS_JSON.test(text)) return text
  const parsed = parseJsonText(text, {
    kind: 'invalidValue',
    name: `${path}, text that begins as JSON,`,
  })
  return isObject(parsed) || isArray(parsed) ? parsed : value
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    // A control character or an unknown escape: quotes of somebody's own.
    return text
  }
}

function refused({ kind, name }: Subject, what: Detail): ScimError {
  return new ScimError(kind, detail`${name} ${what}`)
}

/** Where the parser stopped; its message is not passed on, as it quotes the body. */
function position(error: unknown): string {
  const found = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined
  return found === undefined ? '' : ` (character ${Number(found) + 1})`
}

/**
 * One pass over the text, before `JSON.parse` builds anything: throws where it nests too deep, so that nothing that walks
 * the value later can exhaust the stack, and gives the first name that an object has twice. Means nothing for a text that
 * is not JSON.
 */
function scan(text: string, subject: Subject): string | undefined {
  const open: (Set<string> | undefined)[] = []
  let string = ''
  let twice: string | undefined
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charAt(at)) {
      case '"': {
        const end = endOfString(text, at)
        string = text.slice(at, end + 1)
        at = end
        break
      }
      case '{':
      case '[':
        checkDepth(open.push(text[at] === '{' ? new Set() : undefined), subject)
        break
      case '}':
      case ']':
        open.pop()
        break
      case ':':
        if (!isNew(open.at(-1), string)) twice ??= string
        break
      default:
    }
  }
  return twice
}

/** Whether the object that is open has no such name yet. */
function isNew(names: Set<string> | undefined, string: string): boolean {
  if (names === undefined) return true
  const before = names.size
  return names.add(unescape(string)).size > before
}

function checkDepth(depth: number, subject: Subject): void {
  if (depth > LIMITS.bodyDepth) {
    throw refused(subject, detail`nests arrays and objects deeper than ${LIMITS.bodyDepth} levels.`)
  }
}

/** The index of the closing quote, or the end of the text. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

function unescape(string: string): string {
  if (!string.includes('\\')) return string
  try {
    return JSON.stringify(JSON.parse(string))
  } catch {
    return string
  }
}
