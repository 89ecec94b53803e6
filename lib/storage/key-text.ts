import { createHash } from 'node:crypto'

/**
 * How texts become parts of keys: different texts never give the same part, the parts of texts that begin alike begin
 * alike, and nothing comes out that a key may not have on Azure (`/ \ # ?`, control characters) or that clients stumbled
 * over (`%`, anything outside ASCII). A part consists of `A-Z a-z 0-9 . _ @ + -` and `=XX` for each other UTF-8 byte.
 */

/** Longest encoded id in a key; a membership's key holds two. */
export const MAX_ID_PART = 160
/** Longest encoded value of an attribute; the key of an index row holds one and an id. */
const MAX_VALUE_PART = 300
/** `==` and a SHA-256 in hex. No encoded text holds `==`, so a shortened part is never the part of another text. */
const DIGEST_LENGTH = 66

const encoder = new TextEncoder()

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0
  // TextEncoder makes every lone surrogate U+FFFD; their own (generalised UTF-8) bytes keep them apart.
  const bytes =
    code >= 0xd800 && code <= 0xdfff
      ? [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]
      : encoder.encode(character)
  return Array.from(bytes, (byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(
    '',
  )
}

function escapeText(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._@+-]/gu, escapeCharacter)
}

function part(text: string, longest: number): string {
  // No character becomes shorter, so a text that is too long need not be encoded as a whole.
  const escaped = escapeText(text.slice(0, longest + 1))
  if (escaped.length <= longest) return escaped
  const digest = createHash('sha256').update(text, 'utf16le').digest('hex')
  return `${escaped.slice(0, longest - DIGEST_LENGTH)}==${digest}`
}

/** The part of a family's name that an attribute's path becomes. */
export function familyPart(path: string): string {
  return part(path, MAX_ID_PART)
}

/** The part that an id becomes. */
export function idPart(id: string): string {
  return part(id, MAX_ID_PART)
}

/** The id that a part stands for; undefined for one that is shortened. */
export function idOfPart(position: string): string | undefined {
  try {
    const id = decodeURIComponent(position.replaceAll('=', '%'))
    return idPart(id) === position ? id : undefined
  } catch {
    return undefined
  }
}

/** The part that a value of an attribute becomes. */
export function valuePart(value: string): string {
  return part(value, MAX_VALUE_PART)
}

/** One of 4,096 parts, the same for equal texts: many texts share it. */
export function sharedPart(text: string): string {
  return createHash('sha256').update(text, 'utf16le').digest('hex').slice(0, 3)
}

/** What the parts of all values begin with that begin with a text; of texts too long for a key it is shorter. */
export function valuePrefix(prefix: string): string {
  // Half of a surrogate pair is encoded otherwise than the pair that begins with it.
  const whole = prefix.replace(/[\uD800-\uDBFF]$/, '').slice(0, MAX_VALUE_PART)
  return escapeText(whole).slice(0, MAX_VALUE_PART - DIGEST_LENGTH)
}
