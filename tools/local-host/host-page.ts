import type { HostResponse } from './host.ts'

/** What the host has at `/`, unless AzureWebJobsDisableHomepage is set. */
const HOMEPAGE = '<!doctype html><title>Functions</title><p>Your function app is running.</p>\n'

/** The host's own answer to a path that no function has. */
export function hostPage(method: string, path: string): HostResponse {
  if (path !== '/') return answer(404)
  const isHead = method.toUpperCase() === 'HEAD'
  return answer(200, { 'content-type': 'text/html' }, isHead ? '' : HOMEPAGE)
}

function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  text = '',
): HostResponse {
  return { status, headers, body: new TextEncoder().encode(text) }
}
