import { createHash } from 'node:crypto'
import type { KeyProperties } from '@azure/keyvault-keys'
import { base64url } from 'jose'
import { KeySourceError, publicKey, type KeySource, type SigningKey } from './signing-key.ts'

/** One version of a key in a vault, as far as it may sign. */
export interface VaultKey {
  readonly created: Date
  readonly curve: string
  readonly x: Uint8Array
  readonly y: Uint8Array
  readonly sign: (digest: Uint8Array) => Promise<Uint8Array>
}

/** A key in a vault, of which there are versions. */
export interface Vault {
  /** The versions that may sign now. */
  readonly versions: () => Promise<readonly VaultKey[]>
  /** Makes one more version. */
  readonly create: () => Promise<VaultKey>
}

/** Versions beyond these are too old to sign, and are not looked at. */
const NEWEST = 3

/**
 * The versions of a Key Vault key, which never leave it: signing is a request to the vault. `KEY_VAULT_KEY_ID` names the
 * key, `https://<vault>.vault.azure.net/keys/<name>`; with a version behind it that one alone signs.
 */
export function keyVaultSource(
  keyId: string,
  connect: (keyId: string) => Promise<Vault> = connectToVault,
): KeySource {
  let vault: Promise<Vault> | undefined
  const connected = (): Promise<Vault> => {
    vault ??= connect(keyId).catch((error: unknown) => {
      vault = undefined
      throw error
    })
    return vault
  }
  return {
    async keys() {
      const versions = await (await connected()).versions()
      if (versions.length === 0)
        throw new KeySourceError('The key in Key Vault has no enabled version.')
      const oldestFirst = versions.toSorted((a, b) => a.created.getTime() - b.created.getTime())
      return Promise.all(oldestFirst.map(signingKey))
    },
    async add() {
      if (parseKeyId(keyId).version !== undefined) {
        throw new KeySourceError(
          'KEY_VAULT_KEY_ID names one version of its key; leave the version out, or set it to a new one',
        )
      }
      return signingKey(await (await connected()).create())
    },
  }
}

async function signingKey({ curve, x, y, sign }: VaultKey): Promise<SigningKey> {
  const coordinates = { x: base64url.encode(x), y: base64url.encode(y) }
  return {
    ...(await publicKey({ kty: 'EC', crv: curve, ...coordinates })),
    sign: async (bytes) => sign(createHash('sha256').update(bytes).digest()),
  }
}

/** The parts of `https://<vault>/keys/<name>[/<version>]`; a test holds that `lib/config.ts` takes no other. */
function parseKeyId(keyId: string): {
  readonly vaultUrl: string
  readonly name: string
  readonly version: string | undefined
} {
  const { origin, pathname } = new URL(keyId)
  const [, , name = '', version] = pathname.replace(/\/+$/, '').split('/')
  return { vaultUrl: origin, name, version }
}

/** With the app's managed identity, or the operator's own login. The library is loaded here alone, and only then. */
async function connectToVault(keyId: string): Promise<Vault> {
  const [{ CryptographyClient, KeyClient }, { DefaultAzureCredential }] = await Promise.all([
    import('@azure/keyvault-keys'),
    import('@azure/identity'),
  ])
  const { vaultUrl, name, version } = parseKeyId(keyId)
  const credential = new DefaultAzureCredential()
  const client = new KeyClient(vaultUrl, credential)

  async function versionNames(): Promise<readonly string[]> {
    if (version !== undefined) return [version]
    const found: KeyProperties[] = []
    for await (const each of client.listPropertiesOfKeyVersions(name)) found.push(each)
    return newestOpen(found, new Date())
  }

  type Found = Awaited<ReturnType<typeof client.getKey>>
  const vaultKey = (found: Found): VaultKey => {
    const signer = new CryptographyClient(found, credential)
    const { crv = '', x = new Uint8Array(), y = new Uint8Array() } = found.key ?? {}
    return {
      created: found.properties.createdOn ?? new Date(0),
      curve: crv,
      x,
      y,
      sign: async (digest) => (await signer.sign('ES256', digest)).result,
    }
  }
  return {
    versions: async () =>
      Promise.all(
        (await versionNames()).map(async (each) =>
          vaultKey(await client.getKey(name, { version: each })),
        ),
      ),
    create: async () =>
      vaultKey(await client.createEcKey(name, { curve: 'P-256', keyOps: ['sign', 'verify'] })),
  }
}

/** The newest versions that the vault would sign with now. */
export function newestOpen(versions: readonly KeyProperties[], now: Date): readonly string[] {
  return versions
    .filter(({ enabled }) => enabled !== false)
    .filter(({ notBefore }) => notBefore === undefined || notBefore <= now)
    .filter(({ expiresOn }) => expiresOn === undefined || now < expiresOn)
    .toSorted((a, b) => timeOf(b.createdOn) - timeOf(a.createdOn))
    .slice(0, NEWEST)
    .flatMap((each) => each.version ?? [])
}

function timeOf(date: Date | undefined): number {
  return date?.getTime() ?? 0
}
