import type { WriteStream } from 'node:tty'

/** Says what is being done; an empty text when it is done. */
export type Progress = (text: string) => void

/** Goes back to the begin of the line and clears it. */
const CLEAR = '\r\u001B[K'

/** One line of a terminal, which each text replaces; nothing where the stream is none. */
export function progressOn(
  stream: Pick<WriteStream, 'isTTY' | 'columns' | 'write'> = process.stderr,
): Progress {
  if (!stream.isTTY) return () => {}
  return (text) => {
    // A line that is broken could not be replaced; a terminal that has no width does not say it.
    stream.write(CLEAR + (stream.columns > 0 ? text.slice(0, stream.columns - 1) : text))
  }
}
