import { describe, expect, test } from 'vitest'
import { clientOf, isProbe, type ClientName, type Signs } from '../../../lib/activity/client.ts'

const GUID = '7d420df3-9995-4831-a406-ecf8166f5f6a'
const URL_OF = 'https://scim.example/api/scim'

function signs(path: string, more: Partial<Omit<Signs, 'url'>> = {}): Signs {
  return {
    url: `${URL_OF}${path}`,
    userAgent: 'node',
    hasEntraVersion: false,
    body: undefined,
    ...more,
  }
}

const patchOf = (op: string): unknown => ({ Operations: [{ op, path: 'active', value: 'False' }] })

describe('who sends a request', () => {
  test.each<[ClientName, string, Signs]>([
    ['okta', 'its User-Agent', signs('/Users', { userAgent: 'Okta SCIM Client 1.0.0' })],
    [
      'okta',
      'its look-up',
      signs('/Users?filter=userName%20eq%20%22a%40x.example%22&startIndex=1&count=100'),
    ],
    ['entra', 'its header', signs('/Users/1', { userAgent: null, hasEntraVersion: true })],
    ['entra', 'its flag', signs('/Users?aadOptscim062020&filter=userName+eq+%22a%22')],
    ['entra', 'its flag with a value', signs('/Users/1?aadOptscim062020=true')],
    ['entra', 'its older flag', signs('/Users?x=y&AzureAdScimPatch2017')],
    ['entra', 'Test Connection', signs(`/Users?filter=userName+eq+%22${GUID}%22`)],
    ['entra', 'its operations', signs('/Users/1', { body: patchOf('Replace') })],
    [
      'google',
      'its look-up',
      signs('/Users?filter=userName%20eq%20%22a%40x.example%22&startIndex=1'),
    ],
    ['onelogin', 'its empty User-Agent and its mark', signs('/Groups/1?', { userAgent: '' })],
    ['authentik', 'its User-Agent', signs('/Users', { userAgent: 'authentik@2025.10.1' })],
    ['jumpcloud', 'its User-Agent', signs('/Users', { userAgent: 'JumpCloud-SCIM' })],
    ['keycloak', 'its User-Agent', signs('/Users', { userAgent: 'scim-for-keycloak' })],
    ['sailpoint', 'its User-Agent', signs('/Users', { userAgent: 'SailPoint SCIM' })],
    ['pingidentity', 'its User-Agent', signs('/Users', { userAgent: 'PingFederate/12' })],
    ['google', 'its User-Agent', signs('/Users', { userAgent: 'Google-Provisioning' })],
    [
      'okta',
      'its name, whatever else it has',
      signs('/Users/1', { userAgent: 'Okta', body: patchOf('Add') }),
    ],
  ])('%s by %s', (client, _, request) => {
    expect(clientOf(request)).toBe(client)
  })

  test.each<[string, Signs]>([
    ['nothing', signs('/Users')],
    ['no User-Agent', signs('/Users', { userAgent: null })],
    ['an empty one', signs('/Groups/1', { userAgent: '' })],
    ['a mark behind the path', signs('/Groups/1?')],
    ['plain operations', signs('/Users/1', { body: patchOf('replace') })],
    ['operations that are none', signs('/Users/1', { body: { Operations: 'Add' } })],
    ['shouted operations', signs('/Users/1', { body: patchOf('ADD') })],
    ['a body that is no object', signs('/Users', { body: [patchOf('Add')] })],
    ['a filter', signs('/Users?filter=userName%20eq%20%22a%22')],
    ['a page', signs('/Users?startIndex=1&count=100')],
    ['a value like the flag', signs('/Users?filter=userName+eq+%22aadOptscim062020%22')],
  ])('%s tells nothing', (_, request) => {
    expect(clientOf(request)).toBe('other')
  })
})

describe('Test Connection', () => {
  test.each([
    [true, `/Users?filter=userName+eq+%22${GUID}%22`],
    [true, `/Users?filter=userName%20eq%20%22${GUID.toUpperCase()}%22`],
    [true, `/Groups?excludedAttributes=members&filter=displayName+eq+%22${GUID}%22`],
    [true, `/Users?filter=userName+eq+%22${GUID}%22&aadOptscim062020`],
    [false, '/Users?filter=userName+eq+%22ada%40x.example%22'],
    [false, `/Users?filter=externalId+eq+%22${GUID}%22`],
    [false, `/Users/${GUID}`],
    [false, `/Users?filter=userName+eq+%22${GUID}%22+and+active+eq+true`],
  ])('%s: %s', (expected, path) => {
    expect(isProbe(signs(path))).toBe(expected)
  })
})
