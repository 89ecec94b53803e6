import { isIP } from 'node:net'

/** Characters of an address of a key set, at most. */
export const KEY_ADDRESS_MAX_LENGTH = 2000

/**
 * What is wrong with the address of a key set, as the end of a sentence that begins with its name; undefined when it may
 * be kept and fetched. Where its name leads is checked at every connection: it may mean another machine by then.
 * @param ownHost the host of the app itself, which must not call itself.
 */
export function keyAddressProblem(text: string, ownHost?: string): string | undefined {
  if (text.length > KEY_ADDRESS_MAX_LENGTH || !URL.canParse(text)) return 'must be an https URL'
  const { protocol, port, username, password, hostname, hash } = new URL(text)
  if (protocol !== 'https:') return 'must be an https URL'
  if (port !== '') return 'must be on port 443'
  if (username !== '' || password !== '') return 'must have no user name or password in it'
  if (hash !== '') return 'must have no fragment'
  return hostProblem(hostname, ownHost)
}

function hostProblem(hostname: string, ownHost: string | undefined): string | undefined {
  const host = hostname.replace(/\.$/, '').toLowerCase()
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return 'must have the name of a host, no IP address'
  if (!host.includes('.')) return 'must have the full name of a host'
  // RFC 6761 §6.3.
  if (host.endsWith('.localhost')) return 'must not lead to this machine'
  if (host === ownHost?.toLowerCase()) return 'must not lead to this service'
  if (hostname.endsWith('.')) return 'must have no dot behind the name of its host'
  return undefined
}
