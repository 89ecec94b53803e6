import type { Attribute } from './attribute.ts'

/** Printable ASCII. */
const ASCII = /^[ -~]*$/

/** Full-width and half-width forms (U+FF01–U+FFEE) and the ideographic space. */
const WIDTH_VARIANTS = /[\uFF01-\uFFEE\u3000]+/g

/** Lower-casing writes Σ so at the end of a word only, and a part of a text must fold as the whole does. */
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
  return attribute.caseExact ? text.normalize('NFC') : foldCase(text)
}
