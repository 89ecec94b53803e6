import { ScimError } from '../scim/errors.ts'

const SHOWN = 20

/**
 * Text for people, trimmed.
 * @throws ScimError `invalidValue` when it is longer than `maxLength`, or has control characters, which could
 *   rewrite what a terminal or a log shows.
 */
export function printableText(what: string, text: string, maxLength: number): string {
  const trimmed = text.trim()
  if (trimmed.length > maxLength || /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(trimmed)) {
    const right = `must have at most ${String(maxLength)} characters, all of them printable`
    throw new ScimError('invalidValue', `the ${what} ${right}`)
  }
  return trimmed
}

/** Dates are compared as text, in which years have four digits. */
export const LAST_EXPIRY: Date = new Date('9999-12-31T23:59:59.999Z')

/** A date as it is kept. @throws ScimError `invalidValue` for one that is none, or beyond the year 9999. */
export function dateTimeText(what: string, date: Date): string {
  if (date.getTime() <= LAST_EXPIRY.getTime() && date.getTime() >= 0) return date.toISOString()
  throw new ScimError('invalidValue', `the ${what} must be a date from 1970 to 9999`)
}

/** `no tenant acme; there are: contoso, demo`, with `no tenant` as its start; `isCut`: there are even more. */
export function noSuch(
  start: string,
  wanted: string,
  existing: readonly string[],
  isCut = false,
): string {
  const missing = `${start} ${JSON.stringify(wanted.slice(0, 100)).slice(1, -1)}`
  if (existing.length === 0) return `${missing}; there is none yet`
  const more = existing.length - SHOWN
  const rest = more > 0 ? ` and ${isCut ? 'more than ' : ''}${String(more)} more` : ''
  return `${missing}; there are: ${existing.slice(0, SHOWN).join(', ')}${rest}`
}
