import type { Attribute, AttributeType, TextFormat } from '../attribute.ts'
import { bareTextName } from '../clients/values.ts'
import { comparableInstant, withTime } from '../date-time.ts'
import type { Detail } from '../detail.ts'
import { issuedReference } from '../reference.ts'
import { whichUrlCame } from '../what-came.ts'

/** What the text of a value must be like. */
interface Format {
  /** Completes "must be …" in an error's detail. */
  readonly expected: string
  readonly accepts: (text: string) => boolean
  /** What came, where `whatCame` would say too little. */
  readonly tell?: (text: string) => Detail
}

/** Base64 with the standard alphabet, padding optional but right where present (RFC 7643 §2.3.6). */
function isBase64(text: string): boolean {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return false
  return text.endsWith('=') ? text.length % 4 === 0 : text.length % 4 !== 1
}

/** Characters that RFC 3986 has nowhere; others beyond ASCII are taken as an IRI has them (RFC 3987). */
// oxlint-disable-next-line no-control-regex
const NOT_IN_URI = /[\u0000-\u0020\u007F-\u00A0<>"{}|\\^`]|%(?![0-9A-Fa-f]{2})/

/** An absolute or relative URI (RFC 7643 §2.3.7). */
function isUriReference(text: string): boolean {
  if (NOT_IN_URI.test(text)) return false
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)) return URL.canParse(text)
  // RFC 3986 §4.2: no colon in the first segment of a relative path, or it would read as a scheme.
  return !/^[^/?#]*:/.test(text) && URL.canParse(text, 'https://base.example/')
}

/** Formats of the data types (RFC 7643 §2.3) that are written as text. */
const TYPE_FORMATS: Readonly<Partial<Record<AttributeType, Format>>> = {
  dateTime: {
    expected: 'a date and time such as 2008-01-23T04:56:22Z',
    accepts: (text) => comparableInstant(text) !== undefined,
  },
  binary: { expected: 'base64, such as aGVsbG8=', accepts: isBase64 },
  reference: { expected: 'a URL such as https://example.com/ada.jpg', accepts: isUriReference },
}

/**
 * A language range of Accept-Language, wide enough for what clients put there: tags with an underscore, and the random
 * words and UUIDs of test tools.
 */
const LANGUAGE_RANGE =
  /^(?:\*|[A-Za-z0-9][A-Za-z0-9_-]*)(?:\s*;\s*q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i

/**
 * Characters that show nothing: the blank of Braille (U+2800) as well, and the joiners U+200C and U+200D after ASCII or
 * at the start. After characters of other scripts they are needed (RFC 8264 §9.8, §9.13; RFC 5892 appendix A.1, A.2).
 */
const INVISIBLE =
  /(?!\u200C|\u200D)[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]|(?<![^ -~])[\u200C\u200D]/u
const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u

/**
 * Formats of single attributes (RFC 7643 §4.1.1). Known clients send any text as `timezone` and `addresses.country`
 * ("Sierra Leone", Windows zone names, random words of the SCIM Validator), as `emails.value` and `phoneNumbers.value`,
 * and any bytes as a certificate: these stay free text.
 */
const OWN_FORMATS: Readonly<Record<TextFormat, Format>> = {
  // Two accounts that look the same are a way into the other one: RFC 8265 §3.3 forbids what cannot be seen in a name.
  accountName: {
    expected: 'a name with no white space around it and no invisible or control characters',
    // NFKC: full-width letters are compared as ASCII is.
    accepts: (text) =>
      text.trim() === text && VISIBLE.test(text) && !INVISIBLE.test(text.normalize('NFKC')),
  },
  visibleName: {
    expected: 'a name with visible characters and no control characters',
    accepts: (text) => VISIBLE.test(text) && !/\p{Cc}/u.test(text),
  },
  // An id that was stringified would be kept as one that nobody has, and take access away.
  resourceId: {
    expected:
      'the id of a resource as it is, neither white space alone nor JSON text, without control characters',
    accepts: (text) => text !== '' && !/^[[{"]|\p{Cc}/u.test(text),
  },
  dateOrDateTime: {
    expected: 'a date such as 2026-01-31, or a date and time such as 2026-01-31T09:00:00Z',
    accepts: (text) => comparableInstant(withTime(text)) !== undefined,
  },
  // What shows the photo gets it by its address: another scheme would be run, or be readable by others.
  httpsUrl: {
    expected: 'an absolute https URL such as https://example.com/ada.jpg',
    accepts: (text) => /^https:\/\/[^/?#]/i.test(text) && URL.canParse(text),
    tell: whichUrlCame,
  },
  languageTag: {
    expected: 'a language tag without spaces such as en-US',
    accepts: (text) => !/\s/.test(text),
  },
  languageRanges: {
    expected: 'one or more language tags such as en-US, fr;q=0.5',
    accepts: (text) => text.split(',').every((range) => LANGUAGE_RANGE.test(range.trim())),
  },
}

/** The forms in which a value of a type is taken; complex ones are told by their sub-attributes. */
const FORMS: Readonly<Record<Exclude<AttributeType, 'complex'>, string>> = {
  string: 'a string',
  boolean: 'true or false (or "True", "False")',
  decimal: 'a number without quotes',
  integer: 'a whole number without quotes',
  dateTime: 'a string with a date and time such as "2008-01-23T04:56:22Z"',
  binary: 'a string with base64 such as "aGVsbG8="',
  reference: 'a string with a URL such as "https://example.com/ada.jpg"',
}

const DATE_FORM = 'a string with a date such as "2026-01-31", or with a date and time'

/** Completes "must be …" for a value of another type: all forms in which a value of the attribute, or an element, may come. */
export function acceptedForms(attribute: Attribute): string {
  if (attribute.format === 'dateOrDateTime') return DATE_FORM
  if (attribute.type !== 'complex') {
    const form = FORMS[attribute.type]
    return attribute.numberAsText ? form.replace(' without quotes', '') : form
  }
  const names = attribute.subAttributes
    .filter((sub) => sub.mutability !== 'readOnly' && sub !== issuedReference(attribute))
    .map(({ name }) => name)
  const text = bareTextName(attribute)
  const whole = `an object with ${names.join(', ')}`
  return text === undefined ? whole : `${whole}, or a string for its ${text}`
}

/** The formats that the text of an attribute's value must have; the attribute's own first, which says more. */
export function formatsOf({ type, format }: Attribute): readonly Format[] {
  const ofType = TYPE_FORMATS[type]
  const its = format === undefined ? undefined : OWN_FORMATS[format]
  return [its, ofType].filter((each) => each !== undefined)
}
