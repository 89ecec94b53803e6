import { createHash } from 'node:crypto'
import { KINDS, type ScimError } from '../scim/errors.ts'
import { isObject } from '../scim/json.ts'
import { memberTypeOf } from '../scim/resource-id.ts'
import { beginningOf } from '../scim/text.ts'
import type { ActivityStore, RefusalFacts, RefusalNote } from '../storage/activity-port.ts'
import type { Author } from '../storage/port.ts'
import type { TenantIdentity } from '../storage/tenant-port.ts'
import { inBrief } from './in-brief.ts'
import { TenantStates } from './tenant-states.ts'

/** A request, or an operation of a bulk, that is answered with an error. */
export interface RefusedRequest {
  readonly verb: string
  /** Whether it only looks something up: GET, HEAD and `.search`. */
  readonly isLookUp: boolean
  /** The name of the resource type. */
  readonly type?: string | undefined
  /** The id in the path; empty where there is none. */
  readonly id: string
  readonly body: unknown
  readonly author: Author
  readonly requestId: string
  /** Whether a name that was sent may be kept. */
  readonly namesInActivity: boolean
}

const LONGEST_SUBJECT = 200
const LONGEST_DETAIL = 500

/**
 * What is kept of a refusal; undefined for what is not worth it: failures of ours, and look-ups of what is not there.
 * @param reason that of a refused credential; else it is the error's own.
 */
export function refusalFactsOf(
  error: ScimError,
  request: RefusedRequest,
  reason: string = error.reason,
): RefusalFacts | undefined {
  const { kind, activityDetail } = error
  const { status, scimType }: { readonly status: number; readonly scimType?: string } = KINDS[kind]
  const isMissing = kind === 'notFound' && request.isLookUp
  if (status < 400 || status >= 500 || isMissing) return undefined
  const { verb, type, author, requestId } = request
  return {
    status,
    ...(scimType === undefined ? {} : { scimType }),
    reason,
    verb,
    ...(type === undefined ? {} : { type }),
    ...subjectOf(request),
    author,
    detail: beginningOf(activityDetail, LONGEST_DETAIL),
    requestId,
  }
}

/**
 * What is kept of a request that changed nothing, since what it has of an extension nobody has declared; undefined for any other.
 * Of one that changed something its entry in the journal has the names.
 */
export function ignoredFactsOf(
  {
    verb,
    type,
    id,
    author,
    requestId,
  }: Pick<RefusedRequest, 'verb' | 'author' | 'requestId' | 'id'> & { readonly type: string },
  ignored: readonly string[],
): RefusalFacts | undefined {
  const names = ignored.filter((name) => name.startsWith('urn:'))
  if (names.length === 0) return undefined
  const detail = `Nothing was changed; ignored: ${names.join(', ')}`
  return {
    status: 200,
    reason: 'attributesIgnored',
    verb,
    type,
    subject: id,
    isId: true,
    author,
    detail: beginningOf(detail, LONGEST_DETAIL),
    requestId,
  }
}

function subjectOf({
  id,
  body,
  namesInActivity,
}: RefusedRequest): Pick<RefusalFacts, 'subject' | 'isId'> {
  // A path may have any text in place of an id.
  if (id !== '' && !namesInActivity && memberTypeOf(id) === undefined) return {}
  if (id !== '') return { subject: beginningOf(id, LONGEST_SUBJECT), isId: true }
  const sent = namesInActivity && isObject(body) ? nameIn(body) : undefined
  return sent === undefined ? {} : { subject: beginningOf(sent, LONGEST_SUBJECT) }
}

const NAMES = ['username', 'displayname', 'externalid']

/** By what somebody finds the refusal: attribute names in any case, with their URN or without it. */
function nameIn(body: object): string | undefined {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(body)) {
    const name = key.slice(key.lastIndexOf(':') + 1).toLowerCase()
    if (NAMES.includes(name) && typeof value === 'string' && value !== '') found.set(name, value)
  }
  return NAMES.map((name) => found.get(name)).find((value) => value !== undefined)
}

/** What makes refusals equal. */
function fingerprintOf({ status, scimType, verb, type, author, subject }: RefusalFacts): string {
  const facts = JSON.stringify([status, scimType, verb, type, author.actor, subject])
  return createHash('sha256').update(facts).digest('hex').slice(0, 8)
}

const WINDOW_MILLISECONDS = 10 * 60_000
/** Of one tenant in one window; those beyond are counted together. */
const MOST_FINGERPRINTS = 200
const PAUSE_MILLISECONDS = 5000
/** As many as one transaction takes. */
const MOST_AT_ONCE = 100
/** Of all tenants: in the worst case some 40 MB. */
const MOST_NOTES = 20_000

