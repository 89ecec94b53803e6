import type { KeySource } from '../../lib/oauth/signing-key.ts'
import { rotateSigningKey } from '../../lib/oauth/signer.ts'
import type { TenantStore } from '../../lib/storage/tenant-port.ts'
import { UsageError } from '../command-line.ts'
import type { Outcome } from './text.ts'

/** What is needed to rotate the keys. */
interface KeyRoom {
  readonly store: TenantStore
  /** Absent where nothing says where the keys are. */
  readonly keySource?: KeySource
  readonly now: () => Date
}

/**
 * Makes a new key that signs access tokens, and publishes it. Tokens that are out stay good.
 * @throws UsageError when nothing says which key it is.
 */
export async function rotateKeys({ store, keySource, now }: KeyRoom): Promise<Outcome> {
  if (keySource === undefined) {
    throw new UsageError('keys rotate needs KEY_VAULT_KEY_ID in the environment, as the app has it')
  }
  const { kid, signsFrom, othersUntil } = await rotateSigningKey(keySource, store, now())
  const from = signsFrom.toISOString()
  const until = othersUntil.toISOString()
  return {
    text: `the new key ${kid} signs access tokens from ${from}; those before it are good until ${until}`,
    json: { key: { kid, signsFrom: from, othersUntil: until } },
  }
}
