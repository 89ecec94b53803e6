import { Resolver } from 'node:dns/promises'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { keyAddressProblem } from '../tenants/key-address.ts'
import { isPublicAddress } from './public-address.ts'

/** Gets a document of somebody else's server. @throws UnreachableKeys */
export type FetchText = (url: string) => Promise<string>

/** A document that cannot be had; the message is for the log, and tells nothing of what came. */
export class UnreachableKeys extends Error {
  override readonly name = 'UnreachableKeys'
}

/** In all: the names, the connection, and the last byte. */
const SECONDS = 5
const MOST_BYTES = 64 * 1024

/** What a test has otherwise. */
export interface FetchOptions {
  readonly ownHost?: string | undefined
  readonly milliseconds?: number
  readonly request?: (
    url: URL,
    options: RequestOptions,
    onResponse: (response: IncomingMessage) => void,
  ) => ClientRequest
  /** All addresses of a host. */
  readonly addressesOf?: (host: string, signal: AbortSignal) => Promise<readonly string[]>
  readonly isAllowed?: (address: string) => boolean
  readonly problemOf?: typeof keyAddressProblem
}

/**
 * Makes what fetches a key set from an address that a customer has named. It goes to public addresses only, those that
 * were checked and no others (a second look-up could say something else), follows no redirect and asks no proxy.
 */
export function createFetchText({
  ownHost,
  milliseconds = SECONDS * 1000,
  request = httpsRequest,
  addressesOf = resolveAll,
  isAllowed = isPublicAddress,
  problemOf = keyAddressProblem,
}: FetchOptions = {}): FetchText {
  return async (url) => {
    const problem = problemOf(url, ownHost)
    if (problem !== undefined) throw new UnreachableKeys(`the address ${problem}`)
    const signal = AbortSignal.timeout(milliseconds)
    try {
      const { hostname } = new URL(url)
      const found = await addressesOf(hostname, signal)
      if (found.length === 0) throw new UnreachableKeys('the host has no address')
      if (!found.every(isAllowed)) throw new UnreachableKeys('the address is not a public one')
      return await get(request, new URL(url), { lookup: lookupOf(found), signal })
    } catch (error) {
      if (error instanceof UnreachableKeys) throw error
      const reason = signal.aborted ? 'no whole answer in time' : codeOf(error)
      throw new UnreachableKeys(reason, { cause: error })
    }
  }
}

/** Says of every name that it has these addresses, for a connection that is to go to no other. */
function lookupOf(found: readonly string[]): LookupFunction {
  const addresses = found.map((address) => ({ address, family: familyOf(address) }))
  return (_host, { all = false }, callback) => {
    const [first = { address: '', family: 4 }] = addresses
    if (all) callback(null, addresses)
    else callback(null, first.address, first.family)
  }
}

async function get(
  request: NonNullable<FetchOptions['request']>,
  url: URL,
  options: Pick<RequestOptions, 'signal' | 'lookup'>,
): Promise<string> {
  const headers = { accept: 'application/jwk-set+json, application/json' }
  // An agent of its own asks no proxy that the environment may name.
  const agent = url.protocol === 'https:' ? { agent: AGENT } : {}
  let sent: ClientRequest | undefined
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      sent = request(url, { ...options, ...agent, headers }, resolve)
      // For its whole life: an error that nobody listens for would end the process.
      sent.on('error', reject)
      sent.end()
    })
    return await read(response)
  } finally {
    sent?.destroy()
  }
}

const AGENT = new Agent({ keepAlive: false, minVersion: 'TLSv1.2', rejectUnauthorized: true })

async function read(response: IncomingMessage): Promise<string> {
  const { statusCode = 0 } = response
  if (statusCode !== 200) throw new UnreachableKeys(`status ${statusCode}`)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw new UnreachableKeys(`more than ${MOST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * By a resolver that needs no thread: `dns.lookup` has four of them for the whole process, so that names which nobody
 * answers for would delay everybody. It reads no hosts file either.
 */
async function resolveAll(host: string, signal: AbortSignal): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 })
  const cancel = (): void => resolver.cancel()
  signal.addEventListener('abort', cancel)
  try {
    const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4
}

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED`: never a message, which may have what came. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'no connection'
}
