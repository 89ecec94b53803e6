import { HttpRequest, type HttpHandler } from '@azure/functions'
import { endpoint, type RuntimeSource, type Steps } from './endpoint.ts'
import { OPERATIONS } from './operations.ts'
import { functionOf, SCIM_PATH } from './routes.ts'
import { unmatchedSteps } from './unmatched.ts'

/**
 * Everything below the Tenant URL that no other function takes. A path with repeated slashes is served as if they were
 * one: a Tenant URL is easily pasted with a slash at its end, and what the identity provider makes of it has two.
 */
export function unmatchedHandler(runtime: RuntimeSource): HttpHandler {
  return async (request, invocation) => {
    const path = singleSlashes(request)
    if (path === undefined) return endpoint(runtime, unmatchedSteps)(request, invocation)
    const found = functionOf(request.method, path)
    const plain = await withPath(request, path, found?.id)
    return endpoint(runtime, stepsOf(found?.name) ?? unmatchedSteps)(plain, invocation)
  }
}

/**
 * Everything that the host gives to no other function, among it `scim//Users`. What is not SCIM's with repeated slashes
 * gets a bare 404, as from the host itself: this function is anonymous, and must lead to nothing that a key guards.
 */
export function anyPathHandler(runtime: RuntimeSource): HttpHandler {
  const serve = unmatchedHandler(runtime)
  return async (request, invocation) => {
    const path = singleSlashes(request)?.toLowerCase()
    const isScim = path === SCIM_PATH || path?.startsWith(`${SCIM_PATH}/`) === true
    return isScim ? serve(request, invocation) : { status: 404 }
  }
}

/** The path without its empty segments; undefined when there are none. */
function singleSlashes({ url }: HttpRequest): string | undefined {
  const { pathname } = new URL(url)
  const path = pathname.replace(/\/{2,}/g, '/')
  return path === pathname ? undefined : path
}

async function withPath(
  request: HttpRequest,
  path: string,
  id: string | undefined,
): Promise<HttpRequest> {
  const url = new URL(request.url)
  url.pathname = path
  const bytes = new Uint8Array(await request.arrayBuffer())
  return new HttpRequest({
    method: request.method,
    url: url.href,
    headers: Object.fromEntries(request.headers),
    params: id === undefined ? {} : { id },
    ...(bytes.length === 0 ? {} : { body: { bytes } }),
  })
}

function stepsOf(name: string | undefined): Steps | undefined {
  return Object.entries(OPERATIONS).find(([each]) => each === name)?.[1]
}
