import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'

/** Header names with their values; `null`: the header must not be sent (request) or must not come (answer). */
const headers = z.record(z.string(), z.string().nullable())

/** RFC 6901, with `*` for every element of an array: `/emails/*\/type`. The empty pointer is the whole body. */
const pointer = z.string().regex(/^(\/.*)?$/)

const pattern = z.string().refine(isPattern, { message: 'is no regular expression' })

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'u').source !== ''
  } catch {
    return false
  }
}

/**
 * What an answer must be, besides what `checkAnswer` asks of every answer. What is said about the body does not apply to
 * a 204 that `status` allows.
 */
export const EXPECTATION = z.strictObject({
  status: z.union([z.int(), z.array(z.int()).min(2)]),
  scimType: z.string().optional(),
  headers: headers.optional(),
  headersMatch: z.record(z.string(), pattern).optional(),
  /** A deep subset of the body; an element of an array matches if any element of the answer's array does. */
  bodyIncludes: z.record(z.string(), z.json()).optional(),
  /** None of these may be a deep subset of the body. */
  bodyExcludes: z.array(z.record(z.string(), z.json())).optional(),
  /** Exactly these values at these places; only the order of an object's members is free. */
  bodyEquals: z.record(pointer, z.json()).optional(),
  bodyAbsent: z.array(pointer).optional(),
  /** The value is a string (with `*`: there is one, and each is a string) that matches. */
  bodyMatches: z.record(pointer, pattern).optional(),
  /** Lengths of arrays. */
  bodyCounts: z.record(pointer, z.int()).optional(),
  notes: z.string().optional(),
})

export const REQUEST = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  /** Appended to the Tenant URL as it stands. */
  path: z.string(),
  /** `Authorization`, and `Content-Type: application/scim+json` with a body, are sent unless named here. */
  headers: headers.optional(),
  body: z.json().optional(),
  /** A body that is no JSON, sent as it stands. */
  bodyText: z.string().optional(),
})

/**
 * Names for values of the answer, for `{{name}}` later on: a pointer into the body, or `header:` and a header's name. A
 * string that is nothing but `{{name}}` becomes the value itself, so numbers stay numbers. `{{baseUrl}}` is always there.
 */
const bind = z.record(z.string(), z.string().regex(/^(\/|header:)/)).optional()

/** Without `expect` the answer must be 2xx. */
const setupStep = REQUEST.extend({ bind, expect: EXPECTATION.optional() })

const step = REQUEST.extend({ bind, expect: EXPECTATION })

/** One exchange with a SCIM client, as data; the order is setup, request with parallel, verify, next. */
const VECTOR = z
  .strictObject({
    /** The file's name without `.json`. */
    id: z.string(),
    /** Who sends this. */
    client: z.string().optional(),
    /** The clause it proves, such as `7644 §3.5.2.2`. */
    rfc: z
      .string()
      .regex(/^\d{4} §[\d.]+$/)
      .optional(),
    /** Numbers of the requirements list that it proves. */
    checklist: z.array(z.int().min(1).max(513)).min(1).optional(),
    title: z.string().min(1),
    /** Why it is so; for a vector of an RFC: where this endpoint departs from the letter of it. */
    notes: z.string().optional(),
    setup: z.array(setupStep).default([]),
    request: REQUEST.extend({ bind }),
    expect: EXPECTATION,
    /** Sent at the same instant as `request`; `expect` holds for each answer. */
    parallel: z.array(REQUEST).default([]),
    /** How often each status comes among the answers to `request` and `parallel`. */
    tally: z.record(z.string(), z.int()).optional(),
    /** Reading back what was written. */
    verify: z.array(step.extend({ method: z.literal('GET') })).default([]),
    /** Further requests, one after the other. */
    next: z.array(step).default([]),
    source: z.string().optional(),
    /** Why it fails today; the run fails when it starts to pass. */
    pending: z.string().optional(),
  })
  .refine((vector) => (vector.client === undefined) !== (vector.rfc === undefined), {
    message: 'a vector has a client or a clause of an RFC',
  })

export type Vector = z.infer<typeof VECTOR>
export type Expectation = z.infer<typeof EXPECTATION>
export type VectorRequest = z.infer<typeof REQUEST>
export type Step = z.infer<typeof setupStep>

/**
 * All vectors, ordered by path.
 *
 * @throws Error naming the file when one is no vector, or is not where its id or client says.
 */
export function loadVectors(): readonly Vector[] {
  const root = import.meta.dirname
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .toSorted()
    .map((path) => readVector(root, path))
}

function readVector(root: string, path: string): Vector {
  const parsed = VECTOR.safeParse(JSON.parse(readFileSync(join(root, path), 'utf8')))
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`)
  const vector = parsed.data
  if (vector.id !== basename(path, '.json')) throw new Error(`${path}: the id is ${vector.id}`)
  const folder =
    vector.client === undefined ? 'rfc' : join('clients', folderOfClient(vector.client))
  if (folder !== dirname(path)) throw new Error(`${path}: belongs into ${folder}`)
  const clause = vector.rfc?.replace(' §', '-')
  if (clause !== undefined && !vector.id.startsWith(`rfc${clause}-`))
    throw new Error(`${path}: the name must begin with rfc${clause}-`)
  return vector
}

/** `Entra (Postman)` is `entra-postman`. */
function folderOfClient(client: string): string {
  return client
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .join('-')
}
