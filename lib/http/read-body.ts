import type { HttpRequest } from '@azure/functions'
import { ScimError } from '../scim/errors.ts'
import { parseJsonText } from '../scim/json-text.ts'

/** What a body may be. */
export interface BodyRules {
  /** Bytes of the largest one. */
  readonly most: number
  /** In lower case; the first is the one to send. */
  readonly mediaTypes: readonly string[]
  /** The detail for one that is larger. */
  readonly tooLarge: (most: number) => string
}

/**
 * The JSON in the body of a request; undefined when there is none.
 * @throws ScimError `lengthRequired`, `payloadTooLarge`, `unsupportedMediaType`, `invalidSyntax`.
 */
export async function readJsonBody(request: HttpRequest, rules: BodyRules): Promise<unknown> {
  const declared = Number(request.headers.get('content-length') ?? '0')
  if (declared > rules.most) throw payloadTooLarge(rules)
  const bytes = await request.arrayBuffer()
  if (bytes.byteLength > rules.most) throw payloadTooLarge(rules)
  if (bytes.byteLength === 0) {
    // The Functions host hands on a chunked body as an empty one.
    if (request.headers.get('transfer-encoding') !== null) {
      throw new ScimError('lengthRequired', 'Send the body with Content-Length, not chunked.')
    }
    return undefined
  }
  checkMediaType(request.headers.get('content-type'), rules.mediaTypes)
  checkEncoding(request.headers.get('content-encoding'))
  return parseJsonText(decode(bytes))
}

function payloadTooLarge({ most, tooLarge }: BodyRules): ScimError {
  return new ScimError('payloadTooLarge', tooLarge(most))
}

/** A missing Content-Type is accepted: Entra's own requests may have none. */
function checkMediaType(contentType: string | null, allowed: readonly string[]): void {
  const mediaType = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (mediaType !== '' && !allowed.includes(mediaType)) {
    throw new ScimError('unsupportedMediaType', `Content-Type must be ${allowed.join(' or ')}.`)
  }
}

function checkEncoding(contentEncoding: string | null): void {
  const encoding = (contentEncoding ?? 'identity').trim().toLowerCase()
  if (encoding !== 'identity' && encoding !== '') {
    throw new ScimError(
      'unsupportedMediaType',
      'Content-Encoding must be identity: send the body plain.',
    )
  }
}

function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ScimError('invalidSyntax', 'The body is not valid UTF-8 (RFC 7644 §3.8).')
  }
}
