import { describe, expect, test } from 'vitest'
import { referencePath } from '../../../../lib/scim/attribute-path.ts'
import { matchesValue } from '../../../../lib/scim/filter/match.ts'
import { printFilter } from '../../../support/print-filter.ts'
import { LIMITS } from '../../../../lib/scim/limits.ts'
import { parsePath, resolvePatchPath } from '../../../../lib/scim/patch/path.ts'
import { GROUP, USER } from '../../../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../../../lib/scim/resource-type.ts'
import { ENTERPRISE_USER_SCHEMA } from '../../../../lib/scim/schema/enterprise-user.ts'
import { URN } from '../../../../lib/scim/urn.ts'
import { TYPED_USER } from '../../../support/typed-attributes.ts'
import { refusalOf } from '../../../support/refusal.ts'
import { workingTime } from '../../../support/working-time.ts'

describe('parsePath', () => {
  test.each([
    ['userName', 'userName', undefined, undefined],
    [' userName ', 'userName', undefined, undefined],
    ['name.familyName', 'name.familyName', undefined, undefined],
    ['members.$ref', 'members.$ref', undefined, undefined],
    [URN.enterpriseUser, URN.enterpriseUser, undefined, undefined],
    [
      `${URN.enterpriseUser}:manager.value`,
      `${URN.enterpriseUser}:manager.value`,
      undefined,
      undefined,
    ],
    ['emails[type eq "work"]', 'emails', 'type eq "work"', undefined],
    ['emails[type eq "work"].value', 'emails', 'type eq "work"', 'value'],
    [
      'emails[ type EQ work AND primary eq true ].value',
      'emails',
      'type eq "work" and primary eq true',
      'value',
    ],
    ['members[value eq "[0]"]', 'members', 'value eq "[0]"', undefined],
    ['members[not (value eq "a") or (b pr)].$ref', 'members', 'not (value eq "a") or b pr', '$ref'],
    [`${URN.user}:emails[type eq "work"].value`, `${URN.user}:emails`, 'type eq "work"', 'value'],
  ])('%s', (text, path, filter, subAttribute) => {
    const found = parsePath(text)
    expect(found.path.text).toBe(path)
    expect(found.filter === undefined ? undefined : printFilter(found.filter)).toBe(filter)
    expect(found.subAttribute).toBe(subAttribute)
  })

  test.each<[text: string, ...parts: string[]]>([
    ['', 'an attribute', 'character 1 of the path', 'the end'],
    ['  ', 'an attribute', 'the end'],
    ['emails[0]', 'by a filter', 'not by their position'],
    ['emails[0].value', 'by a filter', 'not by their position'],
    ['emails[', 'an attribute', 'character 8 of the path', 'the end'],
    ['emails]', 'the end or a filter in brackets', 'character 7', 'found "]"'],
    ['emails[]', 'an attribute', 'character 8', 'found "]"'],
    ['emails[type]', 'an operator', 'character 12', 'found "]"'],
    ['emails[type eq]', 'a value', 'character 15', 'found "]"'],
    ['emails[type regex "x"]', 'operator "regex"', 'not supported'],
    ['emails[type eq "work"', '"]"', 'character 22', 'the end'],
    ['emails[type eq "work]', 'no closing double quote', 'of the path'],
    ['emails[type eq "work"]value', 'a dot and a sub-attribute', 'character 23'],
    ['emails[type eq "work"] .value', 'the end', 'character 24'],
    ['emails[type eq "work"].', 'one sub-attribute', 'character 23'],
    ['emails[type eq "work"].value.x', 'one sub-attribute', 'character 23'],
    ['emails[type eq "work"].value eq "x"', 'the end', 'character 30'],
    ['emails[type eq "work"] eq "x"', 'the end', 'character 24'],
    ['emails[type eq "work"][value pr]', 'the end', 'character 23', 'found "["'],
    ['emails [type eq "work"]', 'the end', 'character 8', 'found "["'],
    ['emails[ims[type pr]]', 'do not nest'],
    ['a..b', '"a..b" at character 1', 'attribute path'],
    ['a.b.c', '"a.b.c"', 'attribute path'],
    ['.a', '".a"', 'attribute path'],
    ['/displayName', '"/displayName"', 'attribute path'],
    ['[x]', 'an attribute', 'character 1', 'found "["'],
    ['"userName"', 'an attribute', 'a quoted string'],
    ['(userName)', 'an attribute', 'found "("'],
    ['userName title', 'the end', 'character 10'],
    ['userName eq "x"', 'the end', 'character 10'],
    ['and', 'an attribute', 'found "and"'],
  ])('%s is refused', async (text, ...parts) => {
    const { kind, detail } = await refusalOf(() => parsePath(text))
    expect(kind).toBe('invalidPath')
    for (const part of parts) expect(detail).toContain(part)
  })

  test('combining marks in a value filter', async () => {
    const { kind, detail } = await refusalOf(() =>
      parsePath(`emails[type eq "a${'\u0301'.repeat(31)}"]`),
    )
    expect(kind).toBe('invalidFilter')
    expect(detail).toContain('at most 30 combining marks in a row')
  })

  test('length', async () => {
    expect(parsePath('a'.repeat(LIMITS.pathCharacters)).path.text).toHaveLength(
      LIMITS.pathCharacters,
    )
    const { kind, detail } = await refusalOf(() => parsePath('a'.repeat(LIMITS.pathCharacters + 1)))
    expect(kind).toBe('invalidPath')
    expect(detail).toContain(`at most ${LIMITS.pathCharacters}`)
  })

  test.each(['['.repeat(1000), '[1'.repeat(500), 'a['.repeat(500), `a[b eq "${'\\'.repeat(990)}`])(
    'long input takes no time: %s',
    async (text) => {
      const worked = workingTime()
      expect((await refusalOf(() => parsePath(text))).kind).toBe('invalidPath')
      expect(worked()).toBeLessThan(20)
    },
  )
})

