import type { RuntimeOptions } from '../../lib/runtime.ts'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import { issueCredential, type Issued } from '../../lib/tenants/credentials.ts'
import type { CredentialSpec } from '../../lib/tenants/new-credential.ts'
import type { HostKeys } from '../../tools/local-host/host-keys.ts'
import { memoryKeySource, type MemoryKeySource } from './jwt.ts'
import { memoryApp, type MemoryApp } from './memory-app.ts'

export const ORIGIN = 'https://scim.example'
export const TENANT_URL = `${ORIGIN}/api/scim`
export const ISSUER = `${ORIGIN}/api/oauth`

/** The app with OAuth, and a clock that a test moves. */
export interface OAuthApp {
  readonly app: MemoryApp
  readonly keySource: MemoryKeySource
  /** Milliseconds. */
  at: number
  /** What was logged, a line each. */
  readonly logged: string[]
  /** As a client's own fetch: to the functions, without a socket. */
  readonly fetch: (url: string | URL, options?: RequestInit) => Promise<Response>
  /** Issues a credential for a tenant. */
  readonly issue: (tenantId: string, spec: CredentialSpec) => Promise<Issued>
}

export async function oauthApp(
  options: Pick<RuntimeOptions, 'fetchText' | 'documentationUrl'> & {
    /** No keys: OAuth is off. */
    readonly off?: boolean
    /** The function keys that the host asks for. */
    readonly keys?: HostKeys
  } = {},
): Promise<OAuthApp> {
  const { off = false, keys, ...runtime } = options
  const logged: string[] = []
  const keySource = memoryKeySource()
  const app = await memoryApp({
    runtime: {
      publicBaseUrl: TENANT_URL,
      ...(off ? {} : { keySource }),
      now: () => new Date(oauth.at),
      ...runtime,
    },
    ...(keys === undefined ? {} : { keys }),
    log: (line) => logged.push(line),
  })
  const oauth: OAuthApp = {
    app,
    keySource,
    logged,
    at: Date.parse('2026-11-22T08:00:00Z'),
    fetch: async (url, init = {}) => send(app, new Request(url, init)),
    issue: (tenantId, spec) =>
      issueCredential(app.stores.tenants, tenantId, spec, new Date(oauth.at)),
  }
  return oauth
}

async function send({ host }: MemoryApp, request: Request): Promise<Response> {
  const body = Buffer.from(await request.arrayBuffer())
  const { pathname, search, host: name } = new URL(request.url)
  const {
    status,
    headers,
    body: answer,
  } = await host.handle({
    method: request.method,
    target: pathname + search,
    headers: {
      ...Object.fromEntries(request.headers),
      host: name,
      'content-length': String(body.length),
    },
    body,
  })
  const hasBody = ![204, 304].includes(status)
  return new Response(hasBody ? Buffer.from(answer) : null, { status, headers: { ...headers } })
}

/** A token request of form parameters. */
export async function requestToken(
  { fetch }: OAuthApp,
  parameters: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<{
  readonly status: number
  readonly headers: Headers
  readonly json: JsonObject
}> {
  const answer = await fetch(`${ISSUER}/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ grant_type: 'client_credentials', ...parameters }),
  })
  const text = await answer.text()
  const json: unknown = text === '' ? {} : JSON.parse(text)
  return { status: answer.status, headers: answer.headers, json: isObject(json) ? json : {} }
}
