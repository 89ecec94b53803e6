import { createLocalJWKSet, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from 'jose'
import * as z from 'zod'
import { isObject } from '../scim/json.ts'
import { UnreachableKeys, type FetchText } from './fetch-text.ts'

/** Seconds for which a key set is believed. */
const FRESH = 60 * 60
/** Seconds for which it is used when its address answers no more. */
const USABLE = 24 * 60 * 60
/** Seconds between two requests for a key set, whatever is asked of it. */
const PAUSE = 60
/** So many addresses are remembered. */
const MOST_ADDRESSES = 1000

/** The key sets of others, by their addresses. */
export interface RemoteKeys {
  /**
   * What finds a JWT's key in the set at an address. A set that has no key of that id is fetched again, at most once a
   * minute: keys change without notice. All who ask at a time wait for one request, those of other addresses for none.
   * @throws UnreachableKeys
   */
  readonly at: (address: string, kid: string | undefined) => Promise<JWTVerifyGetKey>
}

interface KeySet {
  readonly fetched: number
  readonly kids: ReadonlySet<string>
  readonly find: JWTVerifyGetKey
}

interface Known {
  asked: number
  set?: KeySet
  failure?: UnreachableKeys
  running?: Promise<KeySet>
}

export function createRemoteKeys(options: {
  readonly fetchText: FetchText
  readonly now: () => Date
}): RemoteKeys {
  const known = new Map<string, Known>()
  const seconds = (): number => options.now().getTime() / 1000

  function recall(address: string): Known {
    const entry = known.get(address) ?? { asked: Number.NEGATIVE_INFINITY }
    known.delete(address)
    known.set(address, entry) // behind all others: used last
    for (const oldest of known.keys()) {
      if (known.size <= MOST_ADDRESSES) break
      known.delete(oldest)
    }
    return entry
  }

  async function refetch(address: string, entry: Known): Promise<KeySet> {
    entry.asked = seconds()
    try {
      const keys = readKeySet(await options.fetchText(address))
      entry.set = {
        fetched: entry.asked,
        kids: new Set(keys.keys.flatMap(({ kid }) => kid ?? [])),
        find: createLocalJWKSet(keys),
      }
      return entry.set
    } catch (error) {
      entry.failure = error instanceof UnreachableKeys ? error : noKeySet(error)
      if (entry.set !== undefined && isYounger(entry.set.fetched, USABLE)) return entry.set
      throw entry.failure
    } finally {
      delete entry.running
    }
  }

  /** Not of a time to come: the clock may have been set back. */
  function isYounger(time: number, age: number): boolean {
    const now = seconds()
    return now >= time && now - time < age
  }

  return {
    async at(address, kid) {
      const entry = recall(address)
      const { set } = entry
      const hasKey = set !== undefined && (kid === undefined || set.kids.has(kid))
      if (hasKey && isYounger(set.fetched, FRESH)) return set.find
      if (entry.running === undefined && isYounger(entry.asked, PAUSE)) {
        if (set !== undefined && isYounger(set.fetched, USABLE)) return set.find
        throw entry.failure ?? new UnreachableKeys('asked a moment ago')
      }
      entry.running ??= refetch(address, entry)
      return (await entry.running).find
    },
  }
}

/** RFC 7517 §5; keys that cannot be used are left to whoever looks for one. */
const KEY_SET = z.object({ keys: z.array(z.custom<JWK>(isKey)).max(100) })

function isKey(value: unknown): boolean {
  if (!isObject(value)) return false
  return typeof value['kty'] === 'string' && ['string', 'undefined'].includes(typeof value['kid'])
}

function readKeySet(text: string): JSONWebKeySet {
  return KEY_SET.parse(JSON.parse(text))
}

function noKeySet(cause: unknown): UnreachableKeys {
  return new UnreachableKeys('it is no JSON Web Key Set', { cause })
}
