import { detail as format, type Detail } from '../scim/detail.ts'
import { WrongDefinition } from '../people/wrong-definition.ts'
import { WrongMember } from '../people/person-patch.ts'
import { ScimError, type ErrorKind } from '../scim/errors.ts'
import { pointerTo } from './pointer.ts'

/** Every problem that the manage API answers with (RFC 9457); the README's table is held equal to this one by a test. */
export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'Something in the request is not right' },
  forbidden: { status: 403, title: 'Not allowed here' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'method-not-allowed': { status: 405, title: 'The path has no such method' },
  taken: { status: 409, title: 'Somebody has it already' },
  'not-possible': { status: 409, title: 'The state of the resource does not allow it' },
  gone: { status: 410, title: 'Read everything again' },
  'length-required': { status: 411, title: 'The body must not be chunked' },
  'precondition-failed': { status: 412, title: 'The resource has changed' },
  'payload-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body has the wrong media type' },
  internal: { status: 500, title: 'Something failed on our side' },
  unavailable: { status: 503, title: 'Try again' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>

export type ProblemKind = keyof typeof PROBLEMS

/** Which of a request's parts is wrong, and what would be right. */
export interface WrongPart {
  /** Where in the body, as the fragment of a URI (RFC 6901 §6). */
  readonly pointer?: string
  /** Which parameter of the path or the query. */
  readonly parameter?: string
  readonly header?: string
  readonly detail: string
}

/** The body of a problem (RFC 9457 §3.1). */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly errors?: readonly WrongPart[]
}

interface ProblemOptions {
  readonly errors?: readonly WrongPart[]
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** A problem to answer with. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly kind: ProblemKind
  /** For the answer: all of it. */
  readonly detail: string
  /** For logs: without what the client sent. */
  readonly loggedDetail: string
  readonly errors: readonly WrongPart[]
  /** Headers that belong to the answer, such as `Allow`. */
  readonly headers: Readonly<Record<string, string>>

  /** @param detail a text in which nothing comes from the client, or one of `detail` where such values are marked. */
  constructor(
    kind: ProblemKind,
    detail: string | Detail,
    { errors = [], headers = {}, cause }: ProblemOptions = {},
  ) {
    const { whole, withoutValues } = typeof detail === 'string' ? format`${detail}` : detail
    super(`${kind}: ${withoutValues}`, cause === undefined ? {} : { cause })
    this.kind = kind
    this.detail = whole
    this.loggedDetail = withoutValues
    this.errors = errors
    this.headers = headers
  }

  get status(): number {
    return PROBLEMS[this.kind].status
  }

  get body(): ProblemBody {
    return {
      type: typeOf(this.kind),
      title: PROBLEMS[this.kind].title,
      status: this.status,
      detail: this.detail,
      ...(this.errors.length === 0 ? {} : { errors: this.errors }),
    }
  }
}

/** The `type` of a kind: a name, no address (RFC 9457 §3.1.1). */
function typeOf(kind: ProblemKind): string {
  return `urn:scim-endpoint:problem:${kind}`
}

/** As what a refusal of tenants, credentials or the storage is answered. */
const OF_SCIM: Readonly<Partial<Record<ErrorKind, ProblemKind>>> = {
  invalidSyntax: 'invalid-request',
  invalidValue: 'invalid-request',
  forbidden: 'forbidden',
  notFound: 'not-found',
  expiredCursor: 'gone',
  uniqueness: 'taken',
  mutability: 'not-possible',
  lengthRequired: 'length-required',
  preconditionFailed: 'precondition-failed',
  payloadTooLarge: 'payload-too-large',
  unsupportedMediaType: 'unsupported-media-type',
  unavailable: 'unavailable',
}

/** What an error is answered with; undefined for a failure of ours, which tells nothing. */
export function toProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error
  const kind = error instanceof ScimError ? OF_SCIM[error.kind] : undefined
  if (!(error instanceof ScimError) || kind === undefined) return undefined
  const { detail: whole, loggedDetail: withoutValues, headers } = error
  const isPart = error instanceof WrongDefinition || error instanceof WrongMember
  const errors = isPart ? [{ pointer: pointerTo([error.member]), detail: whole }] : []
  return new Problem(kind, { whole, withoutValues }, { headers, errors, cause: error })
}
