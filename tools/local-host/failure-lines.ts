import { fileURLToPath } from 'node:url'
import { relative } from 'node:path'
import { isArray, isObject, type JsonObject } from '../../lib/scim/json.ts'

/** `at list (file:///…/lib/service/list.ts:12:3)`, or without a name and brackets. */
const FRAME = /^at (?:(.*) \()?(file:\/\/.*?):(\d+:\d+)\)?$/

/**
 * A failure of ours as a person reads it: under which id, where, and what lay behind it; frames of the project's own files
 * only, a line each.
 * @param line what `logFailure` wrote.
 * @param root of the project.
 */
export function failureLines(line: JsonObject, invocationId: string, root: string): string {
  const { operation = '' } = line
  const lines = [`${invocationId} ${text(operation)} failed: ${named(line)}`]
  for (let each: JsonObject | undefined = line; each !== undefined; each = causeOf(each)) {
    if (each !== line) lines.push(`  because of ${named(each)}`)
    lines.push(...ownFrames(each, root))
  }
  return lines.join('\n')
}

function named({ name, type, kind, code, statusCode, detail }: JsonObject): string {
  const what = [name ?? type, kind, code, statusCode]
    .filter((part) => part !== undefined)
    .map(text)
    .join(' ')
  return detail === undefined ? what : `${what}: ${text(detail)}`
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function causeOf({ cause }: JsonObject): JsonObject | undefined {
  return isObject(cause) ? cause : undefined
}

function ownFrames({ frames }: JsonObject, root: string): readonly string[] {
  if (!isArray(frames)) return []
  return frames.flatMap((frame) => {
    const [, name, url = '', place = ''] = FRAME.exec(text(frame)) ?? []
    if (url === '' || url.includes('/node_modules/')) return []
    const file = relative(root, fileURLToPath(url))
    if (file.startsWith('..')) return []
    return [`    at ${file}:${place}${name === undefined ? '' : ` (${name})`}`]
  })
}
