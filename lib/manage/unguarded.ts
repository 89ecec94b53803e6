import { isLoopback } from '../loopback.ts'
import { isOnAzure } from '../on-azure.ts'
import { detail, quote } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'

/** `true`: set by a host that asks for function keys though it is not Azure's, as that of `npm start` does. */
export const KEYS_ARE_CHECKED = 'FUNCTION_KEYS_ARE_CHECKED'

/** What tells how a request came here. */
export interface Arrival {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The Host header. */
  readonly host: string
  /** `X-Forwarded-Host`: there are tunnels that put `localhost` into Host, and say here what it was. */
  readonly forwardedHost?: string | undefined
}

/**
 * Refuses a request that came from elsewhere while nothing has asked it for a function key: `func start` asks for none, and
 * a public tunnel to it would give everybody all tenants.
 * @throws ScimError `forbidden`
 */
export function refuseUnguarded({ environment, host, forwardedHost }: Arrival): void {
  if (isGuarded(environment)) return
  const hosts = forwardedHost === undefined ? [host] : [host, ...forwardedHost.split(',')]
  const foreign = hosts.map((each) => each.trim()).find((each) => !isLoopbackHost(each))
  if (foreign === undefined) return
  throw new ScimError(
    'forbidden',
    detail`Nothing here asks for a function key, so that the manage API is open to localhost alone; this request was sent to ${quote(foreign)}. "npm start" and Azure ask for one.`,
  )
}

/** Core Tools say that they are there; who runs the host in a container of their own has to say that it asks for keys. */
function isGuarded(environment: Arrival['environment']): boolean {
  if (environment[KEYS_ARE_CHECKED]?.toLowerCase() === 'true') return true
  const isCoreTools =
    (environment['FUNCTIONS_CORETOOLS_ENVIRONMENT'] ?? '') !== '' ||
    environment['AZURE_FUNCTIONS_ENVIRONMENT']?.toLowerCase() === 'development'
  return isOnAzure(environment) && !isCoreTools
}

/** A host and port, and nothing else that a URL may have in that place. */
function isLoopbackHost(host: string): boolean {
  return /^[\w.:[\]-]+$/.test(host) && isLoopback(`http://${host}`)
}
