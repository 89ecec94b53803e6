import { odata, type TableClient } from '@azure/data-tables'
import { isObject } from '../../scim/json.ts'
import {
  isTenantId,
  isTokenId,
  oldestFirst,
  type Tenant,
  type TenantChange,
  type TenantSettings,
  type TenantStatus,
  type TenantStore,
  type Token,
} from '../tenant-port.ts'
import { NO_DEADLINE, type Deadline } from '../deadline.ts'
import { TENANT_KEY, tokenIdOf, tokenKey, TOKEN_RANGE } from '../keys.ts'
import { eraseKeys, type Key } from './erase.ts'
import { callStorage, storageStatus } from './failure.ts'
import { optionalDate, optionalText, text, type Row } from './row.ts'
import type { Tables } from './tables.ts'

/** Tenants in the table `tenants`: a partition has one tenant's row and those of its tokens. */
export function tableTenantStore({ tenants: table }: Pick<Tables, 'tenants'>): TenantStore {
  return {
    findCredential: (tenantId, tokenId, deadline) =>
      findCredential(table, tenantId, tokenId, deadline),
    get: (tenantId) => getTenant(table, tenantId),
    async list() {
      const tenants = (await query(table, odata`RowKey eq ${TENANT_KEY}`)).map(toTenant)
      return tenants.toSorted((one, other) => (one.id < other.id ? -1 : 1))
    },
    create: (tenant) => insertTenant(table, tenant),
    update: (tenantId, change) => updateTenant(table, tenantId, change),
    delete: (tenant) => deleteTenantRows(table, tenant),
    async tokens(tenantId) {
      if (!isTenantId(tenantId)) return []
      const filter = odata`PartitionKey eq ${tenantId} and RowKey ge ${TOKEN_RANGE.from} and RowKey lt ${TOKEN_RANGE.to}`
      return oldestFirst((await query(table, filter)).map(toToken))
    },
    addToken: (tenantId, token) => insertToken(table, tenantId, token),
    revokeToken: (tenantId, tokenId, at) => mergeToken(table, tenantId, tokenId, { revoked: at }),
    async touchToken(tenantId, tokenId, at) {
      await mergeToken(table, tenantId, tokenId, { lastUsed: at })
    },
  }
}

/** One query for both rows, so one round trip. */
async function findCredential(
  table: TableClient,
  tenantId: string,
  tokenId: string,
  deadline?: Deadline,
): Promise<{ tenant?: Tenant; token?: Token }> {
  if (!isTenantId(tenantId) || !isTokenId(tokenId)) return {}
  const tokenRow = tokenKey(tokenId)
  const filter = odata`PartitionKey eq ${tenantId} and (RowKey eq ${TENANT_KEY} or RowKey eq ${tokenRow})`
  const found: { tenant?: Tenant; token?: Token } = {}
  for (const row of await query(table, filter, deadline)) {
    if (row['rowKey'] === TENANT_KEY) found.tenant = toTenant(row)
    else found.token = toToken(row)
  }
  return found
}

async function getTenant(table: TableClient, tenantId: string): Promise<Tenant | undefined> {
  if (!isTenantId(tenantId)) return undefined
  const row = await getRow(table, tenantId, TENANT_KEY)
  return row === undefined ? undefined : toTenant(row)
}

async function insertTenant(table: TableClient, tenant: Tenant): Promise<boolean> {
  const { id, partitionKey: partition, settings, ...columns } = tenant
  if (!isTenantId(id)) throw new TypeError('not a tenant id')
  const entity = {
    ...columns,
    partitionKey: id,
    rowKey: TENANT_KEY,
    partition,
    settings: JSON.stringify(settings),
  }
  try {
    await callStorage(NO_DEADLINE, () => table.createEntity(entity))
    return true
  } catch (error) {
    if (storageStatus(error) !== 409) throw error
    // It is ours when the answer to the SDK's first try was lost.
    return (await getTenant(table, id))?.signingKey === tenant.signingKey
  }
}

/** On condition that the row is as it was read, so that no change of somebody else is undone. */
async function updateTenant(
  table: TableClient,
  tenantId: string,
  change: (tenant: Tenant) => TenantChange,
): Promise<Tenant | undefined> {
  if (!isTenantId(tenantId)) return undefined
  for (;;) {
    const row = await getRow(table, tenantId, TENANT_KEY)
    if (row === undefined) return undefined
    const tenant = toTenant(row)
    const { name, status, settings } = { ...tenant, ...change(tenant) }
    const columns = { name, status, settings: JSON.stringify(settings) }
    const entity = { partitionKey: tenantId, rowKey: TENANT_KEY, ...columns }
    const etag = text(row, 'etag')
    if (await wasWritten(() => table.updateEntity(entity, 'Merge', { etag }))) {
      return { ...tenant, name, status, settings }
    }
  }
}

async function insertToken(table: TableClient, tenantId: string, token: Token): Promise<boolean> {
  if (!isTokenId(token.id)) throw new TypeError('not a token id')
  if (!isTenantId(tenantId)) return false
  for (;;) {
    const tenant = await getRow(table, tenantId, TENANT_KEY)
    if (tenant === undefined || statusOf(tenant) === 'deleting') return false
    if (await insertTokenOf(table, tenant, token)) return true
  }
}

