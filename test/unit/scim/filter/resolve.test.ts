import { describe, expect, test } from 'vitest'
import { referencePath } from '../../../../lib/scim/attribute-path.ts'
import { findAttribute, type Attribute } from '../../../../lib/scim/attribute.ts'
import type { ResolvedFilter } from '../../../../lib/scim/filter/filter.ts'
import { parseFilter } from '../../../../lib/scim/filter/parse.ts'
import { resolveFilter, resolveValueFilter } from '../../../../lib/scim/filter/resolve.ts'
import { GROUP } from '../../../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../../../lib/scim/resource-type.ts'
import { TYPED_URN, TYPED_USER } from '../../../support/typed-attributes.ts'
import { refusalOf } from '../../../support/refusal.ts'
import { workingTime } from '../../../support/working-time.ts'

/** The filter with canonical paths and coerced values. */
function print(filter: ResolvedFilter): string {
  if ('filters' in filter) {
    return `(${filter.filters.map(print).join(` ${filter.kind} `)})`
  }
  if (filter.kind === 'not') return `not(${print(filter.filter)})`
  const path = referencePath(filter.reference).replace(`${TYPED_URN}:`, 'typed:')
  if (filter.kind === 'present') return `${path} pr`
  if (filter.kind === 'valuePath') return `${path}[${print(filter.filter)}]`
  return `${path} ${filter.operator} ${JSON.stringify(filter.value)}`
}

function resolve(text: string, resourceType: ResourceType = TYPED_USER): string {
  return print(resolveFilter(resourceType, parseFilter(text)))
}

async function refusedFilter(
  text: string,
  resourceType: ResourceType = TYPED_USER,
): Promise<string> {
  const filter = parseFilter(text)
  return invalidFilter(() => resolveFilter(resourceType, filter))
}

/** The detail of the invalidFilter that it throws. */
async function invalidFilter(run: () => unknown): Promise<string> {
  const { kind, detail } = await refusalOf(run)
  expect(kind).toBe('invalidFilter')
  return detail
}

const ALL = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']
const ORDER = ['eq', 'ne', 'gt', 'ge', 'lt', 'le']
const TYPES: readonly (readonly [type: string, literal: string, operators: readonly string[]])[] = [
  ['string', '"a"', ALL],
  ['reference', '"https://a.example/"', ALL],
  ['boolean', 'true', ['eq', 'ne']],
  ['integer', '1', ORDER],
  ['decimal', '1.5', ORDER],
  ['dateTime', '"2011-05-13T04:42:34Z"', ORDER],
  ['binary', '"YQ=="', ['eq', 'ne']],
]

describe.each(TYPES)('operators of %s', (type, literal, operators) => {
  test.each(operators)('%s', (operator) => {
    const text = `${type}Value ${operator} ${literal}`
    expect(resolve(text)).toBe(`typed:${text}`)
  })

  test('no other', async () => {
    for (const operator of ALL.filter((each) => !operators.includes(each))) {
      const detail = await refusedFilter(`${type}Value ${operator} ${literal}`)
      expect(detail).toContain(`"${TYPED_URN}:${type}Value" is of type ${type}`)
      expect(detail).toContain(`cannot be compared by "${operator}"`)
      expect(detail).toContain(`it takes ${operators.join(', ')} and pr`)
    }
  })

  test('pr', () => {
    expect(resolve(`${type}Value pr`)).toBe(`typed:${type}Value pr`)
  })

  test('null', async () => {
    expect(resolve(`${type}Value eq null`)).toBe(`typed:${type}Value eq null`)
    expect(resolve(`${type}Value ne null`)).toBe(`typed:${type}Value ne null`)
    for (const operator of ALL.slice(2)) {
      expect(await refusedFilter(`${type}Value ${operator} null`)).toContain(
        'null takes eq and ne only',
      )
    }
  })
})

