import { KEYS_CACHE_SECONDS } from './access-keys.ts'
import { CLOCK_SKEW_SECONDS } from './jwt.ts'
import type { TenantStore } from '../storage/tenant-port.ts'
import { KeySourceError, type KeySource, type SigningKey } from './signing-key.ts'

/** Seconds for which a new key is published before it signs: nobody believes what was read before any more. */
const PUBLISHED_SECONDS = 2 * KEYS_CACHE_SECONDS

/** The longest that an access token lives, whatever its tenant has chosen. */
const LONGEST_TOKEN_SECONDS = 6 * 60 * 60

/**
 * Seconds for which a key verifies when there is a newer one: it signs until the newer one does, and what it signed
 * then lives for six hours; the rest is for the instances of a version before, which go on for a while.
 */
const RETIRING_SECONDS = 7 * 60 * 60

type KeyStore = Pick<TenantStore, 'accessKeys' | 'addAccessKey' | 'retireAccessKey'>

interface Published {
  readonly kid: string
  readonly created: string
  readonly retired?: string
}

export interface SignerOptions {
  readonly source: KeySource
  readonly store: KeyStore
  /** Told of a key that was published. */
  readonly onPublished: () => void
  readonly now: () => Date
}

/**
 * Gives the key that signs now. The newest of the source is published first when it is not; a new one signs when it has
 * been published for a while. So a rotation that died half way goes on
 * by itself, and a version that Key Vault made by its own policy is taken up.
 */
export function createSigner(options: SignerOptions): () => Promise<SigningKey> {
  const { now } = options
  let known: { readonly asked: number; readonly key: Promise<SigningKey> } | undefined
  return async () => {
    const at = now().getTime()
    if (known !== undefined && at >= known.asked && at - known.asked < KEYS_CACHE_SECONDS * 1000) {
      return known.key
    }
    const asked = { asked: at, key: choose(options, now()) }
    known = asked
    asked.key.catch(() => {
      if (known === asked) known = undefined
    })
    return asked.key
  }
}

/** Makes a new key and publishes it; those before it retire. */
export async function rotateSigningKey(
  source: KeySource,
  store: KeyStore,
  now: Date,
): Promise<{ readonly kid: string; readonly signsFrom: Date; readonly othersUntil: Date }> {
  const key = await source.add()
  await publish(key, store, await store.accessKeys(), now)
  return {
    kid: key.kid,
    signsFrom: later(now, PUBLISHED_SECONDS),
    othersUntil: later(now, RETIRING_SECONDS),
  }
}

async function choose(
  { source, store, onPublished }: SignerOptions,
  now: Date,
): Promise<SigningKey> {
  const keys = await source.keys()
  let published: readonly Published[] = await store.accessKeys()
  const newest = keys.at(-1)
  if (newest !== undefined && published.every(({ kid }) => kid !== newest.kid)) {
    await publish(newest, store, published, now)
    onPublished()
    published = await store.accessKeys()
  }
  const usable = keys.flatMap((key) => {
    const found = published.find(({ kid }) => kid === key.kid)
    return found !== undefined && outlivesTokens(found, now) ? [{ key, found }] : []
  })
  const settled = usable.filter(({ found }) => ageOf(found, now) >= PUBLISHED_SECONDS * 1000)
  // The first key there is has nothing to wait for.
  const { key } = settled.at(-1) ?? usable[0] ?? {}
  if (key === undefined) {
    throw new KeySourceError(
      'Every key that could sign access tokens has been retired; rotate the keys.',
    )
  }
  return key
}

async function publish(
  { kid, publicJwk }: SigningKey,
  store: KeyStore,
  others: readonly Published[],
  now: Date,
): Promise<void> {
  await store.addAccessKey({ kid, jwk: publicJwk, use: 'access', created: now.toISOString() })
  const at = later(now, RETIRING_SECONDS).toISOString()
  for (const other of others) {
    if (other.kid !== kid && other.retired === undefined) await store.retireAccessKey(other.kid, at)
  }
}

/** Whether what it signs now can be verified for as long as it lives. */
function outlivesTokens({ retired }: Published, now: Date): boolean {
  if (retired === undefined) return true
  const left = Date.parse(retired) - now.getTime()
  return left > (LONGEST_TOKEN_SECONDS + CLOCK_SKEW_SECONDS) * 1000
}

function ageOf({ created }: Published, now: Date): number {
  return now.getTime() - Date.parse(created)
}

function later(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000)
}
