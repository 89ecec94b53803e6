import { LineCounter, type Document, isNode, parseDocument } from 'yaml'
import type * as z from 'zod'
import type { Finding } from './finding.ts'

/** What a schema, and YAML itself, say of a file. */
export function lintBySchema(file: string, text: string, schema: z.ZodType): readonly Finding[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: true })
  const wrong = [...document.errors, ...document.warnings].map(({ message, pos: [begin] }) => {
    return { file, line: lines.linePos(begin).line, message: message.split('\n')[0] ?? '' }
  })
  if (wrong.length > 0) return wrong
  const parsed = schema.safeParse(document.toJS())
  return (parsed.error?.issues ?? []).flatMap(deepest).map(({ path, message }) => ({
    file,
    line: lines.linePos(beginOf(document, path)).line,
    message: `${path.map(String).join('.')}: ${message}`,
  }))
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Of a union the problem of the alternative that goes deepest: it is the one that was meant. */
function deepest(issue: z.core.$ZodIssue): readonly Issue[] {
  if (issue.code === 'invalid_key') {
    return issue.issues.map(({ message }) => ({ path: issue.path, message }))
  }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue]
  const alternatives = issue.errors.map((issues) =>
    issues.flatMap(deepest).map(({ path, message }) => ({
      path: [...issue.path, ...path],
      message,
    })),
  )
  const depth = (issues: readonly Issue[]): number =>
    Math.max(...issues.map(({ path }) => path.length))
  return alternatives.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? [issue]
}

function beginOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length).map(keyOf), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

function keyOf(key: PropertyKey): string | number {
  return typeof key === 'number' ? key : String(key)
}
