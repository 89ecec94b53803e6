import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { createFetchText, type FetchText } from '../../lib/oauth/fetch-text.ts'
import { keyAddressProblem } from '../../lib/tenants/key-address.ts'
import type { TestKey } from './jwt.ts'

/** An issuer on this machine, which answers as Entra ID's does: metadata and key sets of every directory. */
export interface LocalIssuer {
  /** Its keys; they may be changed while it runs. */
  keys: readonly TestKey[]
  /** The paths that were asked for. */
  readonly asked: string[]
  /** Answers with this instead. */
  answer?: ((path: string) => string | undefined) | undefined
  /** Goes where the app would go, but for every host to this issuer. */
  readonly fetchText: FetchText
  readonly stop: () => Promise<void>
}

const KEYS = /^\/[0-9a-f-]{36}\/discovery\/v2\.0\/keys$/
const METADATA = /^\/([0-9a-f-]{36})\/v2\.0\/\.well-known\/openid-configuration$/

/** Starts one. */
export async function startIssuer(...keys: readonly TestKey[]): Promise<LocalIssuer> {
  const server = createServer((incoming, response) => {
    const path = incoming.url ?? ''
    issuer.asked.push(path)
    const other = issuer.answer?.(path)
    if (other === 'hang') return
    const document = other ?? documentAt(path)
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(document)
  })
  const documentAt = (path: string): string | undefined => {
    const [, directory] = METADATA.exec(path) ?? []
    if (directory !== undefined) return JSON.stringify(metadataOf(directory))
    if (!KEYS.test(path) && path !== '/jwks') return undefined
    return JSON.stringify({ keys: issuer.keys.map(({ publicJwk }) => publicJwk) })
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = address === null || typeof address === 'string' ? 0 : address.port
  const toIssuer = createFetchText({
    request,
    addressesOf: async () => ['127.0.0.1'],
    isAllowed: (found) => found === '127.0.0.1',
    problemOf: () => undefined,
    milliseconds: 500,
  })
  const issuer: LocalIssuer = {
    keys,
    asked: [],
    fetchText: async (url) => {
      const problem = keyAddressProblem(url)
      if (problem !== undefined) throw new Error(`The app must not fetch ${url}: it ${problem}.`)
      const { hostname, pathname } = new URL(url)
      return toIssuer(`http://${hostname}:${port}${pathname}`)
    },
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return issuer
}

/** What Entra ID says of a directory, as far as it matters here. */
function metadataOf(directory: string): object {
  const origin = `https://login.microsoftonline.com/${directory}`
  return {
    issuer: `${origin}/v2.0`,
    token_endpoint: `${origin}/oauth2/v2.0/token`,
    jwks_uri: `${origin}/discovery/v2.0/keys`,
    id_token_signing_alg_values_supported: ['RS256'],
  }
}
