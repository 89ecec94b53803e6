import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileKeySource } from '../../../lib/oauth/key-file.ts'
import { aDesk, type Desk } from './tenant-terminal.ts'

let directory: string
let file: string
let desk: Desk

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenant-keys-'))
  file = join(directory, 'oauth-keys.json')
  desk = aDesk()
  desk.environment = { ...desk.environment, OAUTH_KEY_FILE: file }
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

test('keys rotate makes a key, publishes it, and says from when it signs', async () => {
  const [old] = await fileKeySource(file).keys()
  const { code, out } = await desk.run('keys', 'rotate')
  const [first, second] = await fileKeySource(file).keys()
  expect(code).toBe(0)
  expect(first?.kid).toBe(old?.kid)
  expect(out).toBe(
    `the new key ${second?.kid} signs access tokens from 2026-11-22T08:10:00.000Z; those before it are good until 2026-11-22T15:00:00.000Z`,
  )
  const published = await desk.store.accessKeys()
  expect(published).toMatchObject([{ kid: second?.kid, created: '2026-11-22T08:00:00.000Z' }])
})

const KID: unknown = expect.stringMatching(/^[\w-]{43}$/)

test('with --json it prints the same, and no private key', async () => {
  const { out } = await desk.run('keys', 'rotate', '--json')
  expect(JSON.parse(out)).toEqual({
    key: {
      kid: KID,
      signsFrom: '2026-11-22T08:10:00.000Z',
      othersUntil: '2026-11-22T15:00:00.000Z',
    },
  })
})

test('the key file of the running local host is used', async () => {
  desk.environment = {}
  desk.files['.azurite/local-host.json'] = JSON.stringify({
    connectionString: 'UseDevelopmentStorage=true',
    oauthKeyFile: file,
  })
  expect((await desk.run('keys', 'rotate')).code).toBe(0)
  expect(await readFile(file, 'utf8')).toContain('"kty": "EC"')
})

test('for an account in Azure the key must be named', async () => {
  desk.environment = {}
  const endpoint = 'https://people.table.core.windows.net'
  const missing = await desk.run('keys', 'rotate', '--endpoint', endpoint)
  expect(missing.code).toBe(2)
  expect(missing.err).toContain('keys rotate needs KEY_VAULT_KEY_ID in the environment')
  desk.environment = { KEY_VAULT_KEY_ID: 'https://people.vault.azure.net/secrets/x' }
  const wrong = await desk.run('keys', 'rotate', '--endpoint', endpoint)
  expect(wrong.err).toContain('the environment: KEY_VAULT_KEY_ID must be the id of a key')
})

test('a key that is named with its version is rotated by naming another', async () => {
  const keyId = `https://people.vault.azure.net/keys/scim/${'0'.repeat(32)}`
  desk.environment = { ...desk.environment, KEY_VAULT_KEY_ID: keyId }
  const { code, err } = await desk.run('keys', 'rotate')
  expect(code).toBe(1)
  expect(err).toBe(
    'KEY_VAULT_KEY_ID names one version of its key; leave the version out, or set it to a new one',
  )
})
