import { PROVISIONING_SERVICE } from '../../lib/oauth/entra.ts'
import { UnreachableKeys } from '../../lib/oauth/fetch-text.ts'
import { JWT_BEARER } from '../../lib/oauth/token-request.ts'
import { isObject } from '../../lib/scim/json.ts'
import { revokeCredential } from '../../lib/tenants/credentials.ts'
import { ENTRA_AUDIENCE } from '../../lib/tenants/new-credential.ts'
import { setTenantStatus } from '../../lib/tenants/tenants.ts'
import { forgedJwt, signJwt, testKey } from './jwt.ts'
import { textOf, type MemoryAnswer } from './memory-app.ts'
import { oauthApp, requestToken, TENANT_URL, type OAuthApp } from './oauth-app.ts'

/** How what docs/connect.md tells of credentials other than Secret Tokens comes about. */

const SECOND = 1000
const HOUR = 3600 * SECOND
const DIRECTORY = 'ce5f061f-abe6-4e40-9615-301f87bcb7f0'
const ORIGIN = `https://login.microsoftonline.com/${DIRECTORY}`
const CLIENT = { client_id: 'scim_contoso' }

const key = await testKey('one')

const keySet = async (): Promise<string> => JSON.stringify({ keys: [key.publicJwk] })

/** The app with OAuth and a tenant, by Entra's keys. */
async function withTenant(fetchText = keySet): Promise<OAuthApp> {
  const oauth = await oauthApp({ fetchText })
  await oauth.app.tenant('contoso')
  return oauth
}

async function secretOf(oauth: OAuthApp, expires?: Date): Promise<{ id: string; secret: string }> {
  const spec = { kind: 'clientSecret', ...(expires === undefined ? {} : { expires }) } as const
  const { credential, secret = '' } = await oauth.issue('contoso', spec)
  return { id: credential.id, secret }
}

async function usersWith({ fetch }: OAuthApp, token: string): Promise<MemoryAnswer> {
  const answer = await fetch(`${TENANT_URL}/Users`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const text = await answer.text()
  const json: unknown = JSON.parse(text)
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    text,
    json: isObject(json) ? json : {},
  }
}

async function accessToken(oauth: OAuthApp, secret: string): Promise<string> {
  return textOf(await requestToken(oauth, { ...CLIENT, client_secret: secret }), 'access_token')
}

async function signed({ at }: OAuthApp, claims: object): Promise<string> {
  const now = Math.floor(at / SECOND)
  return signJwt(key, { iat: now, nbf: now, exp: now + 3600, ...claims })
}

/** As Entra ID sends it when the field of the Secret Token is empty. */
function entraToken(oauth: OAuthApp): Promise<string> {
  const iss = `https://sts.windows.net/${DIRECTORY}/`
  const claims = { aud: ENTRA_AUDIENCE, appid: PROVISIONING_SERVICE, tid: DIRECTORY }
  return signed(oauth, { iss, ...claims })
}

async function withEntra(fetchText = keySet): Promise<OAuthApp> {
  const oauth = await withTenant(fetchText)
  await oauth.issue('contoso', { kind: 'entra', entraTenantId: DIRECTORY })
  return oauth
}

/** Answers of the SCIM endpoint, by the lines of "Entra says … do …". */
export const CREDENTIALS_PROVOKED: Readonly<Record<string, () => Promise<MemoryAnswer>>> = {
  '401: The token of Entra ID is not accepted; …': async () => {
    const oauth = await withTenant()
    return usersWith(oauth, await entraToken(oauth))
  },
  '401: The token of Entra ID has expired.': async () => {
    const oauth = await withEntra()
    const token = await entraToken(oauth)
    oauth.at += 2 * HOUR
    return usersWith(oauth, token)
  },
  '503: The keys of Entra ID cannot be had…': async () => {
    const oauth = await withEntra(() => Promise.reject(new UnreachableKeys('no answer')))
    return usersWith(oauth, await entraToken(oauth))
  },
  '401: The access token has expired; …': async () => {
    const oauth = await withTenant()
    const token = await accessToken(oauth, (await secretOf(oauth)).secret)
    oauth.at += 2 * HOUR
    return usersWith(oauth, token)
  },
  '401: The access token expired at …': async () => {
    const oauth = await withTenant()
    const { secret } = await secretOf(oauth, new Date(oauth.at + 600 * SECOND))
    const token = await accessToken(oauth, secret)
    oauth.at += 660 * SECOND
    return usersWith(oauth, token)
  },
  '401: The access token is not valid…': async () => {
    const oauth = await withTenant()
    const { id, secret } = await secretOf(oauth)
    const token = await accessToken(oauth, secret)
    await revokeCredential(oauth.app.stores.tenants, 'contoso', id, new Date(oauth.at))
    return usersWith(oauth, token)
  },
  '401: This access token is not one of this …': async () =>
    usersWith(await withTenant(), forgedJwt({ alg: 'RS256', typ: 'at+jwt' }, { iss: ORIGIN }, 'x')),
}

