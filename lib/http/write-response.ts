import type { HttpResponseInit } from '@azure/functions'
import { toErrorBody, type ScimError } from '../scim/errors.ts'
import { isPlain, serialize, type Answer } from '../service/answer.ts'
import type { ScimResult } from '../service/context.ts'

/** RFC 7644 §3.8. Microsoft's validator stops at any other media type. */
const CONTENT_TYPE = 'application/scim+json; charset=utf-8'

/** Personal data: nothing between us and the client may keep it. */
const PRIVATE = { 'cache-control': 'no-store' }

/** Turns what a verb answers into an HTTP response; the body is complete, so that nothing can fail behind it. */
export async function writeResult(result: ScimResult): Promise<HttpResponseInit> {
  const headers: Record<string, string> = {
    ...PRIVATE,
    ...(result.location === undefined ? {} : { location: result.location }),
    ...(result.etag === undefined ? {} : { etag: result.etag }),
    ...(result.preferenceApplied === undefined
      ? {}
      : { 'preference-applied': `return=${result.preferenceApplied}` }),
  }
  if (result.body === undefined || result.status === 304) return { status: result.status, headers }
  headers['content-type'] = CONTENT_TYPE
  return { status: result.status, headers, body: await writeBody(result.body) }
}

/** The answer for an error: the only one there is (RFC 7644 §3.12). */
export function writeError(error: ScimError): HttpResponseInit {
  return {
    status: error.status,
    headers: { ...PRIVATE, ...error.headers, 'content-type': CONTENT_TYPE },
    body: JSON.stringify(toErrorBody(error)),
  }
}

async function writeBody(body: Answer): Promise<string> {
  if (isPlain(body)) return JSON.stringify(body)
  const pieces: string[] = []
  for await (const text of serialize(body)) pieces.push(text)
  return pieces.join('')
}
