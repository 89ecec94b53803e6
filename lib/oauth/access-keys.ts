import type { JWK } from 'jose'
import type { AccessKey } from '../storage/tenant-port.ts'

/** Seconds for which the published keys are believed: a new one signs only when it has been published for longer. */
export const KEYS_CACHE_SECONDS = 300
/** Seconds between two reads for a key that is not among them. */
const PAUSE = 60

/** The public keys that access tokens are verified with, as they are published in the store. */
export interface AccessKeys {
  /** The key, if there is such a one; a promise where the store has to be read. */
  readonly find: (kid: string) => JWK | undefined | Promise<JWK | undefined>
  /** All that verify now, as they were a minute ago at most. */
  readonly all: () => Promise<readonly JWK[]>
  /** What was read is no longer so. */
  readonly forget: () => void
}

export function createAccessKeys(options: {
  readonly read: () => Promise<readonly AccessKey[]>
  readonly now: () => Date
}): AccessKeys {
  let asked = Number.NEGATIVE_INFINITY
  let read = Number.NEGATIVE_INFINITY
  let keys: ReadonlyMap<string, PublishedKey> = new Map()
  let running: Promise<void> | undefined

  async function reread(): Promise<void> {
    const started = options.now().getTime()
    asked = started
    try {
      const found = await options.read()
      keys = new Map(found.flatMap((key) => publishedKey(key) ?? []).map((key) => [key.kid, key]))
      read = started
    } finally {
      running = undefined
    }
  }

  /** Not of a time to come: the clock may have been set back. */
  function isYounger(time: number, seconds: number): boolean {
    const now = options.now().getTime()
    return now >= time && now - time < seconds * 1000
  }

  function good(kid: string): JWK | undefined {
    const key = keys.get(kid)
    return key === undefined || isRetired(key, options.now()) ? undefined : key.jwk
  }

  return {
    forget() {
      asked = Number.NEGATIVE_INFINITY
      read = Number.NEGATIVE_INFINITY
    },
    async all() {
      if (!isYounger(read, PAUSE)) {
        running ??= reread()
        await running
      }
      return [...keys.values()]
        .filter((key) => !isRetired(key, options.now()))
        .map(({ jwk }) => jwk)
    },
    find(kid) {
      if (isYounger(read, KEYS_CACHE_SECONDS)) {
        if (keys.has(kid)) return good(kid)
        if (running === undefined && isYounger(asked, PAUSE)) return undefined
      }
      running ??= reread()
      return running.then(() => good(kid))
    },
  }
}

interface PublishedKey extends Pick<AccessKey, 'kid' | 'retired'> {
  readonly jwk: JWK
}

/** Undefined for what somebody else has written: it verifies nothing. */
function publishedKey({ kid, jwk, retired }: AccessKey): PublishedKey | undefined {
  const { x, y } = jwk
  if (jwk['kty'] !== 'EC' || jwk['crv'] !== 'P-256') return undefined
  if (typeof x !== 'string' || typeof y !== 'string') return undefined
  return {
    kid,
    jwk: { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' },
    ...(retired === undefined ? {} : { retired }),
  }
}

/** Whether a key is good for nothing any more; a date that cannot be read has passed. */
function isRetired({ retired }: PublishedKey, now: Date): boolean {
  return retired !== undefined && !(now.getTime() < Date.parse(retired))
}
