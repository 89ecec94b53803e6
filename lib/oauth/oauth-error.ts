import type { RefusalFacts } from './refusal.ts'

/** RFC 6749 §5.2. */
export type OAuthErrorCode =
  'invalid_request' | 'invalid_client' | 'unauthorized_client' | 'unsupported_grant_type'

/** Statuses other than 400, which is what §5.2 has for most; its own 401 is for a client that is not who it says. */
const STATUS: Readonly<Partial<Record<OAuthErrorCode, number>>> = { invalid_client: 401 }

/** A token request that is refused. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError'
  readonly code: OAuthErrorCode
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly facts: RefusalFacts

  /**
   * @param description for the client's developer: printable ASCII without `"` and `\` (§5.2), and nothing of what came.
   * @param facts for the log only.
   */
  constructor(
    code: OAuthErrorCode,
    description: string,
    {
      facts = {},
      status = STATUS[code] ?? 400,
      headers = {},
    }: {
      readonly facts?: RefusalFacts
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
    } = {},
  ) {
    super(description)
    this.code = code
    this.status = status
    this.facts = facts
    this.headers = {
      ...headers,
      // RFC 9110 §15.5.2: a 401 has a challenge; RFC 6749 §5.2: one of the scheme that the client may have used.
      ...(status === 401 ? { 'www-authenticate': 'Basic realm="oauth", charset="UTF-8"' } : {}),
    }
  }
}
