import { describe, expect, test } from 'vitest'
import {
  leaf,
  referencePath,
  resolvePath,
  schemaNamed,
  splitUrn,
} from '../../../lib/scim/attribute-path.ts'
import { attribute, type Schema } from '../../../lib/scim/attribute.ts'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import { withExtensions } from '../../../lib/scim/resource-type.ts'
import { ENTERPRISE_USER_SCHEMA } from '../../../lib/scim/schema/enterprise-user.ts'
import { USER_SCHEMA } from '../../../lib/scim/schema/user.ts'
import { URN } from '../../../lib/scim/urn.ts'

function schema(id: string, ...names: string[]): Schema {
  const attributes = names.map((name) => attribute({ name, type: 'string', description: name }))
  return { id, name: id, description: id, attributes }
}

function canonical(path: string, resourceType = USER): string | undefined {
  const target = resolvePath(resourceType, path)
  if (target === undefined) return undefined
  return target.kind === 'extension' ? target.extension.id : referencePath(target)
}

describe('resolvePath', () => {
  test.each([
    ['userName', 'userName'],
    ['USERNAME', 'userName'],
    ['name.GIVENNAME', 'name.givenName'],
    ['members.$REF', undefined],
    ['externalid', 'externalId'],
    ['Meta.Created', 'meta.created'],
    ['employeeNumber', `${URN.enterpriseUser}:employeeNumber`],
    ['manager.displayName', `${URN.enterpriseUser}:manager.displayName`],
    [`${URN.user}:userName`, 'userName'],
    [`${URN.user}:name.givenName`, 'name.givenName'],
    [`${URN.user}:id`, 'id'],
    [`${URN.user}:meta.version`, 'meta.version'],
    [`${URN.user}.userName`, 'userName'],
    [`${URN.user.toUpperCase()}:USERNAME`, 'userName'],
    [`${URN.enterpriseUser}:manager.value`, `${URN.enterpriseUser}:manager.value`],
    [`${URN.enterpriseUser}.department`, `${URN.enterpriseUser}:department`],
    [URN.enterpriseUser, URN.enterpriseUser],
    [URN.enterpriseUser.toLowerCase(), URN.enterpriseUser],
    // ENT-NULL-01: the last colon of a URN may be missing.
    ['urn:ietf:params:scim:schemas:extension:enterprise:2.0User', URN.enterpriseUser],
    [
      'URN:ietf:params:scim:schemas:extension:enterprise:2.0User:Department',
      `${URN.enterpriseUser}:department`,
    ],
    [
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0User.manager.value',
      `${URN.enterpriseUser}:manager.value`,
    ],
    ['urn:ietf:params:scim:schemas:core:2.0User:userName', 'userName'],
    ['urn:ietf:params:scim:schemas:extension:enterprise:2.0Users:department', undefined],
    ['urn:ietf:params:scim:schemas:extension:enterprise2.0:User:department', undefined],
    // BR2-01: the names of SCIM 1.1 and of drafts.
    ['urn:scim:schemas:extension:enterprise:1.0', URN.enterpriseUser],
    ['urn:scim:schemas:extension:enterprise:2.0', URN.enterpriseUser],
    ['URN:scim:schemas:extension:enterprise:2.0:user', URN.enterpriseUser],
    ['urn:scim:schemas:extension:enterprise:2.0:User:division', `${URN.enterpriseUser}:division`],
    ['urn:scim:schemas:extension:enterprise:1.0.division', `${URN.enterpriseUser}:division`],
    ['urn:scim:schemas:core:2.0:User:userName', 'userName'],
    ['urn:scim:schemas:core:1.0:userName', 'userName'],
    ['urn:scim:schemas:core:2.0:Group:displayName', undefined],
    ['urn:scim:schemas:extension:enterprise:3.0:division', undefined],
    ['manager.managerId', `${URN.enterpriseUser}:manager.value`],
    [`${URN.enterpriseUser}:managerId`, `${URN.enterpriseUser}:manager.value`],
    [`${URN.enterpriseUser}:manager.MANAGERID`, `${URN.enterpriseUser}:manager.value`],
    // Without a URN it may be an attribute that nobody declared.
    ['managerId', undefined],
    // An extension's attributes are its own: common and core ones do not carry its URN.
    [`${URN.enterpriseUser}:userName`, undefined],
    [`${URN.enterpriseUser}:id`, undefined],
    [`${URN.user}:department`, undefined],
    [URN.user, undefined],
    [`${URN.user}:`, undefined],
    [`${URN.enterpriseUser}:`, undefined],
    [`${URN.enterpriseUser}x:department`, undefined],
    [`${URN.group}:displayName`, undefined],
    ['', undefined],
    ['.', undefined],
    ['name.', undefined],
    ['name.givenName.x', undefined],
    ['userName.value', undefined],
    ['__proto__', undefined],
    ['toString', undefined],
    ['name.constructor', undefined],
  ])('%j', (path, expected) => {
    expect(canonical(path)).toBe(expected)
  })

  test('the attributes of a group', () => {
    expect(canonical('Members.$ref', GROUP)).toBe('members.$ref')
    expect(canonical('userName', GROUP)).toBeUndefined()
  })

  test('the longest URN wins', () => {
    const short = schema('urn:example:a', 'b:c', 'x')
    const long = schema('urn:example:a:b', 'c')
    const type = withExtensions(USER, [
      { schema: short, required: false },
      { schema: long, required: false },
    ])
    expect(resolvePath(type, 'urn:example:a:b:c')).toMatchObject({ extension: long })
    expect(resolvePath(type, 'urn:example:a:b')).toEqual({ kind: 'extension', extension: long })
    expect(resolvePath(type, 'urn:example:a:x')).toMatchObject({ extension: short })
  })

  test('without URN the core schema comes before the extensions, and these in their order', () => {
    const first = schema('urn:example:first', 'title', 'shared')
    const second = schema('urn:example:second', 'shared', 'own')
    const type = withExtensions(USER, [
      { schema: first, required: false },
      { schema: second, required: false },
    ])
    expect(canonical('title', type)).toBe('title')
    expect(canonical('urn:example:first:title', type)).toBe('urn:example:first:title')
    expect(canonical('shared', type)).toBe('urn:example:first:shared')
    expect(canonical('own', type)).toBe('urn:example:second:own')
  })
})