/**
 * The empty merge of the tenant's row makes the transaction fail when the tenant is gone, or not as it was read: then
 * somebody may have begun to delete it.
 * @returns false when it has to be read again.
 */
async function insertTokenOf(table: TableClient, tenant: Row, token: Token): Promise<boolean> {
  const { id, ...columns } = token
  const partitionKey = text(tenant, 'partitionKey')
  const rowKey = tokenKey(id)
  const etag = text(tenant, 'etag')
  try {
    await callStorage(NO_DEADLINE, () =>
      table.submitTransaction([
        ['update', { partitionKey, rowKey: TENANT_KEY }, 'Merge', { etag }],
        ['create', { partitionKey, rowKey, ...columns }],
      ]),
    )
    return true
  } catch (error) {
    const status = storageStatus(error)
    if (status === 404) return false
    if (status !== 409 && status !== 412) throw error
    // It is ours when the answer to the SDK's first try was lost.
    const row = await getRow(table, partitionKey, rowKey)
    if (row?.['secretHash'] === token.secretHash) return true
    if (status === 409) throw error
    return false
  }
}

/**
 * Tokens are read before the tenant's row. So what was found belongs to the tenant that has the row then, or to nobody: a
 * later tenant's tokens are written behind its row. After the row is gone it looks again.
 */
async function deleteTenantRows(
  table: TableClient,
  { id, signingKey }: Pick<Tenant, 'id' | 'signingKey'>,
): Promise<void> {
  if (!isTenantId(id)) return
  for (;;) {
    const others = await otherKeys(table, id)
    const row = await getRow(table, id, TENANT_KEY)
    if (row !== undefined && row['signingKey'] !== signingKey) return
    await eraseKeys(table, others)
    if (row === undefined && others.length === 0) return
    if (row === undefined) continue
    const etag = text(row, 'etag')
    await wasWritten(() => table.deleteEntity(id, TENANT_KEY, { etag }))
  }
}

/** The keys of all rows of a tenant but its own. */
async function otherKeys(table: TableClient, tenantId: string): Promise<readonly Key[]> {
  const rows = await query(table, odata`PartitionKey eq ${tenantId} and RowKey ne ${TENANT_KEY}`)
  return rows.map((row) => ({ partitionKey: tenantId, rowKey: text(row, 'rowKey') }))
}

/** Writes a row that exists, mostly one of an ETag. @returns false when it is gone or was changed. */
async function wasWritten(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await callStorage(NO_DEADLINE, write)
    return true
  } catch (error) {
    const status = storageStatus(error)
    if (status === 404 || status === 412) return false
    throw error
  }
}

async function mergeToken(
  table: TableClient,
  tenantId: string,
  tokenId: string,
  columns: Readonly<Record<string, string>>,
): Promise<boolean> {
  if (!isTenantId(tenantId) || !isTokenId(tokenId)) return false
  const entity = { partitionKey: tenantId, rowKey: tokenKey(tokenId), ...columns }
  return wasWritten(() => table.updateEntity(entity, 'Merge'))
}

async function getRow(
  table: TableClient,
  partitionKey: string,
  rowKey: string,
): Promise<Row | undefined> {
  try {
    return await callStorage(NO_DEADLINE, () => table.getEntity(partitionKey, rowKey))
  } catch (error) {
    if (storageStatus(error) === 404) return undefined
    throw error
  }
}

async function query(
  table: TableClient,
  filter: string,
  deadline: Deadline = NO_DEADLINE,
): Promise<readonly Row[]> {
  return callStorage(deadline, async (abortSignal) => {
    const rows: Row[] = []
    const found = table.listEntities({ queryOptions: { filter }, abortSignal })
    for await (const row of found) rows.push(row)
    return rows
  })
}

function toTenant(row: Row): Tenant {
  const id = text(row, 'partitionKey')
  return {
    id,
    name: text(row, 'name'),
    status: statusOf(row),
    created: text(row, 'created'),
    signingKey: text(row, 'signingKey'),
    partitionKey: optionalText(row, 'partition') ?? id,
    settings: settingsOf(row),
  }
}

/** What somebody else has written opens nothing. */
function statusOf(row: Row): TenantStatus {
  const status = text(row, 'status')
  return status === 'enabled' || status === 'deleting' ? status : 'disabled'
}

function settingsOf(row: Row): TenantSettings {
  const json = optionalText(row, 'settings')
  const settings: unknown = json === undefined ? {} : parsed(json)
  if (isObject(settings)) return settings
  throw new TypeError(
    `the row ${text(row, 'partitionKey')} tenant has no JSON object in its column settings`,
  )
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function toToken(row: Row): Token {
  const expires = optionalDate(row, 'expires')
  const lastUsed = optionalDate(row, 'lastUsed')
  const revoked = optionalDate(row, 'revoked')
  return {
    id: tokenIdOf(text(row, 'rowKey')),
    secretHash: text(row, 'secretHash'),
    label: text(row, 'label'),
    created: text(row, 'created'),
    ...(expires === undefined ? {} : { expires }),
    ...(lastUsed === undefined ? {} : { lastUsed }),
    ...(revoked === undefined ? {} : { revoked }),
  }
}
