import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAuthenticator } from '../../../../lib/auth/authenticate.ts'
import { memoryTenantStore } from '../../../../lib/storage/memory/tenants.ts'
import type { TenantStore } from '../../../../lib/storage/tenant-port.ts'
import { changeTenant, setTenantStatus } from '../../../../lib/tenants/tenants.ts'
import { demoToken, type TokenMemory } from '../../../../tools/local-host/demo-tenant.ts'

let directory: string
let file: string
let store: TenantStore
let told: string[]
beforeEach(() => {
  told = []
  directory = mkdtempSync(join(tmpdir(), 'demo-tenant-'))
  file = join(directory, 'data', 'demo-tokens.json')
  store = memoryTenantStore()
})
afterEach(() => rmSync(directory, { recursive: true }))

async function tenantOf(token: string, tenants = store): Promise<string> {
  const authenticate = createAuthenticator({ store: tenants, now: () => new Date() })
  return (await authenticate(`Bearer ${token}`)).tenantId
}

function tokenOf(tenants: TenantStore, memory: TokenMemory): Promise<string> {
  return demoToken(tenants, memory, (line) => told.push(line))
}

test('the first start creates the tenant and its token', async () => {
  const token = await tokenOf(store, { file, storage: 'azurite' })
  expect(await tenantOf(token)).toBe('demo')
})

async function settings(): Promise<unknown> {
  return (await store.get('demo'))?.settings
}

describe('the rate slows no tool down', () => {
  test('of a new tenant', async () => {
    await tokenOf(store, { file, storage: 'azurite' })
    expect(await settings()).toEqual({ requestsPerSecond: 1000 })
  })

  test('of one that is there already, whose token stays', async () => {
    const token = await tokenOf(store, { file, storage: 'azurite' })
    await changeTenant(store, 'demo', { settings: { accessTokenHours: 6 } })
    expect(await tokenOf(store, { file, storage: 'azurite' })).toBe(token)
    expect(await settings()).toEqual({ accessTokenHours: 6, requestsPerSecond: 1000 })
  })

  test('unless another one was chosen', async () => {
    await tokenOf(store, { file, storage: 'azurite' })
    await changeTenant(store, 'demo', { settings: { requestsPerSecond: 25 } })
    await tokenOf(store, { file, storage: 'azurite' })
    expect(await settings()).toEqual({ requestsPerSecond: 25 })
  })
})

test('later starts show the same token', async () => {
  const token = await tokenOf(store, { file, storage: 'azurite' })
  expect(await tokenOf(store, { file, storage: 'azurite' })).toBe(token)
  expect(await store.credentials('demo')).toHaveLength(1)
})

test.skipIf(process.platform === 'win32')('the file is for its owner only', async () => {
  await tokenOf(store, { file, storage: 'azurite' })
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a token that the storage no longer accepts is replaced', async () => {
  const token = await tokenOf(store, { file, storage: 'azurite' })
  const emptied = memoryTenantStore()
  const another = await tokenOf(emptied, { file, storage: 'azurite' })
  expect(another).not.toBe(token)
  expect(await tenantOf(another, emptied)).toBe('demo')
})

test('each storage has a token of its own', async () => {
  const elsewhere = memoryTenantStore()
  const token = await tokenOf(store, { file, storage: 'azurite' })
  const other = await tokenOf(elsewhere, { file, storage: 'https://a.table.core.windows.net' })
  expect(await tenantOf(other, elsewhere)).toBe('demo')
  expect(await tokenOf(store, { file, storage: 'azurite' })).toBe(token)
})

test('a disabled tenant keeps its token', async () => {
  const token = await tokenOf(store, { file, storage: 'azurite' })
  await setTenantStatus(store, 'demo', 'disabled')
  expect(await tokenOf(store, { file, storage: 'azurite' })).toBe(token)
})

test.each([
  ['', true],
  ['not JSON', true],
  ['null', true],
  ['[]', true],
  ['{"azurite":5}', true],
  ['{}', false],
  ['{"azurite":"scim_demo_x"}', false],
])('a file with %j counts as empty; that it is damaged is told: %s', async (text, isTold) => {
  await tokenOf(store, { file, storage: 'azurite' })
  writeFileSync(file, text)
  const token = await tokenOf(store, { file, storage: 'azurite' })
  expect(await tenantOf(token)).toBe('demo')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ azurite: token })
  const line = `${file} could not be read: the demo tenant has a new Secret Token`
  expect(told).toEqual(isTold ? [line] : [])
})

test('nothing is told of a start with the token that the file has', async () => {
  const token = await tokenOf(store, { file, storage: 'azurite' })
  writeFileSync(file, JSON.stringify({ azurite: token, another: 5 }))
  expect(await tokenOf(store, { file, storage: 'azurite' })).toBe(token)
  expect(told).toEqual([])
})

test('a storage that fails is not taken for one that refuses the token', async () => {
  await tokenOf(store, { file, storage: 'azurite' })
  const failing: TenantStore = {
    ...store,
    findCredential: () => Promise.reject(new Error('unreachable')),
  }
  await expect(tokenOf(failing, { file, storage: 'azurite' })).rejects.toThrow('unreachable')
})
