import { expect, test } from 'vitest'
import { keyAddressProblem } from '../../../lib/tenants/key-address.ts'

const OWN = 'scim.example.com'

test.each([
  'https://login.microsoftonline.com/ce5f061f-abe6-4e40-9615-301f87bcb7f0/discovery/v2.0/keys',
  'https://idp.example.com:443/jwks?version=2',
])('%s may be fetched', (url) => expect(keyAddressProblem(url, OWN)).toBeUndefined())

test.each([
  ['', 'must be an https URL'],
  ['idp.example.com/keys', 'must be an https URL'],
  ['http://idp.example.com/keys', 'must be an https URL'],
  [`https://idp.example.com/${'x'.repeat(2000)}`, 'must be an https URL'],
  ['https://idp.example.com:8443/keys', 'must be on port 443'],
  ['https://ada:secret@idp.example.com/keys', 'must have no user name or password in it'],
  ['https://idp.example.com/keys#x', 'must have no fragment'],
  ['https://10.0.0.1/keys', 'must have the name of a host, no IP address'],
  ['https://0x7f000001/keys', 'must have the name of a host, no IP address'],
  ['https://127.1/keys', 'must have the name of a host, no IP address'],
  ['https://[::1]/keys', 'must have the name of a host, no IP address'],
  ['https://[::ffff:7f00:1]/keys', 'must have the name of a host, no IP address'],
  ['https://localhost/keys', 'must have the full name of a host'],
  ['https://idp.localhost/keys', 'must not lead to this machine'],
  ['https://idp.example.com./keys', 'must have no dot behind the name of its host'],
  ['https://SCIM.example.com./keys', 'must not lead to this service'],
])('%s %s', (url, problem) => expect(keyAddressProblem(url, OWN)).toBe(problem))
