import { OAUTH_PATH, SCIM_PATH } from '../../lib/http/routes.ts'
import type { Credential, SecretCredential, Tenant } from '../../lib/storage/tenant-port.ts'
import { credentialStatus } from '../../lib/tenants/credentials.ts'
import { displayWidth } from './display-width.ts'

/** What a command has to say: to people, and with --json to programs. */
export interface Outcome {
  readonly text: string
  readonly json: unknown
  /** The exit status where it is not 0: not all could be done, or what it tells is not as it should be. */
  readonly exitCode?: 1
  /** Something else is on stdout. */
  readonly onStderr?: true
}

/** A tenant as it is told of: without its signing key. */
export type ShownTenant = Pick<Tenant, 'id' | 'name' | 'reference' | 'status' | 'created'>

/** A token without its hash, with its status. */
export type ShownToken = Pick<
  Credential,
  'id' | 'label' | 'created' | 'expires' | 'lastUsed' | 'revoked'
> & { readonly status: string }

export function shownTenant({ id, name, reference, status, created }: Tenant): ShownTenant {
  return { id, name, ...(reference === undefined ? {} : { reference }), status, created }
}

export function shownToken(token: SecretCredential, now: Date): ShownToken {
  const { kind: _, secretHash: __, version: ___, warned: ____, ...shown } = token
  return { ...shown, status: credentialStatus(token, now) }
}

/** One tenant as a table, with how much it has. */
export function countedTenantTable(
  tenant: ShownTenant,
  { users, groups }: { readonly users: number; readonly groups: number },
): string {
  const counts = [users, groups].map((count) => count.toLocaleString('en-US'))
  return columns([
    [...TENANT_HEADINGS, 'USERS', 'GROUPS'],
    [...tenantRow(tenant), ...counts],
  ])
}

/** What every table of tenants begins with. */
export const TENANT_HEADINGS: readonly string[] = ['TENANT', 'NAME', 'STATUS', 'CREATED']

function tenantRow({ id, name, status, created }: ShownTenant): string[] {
  return [id, name, status, minute(created)]
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
  return `${tenantUrlLine(tenantUrl)}\nSecret Token  ${secretToken}`
}

/** The first of them alone. */
export function tenantUrlLine(tenantUrl: string | undefined): string {
  return `Tenant URL    ${tenantUrl ?? 'https://<your host>/api/scim'}`
}

/** Where OAuth clients get access tokens: on the host of the Tenant URL. */
export function tokenUrlOf(tenantUrl: string): string {
  return `${tenantUrl.slice(0, -SCIM_PATH.length)}${OAUTH_PATH}/token`
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
  return text === '' ? '-' : printable(text)
}

/** A text that changes nothing but its own place on a terminal. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\uFFFD')
}

/** A JSON document in which what is UNPRINTABLE is escaped; the line breaks between its values are JSON's own. */
export function printableJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replace(UNPRINTABLE, escaped)
}

function escaped(character: string): string {
  if (character === '\n') return character
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
