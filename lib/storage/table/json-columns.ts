import { MAX_PROPERTY_LENGTH } from '../stored-size.ts'
import { optionalText, type Row } from './row.ts'

/** A text in as many properties as it takes. */
export function jsonColumns(json: string): Record<string, string> {
  const properties: Record<string, string> = {}
  let start = 0
  for (let part = 0; start < json.length; part += 1) {
    let end = start + MAX_PROPERTY_LENGTH
    // Half a surrogate pair cannot be sent as UTF-8.
    if (/[\uD800-\uDBFF]/.test(json.charAt(end - 1))) end -= 1
    properties[`json${part}`] = json.slice(start, end)
    start = end
  }
  return properties
}

/** The text that `jsonColumns` has split; empty when there is none. @throws UnreadableRow */
export function jsonIn(row: Row): string {
  let json = ''
  for (let part = 0; ; part += 1) {
    const piece = optionalText(row, `json${part}`)
    if (piece === undefined) return json
    json += piece
  }
}
