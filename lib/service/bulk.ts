import { inParallel } from '../in-parallel.ts'
import { parseBulk, type BulkOperation, type ReceivedOperation } from '../scim/bulk.ts'
import { bulkPathSegments, parseBulkPath } from '../scim/bulk-order.ts'
import { replaceReferences } from '../scim/bulk-reference.ts'
import { ScimError, toErrorBody, unavailable } from '../scim/errors.ts'
import { IgnoredNames } from '../scim/ignored-names.ts'
import type { JsonObject, JsonValue } from '../scim/json.ts'
import { LIMITS } from '../scim/limits.ts'
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
  readonly path?: string | undefined
  readonly id?: string | undefined
  readonly location?: string | undefined
  readonly etag?: string | undefined
  readonly error?: ScimError
}

/** A BulkRequest under way. */
interface Bulk {
  readonly context: ServiceContext
  readonly schedule: BulkSchedule
  /** Milliseconds since 1970 at which no further operation is begun. */
  readonly lastStart: number
}

/**
 * Does the operations of a BulkRequest (RFC 7644 §3.7), each as its single request would be done. Independent ones run side
 * by side; with failOnErrors one after the other. Those that are not begun in time are answered with 503.
 * @throws ScimError `invalidSyntax`, `invalidValue`, `payloadTooLarge`; a failed operation is reported in its place.
 */
export async function bulk(context: ServiceContext, request: ScimRequest): Promise<ScimResult> {
  const { operations, failOnErrors } = parseBulk(request.body)
  const doable = operations.map(({ operation }) => operation)
  const schedule = new BulkSchedule(context.resourceTypes, doable)
  const lastStart = context.now().getTime() + LIMITS.bulkSeconds * 1000
  const run: Bulk = { context, schedule, lastStart }
  const outcomes: (Outcome | undefined)[] = operations.map(() => undefined)
  const running = new Set<Promise<void>>()
  const atOnce = failOnErrors === undefined ? OPERATIONS_AT_ONCE : 1
  let errors = 0

  const settle = async (index: number): Promise<void> => {
    const outcome = await attempt(run, index, operations[index])
    outcomes[index] = outcome
    if (outcome.error !== undefined) errors += 1
    schedule.settle(index, outcome.error === undefined ? outcome.id : undefined)
  }
  for (;;) {
    if (errors >= (failOnErrors ?? Infinity)) break
    const index = running.size < atOnce ? schedule.next(running.size === 0) : undefined
    if (index !== undefined) {
      // One after the other begins: what an operation computes at once would else add up.
      await context.letOthersRun()
      const work = settle(index).finally(() => running.delete(work))
      running.add(work)
    } else if (running.size > 0) await Promise.race(running)
    else break
  }
  await Promise.all(running)
  await addPostponed(run, outcomes, atOnce)
  const Operations = operations.flatMap((received, index) => {
    const outcome = outcomes[index]
    if (outcome === undefined) return []
    note(context, received, index, outcome)
    return [answerOf(context, received, outcome)]
  })
  return { status: 200, body: { schemas: [MESSAGE.bulkResponse], Operations } }
}

async function attempt(
  run: Bulk,
  index: number,
  received: ReceivedOperation | undefined,
): Promise<Outcome> {
  const { context, schedule } = run
  let path: string | undefined
  try {
    if (received?.operation === undefined) {
      throw received?.problem ?? new ScimError('invalidSyntax', 'The operation is empty.')
    }
    const now = schedule.withoutPostponed(received.operation)
    const operation = replaceReferences(now, (bulkId) => schedule.idOf(bulkId))
    path = operation.path
    await checkMayBegin(run)
    return { ...(await perform(operationContext(context, index), operation)), path }
  } catch (error) {
    return { ...failure(context, error), path }
  }
}

/** A tenant that was disabled meanwhile, or a credential that was revoked, does no further operation. */
async function checkMayBegin({ context, lastStart }: Bulk): Promise<void> {
  // First, because they may have to wait.
  await context.awaitRate(lastStart - context.now().getTime())
  await context.checkCredential()
  if (context.now().getTime() < lastStart) return
  throw unavailable(
    `The operation was not done: ${LIMITS.bulkSeconds} seconds of the bulk were over. Send it again.`,
  )
}

function failure(context: ServiceContext, error: unknown): Outcome {
  if (error instanceof ScimError) return { status: error.status, error }
  context.report(error)
  const internal = new ScimError('internal', 'Something failed on our side.', { cause: error })
  return { status: internal.status, error: internal }
}

