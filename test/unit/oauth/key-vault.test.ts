import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { readFileSync, globSync } from 'node:fs'
import { base64url } from 'jose'
import { expect, test } from 'vitest'
import {
  keyVaultSource,
  newestOpen,
  type Vault,
  type VaultKey,
} from '../../../lib/oauth/key-vault.ts'

const KEY_ID = 'https://people.vault.azure.net/keys/scim'

/** A key as a vault has it, which signs digests; here by signing what the digest is of. */
function vaultKey(created: string, signed: Buffer, curve = 'P-256'): VaultKey {
  const pair = generateKeyPairSync('ec', { namedCurve: curve })
  const { x = '', y = '' } = pair.publicKey.export({ format: 'jwk' })
  return {
    created: new Date(created),
    curve,
    x: base64url.decode(x),
    y: base64url.decode(y),
    sign: async (digest) => {
      expect(digest).toHaveLength(32)
      return sign('sha256', signed, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' })
    },
  }
}

function vault(...keys: readonly VaultKey[]): Vault {
  return {
    versions: async () => keys,
    create: async () => vaultKey('2026-11-22', Buffer.from('')),
  }
}

test('the versions of a key sign, oldest first, by their digests', async () => {
  const bytes = Buffer.from('text')
  const keys = [vaultKey('2026-11-22', bytes), vaultKey('2026-10-01', bytes)]
  const source = keyVaultSource(KEY_ID, async () => vault(...keys))
  const found = await source.keys()
  expect(found.map(({ publicJwk }) => publicJwk.x)).toEqual(
    keys.toReversed().map(({ x }) => base64url.encode(x)),
  )
  const [first] = found
  if (first === undefined) throw new Error('No key.')
  const open = createPublicKey({ key: first.publicJwk, format: 'jwk' })
  const signature = await first.sign(bytes)
  expect(verify('sha256', bytes, { key: open, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
})

test.each([
  ['no version', []],
  ['a key on another curve', [vaultKey('2026-11-22', Buffer.from(''), 'P-384')]],
])('refuses %s', async (_case, keys) => {
  await expect(keyVaultSource(KEY_ID, async () => vault(...keys)).keys()).rejects.toThrow(
    /no enabled version|must be an elliptic curve key on P-256/,
  )
})

test('connects once, and again after a failure', async () => {
  let connections = 0
  const source = keyVaultSource(KEY_ID, async () => {
    connections += 1
    if (connections === 1) throw new Error('no network')
    return vault(vaultKey('2026-11-22', Buffer.from('')))
  })
  await expect(source.keys()).rejects.toThrow('no network')
  await source.keys()
  await source.keys()
  expect(connections).toBe(2)
})

test('makes a version of a key that is named without one, and of no other', async () => {
  expect((await keyVaultSource(KEY_ID, async () => vault()).add()).kid).toMatch(/^[\w-]{43}$/)
  const one = keyVaultSource(`${KEY_ID}/${'0'.repeat(32)}`, async () => vault())
  await expect(one.add()).rejects.toThrow('KEY_VAULT_KEY_ID names one version')
})

function version(day: number, more: object = {}): Parameters<typeof newestOpen>[0][number] {
  return {
    name: 'scim',
    vaultUrl: 'https://people.vault.azure.net',
    version: `of day ${day}`,
    createdOn: new Date(2026, 10, day),
    ...more,
  }
}

test('of the versions the newest three that are open sign', () => {
  const now = new Date('2026-11-22')
  const all = [
    version(5, { notBefore: new Date('2026-11-23') }),
    version(1),
    version(8, { enabled: false }),
    version(3),
    version(9, { expiresOn: new Date('2026-11-21') }),
    version(4, { notBefore: new Date('2026-11-01'), expiresOn: new Date('2027-11-01') }),
    version(2, { enabled: true }),
  ]
  expect(newestOpen(all, now)).toEqual(['of day 4', 'of day 3', 'of day 2'])
})

test('its library is loaded by nothing else, and only when a key is asked for', () => {
  const naming = globSync('{lib,functions}/**/*.ts').filter((file) =>
    readFileSync(file, 'utf8').includes('@azure/keyvault-keys'),
  )
  expect(naming).toEqual(['lib/oauth/key-vault.ts'])
  expect(readFileSync('lib/oauth/key-vault.ts', 'utf8')).not.toMatch(/^import (?!type).*keyvault/m)
})
