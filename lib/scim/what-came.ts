import { detail, quote, sent, type Detail } from './detail.ts'
import { describe, type JsonValue } from './json.ts'
import { hasTooManyMarks } from './text.ts'

/** Longer text is told by its length: it helps nobody to find the mistake, and may be anything. */
const SHORT_CHARACTERS = 20

/** What shows nothing, or has other text show as something else, as marks for the direction of writing do. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

/**
 * What came where something else belongs, for an error's detail: the value itself where it is short and shows as what it
 * is, else its kind.
 * @param isSecret whether the value must not be repeated at all, as that of a password.
 */
export function whatCame(value: JsonValue, isSecret = false): Detail {
  if (typeof value === 'string') {
    return isShown(value) && !isSecret
      ? quote(value)
      : detail`a string of ${value.length} characters`
  }
  const isPlain = typeof value === 'number' || typeof value === 'boolean'
  return isPlain && !isSecret
    ? detail`the ${typeof value} ${sent(String(value))}`
    : detail`${describe(value)}`
}

/** The same of a URL: how it begins says what is wrong with it, however long it is. */
export function whichUrlCame(text: string): Detail {
  const beginning = text.slice(0, SHORT_CHARACTERS)
  return text.length > SHORT_CHARACTERS && isShown(beginning)
    ? quote(`${beginning}…`)
    : whatCame(text)
}

function isShown(text: string): boolean {
  return text.length <= SHORT_CHARACTERS && !HIDDEN.test(text) && !hasTooManyMarks(text)
}
