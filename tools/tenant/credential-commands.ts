import { OAUTH_PATH } from '../../lib/http/routes.ts'
import type { Credential, CredentialKind } from '../../lib/storage/tenant-port.ts'
import {
  changeCredential,
  clientIdOf,
  credentialStatus,
  issueCredential,
  listCredentials,
  requireCredential,
  revokeCredential,
  rotateCredential,
} from '../../lib/tenants/credentials.ts'
import type { CredentialSpec } from '../../lib/tenants/new-credential.ts'
import { CREDENTIAL_CACHE_SECONDS } from '../../lib/tenants/tenants.ts'
import { UsageError } from '../command-line.ts'
import type { OptionValues } from './command-line.ts'
import type { Command, Workplace } from './commands.ts'
import { parseExpiry } from './expiry.ts'
import { columns, minute, tenantUrlLine, tokenUrlOf } from './text.ts'

/** A credential as it is told of: without its hash, with its status. */
interface ShownCredential {
  readonly kind: CredentialKind
  readonly id: string
  readonly label: string
  readonly status: string
  readonly created: string
  readonly expires?: string
  readonly lastUsed?: string
}

export function shownCredential(credential: Credential, now: Date): ShownCredential {
  const { version: _, warned: __, rotated: ____, ...facts } = credential
  const status = credentialStatus(credential, now)
  if (!('secretHash' in facts)) return { ...facts, status }
  const { secretHash: ___, ...shown } = facts
  return { ...shown, status }
}

/** Issues a credential of any kind. @throws UsageError, ScimError */
export const issueOfKind: Command = async (workplace, [id = ''], options) => {
  const { store, now, issuing } = workplace
  const spec = specOf(options, now())
  const { credential, secret } = await issueCredential(store, id, spec, now(), issuing)
  return handedOver(workplace, id, credential, secret)
}

/** The credentials of all kinds. @throws ScimError */
export const listOfAllKinds: Command = async ({ store, now }, [id = '']) => {
  const credentials = await listCredentials(store, id)
  const shown = credentials.map((each) => shownCredential(each, now()))
  return { text: credentialTable(credentials, now()), json: { credentials: shown } }
}

/** What a credential without a secret is told by. */
const TOLD_BY: ReadonlySet<string> = new Set([
  'issuer',
  'subject',
  'audience',
  'jwksUri',
  'entraTenantId',
])

/** One credential. @throws ScimError */
export const showOfAnyKind: Command = async ({ store, now }, [id = '', credentialId = '']) => {
  const credential = await requireCredential(store, id, credentialId)
  const about = Object.entries(credential).filter(([name]) => TOLD_BY.has(name))
  const lines = about.map(([name, value]) => `${name}: ${String(value)}`)
  const text = [credentialTable([credential], now()), ...lines].join('\n')
  return { text, json: { credential: shownCredential(credential, now()) } }
}

/** Credentials of any kind as a table. */
export function credentialTable(credentials: readonly Credential[], now: Date): string {
  if (credentials.length === 0) return 'there is no credential; credential issue <id> makes one'
  const headings = ['CREDENTIAL', 'KIND', 'LABEL', 'STATUS', 'CREATED', 'EXPIRES', 'LAST USED']
  const rows = credentials.map(({ id, kind, label, created, expires, lastUsed, ...each }) => [
    id,
    kind,
    label,
    credentialStatus({ ...each, ...(expires === undefined ? {} : { expires }) }, now),
    minute(created),
    minute(expires ?? 'never'),
    minute(lastUsed ?? 'never'),
  ])
  return columns([headings, ...rows])
}

/** Changes label or expiry. @throws UsageError, ScimError */
export const changeOfAnyKind: Command = async (
  { store, now },
  [id = '', credentialId = ''],
  { label, expires },
) => {
  if (label === undefined && expires === undefined) {
    throw new UsageError('credential change needs --label TEXT or --expires WHEN')
  }
  const change = {
    ...(label === undefined ? {} : { label }),
    ...(expires === undefined ? {} : { expires: parseExpiryOrNever(expires, now()) }),
  }
  const changed = await changeCredential(store, id, credentialId, change, { now: now() })
  const credential = shownCredential(changed, now())
  const text = `credential ${credentialId} of tenant ${id} is changed: it ${validity(changed)}`
  return { text, json: { credential } }
}

/** Revokes a credential of any kind. @throws ScimError */
export const revokeOfAnyKind: Command = async ({ store, now }, [id = '', credentialId = '']) => {
  const revoked = await revokeCredential(store, id, credentialId, now())
  const soon = `everywhere within ${String(CREDENTIAL_CACHE_SECONDS)} s`
  const text = `credential ${credentialId} of tenant ${id} is revoked, ${soon}`
  return { text, json: { credential: shownCredential(revoked, now()) } }
}

/** Gives a new secret for an old one, which goes on for a while. @throws UsageError, ScimError */
export function rotate(kind?: CredentialKind): Command {
  return async (workplace, [id = '', credentialId = ''], options) => {
    const { store, now, issuing } = workplace
    const overlap = overlapOf(options)
    await requireCredential(store, id, credentialId, kind)
    const { credential, secret, previous } = await rotateCredential(
      store,
      id,
      credentialId,
      { ...overlap, ...issuing },
      now(),
    )
    const { text, json } = handedOver(workplace, id, credential, secret)
    return {
      text: `${text}\nThe old one, ${credentialId}, is good until ${minute(previous.expires ?? '')}.`,
      json: { ...json, previous: shownCredential(previous, now()) },
    }
  }
}

