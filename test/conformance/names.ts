import type { z } from 'zod'
import type { JsonValue } from '../../lib/scim/json.ts'
import { valuesAt } from './matching.ts'

/** Values that the requests of one vector have bound, by name. */
export type Names = Map<string, JsonValue>

/**
 * Binds what a vector's `bind` names.
 *
 * @param headers by lower-case name
 * @throws Error when the answer has no such value
 */
export function remember(
  names: Names,
  bind: Readonly<Record<string, string>> | undefined,
  headers: Readonly<Record<string, string>>,
  body: JsonValue | undefined,
): void {
  for (const [name, from] of Object.entries(bind ?? {})) {
    const value = from.startsWith('header:')
      ? headers[from.slice('header:'.length).toLowerCase()]
      : valuesAt(body, from)[0]
    if (value === undefined) throw new Error(`the answer has no ${from} to bind`)
    names.set(name, value)
  }
}

/**
 * Puts the bound values where `{{name}}` stands, at any depth. A string that is nothing else becomes the value itself.
 *
 * @throws Error when nothing is bound to a name
 */
export function fill<T>(schema: z.ZodType<T>, part: T, names: Names): T {
  const text = JSON.stringify(part)
  if (!text.includes('{{')) return part
  const filled: unknown = JSON.parse(text, (_, value: JsonValue) =>
    typeof value === 'string' ? fillText(value, names) : value,
  )
  return schema.parse(filled)
}

function fillText(text: string, names: Names): JsonValue {
  const whole = /^\{\{(\w+)\}\}$/.exec(text)?.[1]
  if (whole !== undefined) return valueOf(names, whole)
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = valueOf(names, name)
    return typeof value === 'string' ? value : JSON.stringify(value)
  })
}

function valueOf(names: Names, name: string): JsonValue {
  const value = names.get(name)
  if (value === undefined) throw new Error(`nothing is bound to {{${name}}}`)
  return value
}
