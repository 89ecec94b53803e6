import * as z from 'zod'
import { detail, quote, sent, type Detail } from '../scim/detail.ts'
import { describe, isArray, isObject } from '../scim/json.ts'
import { pointerTo } from './pointer.ts'
import { Problem, type WrongPart } from './problem.ts'

/** An object that has these members and no others. */
export function members<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  const names = Object.keys(shape)
  const known = names.length === 0 ? 'there are none' : `known are ${names.join(', ')}`
  return z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? `is not known here; ${known}` : `must be a JSON object`,
  })
}

/** The parts of a request that hold values of a client. */
export type Part = 'body' | 'query'

/**
 * The value as the schema has it.
 * @throws Problem `invalid-request` that names each part that is wrong, and what would be right.
 */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  part: Part,
): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    throw invalidRequest(
      eachOnce(parsed.error.issues.flatMap((issue) => wrongNames(issue, value, part))),
      part,
    )
  }
  // Schemas that take any name pass over it.
  if (isObject(value) && Object.hasOwn(value, '__proto__')) {
    const what = detail`is not known here`
    throw invalidRequest([{ path: ['__proto__'], isUnknown: true, what }], part)
  }
  return parsed.data
}

/** Something that is wrong: where, as the words of a sentence and as a place in the request, and what would be right. */
export interface Wrong {
  readonly path: readonly PropertyKey[]
  /** Whether the last name of the path is the client's. */
  readonly isUnknown?: boolean
  readonly what: Detail
}

/** The problem that names all that is wrong. */
export function invalidRequest(wrongs: readonly Wrong[], part: Part): Problem {
  let sentences = detail``
  for (const [at, wrong] of wrongs.entries()) {
    sentences = detail`${sentences}${at === 0 ? '' : ' '}${nameOf(wrong, part)} ${wrong.what}.`
  }
  const errors = wrongs.map(({ path, what }): WrongPart => {
    const place = part === 'body' ? { pointer: pointerTo(path) } : { parameter: path.join('.') }
    return { ...place, detail: what.whole }
  })
  return new Problem('invalid-request', sentences, { errors })
}

/** What has a length is measured even where it is no text, and so one thing is wrong twice. */
function eachOnce(wrongs: readonly Wrong[]): readonly Wrong[] {
  const keyOf = ({ path, what }: Wrong): string => JSON.stringify([path, what.whole])
  return [...new Map(wrongs.map((wrong) => [keyOf(wrong), wrong])).values()]
}

function wrongNames(issue: z.core.$ZodIssue, value: unknown, part: Part): readonly Wrong[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      isUnknown: true,
      what: detail`${issue.message}`,
    }))
  }
  return [{ path: issue.path, what: whatIsWrong(issue, valueAt(value, issue.path), part) }]
}

/** `must be … , not "…"`. */
function whatIsWrong({ message, code }: z.core.$ZodIssue, came: unknown, part: Part): Detail {
  if (came === undefined) return detail`is missing: it ${message}`
  if (typeof came === 'string') return detail`${message}, not ${quote(came)}`
  if (isArray(came) && came.length === 0) return detail`${message}, not an empty array`
  const isCounted = code === 'too_big' || code === 'too_small'
  if (isArray(came) && isCounted) return detail`${message}, not ${came.length}`
  if (part === 'body' && isPlain(came)) return detail`${message}, not ${sent(String(came))}`
  return detail`${message}, not ${describe(came)}`
}

function isPlain(value: unknown): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean'
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const name of path) {
    if (isObject(at) && typeof name === 'string' && Object.hasOwn(at, name)) at = at[name]
    else if (isArray(at) && typeof name === 'number') at = at[name]
    else return undefined
  }
  return at
}

function nameOf({ path, isUnknown = false }: Wrong, part: Part): Detail {
  if (path.length === 0) return detail`The ${part}`
  const name = path.map(String).join('.')
  return isUnknown ? detail`${sent(name.slice(0, 100))}` : detail`${name}`
}
