import { readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'

const MOST_FRAMES = 8

/** The first frames of an error's stack, without its message. */
type StackFrames = (error: Error) => readonly string[]

/**
 * Makes frames of a bundle name the source, its line and column. The map is read at the first failure: Node.js, told to
 * use it, would take a fifth longer for each start.
 * @param bundle the file, with its map beside it; undefined where the sources run as they are.
 */
export function framesOf(bundle: string | undefined): StackFrames {
  let map: SourceMap | undefined
  let isRead = false
  return ({ stack = '' }) => {
    const lines = stack.split('\n').map((line) => line.trim())
    const frames = lines.filter((line) => line.startsWith('at ')).slice(0, MOST_FRAMES)
    if (bundle === undefined) return frames
    if (!isRead) map = mapOf(bundle)
    isRead = true
    return map === undefined ? frames : frames.map(sourceFrame(bundle, map))
  }
}

/** Those of the file that this code is in. */
export const stackFrames: StackFrames = framesOf(
  typeof __filename === 'string' ? __filename : undefined,
)

/** undefined when it cannot be read: that must not hide the failure itself. */
function mapOf(bundle: string): SourceMap | undefined {
  try {
    const payload: unknown = JSON.parse(readFileSync(`${bundle}.map`, 'utf8'))
    return isSourceMap(payload) ? new SourceMap(payload) : undefined
  } catch {
    return undefined
  }
}

function isSourceMap(value: unknown): value is SourceMapPayload {
  return typeof value === 'object' && value !== null && 'mappings' in value
}

function sourceFrame(bundle: string, map: SourceMap): (frame: string) => string {
  return (frame) => {
    const at = frame.indexOf(`${bundle}:`)
    const behind = frame.slice(at + bundle.length)
    const [position, line, column] = /^:(\d+):(\d+)/.exec(behind) ?? []
    if (at < 0 || position === undefined) return frame
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1)
    // What no source is behind has an entry, too.
    if (!('originalSource' in entry) || entry.originalSource === undefined) return frame
    // The map's paths begin in the bundle's folder, which is one of the project's.
    const source = entry.originalSource.replace(/^(?:\.\.\/)+/, '')
    const found = `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
    return `${frame.slice(0, at)}${found}${behind.slice(position.length)}`
  }
}