function overlapOf({ 'overlap-hours': hours }: OptionValues): { readonly overlapHours?: number } {
  if (hours === undefined) return {}
  if (/^\d{1,4}$/.test(hours)) return { overlapHours: Number(hours) }
  throw new UsageError(`--overlap-hours must be a whole number of hours, not "${hours}"`)
}

/** What goes to whoever sets up the identity provider. */
function handedOver(
  { tenantUrl, now }: Workplace,
  id: string,
  credential: Credential,
  secret: string | undefined,
): { text: string; json: Record<string, unknown> } {
  const { kind } = credential
  const isOAuth = kind === 'clientSecret' || kind === 'federated'
  const tokenUrl = tenantUrl === undefined ? undefined : tokenUrlOf(tenantUrl)
  const oauth = { clientId: clientIdOf(id), ...(tokenUrl === undefined ? {} : { tokenUrl }) }
  const lines = [
    tenantUrlLine(tenantUrl),
    ...(isOAuth
      ? [
          `Token URL     ${tokenUrl ?? `https://<your host>${OAUTH_PATH}/token`}`,
          `Client ID     ${oauth.clientId}`,
        ]
      : []),
    ...(secret === undefined ? [] : [`${SECRET_HEADINGS[kind]}${secret}`]),
  ]
  const once = secret === undefined ? '' : `The ${SECRET_NAMES[kind]} is not shown again. `
  return {
    text: `${lines.join('\n')}\n\n${once}Its id is ${credential.id}, it ${validity(credential)}.`,
    json: {
      tenant: { id },
      ...(tenantUrl === undefined ? {} : { tenantUrl }),
      ...(isOAuth ? oauth : {}),
      ...(secret === undefined ? {} : { secret }),
      credential: shownCredential(credential, now()),
    },
  }
}

const SECRET_NAMES: Readonly<Record<CredentialKind, string>> = {
  token: 'Secret Token',
  clientSecret: 'Client Secret',
  federated: '',
  entra: '',
}

const SECRET_HEADINGS: Readonly<Record<CredentialKind, string>> = {
  token: 'Secret Token  ',
  clientSecret: 'Client Secret ',
  federated: '',
  entra: '',
}

function validity({ expires }: Credential): string {
  return expires === undefined ? 'does not expire' : `expires ${expires}`
}

/** What each kind needs, and which of the options that only some kinds have it may have. */
const OPTIONS_OF = {
  token: { needed: [], allowed: [] },
  clientSecret: { needed: [], allowed: [] },
  federated: { needed: ['issuer', 'audience', 'subject', 'jwks-uri'], allowed: [] },
  entra: { needed: ['entra-tenant'], allowed: ['audience'] },
} as const satisfies Record<CredentialKind, { needed: readonly Own[]; allowed: readonly Own[] }>

type Own = 'issuer' | 'audience' | 'subject' | 'jwks-uri' | 'entra-tenant'

const OWN: readonly Own[] = ['issuer', 'audience', 'subject', 'jwks-uri', 'entra-tenant']

function specOf(options: OptionValues, now: Date): CredentialSpec {
  const kind = kindOf(options)
  checkOwnOptions(kind, options)
  const { label, expires, issuer = '', audience = '', subject = '' } = options
  const common = {
    ...(label === undefined ? {} : { label }),
    ...(expires === undefined ? {} : { expires: parseExpiryOrNever(expires, now) }),
  }
  if (kind === 'federated') {
    return { ...common, kind, issuer, audience, subject, jwksUri: options['jwks-uri'] ?? '' }
  }
  if (kind !== 'entra') return { ...common, kind }
  const entraTenantId = options['entra-tenant'] ?? ''
  return { ...common, kind, entraTenantId, ...(audience === '' ? {} : { audience }) }
}

function kindOf({ kind = '' }: OptionValues): CredentialKind {
  if (isKind(kind)) return kind
  throw new UsageError(`--kind must be one of ${Object.keys(OPTIONS_OF).join(', ')}`)
}

function isKind(text: string): text is CredentialKind {
  return Object.hasOwn(OPTIONS_OF, text)
}

function checkOwnOptions(kind: CredentialKind, options: OptionValues): void {
  const needed: readonly Own[] = OPTIONS_OF[kind].needed
  const allowed = new Set<Own>([...needed, ...OPTIONS_OF[kind].allowed])
  const missing = needed.find((name) => options[name] === undefined)
  if (missing !== undefined) throw new UsageError(`--kind ${kind} needs --${missing}`)
  const wrong = OWN.find((name) => options[name] !== undefined && !allowed.has(name))
  if (wrong !== undefined) throw new UsageError(`--kind ${kind} has no --${wrong}`)
}

/** `never` is told from an absent expiry, for which some kinds have a usual one. */
function parseExpiryOrNever(text: string, now: Date): Date | null {
  return text === 'never' ? null : parseExpiry(text, now)
}
