/** Up to so many characters String.includes is fast in any text; for longer ones it may take their number times the text's. */
const SHORT_CHARACTERS = 64

/** Whether a text contains an operand, as a function whose time is in proportion to the text, whatever both are. */
export function containing(operand: string): (text: string) => boolean {
  if (operand.length <= SHORT_CHARACTERS) return (text) => text.includes(operand)
  const borders = bordersOf(operand)
  return (text) => text.length >= operand.length && isFound(operand, borders, text)
}

/**
 * For each beginning of the operand the length of the longest text that it both begins and ends with, itself excepted
 * (Knuth, Morris and Pratt, Fast Pattern Matching in Strings, 1977).
 */
function bordersOf(operand: string): Uint32Array {
  const borders = new Uint32Array(operand.length + 1)
  let border = 0
  for (let at = 1; at < operand.length; at += 1) {
    border = extended(operand, borders, border, operand.charCodeAt(at))
    borders[at + 1] = border
  }
  return borders
}

function isFound(operand: string, borders: Uint32Array, text: string): boolean {
  let matched = 0
  for (let at = 0; at < text.length; at += 1) {
    matched = extended(operand, borders, matched, text.charCodeAt(at))
    if (matched === operand.length) return true
  }
  return false
}

/** How much of the operand is matched with one character more. */
function extended(operand: string, borders: Uint32Array, matched: number, next: number): number {
  let length = matched
  while (length > 0 && operand.charCodeAt(length) !== next) length = borders[length] ?? 0
  return operand.charCodeAt(length) === next ? length + 1 : length
}
