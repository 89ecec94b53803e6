import { odata, type TableClient } from '@azure/data-tables'
import {
  isTenantId,
  isTokenId,
  oldestFirst,
  type Tenant,
  type TenantStore,
  type Token,
} from '../tenant-port.ts'
import { NO_DEADLINE } from '../deadline.ts'
import { TENANT_KEY, tokenIdOf, tokenKey, TOKEN_RANGE } from '../keys.ts'
import { eraseRow, eraseRows } from './erase.ts'
import { callStorage, storageStatus } from './failure.ts'
import { optionalDate, text, type Row } from './row.ts'
import type { Tables } from './tables.ts'

/** Tenants in the table `tenants`: a partition has one tenant's row and those of its tokens. */
export function tableTenantStore({ tenants: table }: Pick<Tables, 'tenants'>): TenantStore {
  return {
    findCredential: (tenantId, tokenId) => findCredential(table, tenantId, tokenId),
    get: (tenantId) => getTenant(table, tenantId),
    async list() {
      const tenants = (await query(table, odata`RowKey eq ${TENANT_KEY}`)).map(toTenant)
      return tenants.toSorted((one, other) => (one.id < other.id ? -1 : 1))
    },
    create: (tenant) => insertTenant(table, tenant),
    async update({ id, name, status }) {
      return isTenantId(id) && merge(table, id, TENANT_KEY, { name, status })
    },
    delete: (tenantId) => deleteTenantRows(table, tenantId),
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
): Promise<{ tenant?: Tenant; token?: Token }> {
  if (!isTenantId(tenantId) || !isTokenId(tokenId)) return {}
  const tokenRow = tokenKey(tokenId)
  const filter = odata`PartitionKey eq ${tenantId} and (RowKey eq ${TENANT_KEY} or RowKey eq ${tokenRow})`
  const found: { tenant?: Tenant; token?: Token } = {}
  for (const row of await query(table, filter)) {
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
  const { id, ...columns } = tenant
  if (!isTenantId(id)) throw new TypeError('not a tenant id')
  const entity = { partitionKey: id, rowKey: TENANT_KEY, ...columns }
  try {
    await callStorage(NO_DEADLINE, () => table.createEntity(entity))
    return true
  } catch (error) {
    if (storageStatus(error) !== 409) throw error
    // It is ours when the answer to the SDK's first try was lost.
    return (await getTenant(table, id))?.signingKey === tenant.signingKey
  }
}

/** The empty merge of the tenant's row makes the transaction fail when the tenant is gone. */
async function insertToken(table: TableClient, tenantId: string, token: Token): Promise<boolean> {
  const { id, ...columns } = token
  if (!isTokenId(id)) throw new TypeError('not a token id')
  if (!isTenantId(tenantId)) return false
  const rowKey = tokenKey(id)
  try {
    await callStorage(NO_DEADLINE, () =>
      table.submitTransaction([
        ['update', { partitionKey: tenantId, rowKey: TENANT_KEY }, 'Merge'],
        ['create', { partitionKey: tenantId, rowKey, ...columns }],
      ]),
    )
    return true
  } catch (error) {
    if (storageStatus(error) === 404) return false
    if (storageStatus(error) !== 409) throw error
    // It is ours when the answer to the SDK's first try was lost.
    const row = await getRow(table, tenantId, rowKey)
    if (row?.['secretHash'] !== token.secretHash) throw error
    return true
  }
}

async function deleteTenantRows(table: TableClient, tenantId: string): Promise<void> {
  if (!isTenantId(tenantId)) return
  await eraseRows(table, odata`PartitionKey eq ${tenantId} and RowKey ne ${TENANT_KEY}`)
  await eraseRow(table, { partitionKey: tenantId, rowKey: TENANT_KEY })
}

async function mergeToken(
  table: TableClient,
  tenantId: string,
  tokenId: string,
  columns: Readonly<Record<string, string>>,
): Promise<boolean> {
  if (!isTenantId(tenantId) || !isTokenId(tokenId)) return false
  return merge(table, tenantId, tokenKey(tokenId), columns)
}

/** Writes these columns of a row that exists. @returns false when it does not. */
async function merge(
  table: TableClient,
  partitionKey: string,
  rowKey: string,
  columns: Readonly<Record<string, string>>,
): Promise<boolean> {
  try {
    await callStorage(NO_DEADLINE, () =>
      table.updateEntity({ partitionKey, rowKey, ...columns }, 'Merge'),
    )
    return true
  } catch (error) {
    if (storageStatus(error) === 404) return false
    throw error
  }
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

async function query(table: TableClient, filter: string): Promise<readonly Row[]> {
  return callStorage(NO_DEADLINE, async () => {
    const rows: Row[] = []
    for await (const row of table.listEntities({ queryOptions: { filter } })) rows.push(row)
    return rows
  })
}

function toTenant(row: Row): Tenant {
  return {
    id: text(row, 'partitionKey'),
    name: text(row, 'name'),
    status: text(row, 'status') === 'enabled' ? 'enabled' : 'disabled',
    created: text(row, 'created'),
    signingKey: text(row, 'signingKey'),
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
