import { setTimeout as pause } from 'node:timers/promises'
import { ROUTE_PREFIX, SCIM_PATH } from '../../lib/http/routes.ts'
import { isLoopback } from '../../lib/loopback.ts'
import { UsageError } from '../command-line.ts'
import { StartError } from '../local-host/lifetime.ts'

/** How long one answer may take: the first of an instance that has to start yet. */
const ANSWER_MILLISECONDS = 30_000
const PAUSE_MILLISECONDS = 2_000

/** What came back; the body is undefined when it is not JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly json: unknown
}

/** The addresses of one deployment. */
export interface Deployment {
  /** Without a slash at its end. */
  readonly tenantUrl: string
  readonly health: string
  readonly manage: string
}

/**
 * The deployment behind a Tenant URL, or behind the origin that is its beginning.
 * @throws UsageError for another URL: the key that is sent there opens all tenants
 */
export function deploymentAt(text: string): Deployment {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isSafe = url?.protocol === 'https:' || isLoopback(text)
  const path = url?.pathname.replace(/\/+$/, '') ?? ''
  if (url === undefined || !isSafe || !['', SCIM_PATH].includes(path)) {
    throw new UsageError(
      `--url must be the Tenant URL, https://<host>${SCIM_PATH} (plain http only on loopback), not "${text}"`,
    )
  }
  const base = `${url.origin}/${ROUTE_PREFIX}`
  return {
    tenantUrl: `${url.origin}${SCIM_PATH}`,
    health: `${base}/health`,
    manage: `${base}/manage`,
  }
}

/** Sends a request, follows no redirection: the key would go with it. @throws StartError when there is no answer */
export async function ask(url: string, init: RequestInit, signal: AbortSignal): Promise<Answer> {
  const limit = AbortSignal.timeout(ANSWER_MILLISECONDS)
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.any([signal, limit]),
    })
    const { status, headers } = response
    return { status, headers, json: parsed(await response.text()) }
  } catch (error) {
    signal.throwIfAborted()
    throw new StartError(`${init.method ?? 'GET'} ${url}: ${reasonOf(error)}`, { cause: error })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `fetch` hides what happened in a cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  return cause instanceof Error ? cause.message : 'no answer'
}

/**
 * Waits until the deployment says that it is healthy.
 * @returns after how many milliseconds
 * @throws StartError when it does not within this time
 */
export async function waitForHealth(
  { health }: Deployment,
  seconds: number,
  signal: AbortSignal,
): Promise<number> {
  const begin = performance.now()
  for (;;) {
    const seen = await lookAt(health, signal)
    const waited = performance.now() - begin
    if (seen === '200') return waited
    if (waited + PAUSE_MILLISECONDS > seconds * 1000) {
      throw new StartError(`${health} is not healthy after ${seconds} s of waiting: ${seen}`)
    }
    await pause(PAUSE_MILLISECONDS, undefined, { signal })
  }
}

async function lookAt(health: string, signal: AbortSignal): Promise<string> {
  try {
    return String((await ask(health, {}, signal)).status)
  } catch (error) {
    if (error instanceof StartError) return error.message
    throw error
  }
}