type TokenAnswer = Awaited<ReturnType<typeof requestToken>>

async function bySecret(change: (secret: string) => string, client = CLIENT): Promise<TokenAnswer> {
  const oauth = await withTenant()
  const { secret } = await secretOf(oauth)
  return requestToken(oauth, { ...client, client_secret: change(secret) })
}

async function byAssertion(claims: object): Promise<TokenAnswer> {
  const oauth = await withTenant()
  await oauth.issue('contoso', {
    kind: 'federated',
    issuer: `${ORIGIN}/v2.0`,
    audience: 'api://provisioning/.default',
    subject: 'the-subject',
    jwksUri: `${ORIGIN}/discovery/v2.0/keys`,
  })
  const right = { iss: `${ORIGIN}/v2.0`, aud: 'api://provisioning', sub: 'the-subject' }
  return requestToken(oauth, {
    ...CLIENT,
    client_assertion_type: JWT_BEARER,
    client_assertion: await signed(oauth, { ...right, ...claims }),
  })
}

/** Answers of the token endpoint, by the lines of "The token endpoint says … do …". */
export const TOKEN_ERRORS_PROVOKED: Readonly<Record<string, () => Promise<TokenAnswer>>> = {
  'invalid_client: The client_secret is mistyped or cut off.': () =>
    bySecret((secret) => secret.replace(/.$/, (last) => (last === '0' ? '1' : '0'))),
  'invalid_client: The client_secret is not one of this service: …': () => bySecret(() => 'secret'),
  'invalid_client: This is a Secret Token; …': () =>
    bySecret((secret) => secret.replace('scims_', 'scim_')),
  'invalid_client: The client_secret is not one of this client_id.': () =>
    bySecret((secret) => secret, { client_id: 'scim_fabrikam' }),
  'invalid_client: The client_secret is not valid; …': async () => {
    const oauth = await withTenant()
    const { id, secret } = await secretOf(oauth)
    await revokeCredential(oauth.app.stores.tenants, 'contoso', id, new Date(oauth.at))
    return requestToken(oauth, { ...CLIENT, client_secret: secret })
  },
  'invalid_client: The credential expired at …': async () => {
    const oauth = await withTenant()
    const { secret } = await secretOf(oauth, new Date(oauth.at + HOUR))
    oauth.at += HOUR
    return requestToken(oauth, { ...CLIENT, client_secret: secret })
  },
  'invalid_client: The client_assertion is not valid: …': () =>
    byAssertion({ iss: 'https://idp.example' }),
  'invalid_client: The sub of the client_assertion is not …': () => byAssertion({ sub: 'other' }),
  'invalid_client: The aud of the client_assertion is not …': () => byAssertion({ aud: 'other' }),
  'invalid_client: Too many failed tries of this client_id.': async () => {
    const oauth = await withTenant()
    const wrong = { ...CLIENT, client_secret: 'secret' }
    for (let tries = 0; tries < 10; tries += 1) await requestToken(oauth, wrong)
    return requestToken(oauth, wrong)
  },
  'unauthorized_client: The tenant is disabled.': async () => {
    const oauth = await withTenant()
    const { secret } = await secretOf(oauth)
    await setTenantStatus(oauth.app.stores.tenants, 'contoso', 'disabled')
    return requestToken(oauth, { ...CLIENT, client_secret: secret })
  },
}
