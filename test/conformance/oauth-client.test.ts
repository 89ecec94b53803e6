import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientIdOf } from '../../lib/tenants/credentials.ts'
import { signJwt, testKey, type TestKey } from '../support/jwt.ts'
import { startIssuer, type LocalIssuer } from '../support/local-issuer.ts'
import { ISSUER, oauthApp, ORIGIN, TENANT_URL, type OAuthApp } from '../support/oauth-app.ts'

/** A client that nobody here has written gets tokens, checks them by the published keys, and provisions with them. */

const CLIENT: oauth.Client = { client_id: clientIdOf('acme') }
const JWKS = 'https://idp.example/jwks'

let issuer: LocalIssuer
let key: TestKey
let app: OAuthApp
let server: oauth.AuthorizationServer

beforeAll(async () => {
  key = await testKey('one')
  issuer = await startIssuer(key)
  app = await oauthApp({ fetchText: issuer.fetchText })
  // The client has a clock of its own.
  app.at = Date.now()
  await app.app.tenant('acme')
  const metadata = await app.fetch(`${ISSUER}/.well-known/oauth-authorization-server`)
  server = await oauth.processDiscoveryResponse(new URL(ISSUER), metadata)
})

afterAll(async () => issuer.stop())

const options = {
  [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<string, unknown>) =>
    app.fetch(url, {
      method: init.method,
      headers: init.headers,
      ...(init.body instanceof URLSearchParams ? { body: init.body } : {}),
    }),
}

async function tokenBy(authentication: oauth.ClientAuth): Promise<oauth.TokenEndpointResponse> {
  const parameters = new URLSearchParams({ scope: 'scim' })
  const answer = await oauth.clientCredentialsGrantRequest(
    server,
    CLIENT,
    authentication,
    parameters,
    options,
  )
  return oauth.processClientCredentialsResponse(server, CLIENT, answer)
}

async function secret(): Promise<string> {
  const { secret: made = '' } = await app.issue('acme', { kind: 'clientSecret' })
  return made
}

/** A user is created, found and deleted with the token. */
async function provision(token: string, userName: string): Promise<void> {
  const send = async (method: string, path: string, body?: object): Promise<Response> =>
    app.fetch(`${TENANT_URL}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const created = await send('POST', '/Users', { userName })
  expect(created.status).toBe(201)
  const found = await send('GET', `/Users?filter=userName+eq+%22${userName}%22`)
  expect(await found.json()).toMatchObject({ totalResults: 1 })
  const location = new URL(created.headers.get('location') ?? '')
  const path = location.pathname.slice('/api/scim'.length)
  expect((await send('DELETE', path)).status).toBe(204)
}

describe('the client gets a token and provisions with it', () => {
  test.each<[string, () => Promise<oauth.ClientAuth>]>([
    ['client_secret_basic', async () => oauth.ClientSecretBasic(await secret())],
    ['client_secret_post', async () => oauth.ClientSecretPost(await secret())],
    [
      'private_key_jwt (RFC 7523)',
      async () => {
        const { client_id: id } = CLIENT
        const facts = { issuer: id, subject: id, audience: ISSUER, jwksUri: JWKS }
        await app.issue('acme', { kind: 'federated', ...facts })
        return oauth.PrivateKeyJwt({ key: key.privateKey, kid: key.kid })
      },
    ],
    [
      'an assertion that Entra ID has signed',
      async () => {
        const directory = 'ce5f061f-abe6-4e40-9615-301f87bcb7f0'
        const origin = `https://login.microsoftonline.com/${directory}`
        const application = 'b5ba7a93-4452-4522-aeb4-a2b5da870c16'
        const subject = 'd2f8ee76-c549-45b8-a143-f5b640669704'
        await app.issue('acme', {
          kind: 'federated',
          issuer: `${origin}/v2.0`,
          subject,
          audience: `api://${application}/.default`,
          jwksUri: `${origin}/discovery/v2.0/keys`,
        })
        const now = Math.floor(app.at / 1000)
        const assertion = await signJwt(key, {
          aud: `api://${application}`,
          iss: `${origin}/v2.0`,
          iat: now,
          nbf: now,
          exp: now + 3900,
          appid: application,
          sub: subject,
          tid: directory,
          ver: '2.0',
        })
        return (_server, { client_id: id }, body) => {
          body.set('client_id', id)
          body.set('client_assertion', assertion)
          body.set(
            'client_assertion_type',
            'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          )
        }
      },
    ],
  ])('by %s', async (_way, authentication) => {
    const answer = await tokenBy(await authentication())
    expect(answer).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: 'scim' })
    await provision(answer.access_token, 'ada@example.com')
  })
})

test('the token is one of RFC 9068, by the keys that are published', async () => {
  const { access_token: token } = await tokenBy(oauth.ClientSecretBasic(await secret()))
  const request = new Request(`${TENANT_URL}/Users`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const claims = await oauth.validateJwtAccessToken(server, request, TENANT_URL, options)
  expect(claims).toMatchObject({ client_id: 'scim_acme', sub: 'scim_acme', scope: 'scim' })
})

test('the resource names its authorization server (RFC 9728)', async () => {
  const answer = await app.fetch(`${ISSUER}/.well-known/oauth-protected-resource`)
  const resource = await oauth.processResourceDiscoveryResponse(new URL(TENANT_URL), answer)
  expect(resource).toEqual({
    resource: TENANT_URL,
    authorization_servers: [ISSUER],
    scopes_supported: ['scim'],
    bearer_methods_supported: ['header'],
  })
})

test('the client understands a refusal', async () => {
  const refused = tokenBy(oauth.ClientSecretBasic('scims_acme_wrong'))
  await expect(refused).rejects.toMatchObject({
    code: oauth.WWW_AUTHENTICATE_CHALLENGE,
    status: 401,
  })
  const other = tokenBy(oauth.ClientSecretPost(await secret()).bind(undefined))
  await expect(other).resolves.toHaveProperty('access_token')
})

test('documents are for everybody, and to be kept for five minutes', async () => {
  for (const path of [
    '/jwks',
    '/.well-known/oauth-authorization-server',
    '/.well-known/oauth-protected-resource',
  ]) {
    const answer = await app.fetch(`${ISSUER}${path}`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
  }
  expect(server).toMatchObject({
    issuer: ISSUER,
    token_endpoint: `${ISSUER}/token`,
    jwks_uri: `${ORIGIN}/api/oauth/jwks`,
    grant_types_supported: ['client_credentials'],
  })
})