/** Equal refusals of one window. */
interface Counted {
  /** Those of the last one. */
  facts: RefusalFacts
  readonly fingerprint: string
  readonly end: number
  readonly first: string
  at: string
  count: number
  /** How many of them are written. */
  written: number
  /** Milliseconds since 1970 when they were written last. */
  tried: number
}

interface TenantRefusals {
  readonly tenant: TenantIdentity
  readonly instance: string
  readonly notes: Map<string, Counted>
}

/** Counts the refusals of this instance, and writes them now and then: equal ones share a row. */
export class Refusals {
  readonly #store: Pick<ActivityStore, 'noteRefusals'>
  readonly #now: () => Date
  readonly #tenants: TenantStates<TenantRefusals>

  /** @param newInstance a name that no other instance has, nor this one before. */
  constructor(
    store: Pick<ActivityStore, 'noteRefusals'>,
    { now, newInstance }: { readonly now: () => Date; readonly newInstance: () => string },
  ) {
    this.#store = store
    this.#now = now
    this.#tenants = new TenantStates({
      make: (tenant) => ({ tenant, instance: newInstance(), notes: new Map() }),
      weightOf: ({ notes }) => notes.size,
      most: MOST_NOTES,
    })
  }

  /** Counts one, in memory. */
  note(tenant: TenantIdentity, facts: RefusalFacts, now = this.#now()): void {
    const state = this.#tenants.of(tenant)
    const end = windowEnd(now)
    forgetPassed(state, end)
    const own = `${end} ${fingerprintOf(facts)}`
    const isNew = !state.notes.has(own)
    const isFull = isNew && countOf(state, end) >= MOST_FINGERPRINTS
    const key = isFull ? `${end} ${MORE}` : own
    const at = now.toISOString()
    const kept = isFull ? moreOf(facts) : facts
    const counted = state.notes.get(key)
    if (counted === undefined) {
      state.notes.set(key, {
        facts: kept,
        fingerprint: isFull ? MORE : fingerprintOf(facts),
        end,
        first: at,
        at,
        count: 1,
        written: 0,
        tried: Number.NEGATIVE_INFINITY,
      })
      this.#tenants.trim()
    } else {
      counted.facts = kept
      counted.at = at
      counted.count += 1
    }
  }

  /** Whether there is something of a tenant that could be written now. */
  isDue(tenant: TenantIdentity): boolean {
    const state = this.#tenants.find(tenant)
    return state !== undefined && this.#due(state).length > 0
  }

  /** Writes what is not written yet, the same not more often than every 5 seconds. Takes a second at most, and never rejects. */
  async write(tenant: TenantIdentity): Promise<void> {
    const state = this.#tenants.find(tenant)
    if (state === undefined) return
    const due = this.#due(state)
    const tried = this.#now().getTime()
    for (const counted of due) counted.tried = tried
    const batches: Counted[][] = []
    while (due.length > 0) batches.push(due.splice(0, MOST_AT_ONCE))
    await Promise.all(batches.map((batch) => this.#writeBatch(state, batch)))
  }

  #due({ notes }: TenantRefusals): Counted[] {
    const now = this.#now().getTime()
    return [...notes.values()].filter(
      ({ count, written, tried }) => count > written && now - tried >= PAUSE_MILLISECONDS,
    )
  }

  async #writeBatch(
    { tenant, instance }: TenantRefusals,
    batch: readonly Counted[],
  ): Promise<void> {
    const counts = batch.map(({ count }) => count)
    const notes = batch.map(toNote)
    const isWritten = await inBrief(this.#now, (deadline) =>
      this.#store.noteRefusals(tenant, instance, notes, deadline),
    )
    if (!isWritten) return
    for (const [index, counted] of batch.entries()) counted.written = counts[index] ?? 0
  }
}

/** The row of those beyond the cap. */
const MORE = 'more'

function moreOf({ status, verb, author: { actor }, requestId }: RefusalFacts): RefusalFacts {
  const detail = `There were more than ${MOST_FINGERPRINTS} different refusals in ten minutes.`
  return { status, reason: MORE, verb, author: { actor }, detail, requestId }
}

function toNote({ facts, fingerprint, end, first, at, count }: Counted): RefusalNote {
  return { ...facts, fingerprint, end, first, at, count }
}

/** Windows are the same on all instances. */
function windowEnd(now: Date): number {
  return (Math.floor(now.getTime() / WINDOW_MILLISECONDS) + 1) * WINDOW_MILLISECONDS
}

function countOf({ notes }: TenantRefusals, end: number): number {
  let count = 0
  for (const counted of notes.values()) if (counted.end === end) count += 1
  return count
}

/** What is written, or had its time to be, is not held. */
function forgetPassed({ notes }: TenantRefusals, end: number): void {
  for (const [key, { end: each, count, written }] of notes) {
    const isOld = each < end - WINDOW_MILLISECONDS
    if (each !== end && (isOld || count === written)) notes.delete(key)
  }
}
