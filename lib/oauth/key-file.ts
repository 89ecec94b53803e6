import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { JWK } from 'jose'
import * as z from 'zod'
import { KeySourceError, publicKey, type KeySource, type SigningKey } from './signing-key.ts'

/** Private keys, newest last: a JSON Web Key Set (RFC 7517 §5). */
const KEY_FILE = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: z.string(),
      y: z.string(),
      d: z.string(),
    }),
  ),
})

type PrivateKey = z.infer<typeof KEY_FILE>['keys'][number]

/** Keys beyond these are dropped at a rotation: what they have signed expired long ago. */
const KEPT = 3

/**
 * Keys in a file that nobody but its owner reads (0600), for an emulator: there is no Key Vault for it. The file is made
 * at the first use, and only ever replaced as a whole.
 */
export function fileKeySource(file: string): KeySource {
  async function read(): Promise<readonly PrivateKey[]> {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    })
    if (text === undefined) return []
    try {
      return KEY_FILE.parse(JSON.parse(text)).keys
    } catch {
      // Not its cause: that would quote a private key.
      throw new KeySourceError(`${file} holds no keys; remove it, and a new one is made`)
    }
  }

  return {
    async keys() {
      let found = await read()
      if (found.length === 0) {
        await write(file, [newKey()], 'first')
        found = await read()
      }
      return Promise.all(found.map(signingKey))
    },
    async add() {
      const added = newKey()
      await write(file, [...(await read()), added].slice(-KEPT), 'replace')
      return signingKey(added)
    },
  }
}

function newKey(): PrivateKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk: unknown = privateKey.export({ format: 'jwk' })
  return KEY_FILE.shape.keys.element.parse(jwk)
}

async function signingKey(jwk: PrivateKey): Promise<SigningKey> {
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  const { x, y, crv, kty } = jwk
  const published: JWK = { x, y, crv, kty }
  return {
    ...(await publicKey(published)),
    sign: async (bytes) => sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }),
  }
}

/** By a file of its own that takes the place at once; `first`: unless another process was faster. */
async function write(
  file: string,
  keys: readonly PrivateKey[],
  as: 'first' | 'replace',
): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const draft = `${file}.${randomUUID()}`
  try {
    await writeFile(draft, JSON.stringify({ keys }, null, 2), { mode: 0o600, flush: true })
    await (as === 'replace' ? rename(draft, file) : link(draft, file))
  } catch (error) {
    if (as !== 'first' || !(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw error
    }
  } finally {
    await rm(draft, { force: true })
  }
}
