import { detail, quote } from './detail.ts'
import { ScimError } from './errors.ts'
import { elementsOf, isObject, own, type JsonObject } from './json.ts'

/** Allowed domains that an error names. */
const MOST_NAMED = 5

/** An address that is a person's at work, and where it stands. */
interface WorkAddress {
  readonly path: string
  readonly address: string
}

/**
 * Refuses addresses of other domains than a tenant's own: userName, where it is an address, and the work e-mail. An address that
 * the user had before, wherever, stays: a rule that comes later stops no change of something else.
 * @param allowed whole domains; none: any domain will do.
 * @throws ScimError `invalidValue` that names the address and what is allowed.
 */
export function requireDomains(
  allowed: readonly string[],
  before: JsonObject,
  after: JsonObject,
): void {
  if (allowed.length === 0) return
  const domains = formsOf(allowed)
  const kept = new Set(allAddresses(before).map(keyOf))
  const wrong = workAddresses(after).find((each) => {
    return !kept.has(keyOf(each.address)) && !isIn(domains, each.address)
  })
  if (wrong === undefined) return
  const others = allowed.length > MOST_NAMED ? ` and ${allowed.length - MOST_NAMED} more` : ''
  const named = allowed.slice(0, MOST_NAMED).join(', ') + others
  throw new ScimError(
    'invalidValue',
    detail`${wrong.path} ${quote(wrong.address)} is outside of the allowed e-mail domains: ${named}.`,
    { reason: 'emailDomain', path: wrong.path === 'userName' ? 'userName' : 'emails.value' },
  )
}

function keyOf(address: string): string {
  return address.trim().toLowerCase()
}

function allAddresses({ userName, emails }: JsonObject): readonly string[] {
  return [userName, ...elementsOf(emails).map((each) => own(each, 'value'))].filter(
    (each) => typeof each === 'string',
  )
}

function workAddresses({ userName, emails }: JsonObject): readonly WorkAddress[] {
  const elements = elementsOf(emails).filter(isObject)
  const untyped = elements.filter(({ type }) => type === undefined)
  const work = elements.filter(
    ({ type }) => typeof type === 'string' && type.toLowerCase() === 'work',
  )
  // A userName without an @ is no address.
  const isAddress = typeof userName === 'string' && userName.includes('@')
  return [
    ...(isAddress ? addressIn('userName', userName) : []),
    ...work.flatMap(({ value }) => addressIn('emails[type eq "work"].value', value)),
    ...(untyped.length === 1 ? addressIn('emails.value', untyped[0]?.['value']) : []),
  ]
}

function addressIn(path: string, value: unknown): readonly WorkAddress[] {
  return typeof value === 'string' ? [{ path, address: value.trim() }] : []
}

function isIn(domains: ReadonlySet<string>, address: string): boolean {
  const [local = '', domain = '', ...more] = address.split('@')
  if (local.trim() === '' || more.length > 0) return false
  return formsOfOne(domain).some((form) => domains.has(form))
}

const known = new WeakMap<readonly string[], ReadonlySet<string>>()

function formsOf(domains: readonly string[]): ReadonlySet<string> {
  let forms = known.get(domains)
  if (forms === undefined) known.set(domains, (forms = new Set(domains.flatMap(formsOfOne))))
  return forms
}

/** As it is written, and in the form in which the DNS has it: one side may have `bücher.example`, the other `xn--bcher-kva.example`. */
function formsOfOne(domain: string): readonly string[] {
  const url = `http://${domain}`
  const written = domain.toLowerCase()
  const isHost = /^[^\s/?#\\:@%[\]]+$/.test(domain) && URL.canParse(url)
  return isHost ? [written, new URL(url).hostname] : [written]
}

/** Labels of letters, digits and inner hyphens, two at least. */
export const DOMAIN =
  /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?)+$/u

/** Whether it is a domain that the DNS can have, and no IPv4 address in any of its forms. */
export function isDomain(text: string): boolean {
  if (!DOMAIN.test(text) || !URL.canParse(`http://${text}`)) return false
  return !/^[\d.]+$/.test(new URL(`http://${text}`).hostname)
}

/** Each domain once, whatever its case, as it is written first, in letters or as the DNS has it. */
export function distinctDomains(domains: readonly string[]): string[] {
  const byForm = new Map<string, string>()
  for (const domain of domains) {
    const form = formsOfOne(domain).at(-1) ?? domain
    if (!byForm.has(form)) byForm.set(form, domain)
  }
  return [...byForm.values()]
}
