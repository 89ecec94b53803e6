import { describe, expect, test } from 'vitest'
import { refuseUnguarded } from '../../../lib/manage/unguarded.ts'
import { ScimError } from '../../../lib/scim/errors.ts'

const FUNC_START = {
  AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
  FUNCTIONS_CORETOOLS_ENVIRONMENT: 'true',
  WEBSITE_HOSTNAME: 'localhost:7071',
}

function refusal(...[arrival]: Parameters<typeof refuseUnguarded>): unknown {
  try {
    refuseUnguarded(arrival)
    return undefined
  } catch (error) {
    return error
  }
}

describe('where nothing asks for a key', () => {
  test.each([
    ['func start', FUNC_START],
    ['func start that was given settings of Azure', { ...FUNC_START, WEBSITE_SITE_NAME: 'app' }],
    ['Development alone', { AZURE_FUNCTIONS_ENVIRONMENT: 'development', WEBSITE_INSTANCE_ID: 'i' }],
    ['a host that nothing is known of', {}],
    ['empty settings', { WEBSITE_SITE_NAME: '', FUNCTION_KEYS_ARE_CHECKED: '' }],
    ['keys that are said not to be checked', { FUNCTION_KEYS_ARE_CHECKED: 'false' }],
  ])('another host than localhost is 403: %s', (_case, environment) => {
    expect(refusal({ environment, host: 'localhost:7071' })).toBeUndefined()
    const refused = refusal({ environment, host: 'scim.example' })
    if (!(refused instanceof ScimError)) throw new Error('it was not refused')
    expect(refused.status).toBe(403)
    expect(refused.detail).toContain('sent to "scim.example"')
    expect(refused.loggedDetail).not.toContain('scim.example')
  })

  test.each(['localhost', 'LOCALHOST:80', '127.0.0.1:7071', '[::1]:7071', '[::1]'])(
    '%s is served',
    (host) => {
      expect(refusal({ environment: FUNC_START, host })).toBeUndefined()
    },
  )

  test.each([
    '',
    ' ',
    'tunnel.example:7071',
    'localhost.tunnel.example',
    'localhost@tunnel.example',
    'tunnel.example/localhost',
    'localhost#.tunnel.example',
    'localhost?.tunnel.example',
    'localhost\\.tunnel.example',
    '127.0.0.1.tunnel.example',
    '0.0.0.0:7071',
    '192.168.1.5:7071',
    '[::]:7071',
    'localhost:99999',
  ])('"%s" is 403', (host) => {
    expect(refusal({ environment: FUNC_START, host })).toMatchObject({ kind: 'forbidden' })
  })

  test('a tunnel that says localhost is told by X-Forwarded-Host', () => {
    const arrival = { environment: FUNC_START, host: 'localhost:7071' }
    for (const forwardedHost of ['a.tunnel.example', 'localhost, a.tunnel.example', '']) {
      expect(refusal({ ...arrival, forwardedHost })).toMatchObject({ kind: 'forbidden' })
    }
    expect(refusal({ ...arrival, forwardedHost: 'localhost:7071' })).toBeUndefined()
    expect(refusal({ ...arrival, forwardedHost: undefined })).toBeUndefined()
  })
})

test.each([
  ['Azure', { WEBSITE_INSTANCE_ID: 'i' }],
  ['Azure, Flex Consumption', { WEBSITE_SITE_NAME: 'app' }],
  ['the local host', { FUNCTION_KEYS_ARE_CHECKED: 'true' }],
])('where keys are asked for every host is served: %s', (_case, environment) => {
  expect(refusal({ environment, host: 'scim.example' })).toBeUndefined()
  const forwardedHost = 'edge.example'
  expect(refusal({ environment, host: 'scim.example', forwardedHost })).toBeUndefined()
})
