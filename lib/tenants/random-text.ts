import { randomInt } from 'node:crypto'

const CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** So many random characters `a-z 0-9`: safe in a storage key and in a Secret Token. */
export function randomText(length: number): string {
  return Array.from({ length }, randomCharacter).join('')
}

function randomCharacter(): string {
  return CHARACTERS.charAt(randomInt(CHARACTERS.length))
}
