import type { Attribute } from './attribute.ts'
import { comparableInstant, withTime } from './date-time.ts'
import { LIMITS } from './limits.ts'

/** Printable ASCII. */
const ASCII = /^[ -~]*$/

/** Full-width and half-width forms (U+FF01–U+FFEE) and the ideographic space. */
const WIDTH_VARIANTS = /[\uFF01-\uFFEE\u3000]+/g

/**
 * More combining marks in a row than LIMITS.combiningMarks: they take more than linear time to normalise (UAX #15,
 * Stream-Safe Text Format). The half-width voiced marks (U+FF9E, U+FF9F) become combining ones when widths are mapped.
 */
const TOO_MANY_MARKS = new RegExp(`[\\p{M}\\uFF9E\\uFF9F]{${LIMITS.combiningMarks + 1}}`, 'u')

/** True for text that would take too long to compare; it is refused before it is compared or stored. */
export function hasTooManyMarks(text: string): boolean {
  return text.length > LIMITS.combiningMarks && TOO_MANY_MARKS.test(text)
}

/** Lower-casing writes Σ like this at the end of a word only, but a piece of a text must fold as it does in the text. */
const FINAL_SIGMA = 'ς'

/**
 * Prepares text for a comparison without regard to case: RFC 8265 §3.3 (UsernameCaseMapped, the successor of RFC 7613)
 * maps widths, lower-cases, and normalises to NFC. RFC 7644 §5 asks for it on userName.
 */
export function foldCase(text: string): string {
  // Most names are ASCII: nothing but case can differ in them.
  if (ASCII.test(text)) return text.toLowerCase()
  return text
    .replace(WIDTH_VARIANTS, (run) => run.normalize('NFKC'))
    .toLowerCase()
    .replaceAll(FINAL_SIGMA, 'σ')
    .normalize('NFC')
}

/** Text in the form in which two values of the attribute are compared: folded unless caseExact (RFC 7643 §7). */
export function comparableText(attribute: Pick<Attribute, 'caseExact'>, text: string): string {
  if (!attribute.caseExact) return foldCase(text)
  return ASCII.test(text) ? text : text.normalize('NFC')
}

/**
 * Text in the form in which values of the attribute are compared and ordered: dateTimes by instant (RFC 7644 §3.4.2.2), dates
 * by the midnight in UTC with which they begin, all other text as `comparableText` has it.
 * @returns undefined for a text that is no dateTime where it should be one.
 */
export function comparableForm(attribute: Attribute, text: string): string | undefined {
  return isInstant(attribute) ? comparableInstant(withTime(text)) : comparableText(attribute, text)
}

function isInstant({ type, format }: Attribute): boolean {
  return type === 'dateTime' || format === 'dateOrDateTime'
}

/** Up to so many characters of ASCII are prepared again as fast as they are found. */
const SHORT_CHARACTERS = 100

/**
 * The texts that one evaluation compares, in the form of `comparableForm`, each made once (short ASCII is made again): a
 * filter may have hundreds of conditions on one value, a PATCH hundreds of operations. It lives as long as the evaluation.
 */
export class ComparableTexts {
  #forms: Map<string, Map<string, string | undefined>> | undefined

  /** As `comparableForm`. */
  of(attribute: Attribute, text: string): string | undefined {
    if (text.length <= SHORT_CHARACTERS && !isInstant(attribute) && ASCII.test(text)) {
      return attribute.caseExact ? text : text.toLowerCase()
    }
    const forms = this.#formsFor(attribute)
    if (forms.has(text)) return forms.get(text)
    const form = comparableForm(attribute, text)
    forms.set(text, form)
    return form
  }

  #formsFor(attribute: Attribute): Map<string, string | undefined> {
    const kind = isInstant(attribute) ? 'instant' : attribute.caseExact ? 'exact' : 'folded'
    this.#forms ??= new Map()
    const forms = this.#forms.get(kind) ?? new Map<string, string | undefined>()
    this.#forms.set(kind, forms)
    return forms
  }
}

/** The beginning of a text: so many characters at most, the last one of which is not half of a surrogate pair. */
export function beginningOf(text: string, most: number): string {
  const isPair = most > 0 && (text.codePointAt(most - 1) ?? 0) > 0xffff
  return text.slice(0, isPair ? most - 1 : most)
}