describe('literals become values of the type of the attribute', () => {
  test.each([
    ['string', '701984', '"701984"'],
    ['string', 'true', '"true"'],
    ['string', 'jyoung', '"jyoung"'],
    ['reference', '12', '"12"'],
    ['binary', '1234', '"1234"'],
    ['boolean', '"True"', 'true'],
    ['boolean', '"FALSE"', 'false'],
    ['integer', '"12"', '12'],
    ['integer', '"-0012"', '-12'],
    ['integer', '"9.0"', '9'],
    ['decimal', '"1.50"', '1.5'],
    ['decimal', '7e2', '700'],
    ['dateTime', '2015-10-10T14:38:21.8617979-07:00', '"2015-10-10T14:38:21.8617979-07:00"'],
    ['dateTime', '"2011-05-13T04:42:34+02:00"', '"2011-05-13T04:42:34+02:00"'],
    ['dateTime', '"2011-05-13T04:42:34"', '"2011-05-13T04:42:34"'],
    ['dateTime', '"2011-05-13"', '"2011-05-13T00:00:00Z"'],
    ['dateTime', '2011-05-13', '"2011-05-13T00:00:00Z"'],
  ])('%s: %s', (type, literal, value) => {
    expect(resolve(`${type}Value eq ${literal}`)).toBe(`typed:${type}Value eq ${value}`)
  })

  test.each([
    ['boolean', '"yes"', 'true or false', '"yes"'],
    ['boolean', '1', 'true or false', 'the number 1'],
    ['boolean', '""', 'true or false', '""'],
    ['integer', '"x"', 'a number', '"x"'],
    ['integer', '""', 'a number', '""'],
    ['integer', '" "', 'a number', '" "'],
    ['integer', '0x10', 'a number', '"0x10"'],
    ['integer', 'Infinity', 'a number', '"Infinity"'],
    ['integer', '1e999', 'a number', '"1e999"'],
    ['integer', 'true', 'a number', 'the boolean true'],
    ['decimal', '"1,5"', 'a number', '"1,5"'],
    ['dateTime', '"2011-05"', 'a dateTime such as', '"2011-05"'],
    ['dateTime', '"2011-02-30"', 'a dateTime such as', '"2011-02-30"'],
    ['dateTime', '"2011-02-30T00:00:00Z"', 'a dateTime such as', '"2011-02-30T00:00:00Z"'],
    ['dateTime', '2011', 'a dateTime such as', 'the number 2011'],
    ['dateTime', 'false', 'a dateTime such as', 'the boolean false'],
  ])('%s: %s is refused', async (type, literal, expected, found) => {
    const detail = await refusedFilter(`${type}Value eq ${literal}`)
    expect(detail).toContain(`"${TYPED_URN}:${type}Value" is compared with ${expected}`)
    expect(detail).toContain(`; the filter has ${found} (character 1)`)
  })
})

test.each([
  ['active gt true', 1],
  ['title pr and active co "a"', 14],
  ['active eq "yes"', 1],
  ['active eq 1', 1],
  ['title pr and name eq "x"', 14],
  ['not (meta.created gt "yesterday")', 6],
  ['password pr', 1],
  ['name sw null', 1],
  ['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr', 1],
  ['title pr and userName[value pr]', 14],
  ['emails[type eq "a" and primary gt true]', 24],
])('%s: the detail points at character %d', async (text, position) => {
  expect(await refusedFilter(text)).toMatch(new RegExp(`\\(character ${position}\\)\\.$`))
})

test.each([
  ['displayName eq " Sales\\r\\n"', 'displayName eq "Sales"'],
  ['displayName ne "Sales "', 'displayName ne "Sales"'],
  ['displayName ge "Sales "', 'displayName ge "Sales"'],
  ['displayName sw "Sales "', 'displayName sw "Sales "'],
  ['displayName co " and "', 'displayName co " and "'],
  ['externalId eq "Sales "', 'externalId eq "Sales "'],
])('white space that is no part of a name: %s', (text, expected) => {
  expect(resolve(text, GROUP)).toBe(expected)
})

