import { expect, test } from 'vitest'
import { extensionUrnProblem } from '../../../lib/scim/extension-urn.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { SURVEY } from '../../support/definitions.ts'

const OTHERS = [URN.enterpriseUser, URN.peopleUser]

test.each([
  SURVEY,
  SURVEY.toUpperCase(),
  'urn:scim:schemas:extension:acme:1.0:User',
  'urn:ietf:params:scim:schemas:extension:acme-hr_2:core:2.0:User',
  URN.peopleUser.replace('people', 'people2'),
])('%s can be one', (urn) => {
  expect(extensionUrnProblem(urn, OTHERS)).toBeUndefined()
})

const RIGHT =
  'must be the URN of an extension, urn:ietf:params:scim:schemas:extension:<product>:2.0:User, of at most 120 characters'

test.each([
  '',
  'people',
  URN.user,
  URN.group,
  'urn:ietf:params:scim:schemas:extension:people:2.0',
  'urn:ietf:params:scim:schemas:extension:people:2.0:Group',
  'urn:ietf:params:scim:schemas:extension:people:2.0:User:level',
  'urn:ietf:params:scim:schemas:extension:pe ople:2.0:User',
  'urn:ietf:params:scim:schemas:extension::2.0:User',
  `urn:ietf:params:scim:schemas:extension:${'x'.repeat(90)}:2.0:User`,
  'https://example.com/extension:people:2.0:User',
])('%s cannot', (urn) => {
  expect(extensionUrnProblem(urn, OTHERS)).toBe(RIGHT)
})

test.each([
  [URN.enterpriseUser.toUpperCase(), URN.enterpriseUser],
  ['urn:scim:schemas:extension:enterprise:2.0:User', URN.enterpriseUser],
  [URN.peopleUser, URN.peopleUser],
])('%s is taken for another schema', (urn, other) => {
  expect(extensionUrnProblem(urn, OTHERS)).toBe(
    `must not be read as the URN of another schema, ${other}`,
  )
})
