import { ScimError } from '../scim/errors.ts'
import type { CredentialKind, NewCredential } from '../storage/tenant-port.ts'
import { entraTenantIdOf, federationOf, claimText } from './credential-values.ts'
import { dateTimeText, printableText } from './naming.ts'
import { randomText } from './random-text.ts'
import { formatClientSecret, formatSecretToken, hashSecret, newSecret } from './secret-token.ts'

/** Characters of a label, at most. */
export const LABEL_MAX_LENGTH = 100
const ID_LENGTH = 12
const DAY = 24 * 60 * 60 * 1000
const CLIENT_SECRET_DAYS = 365

/**
 * The audience of the tokens that Entra's provisioning sends when its Secret Token field is empty, for applications that
 * are not from its gallery.
 */
export const ENTRA_AUDIENCE = '8adf8e6e-67b2-4cf2-a259-e3dc5476c621'

interface CommonSpec {
  readonly label?: string
  /** `null`: never, also where something else is usual. */
  readonly expires?: Date | null
}

/** What to issue. A client secret expires after a year unless something else is said. */
export type CredentialSpec =
  | (CommonSpec & { readonly kind: 'token' | 'clientSecret' })
  | (CommonSpec & {
      readonly kind: 'federated'
      readonly issuer: string
      readonly audience: string
      readonly subject: string
      readonly jwksUri: string
    })
  | (CommonSpec & {
      readonly kind: 'entra'
      readonly entraTenantId: string
      /** ENTRA_AUDIENCE when absent. */
      readonly audience?: string
    })

/** What is called what in messages. */
export const NAMES: Readonly<Record<CredentialKind, string>> = {
  token: 'token',
  clientSecret: 'client secret',
  federated: 'federated credential',
  entra: 'Entra credential',
}

/** What the app is that credentials are issued for. */
export interface IssueOptions {
  /** Its own host, which serves nobody else's keys. */
  readonly ownHost?: string | undefined
  /** Where OAuth is off: what has to be set, as the end of a sentence. */
  readonly oauthNeeds?: string | undefined
}

/** What earns access tokens would be handed to a customer for nothing. */
function checkIsOfUse({ kind }: CredentialSpec, { oauthNeeds }: IssueOptions): void {
  if (oauthNeeds === undefined || kind === 'token' || kind === 'entra') return
  throw new ScimError(
    'mutability',
    `a ${NAMES[kind]} opens nothing while OAuth is off, which needs ${oauthNeeds}`,
  )
}

/**
 * A credential that nobody keeps yet, and its secret where it has one.
 * @throws ScimError `mutability` when OAuth is off and it is for that; `invalidValue` for a value that cannot be.
 */
export function newCredential(
  tenantId: string,
  spec: CredentialSpec,
  now: Date,
  options: IssueOptions,
): { readonly credential: NewCredential; readonly secret?: string } {
  checkIsOfUse(spec, options)
  const expires = expiryOf(spec, now)
  const facts = {
    id: randomText(ID_LENGTH),
    label: printableText(`label of the ${NAMES[spec.kind]}`, spec.label ?? '', LABEL_MAX_LENGTH),
    created: now.toISOString(),
    ...(expires === undefined ? {} : { expires }),
  }
  if (spec.kind === 'federated') {
    return { credential: { ...facts, kind: spec.kind, ...federationOf(spec, options.ownHost) } }
  }
  if (spec.kind === 'entra') {
    const entraTenantId = entraTenantIdOf(spec.entraTenantId)
    const audience = claimText('audience', spec.audience ?? ENTRA_AUDIENCE)
    return { credential: { ...facts, kind: spec.kind, entraTenantId, audience } }
  }
  const { kind } = spec
  const secret = newSecret()
  const parts = { tenantId, tokenId: facts.id, secret }
  return {
    credential: { ...facts, kind, secretHash: hashSecret(secret) },
    secret: kind === 'token' ? formatSecretToken(parts) : formatClientSecret(parts),
  }
}

function expiryOf({ kind, expires }: CredentialSpec, now: Date): string | undefined {
  if (expires === null) return undefined
  if (expires === undefined) {
    if (kind !== 'clientSecret') return undefined
    return new Date(now.getTime() + CLIENT_SECRET_DAYS * DAY).toISOString()
  }
  if (expires.getTime() > now.getTime()) return dateTimeText(`expiry of a ${NAMES[kind]}`, expires)
  throw new ScimError('invalidValue', `the expiry of a ${NAMES[kind]} must be a date in the future`)
}
