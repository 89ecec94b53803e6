import { readFile } from 'node:fs/promises'
import { createAuthenticator } from '../../lib/auth/authenticate.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import { isObject } from '../../lib/scim/json.ts'
import type { TenantStore } from '../../lib/storage/tenant-port.ts'
import { changeTenant, createTenant } from '../../lib/tenants/tenants.ts'
import { issueToken } from '../../lib/tenants/tokens.ts'
import { writePrivately } from './private-file.ts'

/** Its id. */
export const DEMO = 'demo'

/** Requests a second that it may send: the most there are, as tools and tests send them as fast as they can. */
const REQUESTS_PER_SECOND = 1000

/** Where the tools keep the demo tenant's Secret Tokens: the tables have only their hashes. */
export interface TokenMemory {
  /** Readable by its owner only. */
  readonly file: string
  /** Which storage the token is for. */
  readonly storage: string
}

/**
 * The Secret Token of the tenant `demo`, which is created when it is missing, and has a rate that slows no tool down
 * unless another one was chosen for it. The token stays the same as long as the storage accepts it.
 * @param tell is given a line when there is a new token because the old one's file could not be read.
 */
export async function demoToken(
  store: TenantStore,
  memory: TokenMemory,
  tell: (line: string) => void,
): Promise<string> {
  const now = new Date()
  await makeDemo(store, now)
  const { tokens, isDamaged } = await readTokens(memory.file)
  const remembered = tokens.get(memory.storage)
  if (remembered !== undefined && (await isAccepted(store, remembered))) return remembered
  const { secretToken } = await issueToken(store, DEMO, { label: 'local host', now })
  const kept = new Map(tokens).set(memory.storage, secretToken)
  await writePrivately(memory.file, Object.fromEntries(kept))
  if (isDamaged) tell(`${memory.file} could not be read: the demo tenant has a new Secret Token`)
  return secretToken
}

async function makeDemo(store: TenantStore, now: Date): Promise<void> {
  const requestsPerSecond = REQUESTS_PER_SECOND
  const tenant = await store.get(DEMO)
  if (tenant === undefined) {
    await createTenant(store, { id: DEMO, name: 'Demo', settings: { requestsPerSecond }, now })
  } else if (tenant.settings['requestsPerSecond'] === undefined) {
    await changeTenant(store, DEMO, { settings: (chosen) => ({ requestsPerSecond, ...chosen }) })
  }
}

/** A tenant that somebody disabled keeps its token: another one would not help. */
async function isAccepted(store: TenantStore, token: string): Promise<boolean> {
  try {
    await createAuthenticator({ store, now: () => new Date() })(`Bearer ${token}`)
    return true
  } catch (error) {
    if (error instanceof ScimError && error.kind === 'unauthorized') return false
    if (error instanceof ScimError && error.kind === 'forbidden') return true
    throw error
  }
}

interface StoredTokens {
  readonly tokens: ReadonlyMap<string, string>
  /** The file has something else, or not only tokens. */
  readonly isDamaged: boolean
}

/** What cannot be read counts as not there: then a new token is issued. */
async function readTokens(file: string): Promise<StoredTokens> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'))
    const entries = isObject(parsed) ? Object.entries(parsed) : []
    const tokens = entries.filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    )
    return {
      tokens: new Map(tokens),
      isDamaged: !isObject(parsed) || tokens.length < entries.length,
    }
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return { tokens: new Map(), isDamaged: !isMissing }
  }
}
