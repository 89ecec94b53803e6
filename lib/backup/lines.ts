import { wrongFile } from './wrong-file.ts'

/** Bytes of a line: a resource has at most 480,000 characters, of up to six bytes each as JSON. */
const MAX_LINE_BYTES = 4 * 1_048_576

const LINE_FEED = 0x0a

/** A line without its line feed. */
export interface Line {
  /** The first one is 1. */
  readonly number: number
  readonly bytes: Uint8Array
}

/**
 * The lines of a text, of which memory holds one.
 * @throws ScimError `invalidValue` for one that is too long, and for a last one without a line feed.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let rest: Uint8Array[] = []
  let length = 0
  let number = 1
  for await (const chunk of chunks) {
    let start = 0
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start)
      const part = chunk.subarray(start, end === -1 ? undefined : end)
      length += part.length
      if (length > MAX_LINE_BYTES) {
        throw wrongFile(`has more than ${MAX_LINE_BYTES.toLocaleString('en-US')} bytes`, number)
      }
      rest.push(part)
      if (end === -1) break
      yield { number, bytes: rest.length === 1 ? part : Buffer.concat(rest, length) }
      rest = []
      length = 0
      number += 1
      start = end + 1
    }
  }
  if (length > 0) throw wrongFile('is cut off', number)
}