/** What is an operation's own: its id, its names that are ignored, and its time. */
function operationContext(
  bulkContext: ServiceContext,
  index: number,
  deadline = bulkContext.newDeadline(),
): ServiceContext {
  const ignored = new IgnoredNames()
  return {
    ...bulkContext,
    scope: { ...bulkContext.scope, deadline },
    requestId: requestIdOf(bulkContext, index),
    noteIgnored(resourceType, names) {
      ignored.add(resourceType, names)
      bulkContext.noteIgnored(resourceType, names)
    },
    ignored: () => ignored.list(),
  }
}

function requestIdOf({ requestId }: ServiceContext, index: number): string {
  return `${requestId}:${index}`
}

/** Does one operation as its single request would be done. */
async function perform(context: ServiceContext, operation: BulkOperation): Promise<Outcome> {
  const { resourceTypes } = context
  const { resourceType, id } = parseBulkPath(resourceTypes, operation.path)
  if (resourceType === undefined) {
    const endpoints = resourceTypes.map(({ endpoint }) => endpoint).join(' or ')
    throw new ScimError('notFound', `path must be ${endpoints}, with an id or without one.`)
  }
  if ((operation.method === 'POST') !== (id === undefined)) {
    const form =
      operation.method === 'POST' ? resourceType.endpoint : `${resourceType.endpoint}/<id>`
    throw new ScimError('invalidValue', `path must be ${form} with ${operation.method}.`)
  }
  const result = await VERBS[operation.method](context, resourceType, {
    id: id ?? '',
    query: new Map(),
    body: operation.data,
    ifMatch: operation.version,
  })
  return { status: result.status, id: result.id, location: result.location, etag: result.etag }
}

/** A POST of a circle that was answered as failed, and where its resource still is. */
interface Incomplete {
  readonly index: number
  readonly path: string
  readonly error: unknown
}

/** Circular references (RFC 7644 §3.7.1): what was left out of a POST is added when all resources are there. */
async function addPostponed(
  run: Bulk,
  outcomes: (Outcome | undefined)[],
  atOnce: number,
): Promise<void> {
  const { context, schedule } = run
  const incomplete: Incomplete[] = []
  await inParallel([...schedule.postponed()], atOnce, async ([index, { operation, later }]) => {
    const created = outcomes[index]
    if (created?.id === undefined || created.error !== undefined) return
    const path = `${operation.path.replace(/\/$/, '')}/${created.id}`
    const data = { schemas: [MESSAGE.patchOp], Operations: [{ op: 'add', value: later }] }
    try {
      await checkMayBegin(run)
      const add: BulkOperation = { method: 'PATCH', path, data }
      const complete = replaceReferences(add, (bulkId) => schedule.idOf(bulkId))
      const added = await perform(operationContext(context, index), complete)
      outcomes[index] = { ...created, ...added, status: 201 }
    } catch (error) {
      // Created and removed since, by another operation of the same bulk: both are done as they say.
      if (error instanceof ScimError && error.kind === 'notFound') return
      incomplete.push({ index, path, error })
    }
  })
  // All removals share one time, so that the bulk ends.
  const deadline = context.newDeadline()
  await inParallel(incomplete, OPERATIONS_AT_ONCE, async (each) => {
    const own = operationContext(context, each.index, deadline)
    outcomes[each.index] = await undone(own, each, outcomes[each.index])
  })
}

/** A POST that is answered as failed leaves nothing behind; where something stays all the same, the answer says so. */
async function undone(
  context: ServiceContext,
  { path, error }: Incomplete,
  created: Outcome | undefined,
): Promise<Outcome> {
  const outcome = failure(context, error)
  const undoing = created?.id === undefined ? context : { ...context, cause: created.id }
  try {
    await perform(undoing, { method: 'DELETE', path })
    return outcome
  } catch (cause) {
    context.report(cause)
    const detail = `The resource was created, its references to other operations could not be added, and it could not be removed: it is at ${path}.`
    const left = new ScimError(outcome.error?.kind ?? 'internal', detail, { cause: error })
    return { ...outcome, error: left, location: created?.location }
  }
}

function note(
  context: ServiceContext,
  { received, operation }: ReceivedOperation,
  index: number,
  { status, error, path = operation?.path ?? '' }: Outcome,
): void {
  const method = operation?.method ?? received['method']
  context.noteOperation({
    requestId: requestIdOf(context, index),
    method: typeof method === 'string' && Object.hasOwn(VERBS, method) ? method : 'POST',
    status,
    error,
    ...parseBulkPath(context.resourceTypes, path),
    body: operation?.data,
  })
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
  if (isPost || typeof path !== 'string') return undefined
  return [baseUrl, ...bulkPathSegments(path)].join('/')
}
