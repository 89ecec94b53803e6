import type { Tenant, Token } from '../../lib/storage/tenant-port.ts'
import { tokenStatus } from '../../lib/tenants/tokens.ts'

/** What a command has to say: to people, and with --json to programs. */
export interface Outcome {
  readonly text: string
  readonly json: unknown
}

/** A tenant as it is told of: without its signing key. */
export type ShownTenant = Pick<Tenant, 'id' | 'name' | 'status' | 'created'>

/** A token without its hash, with its status. */
export type ShownToken = Omit<Token, 'secretHash'> & { readonly status: string }

export function shownTenant({ id, name, status, created }: Tenant): ShownTenant {
  return { id, name, status, created }
}

export function shownToken(token: Token, now: Date): ShownToken {
  const { secretHash: _, ...shown } = token
  return { ...shown, status: tokenStatus(token, now) }
}

/** Tenants as a table. */
export function tenantTable(tenants: readonly ShownTenant[]): string {
  if (tenants.length === 0) return 'there is no tenant yet; create <id> makes one'
  const rows = tenants.map(({ id, name, status, created }) => [id, name, status, created])
  return columns([['TENANT', 'NAME', 'STATUS', 'CREATED'], ...rows])
}

/** Tokens as a table. */
export function tokenTable(tokens: readonly ShownToken[]): string {
  if (tokens.length === 0) return 'there is no token; token issue <id> makes one'
  const rows = tokens.map((token) => [
    token.id,
    token.label,
    token.status,
    token.created,
    token.expires ?? 'never',
    token.lastUsed ?? 'never',
  ])
  return columns([['TOKEN', 'LABEL', 'STATUS', 'CREATED', 'EXPIRES', 'LAST USED'], ...rows])
}

/** The two values for the identity provider, as `npm start` prints them. */
export function credentialLines(tenantUrl: string | undefined, secretToken: string): string {
  const url = tenantUrl ?? 'https://<your host>/api/scim'
  return `Tenant URL    ${url}\nSecret Token  ${secretToken}`
}

/** Rows of cells in columns that are as wide as their widest cell. */
export function columns(rows: readonly (readonly string[])[]): string {
  const width = (column: number): number =>
    Math.max(...rows.map((row) => (row[column] ?? '').length))
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (cell === '' ? '-' : cell).padEnd(width(column))).join('  ')
  return rows.map((row) => line(row).trimEnd()).join('\n')
}
