import type { Tenant, Token } from '../../lib/storage/tenant-port.ts'
import { tokenStatus } from '../../lib/tenants/tokens.ts'
import { displayWidth } from './display-width.ts'

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
  const rows = tenants.map(({ id, name, status, created }) => [id, name, status, minute(created)])
  return columns([['TENANT', 'NAME', 'STATUS', 'CREATED'], ...rows])
}

/** Tokens as a table. */
export function tokenTable(tokens: readonly ShownToken[]): string {
  if (tokens.length === 0) return 'there is no token; token issue <id> makes one'
  const rows = tokens.map((token) => [
    token.id,
    token.label,
    token.status,
    minute(token.created),
    minute(token.expires ?? 'never'),
    minute(token.lastUsed ?? 'never'),
  ])
  return columns([['TOKEN', 'LABEL', 'STATUS', 'CREATED', 'EXPIRES', 'LAST USED'], ...rows])
}

/** The two values for the identity provider, as `npm start` prints them. */
export function credentialLines(tenantUrl: string | undefined, secretToken: string): string {
  const url = tenantUrl ?? 'https://<your host>/api/scim'
  return `Tenant URL    ${url}\nSecret Token  ${secretToken}`
}

/** A time as tables have it, to the minute: `2027-06-30T23:59Z`. */
export function minute(dateTime: string): string {
  return dateTime.replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d):[\d.]+Z$/, '$1Z')
}

/** Rows of cells in columns that are as wide as their widest cell. */
export function columns(rows: readonly (readonly string[])[]): string {
  const printed = rows.map((row) => row.map(inOneLine))
  const widths = (printed[0] ?? []).map((_, column) =>
    printed.reduce((widest, row) => Math.max(widest, displayWidth(row[column] ?? '')), 0),
  )
  const padded = (cell: string, column: number): string =>
    cell + ' '.repeat((widths[column] ?? 0) - displayWidth(cell))
  return printed.map((row) => row.map(padded).join('  ').trimEnd()).join('\n')
}

/** What could rewrite a terminal's lines, or the order of a line's characters (UAX #9). */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

function inOneLine(text: string): string {
  return text === '' ? '-' : text.replace(UNPRINTABLE, '\uFFFD')
}
