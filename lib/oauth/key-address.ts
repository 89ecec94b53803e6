import { isIP } from 'node:net'

const MAX_LENGTH = 2000

/**
 * What is wrong with the address of a key set, as the end of a sentence that begins with its name; undefined when it may
 * be fetched. Where its name leads is checked at every connection.
 * @param ownHost the host of the app itself, which must not call itself.
 */
export function keyAddressProblem(text: string, ownHost?: string): string | undefined {
  if (text.length > MAX_LENGTH || !URL.canParse(text)) return 'must be an https URL'
  const { protocol, port, username, password, hostname, hash } = new URL(text)
  if (protocol !== 'https:') return 'must be an https URL'
  if (port !== '') return 'must be on port 443'
  if (username !== '' || password !== '') return 'must have no user name or password in it'
  if (hash !== '') return 'must have no fragment'
  const host = hostname.replace(/\.$/, '').toLowerCase()
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return 'must have the name of a host, no IP address'
  if (!host.includes('.')) return 'must have the full name of a host'
  if (host === ownHost?.toLowerCase()) return 'must not lead to this service'
  return undefined
}
