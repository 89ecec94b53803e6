import { detail, sent } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import { LIMITS } from '../scim/limits.ts'

/**
 * Parses a JSON text, refusing what `JSON.parse` would let through: nesting beyond the limit, and a name that occurs twice
 * in one object (RFC 8259 §4: which one counts is unpredictable).
 * @throws ScimError `invalidSyntax`.
 */
export function parseJsonText(text: string): unknown {
  const nameGivenTwice = scan(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new ScimError('invalidSyntax', `The body is not valid JSON${position(error)}.`)
  }
  if (nameGivenTwice !== undefined) {
    throw new ScimError(
      'invalidSyntax',
      detail`The body has ${sent(nameGivenTwice.slice(0, 100))} twice in one object.`,
    )
  }
  return value
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
function scan(text: string): string | undefined {
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
        checkDepth(open.push(text[at] === '{' ? new Set() : undefined))
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

function checkDepth(depth: number): void {
  if (depth > LIMITS.bodyDepth) {
    throw new ScimError(
      'invalidSyntax',
      `The body nests arrays and objects deeper than ${LIMITS.bodyDepth} levels.`,
    )
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
