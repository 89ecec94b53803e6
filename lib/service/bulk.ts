import { parseBulk, type BulkOperation, type ReceivedOperation } from '../scim/bulk.ts'
import { parseBulkPath } from '../scim/bulk-order.ts'
import { replaceReferences } from '../scim/bulk-reference.ts'
import { ScimError, toErrorBody } from '../scim/errors.ts'
import type { JsonObject, JsonValue } from '../scim/json.ts'
import { MESSAGE } from '../scim/urn.ts'
import { BulkSchedule } from './bulk-schedule.ts'
import type { ScimRequest, ScimResult, ServiceContext, Verb } from './context.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { patch } from './patch.ts'
import { replace } from './replace.ts'

/** Operations that run at the same time. */
const OPERATIONS_AT_ONCE = 8

const VERBS: Readonly<Record<BulkOperation['method'], Verb>> = {
  POST: create,
  PUT: replace,
  PATCH: patch,
  DELETE: remove,
}

/** What one operation came to. */
interface Outcome {
  readonly status: number
  /** The operation's path with ids in the place of bulkIds. */
  readonly path?: string
  readonly location?: string
  readonly etag?: string
  readonly error?: ScimError
}

/**
 * Does the operations of a BulkRequest (RFC 7644 §3.7), each as its single request would be done. Independent ones run side
 * by side; with failOnErrors one after the other.
 * @throws ScimError `invalidSyntax`, `invalidValue`, `payloadTooLarge`; a failed operation is reported in its place.
 */
export async function bulk(context: ServiceContext, request: ScimRequest): Promise<ScimResult> {
  const { operations, failOnErrors } = parseBulk(request.body)
  const schedule = new BulkSchedule(operations.map(({ operation }) => operation))
  const outcomes: (Outcome | undefined)[] = operations.map(() => undefined)
  const running = new Set<Promise<void>>()
  const atOnce = failOnErrors === undefined ? OPERATIONS_AT_ONCE : 1
  let errors = 0

  const perform = async (index: number): Promise<void> => {
    const outcome = await attempt(context, operations[index], schedule)
    outcomes[index] = outcome
    if (outcome.error !== undefined) errors += 1
    schedule.settle(index, outcome.error === undefined ? idIn(outcome.location) : undefined)
  }
  for (;;) {
    if (errors >= (failOnErrors ?? Infinity)) break
    const index = running.size < atOnce ? schedule.next(running.size === 0) : undefined
    if (index !== undefined) {
      const work = perform(index).finally(() => running.delete(work))
      running.add(work)
    } else if (running.size > 0) await Promise.race(running)
    else break
  }
  await Promise.all(running)
  await addPostponed(context, schedule, outcomes)
  const Operations = operations.flatMap((received, index) => {
    const outcome = outcomes[index]
    return outcome === undefined ? [] : [answerOf(context, received, outcome)]
  })
  return { status: 200, body: { schemas: [MESSAGE.bulkResponse], Operations } }
}

async function attempt(
  context: ServiceContext,
  received: ReceivedOperation | undefined,
  schedule: BulkSchedule,
): Promise<Outcome> {
  let path: string | undefined
  try {
    if (received?.operation === undefined) {
      throw received?.problem ?? new ScimError('invalidSyntax', 'The operation is empty.')
    }
    const now = schedule.withoutPostponed(received.operation)
    const operation = replaceReferences(now, (bulkId) => schedule.idOf(bulkId))
    path = operation.path
    return { ...(await run(context, operation)), path }
  } catch (error) {
    return { ...failure(context, error), ...(path === undefined ? {} : { path }) }
  }
}

function failure(context: ServiceContext, error: unknown): Outcome {
  if (error instanceof ScimError) return { status: error.status, error }
  context.report(error)
  const internal = new ScimError('internal', 'Something failed on our side.', { cause: error })
  return { status: internal.status, error: internal }
}

async function run(context: ServiceContext, operation: BulkOperation): Promise<Outcome> {
  const { resourceType, id } = parseBulkPath(operation.path)
  if (resourceType === undefined) {
    throw new ScimError('notFound', 'path must be /Users or /Groups, with an id or without one.')
  }
  if ((operation.method === 'POST') !== (id === undefined)) {
    const form =
      operation.method === 'POST' ? resourceType.endpoint : `${resourceType.endpoint}/<id>`
    throw new ScimError('invalidValue', `path must be ${form} with ${operation.method}.`)
  }
  const { status, location, etag } = await VERBS[operation.method](context, resourceType, {
    id: id ?? '',
    query: new Map(),
    body: operation.data,
    ...(operation.version === undefined ? {} : { ifMatch: operation.version }),
  })
  return {
    status,
    ...(location === undefined ? {} : { location }),
    ...(etag === undefined ? {} : { etag }),
  }
}

/** Circular references (RFC 7644 §3.7.1): what was left out of a POST is added when all resources are there. */
async function addPostponed(
  context: ServiceContext,
  schedule: BulkSchedule,
  outcomes: (Outcome | undefined)[],
): Promise<void> {
  for (const [index, { operation, later }] of schedule.postponed()) {
    const created = outcomes[index]
    const id = created?.error === undefined ? idIn(created?.location) : undefined
    if (id === undefined) continue
    const path = `${operation.path.replace(/\/$/, '')}/${id}`
    const add: BulkOperation = {
      method: 'PATCH',
      path,
      data: { schemas: [MESSAGE.patchOp], Operations: [{ op: 'add', value: later }] },
    }
    try {
      const added = await run(
        context,
        replaceReferences(add, (bulkId) => schedule.idOf(bulkId)),
      )
      outcomes[index] = { ...created, ...added, status: 201 }
    } catch (error) {
      outcomes[index] = failure(context, error)
      // A POST that is answered as failed leaves nothing behind.
      await run(context, { method: 'DELETE', path }).catch(context.report)
    }
  }
}

function idIn(location: string | undefined): string | undefined {
  return location === undefined
    ? undefined
    : decodeURIComponent(location.slice(location.lastIndexOf('/') + 1))
}

/** RFC 7644 §3.7.3: `location` for all but failed POSTs, `status` as a string, `response` for failures. */
function answerOf(
  context: ServiceContext,
  { received, operation }: ReceivedOperation,
  { status, location, etag, error, ...resolved }: Outcome,
): JsonObject {
  const { method, bulkId } = operation ?? received
  const path = resolved.path ?? operation?.path ?? received['path']
  const where = location ?? locationAsked(context, method, path)
  return {
    ...(typeof method === 'string' ? { method } : {}),
    ...(typeof bulkId === 'string' ? { bulkId } : {}),
    ...(etag === undefined ? {} : { version: etag }),
    ...(where === undefined ? {} : { location: where }),
    status: String(status),
    ...(error === undefined ? {} : { response: { ...toErrorBody(error) } }),
  }
}

/** Where an operation that has no location was about: all but POSTs are about a path (RFC 7644 §3.7.3). */
function locationAsked(
  { baseUrl }: ServiceContext,
  method: JsonValue | undefined,
  path: JsonValue | undefined,
): string | undefined {
  const isPost = typeof method === 'string' && method.toUpperCase() === 'POST'
  return isPost || typeof path !== 'string' ? undefined : `${baseUrl}/${path.replace(/^\//, '')}`
}
