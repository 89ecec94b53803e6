import { createHash, timingSafeEqual } from 'node:crypto'
import type { Binding } from './functions-core.ts'

const AUTH_LEVELS = ['anonymous', 'function', 'admin'] as const

/** Which keys open an HTTP function. */
export type AuthLevel = (typeof AUTH_LEVELS)[number]

/** The keys of a function app. */
export interface HostKeys {
  /** `_master`: opens everything, the host's own API too. */
  readonly master: string
  /** Opens all functions but those of `admin`. */
  readonly host: string
  /** By function name in lower case: opens that one. */
  readonly functions?: Readonly<Record<string, string>>
}

/**
 * `app.http` always says one; a generic trigger without one has the default of the host's `HttpTriggerAttribute`.
 * @throws Error for another than the three
 */
export function authLevelOf({ authLevel = 'function' }: Binding): AuthLevel {
  const found = AUTH_LEVELS.find((level) => level === authLevel.toLowerCase())
  if (found === undefined) throw new Error(`the authLevel "${authLevel}" is none of the three`)
  return found
}

/** The key that a request presents: the header's, and only without one that of the query. */
export function presentedKey(
  headers: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string>>,
): string | undefined {
  const header = headers['x-functions-key']
  if (header !== undefined && header !== '') return header
  return Object.entries(query).find(([name]) => name.toLowerCase() === 'code')?.[1]
}

/**
 * Whether a key opens what wants this level.
 * @param keys none: only what wants none is open.
 */
export function isAdmitted(
  { level, functionName }: { readonly level: AuthLevel; readonly functionName?: string },
  presented: string | undefined,
  keys: HostKeys | undefined,
): boolean {
  if (level === 'anonymous') return true
  if (presented === undefined || keys === undefined) return false
  const own = ownKey(keys, functionName)
  const good = level === 'admin' ? [keys.master] : [keys.master, keys.host, ...own]
  // All are compared, so that the time tells nothing.
  return good.map((key) => isEqual(key, presented)).includes(true)
}

function ownKey({ functions = {} }: HostKeys, functionName = ''): readonly string[] {
  const name = functionName.toLowerCase()
  const key = Object.hasOwn(functions, name) ? functions[name] : undefined
  return key === undefined ? [] : [key]
}

function isEqual(key: string, presented: string): boolean {
  return key !== '' && timingSafeEqual(digest(key), digest(presented))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
