import { detail as format, type Detail } from './detail.ts'
import { MESSAGE } from './urn.ts'

/**
 * Every error this endpoint answers with: HTTP status and, where RFC 7644 Table 9 or RFC 9865 §2.1 has one, the
 * scimType. The README's error table is held equal to this one by a test.
 */
export const KINDS = {
  invalidFilter: { status: 400, scimType: 'invalidFilter' },
  tooMany: { status: 400, scimType: 'tooMany' },
  mutability: { status: 400, scimType: 'mutability' },
  invalidSyntax: { status: 400, scimType: 'invalidSyntax' },
  invalidPath: { status: 400, scimType: 'invalidPath' },
  noTarget: { status: 400, scimType: 'noTarget' },
  invalidValue: { status: 400, scimType: 'invalidValue' },
  invalidVers: { status: 400, scimType: 'invalidVers' },
  invalidCursor: { status: 400, scimType: 'invalidCursor' },
  expiredCursor: { status: 400, scimType: 'expiredCursor' },
  invalidCount: { status: 400, scimType: 'invalidCount' },
  unauthorized: { status: 401 },
  forbidden: { status: 403 },
  notFound: { status: 404 },
  methodNotAllowed: { status: 405 },
  uniqueness: { status: 409, scimType: 'uniqueness' },
  lengthRequired: { status: 411 },
  preconditionFailed: { status: 412 },
  payloadTooLarge: { status: 413 },
  unsupportedMediaType: { status: 415 },
  tooManyRequests: { status: 429 },
  internal: { status: 500 },
  notImplemented: { status: 501 },
  unavailable: { status: 503 },
} as const satisfies Record<string, { status: number; scimType?: string }>

export type ErrorKind = keyof typeof KINDS

/** Rules of a tenant's own that a request may break, by the kind of the error: whoever reads of it has something else to do. */
export const OWN_RULES = { emailDomain: 'invalidValue' } as const satisfies Record<
  string,
  ErrorKind
>

export type OwnRule = keyof typeof OWN_RULES

interface ScimErrorOptions {
  readonly cause?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** The tenant's own rule that was broken. */
  readonly reason?: OwnRule | undefined
  /** The canonical path of the attribute that is wrong, where somebody shows it under another name. */
  readonly path?: string | undefined
}

/**
 * An error to answer with. It names the attribute, what came and what would be right; of what a client sent it repeats what
 * is short and no secret, marked so that no log has it.
 */
export class ScimError extends Error {
  override readonly name = 'ScimError'
  readonly kind: ErrorKind
  /** For the answer: all of it, names and words that the client sent included. */
  readonly detail: string
  /** For logs: without what the client sent. */
  readonly loggedDetail: string
  /** For the tenant's activity: as `loggedDetail`, with the ids of resources. */
  readonly activityDetail: string
  /** Headers that belong to the answer, such as `WWW-Authenticate` or `Allow`. */
  readonly headers: Readonly<Record<string, string>>
  /** The tenant's own rule that was broken. */
  readonly #rule: OwnRule | undefined
  /** The canonical path of the attribute that is wrong, where it is known. */
  readonly path: string | undefined

  /** @param detail a text in which nothing comes from the client, or one of `detail` where such values are marked. */
  constructor(kind: ErrorKind, detail: string | Detail, options: ScimErrorOptions = {}) {
    const texts = typeof detail === 'string' ? format`${detail}` : detail
    const { whole, withoutValues, withIds = withoutValues } = texts
    super(`${kind}: ${withoutValues}`, options.cause === undefined ? {} : { cause: options.cause })
    this.kind = kind
    this.detail = whole
    this.loggedDetail = withoutValues
    this.activityDetail = withIds
    this.headers = options.headers ?? {}
    this.#rule = options.reason
    this.path = options.path
  }

  /** What the tenant's activity tells it by: the kind, or more than that. */
  get reason(): ErrorKind | OwnRule {
    return this.#rule ?? this.kind
  }

  get status(): number {
    return KINDS[this.kind].status
  }

  /** The same error, its detail after words that say where it arose, such as `Operation 2: `. */
  prefixed(words: string): ScimError {
    const { detail: whole, loggedDetail: withoutValues, activityDetail: withIds } = this
    const before: Detail = { whole, withoutValues, withIds }
    return new ScimError(this.kind, format`${words}${before}`, {
      cause: this,
      headers: this.headers,
      reason: this.#rule,
      path: this.path,
    })
  }
}

/** Seconds after which a client may try again what was unavailable. */
const RETRY_AFTER_SECONDS = 5

/** The answer when trying again may help (RFC 9110 §10.2.3): it always says when. */
export function unavailable(detail: string, cause?: unknown): ScimError {
  return new ScimError('unavailable', detail, {
    headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    cause,
  })
}

/** The body of an error answer (RFC 7644 §3.12): `status` is a string. */
export interface ErrorBody {
  readonly schemas: readonly [typeof MESSAGE.error]
  readonly status: string
  readonly scimType?: string
  readonly detail: string
}

/** The error's body (RFC 7644 §3.12). */
export function toErrorBody(error: ScimError): ErrorBody {
  const kind: { status: number; scimType?: string } = KINDS[error.kind]
  return {
    schemas: [MESSAGE.error],
    status: String(kind.status),
    ...(kind.scimType === undefined ? {} : { scimType: kind.scimType }),
    detail: error.detail,
  }
}
