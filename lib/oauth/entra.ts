import { hasAudience } from './audience.ts'
import type { EntraCredential } from '../storage/tenant-port.ts'
import { CLOCK_SKEW_SECONDS, readJwt, verifyJwt, type JwtProblem } from './jwt.ts'
import type { RemoteKeys } from './remote-keys.ts'

/**
 * The application id of Entra ID's provisioning service, `Microsoft.Azure.SyncFabric`: the same in every directory. Sources:
 * jelhub/scimgateway, lib/scimgateway.ts ("Well known appid: Microsoft.Azure.SyncFabric"), and AzureAD/SCIMReferenceCode,
 * Workload-Identity-Federation-for-SCIM-Provisioning.md ("Microsoft Entra Provisioning Service (SyncFabric)").
 */
export const PROVISIONING_SERVICE = '00000014-0000-0000-c000-000000000000'

const GUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const ISSUER = new RegExp(
  `^(?:https://sts\\.windows\\.net/(${GUID})/|https://login\\.microsoftonline\\.com/(${GUID})/v2\\.0)$`,
)

/** A token that Entra ID has made, as it says itself. */
export interface ReadEntraToken {
  readonly token: string
  readonly kid: string
  /** The directory. */
  readonly entraTenantId: string
}

/** Whether a JWT says that Entra ID has made it, in version 1 or 2. */
export function isEntraToken(token: string): boolean {
  return directoryOf(token) !== undefined
}

function directoryOf(token: string): string | undefined {
  const [, first, second] = ISSUER.exec(readJwt(token)?.claims.iss ?? '') ?? []
  return first ?? second
}

/** Reads a token of Entra ID without checking it; undefined when it cannot be one. */
export function readEntraToken(token: string): ReadEntraToken | undefined {
  const jwt = readJwt(token)
  const entraTenantId = directoryOf(token)
  if (jwt?.alg !== 'RS256' || jwt.kid === undefined || entraTenantId === undefined) return undefined
  return { token, kid: jwt.kid, entraTenantId }
}

/** Fixed, not taken from the token or a setting: who chooses the keys chooses who is let in. */
function keysAddress(entraTenantId: string): string {
  return `https://login.microsoftonline.com/${entraTenantId}/discovery/v2.0/keys`
}

/** What was vouched for by the directory's own signature. */
export interface EntraClaims {
  readonly expires: Date
  readonly audience: string | readonly string[] | undefined
}

/**
 * Checks a token by the keys of its directory: made for the provisioning service itself, not for a person.
 * @throws UnreachableKeys
 */
export async function verifyEntraToken(
  { token, kid, entraTenantId }: ReadEntraToken,
  keys: RemoteKeys,
  now: Date,
): Promise<EntraClaims | JwtProblem> {
  const verified = await verifyJwt(token, await keys.at(keysAddress(entraTenantId), kid), {
    algorithms: ['RS256'],
    requiredClaims: ['exp', 'aud'],
    now,
  })
  if ('problem' in verified) return verified
  const { aud, exp = 0, tid, scp, appid, azp } = verified.claims
  if (tid !== entraTenantId) return { problem: 'claim', claim: 'tid' }
  // A token for a person has the scopes that it was given.
  if (scp !== undefined) return { problem: 'claim', claim: 'scp' }
  // Version 1 has the one, version 2 the other.
  const applications = [appid, azp].filter((each) => each !== undefined)
  if (applications.length === 0 || applications.some((each) => each !== PROVISIONING_SERVICE)) {
    return { problem: 'claim', claim: 'appid' }
  }
  return { expires: new Date((exp + CLOCK_SKEW_SECONDS) * 1000), audience: aud }
}

/** Whether the token is for what its tenant has registered: every directory has tokens for the same audience. */
export function isForCredential({ audience }: EntraClaims, credential: EntraCredential): boolean {
  return hasAudience(audience, credential.audience)
}