describe('resolvePatchPath', () => {
  const people = URN.enterpriseUser

  test.each<[text: string, reference: string, type?: ResourceType]>([
    ['userName', 'userName'],
    ['USERNAME', 'userName'],
    ['Name.FamilyName', 'name.familyName'],
    ['id', 'id'],
    ['meta.location', 'meta.location'],
    ['schemas', 'schemas'],
    ['password', 'password'],
    ['emails', 'emails'],
    ['emails.value', 'emails.value'],
    ['manager', `${people}:manager`],
    [`${people}:department`, `${people}:department`],
    [`${people}.department`, `${people}:department`],
    [`${people.toUpperCase()}:MANAGER.value`, `${people}:manager.value`],
    [`${URN.user}:displayName`, 'displayName'],
    [`${URN.user}:externalId`, 'externalId'],
    ['members', 'members', GROUP],
    ['Members.$Ref', 'members.$ref', GROUP],
  ])('%s', (text, reference, type = USER) => {
    const target = resolvePatchPath(type, text)
    if (target.kind !== 'attribute') throw new Error(target.kind)
    expect(referencePath(target.reference)).toBe(reference)
    expect(target.filter).toBeUndefined()
  })

  test.each([
    ['emails[type eq "work"]', 'emails', { type: 'work' }, { type: 'home' }],
    ['emails[type eq "work"].value', 'emails.value', { type: 'work' }, { type: 'home' }],
    ['EMAILS[Type eq Work].VALUE', 'emails.value', { type: 'work' }, { type: 'home' }],
    ['roles[primary eq "True"].value', 'roles.value', { primary: true }, { value: 'a' }],
    ['roles[primary eq true].display', 'roles.display', { primary: true }, { primary: false }],
    [
      `${URN.user}:addresses[type eq "work"].streetAddress`,
      'addresses.streetAddress',
      { type: 'work' },
      {},
    ],
    ['groups[$ref eq "https://h/Groups/1"]', 'groups', { value: '1' }, { value: '2' }],
    [
      'tags[value eq "a"]',
      'urn:example:params:scim:schemas:extension:typed:1.0:User:tags',
      'A',
      'b',
    ],
  ])('%s', (text, reference, matching, other) => {
    const target = resolvePatchPath(TYPED_USER, text)
    if (target.kind !== 'attribute' || target.filter === undefined) throw new Error(target.kind)
    expect(referencePath(target.reference)).toBe(reference)
    expect(target.reference).not.toHaveProperty('kind')
    expect(matchesValue(target.filter, matching)).toBe(true)
    expect(matchesValue(target.filter, other)).toBe(false)
  })

  test.each([people, people.toUpperCase()])('a whole extension: %s', (text) => {
    expect(resolvePatchPath(USER, text)).toEqual({
      kind: 'extension',
      extension: ENTERPRISE_USER_SCHEMA,
    })
  })

  test.each([
    'urn:ietf:params:scim:schemas:extension:CustomExtensionName:2.0:User:tag',
    'URN:ietf:params:scim:schemas:extension:CustomExtensionName:2.0:User',
    'urn:ietf:params:scim:schemas:extension:CustomExtensionName:2.0:User:tags[value eq "a"].x',
    `${people}2:department`,
    'urn:ietf:params:scim:schemas:core:2.0:Group:displayName',
    `${people}:bogus`,
    `${people}.bogus`,
    `${people}:bogus[value eq "a"].x`,
  ])('what nobody declared: %s', (text) => {
    expect(resolvePatchPath(USER, text)).toEqual({ kind: 'undeclared' })
  })

  test.each([
    ['bogus', '"bogus" is not an attribute of a User'],
    ['name.bogus', '"name.bogus" is not an attribute of a User'],
    ['members', '"members" is not an attribute of a User'],
    ['userName.value', '"userName.value" is not an attribute'],
    ['https://example.com/schema:attribute', 'is not an attribute'],
    ['__proto__', '"__proto__" is not an attribute'],
    ['constructor', '"constructor" is not an attribute'],
    [`${people}:manager.bogus`, `"${people}:manager.bogus" is not an attribute of a User`],
    [`${URN.user}:bogus`, `"${URN.user}:bogus" is not an attribute of a User`],
    [URN.user, `"${URN.user}" is not an attribute of a User`],
    [`${people}[department pr]`, 'is a schema and takes no filter'],
    ['userName[value pr]', '"userName" takes no filter'],
    ['name[givenName eq "a"]', '"name" takes no filter'],
    ['manager[value eq "a"]', '"manager" takes no filter'],
    ['emails.value[type eq "a"]', '"emails.value" takes no filter'],
    ['emails[type eq "work"].bogus', '"bogus" is not a sub-attribute of "emails"'],
    ['emails[type eq "work"].__proto__', '"__proto__" is not a sub-attribute of "emails"'],
    ['emails[type eq]', 'a value'],
  ])('%s: invalidPath', async (text, part) => {
    const { kind, detail } = await refusalOf(() => resolvePatchPath(USER, text))
    expect(kind).toBe('invalidPath')
    expect(detail).toContain(part)
  })

  test.each([
    ['emails[bogus eq "x"]', '"bogus" at character 8 is not an attribute of emails'],
    ['emails[primary eq "x"]', '"primary" is compared with true or false'],
    ['emails[primary gt true].value', '"primary" is of type boolean'],
  ])('%s: invalidFilter', async (text, part) => {
    const { kind, detail } = await refusalOf(() => resolvePatchPath(USER, text))
    expect(kind).toBe('invalidFilter')
    expect(detail).toContain(part)
  })
})