describe('paths', () => {
  test.each([
    ['USERNAME eq "a"', 'userName eq "a"'],
    ['NAME.GivenName eq "a"', 'name.givenName eq "a"'],
    ['meta.Created gt "2011-05-13T04:42:34Z"', 'meta.created gt "2011-05-13T04:42:34Z"'],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "a"', 'userName eq "a"'],
    ['URN:IETF:params:scim:schemas:core:2.0:user:externalid eq "a"', 'externalId eq "a"'],
    [
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq 701984',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "701984"',
    ],
    [
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "a"',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "a"',
    ],
    ['schemas eq "urn:x"', 'schemas eq "urn:x"'],
    ['name pr', 'name pr'],
    ['emails pr', 'emails pr'],
    ['name eq null', 'name eq null'],
    ['emails ne null', 'emails ne null'],
    ['tags eq "a"', 'typed:tags eq "a"'],
    ['numbers gt 3', 'typed:numbers gt 3'],
    ['emails co "@x"', 'emails.value co "@x"'],
    ['photos sw "https:"', 'photos.value sw "https:"'],
    [
      'manager eq "a"',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "a"',
    ],
    [
      'emails[TYPE eq "work" and Primary eq "True"]',
      'emails[(type eq "work" and primary eq true)]',
    ],
    [
      'not (emails[value pr] or rooms[number ge 3])',
      'not((emails[value pr] or typed:rooms[number ge 3]))',
    ],
    [
      'manager[displayName eq "a"]',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager[displayName eq "a"]',
    ],
    ['tags[value sw "a"]', 'typed:tags[value sw "a"]'],
    ['numbers[VALUE ge "3"]', 'typed:numbers[value ge 3]'],
  ])('%s', (text, expected) => {
    expect(resolve(text)).toBe(expected)
  })

  test.each([
    ['bogus eq 1', '"bogus" at character 1 is not an attribute of a User'],
    ['title pr and name.bogus pr', '"name.bogus" at character 14 is not an attribute of a User'],
    ['userName.value pr', '"userName.value"'],
    ['members pr', '"members"'],
    ['urn:example:unknown:attribute pr', '"urn:example:unknown:attribute"'],
    ['__proto__ pr', '"__proto__"'],
    ['constructor pr', '"constructor"'],
    [
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr',
      'schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"',
    ],
    ['emails[bogus eq "x"]', '"bogus" at character 8 is not an attribute of emails'],
    ['emails[emails.type eq "x"]', '"emails.type" at character 8 is not an attribute of emails'],
    ['tags[type eq "x"]', '"type" at character 6 is not an attribute of tags'],
    ['emails[type pr].bogus pr', '"bogus" at character 17'],
    ['addresses[type pr] eq "x"', '"value" at character 20 is not an attribute of addresses'],
    ['userName[value pr]', '"userName" cannot have a filter in brackets'],
    ['emails.type[value pr]', '"emails.type" cannot have a filter in brackets'],
    ['name eq "x"', '"name" is complex', 'formatted, familyName, givenName'],
    ['addresses co "x"', '"addresses" is complex', 'streetAddress'],
    ['x509Certificates co "x"', '"x509Certificates.value" is of type binary'],
    ['emails[primary gt true]', '"primary" is of type boolean', 'it takes eq, ne and pr'],
    ['emails[primary eq "x"]', '"primary" is compared with true or false'],
  ])('%s is refused', async (text, ...parts) => {
    const detail = await refusedFilter(text)
    for (const part of parts) expect(detail).toContain(part)
  })

  test.each([
    'password eq "x"',
    'password pr',
    'password eq null',
    'urn:ietf:params:scim:schemas:core:2.0:User:PASSWORD sw "x"',
    'rooms.key eq "x"',
    'rooms[key pr]',
  ])('what is never returned cannot be found out: %s', async (text) => {
    expect(await refusedFilter(text)).toMatch(
      /"(?:.*:)?(?:password|rooms\.key|key)" is never returned/,
    )
  })
})

