import { createHash } from 'node:crypto'

const RANDOM_LENGTH = 8
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'

/**
 * Where a change stands in the journal: 13 digits of milliseconds, a dash, 8 characters `a-z 0-9`. It is made once per
 * change and kept over its attempts.
 * @param instant the change's own time, ISO 8601.
 * @param random the next random number from 0 to 1 (not included).
 */
export function journalPosition(instant: string, random: () => number): string {
  const characters = Array.from({ length: RANDOM_LENGTH }, () =>
    DIGITS.charAt(Math.floor(random() * DIGITS.length)),
  )
  return `${String(Date.parse(instant)).padStart(13, '0')}-${characters.join('')}`
}

/**
 * The position of one of the several transactions that a change takes, such as of one group that loses a deleted user:
 * the same each time it is derived, so that a change that is resumed finds what it has done already.
 */
export function partPosition(position: string, part: string): string {
  const [milliseconds = ''] = position.split('-', 1)
  const digest = createHash('sha256').update(`${position} ${part}`).digest()
  const characters = [...digest.subarray(0, RANDOM_LENGTH)].map((byte) => DIGITS.charAt(byte % 36))
  return `${milliseconds}-${characters.join('')}`
}
