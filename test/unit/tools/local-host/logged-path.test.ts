import { expect, test } from 'vitest'
import { loggedPath } from '../../../../tools/local-host/logged-path.ts'

const ID = '2819c223-7f76-453a-919d-413861904646'
const URN = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

test.each([
  ['/api/scim', '/api/scim'],
  ['/api/scim/', '/api/scim'],
  ['/api/scim/Users?filter=userName%20eq%20%22hush%22', '/api/scim/Users'],
  ['/API/Scim/users', '/api/scim/Users'],
  ['/api/scim/Users/.search', '/api/scim/Users/.search'],
  ['/api/scim/.search', '/api/scim/.search'],
  [`/api/scim/Users/${ID}`, `/api/scim/Users/${ID}`],
  [`http://hush.example/api/scim/Groups/${ID}/`, `/api/scim/Groups/${ID}`],
  [`/api/scim/Schemas/${URN}`, `/api/scim/Schemas/${URN}`],
  [`/api/scim/Schemas/${URN.replaceAll(':', '%3A')}`, `/api/scim/Schemas/${URN}`],
  ['/api/scim/ResourceTypes/User', '/api/scim/ResourceTypes/User'],
  ['/api/scim/ServiceProviderConfig', '/api/scim/ServiceProviderConfig'],
  ['/api/scim/Me', '/api/scim/Me'],
  ['/api/health', '/api/health'],
])('%s is shown as %s', (target, expected) => {
  expect(loggedPath(target)).toBe(expected)
})

test.each([
  ['/api/scim/Users/hush%40secret.example', '/api/scim/Users/{id}'],
  ['/api/scim/Users/hush', '/api/scim/Users/{id}'],
  [`/api/scim/Users/${ID}-hush`, '/api/scim/Users/{id}'],
  ['/api/scim/Groups/The%20hush%20team', '/api/scim/Groups/{id}'],
  ['/api/scim/Groups/hush%0aGET', '/api/scim/Groups/{id}'],
  ['/api/scim/Schemas/urn:hush', '/api/scim/Schemas/{id}'],
  ['/api/scim/ResourceTypes/hush', '/api/scim/ResourceTypes/{id}'],
  [`/api/scim/Users/${ID}/hush`, '/…'],
  ['/api/scim/hush', '/…'],
  ['/api/scim/Users//', '/…'],
  ['/hush', '/…'],
  ['hush', '/…'],
  ['/api/scim/Users/%00hush', '/…'],
  ['', '/…'],
])('%s names nobody: %s', (target, expected) => {
  expect(loggedPath(target)).toBe(expected)
})