describe('URIs that are made of ids', () => {
  test.each([
    ['members.$ref eq "https://h.example/scim/Users/1"', 'members.value eq "1"'],
    ['members.$REF EQ "https://h.example/scim/v2/Users/1"', 'members.value eq "1"'],
    ['members.$ref ne "../Users/1"', 'members.value ne "1"'],
    ['members.$ref eq "1"', 'members.value eq "1"'],
    ['members.$ref eq "https://h.example/Users/1/"', 'members.value eq "1"'],
    ['members.$ref eq "https://h.example/Users/1?a=/b#/c"', 'members.value eq "1"'],
    ['members.$ref eq ""', 'members.value eq ""'],
    ['members.$ref eq 1', 'members.value eq "1"'],
    ['members.$ref pr', 'members.value pr'],
    ['members.$ref eq null', 'members.value eq null'],
    ['members[$ref eq "https://h.example/Users/1"]', 'members[value eq "1"]'],
    ['members[$ref pr]', 'members[value pr]'],
    ['meta.location eq "https://h.example/scim/Groups/1"', 'id eq "1"'],
    ['meta.location ne "https://h.example/scim/Groups/1"', 'id ne "1"'],
    ['meta.location pr', 'id pr'],
  ])('%s', (text, expected) => {
    expect(resolve(text, GROUP)).toBe(expected)
  })

  test('of users', () => {
    const manager = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager'
    expect(resolve('manager.$ref eq "../Users/1"')).toBe(`${manager}.value eq "1"`)
    expect(resolve('groups.$ref eq "https://h/Groups/1"')).toBe('groups.value eq "1"')
    expect(resolve('groups[$ref ne "https://h/Groups/1"]')).toBe('groups[value ne "1"]')
  })

  test.each(['co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'])('%s is refused', async (operator) => {
    for (const path of ['members.$ref', 'meta.location']) {
      const detail = await refusedFilter(`${path} ${operator} "https://h/Users/1"`, GROUP)
      expect(detail).toContain(`"${path}" is of type reference`)
      expect(detail).toContain('it takes eq, ne and pr')
    }
  })

  test('links to the outside are compared as they are', () => {
    expect(resolve('profileUrl eq "https://h/Users/1"')).toBe('profileUrl eq "https://h/Users/1"')
    expect(resolve('photos.value ew "/1.png"')).toBe('photos.value ew "/1.png"')
  })

  test('many slashes take no time', () => {
    const worked = workingTime()
    expect(resolve(`members.$ref eq "${'/'.repeat(9000)}1?"`, GROUP)).toBe('members.value eq "1"')
    expect(worked()).toBeLessThan(50)
  })
})

function attributeOf(resourceType: ResourceType, name: string): Attribute {
  const schemas = [resourceType.schema, ...resourceType.extensions.map(({ schema }) => schema)]
  for (const { attributes } of schemas) {
    const found = findAttribute(attributes, name)
    if (found !== undefined) return found
  }
  throw new Error(`no ${name}`)
}

describe('resolveValueFilter', () => {
  test.each([
    [
      'emails',
      'type eq "work" and not (primary eq "True")',
      '(type eq "work" and not(primary eq true))',
    ],
    ['emails', 'VALUE sw "a"', 'value sw "a"'],
    ['manager', '$ref eq "../Users/1"', 'value eq "1"'],
    ['numbers', 'value gt 3', 'value gt 3'],
  ])('%s: %s', (name, text, expected) => {
    const filter = resolveValueFilter(attributeOf(TYPED_USER, name), parseFilter(text))
    expect(print(filter)).toBe(expected)
  })

  test('the elements of a simple attribute keep its characteristics', () => {
    const tags = attributeOf(TYPED_USER, 'tags')
    expect(resolveValueFilter(tags, parseFilter('value pr'))).toEqual({
      kind: 'present',
      reference: { attribute: { ...tags, name: 'value', multiValued: false } },
    })
  })

  test.each([
    ['emails', 'userName eq "x"', '"userName" at character 1 is not an attribute of emails'],
    ['emails', 'type gt true or primary gt true', '"primary" is of type boolean'],
    ['numbers', 'value co 3', '"value" is of type integer'],
  ])('%s: %s is refused', async (name, text, part) => {
    const filter = parseFilter(text)
    const attribute = attributeOf(TYPED_USER, name)
    expect(await invalidFilter(() => resolveValueFilter(attribute, filter))).toContain(part)
  })
})
