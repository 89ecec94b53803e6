import { describe, expect, test } from 'vitest'
import { checkMethod } from '../../../lib/http/routes.ts'
import { unmatched } from '../../../lib/http/unmatched.ts'
import { refusalOf } from '../../support/refusal.ts'

const ALLOWED_ON_RESOURCE = 'GET, HEAD, PUT, PATCH, DELETE'

describe('a method that a path does not take is refused with those that it takes', () => {
  test.each([
    ['GET', '/api/scim/Users/.search', 'POST'],
    ['PUT', '/api/scim/Users/.search/', 'POST'],
    ['PATCH', '/api/scim/groups/.SEARCH', 'POST'],
    ['DELETE', '/api/scim/Groups/%2Esearch', 'POST'],
    ['GET', '/api/scim/.search', 'POST'],
    ['POST', '/api/scim/Users/7', ALLOWED_ON_RESOURCE],
    ['POST', '/api/scim/Users/%E0%A4%A', ALLOWED_ON_RESOURCE],
    ['DELETE', '/api/scim/Users', 'POST, GET, HEAD'],
    ['OPTIONS', '/api/scim/Bulk', 'POST'],
  ])('%s %s', async (method, path, allow) => {
    const refusal = await refusalOf(() => checkMethod(method, path))
    expect(refusal).toMatchObject({
      kind: 'methodNotAllowed',
      detail: `${method} is not allowed on this path; allowed are ${allow}.`,
    })
  })

  test.each([
    ['POST', '/api/scim/Users/.search'],
    ['GET', '/api/scim/Users/7'],
    ['GET', '/api/scim/Users/.searching'],
    ['DELETE', '/api/scim/nothing'],
  ])('but not %s %s', (method, path) => {
    expect(() => checkMethod(method, path)).not.toThrow()
  })
})

test.each([
  ['/api/scim/v2/Users', 'invalidVers'],
  ['/api/scim/V1', 'invalidVers'],
  ['/api/scim/Users/a/v2', 'notFound'],
  ['/api/scim/Things/v2/x', 'notFound'],
  ['/api/scim/v2x', 'notFound'],
])('nothing is at %s: %s', (path, kind) => {
  const refusal = unmatched('GET', path)
  expect(refusal.kind).toBe(kind)
  expect(refusal.detail).toContain('/api/scim')
})