test.each([
  [`${URN.user}:userName`, USER_SCHEMA],
  [URN.user, USER_SCHEMA],
  [`${URN.enterpriseUser.toUpperCase()}:bogus`, ENTERPRISE_USER_SCHEMA],
  [`${URN.enterpriseUser}.bogus`, ENTERPRISE_USER_SCHEMA],
  [`${URN.enterpriseUser}x`, undefined],
  ['urn:example:unknown:a', undefined],
  ['userName', undefined],
])('splitUrn %s', (path, expected) => {
  expect(splitUrn(USER, path)?.schema).toBe(expected)
})

test.each([
  [URN.user, USER_SCHEMA],
  [URN.enterpriseUser.toUpperCase(), ENTERPRISE_USER_SCHEMA],
  ['urn:ietf:params:scim:schemas:extension:enterprise:2.0User', ENTERPRISE_USER_SCHEMA],
  [`${URN.user}:userName`, undefined],
  [`${URN.user}:`, undefined],
  ['userName', undefined],
])('schemaNamed %s', (urn, expected) => {
  expect(schemaNamed(USER, urn)).toBe(expected)
})

test('a schema that is spelt right comes before one that is not', () => {
  const right = schema('urn:example:2.0User', 'x')
  const other = schema('urn:example:2.0:User', 'x')
  const type = withExtensions(USER, [
    { schema: other, required: false },
    { schema: right, required: false },
  ])
  expect(resolvePath(type, 'urn:example:2.0User:x')).toMatchObject({ extension: right })
})

test('leaf is the sub-attribute where there is one', () => {
  const child = attribute({ name: 'child', type: 'string', description: '' })
  const parent = attribute({
    name: 'parent',
    type: 'complex',
    description: '',
    subAttributes: [child],
  })
  expect(leaf({ attribute: parent })).toBe(parent)
  expect(leaf({ attribute: parent, subAttribute: child })).toBe(child)
  expect(referencePath({ attribute: parent, subAttribute: child })).toBe('parent.child')
})
